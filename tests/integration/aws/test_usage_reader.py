"""Usage is read from CloudWatch in all targets; what fails is a gap of its target, and hinders no other."""

import pickle
from datetime import date

import orjson
import pytest

from bailiff_bot.aws.access import Access, Limits
from bailiff_bot.aws.usage_batches import BILLED_METRICS, UsageBatch
from bailiff_bot.aws.usage_calls import read_usage
from bailiff_bot.aws.usage_reader import UsageReader
from bailiff_bot.domain.gap import GapSource
from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.inventory import UnreadReason
from bailiff_bot.domain.usage_figures import DayFigures
from bailiff_bot.domain.usage_questions import UsageAnswers, UsageQuestion
from tests.integration.aws.fake_aws import (
    BOT_ACCOUNT,
    HTML,
    LAB_ACCOUNT,
    LAB_ROLE,
    AwsReply,
    AwsRequest,
    FakeAws,
    in_an_hour,
    replies_in_order,
    role_keys,
    sts_error,
)
from tests.unit.aws.usage_answers import body, every_metric, result, results

FIRST, LAST = date(2026, 11, 18), date(2026, 11, 19)
HOURS = UsageBatch(("i-1",), FIRST, LAST).hours
WHOLE = DayFigures(2.0, 2.0, 48e-6, 48e-6, 24)
IRELAND, OREGON = Target(BOT_ACCOUNT, "eu-west-1"), Target(BOT_ACCOUNT, "us-west-2")
LAB = Target(LAB_ACCOUNT, "eu-west-1")
ONCE = Limits(max_attempts=1)
DENIED = "User: arn:aws:iam::111122223333:user/bailiff is not authorized to perform: cloudwatch:GetMetricData"


def questions(*targets: Target, count: int = 1) -> dict[Target, list[UsageQuestion]]:
    return {target: [UsageQuestion(f"i-{number:03}", FIRST, LAST) for number in range(count)] for target in targets}


def figures(request: AwsRequest) -> AwsReply:
    """Answer each query of a request with the same values in all its hours."""
    wanted = request.content
    values = dict.fromkeys(range(wanted["StartTime"], wanted["EndTime"], 3600), 2.0)
    return AwsReply(body([result(query["Id"], values) for query in wanted["MetricDataQueries"]]))


def json_error(code: str, message: str = "AWS's words.", status: int = 400) -> AwsReply:
    return AwsReply(orjson.dumps({"__type": f"com.amazon.coral.service#{code}", "message": message}), status)


def read(*targets: Target, limits: Limits = ONCE, count: int = 1) -> UsageAnswers:
    return UsageReader([LAB_ROLE], limits=limits).read(questions(*targets, count=count))


def test_each_target_is_read_in_its_region_with_the_keys_of_its_account(fake_aws: FakeAws) -> None:
    fake_aws.on("AssumeRole", role_keys(1, in_an_hour()))
    fake_aws.on("GetMetricData", figures)
    answers = read(IRELAND, OREGON, LAB)
    assert answers.gaps == ()
    assert answers.days == {target: {"i-000": {FIRST: WHOLE, LAST: WHOLE}} for target in (IRELAND, OREGON, LAB)}
    asked = {(one.region, one.access_key[:4]) for one in fake_aws.requests if one.action == "GetMetricData"}
    assert asked == {("eu-west-1", "AKIA"), ("us-west-2", "AKIA"), ("eu-west-1", "ASIA")}


def test_each_instance_is_asked_about_once_and_the_calls_are_counted(fake_aws: FakeAws) -> None:
    fake_aws.on("GetMetricData", figures)
    answers = read(IRELAND, OREGON, count=300)
    assert {target: len(days) for target, days in answers.days.items()} == {IRELAND: 300, OREGON: 300}
    assert answers.calls == fake_aws.count("GetMetricData") == 6
    assert answers.metrics == BILLED_METRICS * 600


def test_nothing_is_called_without_a_question(fake_aws: FakeAws) -> None:
    assert UsageReader().read({}) == UsageAnswers({})
    assert fake_aws.requests == []


def test_an_answer_in_several_pages_is_read_to_its_end(fake_aws: FakeAws) -> None:
    half = dict.fromkeys(HOURS[:24], 2.0), dict.fromkeys(HOURS[24:], 2.0)
    pages = [body(results(every_metric(values)), token) for values, token in zip(half, ("two", None), strict=True)]
    fake_aws.on("GetMetricData", replies_in_order(*map(AwsReply, pages)))
    answers = read(IRELAND)
    assert answers.days[IRELAND]["i-000"] == {FIRST: WHOLE, LAST: WHOLE}
    assert answers.calls == 2
    assert fake_aws.requests[-1].content["NextToken"] == "two"


@pytest.mark.parametrize(
    ("reply", "reason", "remedy"),
    [
        (
            json_error("AccessDeniedException", DENIED, 403),
            "access denied",
            "allow cloudwatch:GetMetricData, or set BAILIFF_USAGE to off",
        ),
        (json_error("ThrottlingException", "Rate exceeded"), "throttled by AWS", ""),
        (json_error("InternalServiceError", status=500), "error at AWS", ""),
        (AwsReply(body([result("max0", {}, "InternalError")])), "error at AWS", ""),
        (AwsReply(HTML), "not an answer of CloudWatch", ""),
        (AwsReply(body([])), "not an answer of CloudWatch", ""),
        (AwsReply(body(results(every_metric({})), "again")), "not an answer of CloudWatch", ""),
        (
            AwsReply(reset=True),
            "unreachable",
            "check the network, and AWS_ENDPOINT_URL if it is set",
        ),
        (
            json_error("ExpiredTokenException", status=403),
            "credentials expired",
            "renew the credentials",
        ),
    ],
)
def test_a_failure_is_a_gap_of_its_target_alone(fake_aws: FakeAws, reply: AwsReply, reason: str, remedy: str) -> None:
    fake_aws.on("GetMetricData", figures)
    fake_aws.on("GetMetricData", reply, "us-west-2")
    answers = read(IRELAND, OREGON, count=400)
    [gap] = answers.gaps
    assert (gap.source, gap.where, gap.reason, gap.remedy) == (GapSource.USAGE, OREGON, reason, remedy)
    assert "\n" not in gap.detail
    assert len(answers.days[IRELAND]) == 400
    assert answers.days[OREGON] == {}


def test_a_role_that_cannot_be_assumed_is_a_gap(fake_aws: FakeAws) -> None:
    fake_aws.on("AssumeRole", sts_error("AccessDenied"))
    fake_aws.on("GetMetricData", figures)
    answers = read(IRELAND, LAB)
    assert [(gap.where, gap.reason) for gap in answers.gaps] == [(LAB, "role not assumable")]
    assert len(answers.days[IRELAND]) == 1


@pytest.mark.parametrize("reply", [json_error("ThrottlingException"), AwsReply(b'{"Messa', announced_length=99)])
def test_what_may_succeed_the_next_time_is_asked_again(fake_aws: FakeAws, reply: AwsReply) -> None:
    calls = iter(range(9))
    fake_aws.on("GetMetricData", lambda request: figures(request) if next(calls) else reply)
    answers = read(IRELAND, limits=Limits(max_attempts=2))
    assert (answers.gaps, len(answers.days[IRELAND])) == ((), 1)


def test_a_target_that_never_ends_its_answer_is_given_up_at_its_deadline(fake_aws: FakeAws) -> None:
    fake_aws.on("GetMetricData", figures)
    fake_aws.on("GetMetricData", AwsReply(drip=True, announced_length=10_000_000), "us-west-2")
    answers = read(IRELAND, OREGON, limits=Limits(target_deadline=0.5))
    assert [(gap.where, gap.reason) for gap in answers.gaps] == [(OREGON, UnreadReason.TIMED_OUT)]
    assert len(answers.days[IRELAND]) == 1


def test_what_was_answered_before_a_failure_is_kept(fake_aws: FakeAws) -> None:
    calls = iter(range(99))
    fake_aws.on("GetMetricData", lambda request: figures(request) if next(calls) < 4 else AwsReply(HTML))
    answers = read(IRELAND, count=125 * 6)
    assert len(answers.gaps) == 1
    assert len(answers.days[IRELAND]) == 125 * 4


def test_what_was_read_can_be_sent_to_another_process(fake_aws: FakeAws) -> None:
    fake_aws.on("GetMetricData", json_error("AccessDeniedException", DENIED, 403))
    usage = read_usage(Access(BOT_ACCOUNT), IRELAND, [UsageBatch(("i-1",), FIRST, LAST)], ONCE)
    assert usage.gap
    assert pickle.loads(pickle.dumps(usage)) == usage  # noqa: S301 - our own
