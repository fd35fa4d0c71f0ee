"""One target: everything in it, or the reason why not."""

import pickle
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bailiff_bot.aws import target_reader
from bailiff_bot.aws.access import Access, Limits
from bailiff_bot.aws.target_reader import read_target
from bailiff_bot.domain.inventory import Unread, UnreadReason
from tests.integration.aws.conftest import KEYS, SetAwsEnvironment
from tests.integration.aws.fake_aws import (
    BOT_ACCOUNT,
    HTML,
    AwsReply,
    FakeAws,
    ec2_error,
    page,
    regions,
    replies_in_order,
)

ACCESS = Access(BOT_ACCOUNT)
TARGET = ACCESS.target("eu-west-1")
ONCE = Limits(max_attempts=1)
IMPATIENT = Limits(read_timeout=0.2, max_attempts=1)


def unread(limits: Limits = ONCE, region: str = "eu-west-1") -> Unread:
    answer = read_target(ACCESS, ACCESS.target(region), limits)
    assert isinstance(answer, Unread)
    assert answer.target == ACCESS.target(region)
    return answer


def ids(limits: Limits = ONCE) -> list[str]:
    answer = read_target(ACCESS, TARGET, limits)
    assert isinstance(answer, tuple), answer
    return [instance.id for instance in answer]


def test_every_page_is_read_a_thousand_at_a_time(fake_aws: FakeAws) -> None:
    fake_aws.on(
        "DescribeInstances", replies_in_order(page(["i-3", "i-1"], "two"), page(["i-2"], "three"), page(["i-4"]))
    )
    assert ids() == ["i-1", "i-2", "i-3", "i-4"]
    assert [asked.form.get("NextToken") for asked in fake_aws.requests] == [None, "two", "three"]
    assert {asked.form["MaxResults"] for asked in fake_aws.requests} == {"1000"}


def test_an_instance_on_two_pages_counts_once(fake_aws: FakeAws) -> None:
    fake_aws.on("DescribeInstances", replies_in_order(page(["i-1", "i-2"], "two"), page(["i-2", "i-3"])))
    assert ids() == ["i-1", "i-2", "i-3"]


def test_an_empty_region_is_read(fake_aws: FakeAws) -> None:
    fake_aws.on("DescribeInstances", page([]))
    assert ids() == []


def test_a_target_whose_third_page_fails_is_unread_as_a_whole(fake_aws: FakeAws) -> None:
    pages = page(["i-1"], "two"), page(["i-2"], "three"), ec2_error("RequestLimitExceeded", status=503)
    fake_aws.on("DescribeInstances", replies_in_order(*pages))
    assert unread().reason is UnreadReason.THROTTLED


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (ec2_error("UnauthorizedOperation", status=403), UnreadReason.ACCESS_DENIED),
        (ec2_error("OptInRequired"), UnreadReason.NOT_ENABLED),
        (ec2_error("ExpiredToken"), UnreadReason.EXPIRED_CREDENTIALS),
        (ec2_error("RequestExpired", "Request has expired."), UnreadReason.EXPIRED_CREDENTIALS),
        (ec2_error("InternalError", status=500), UnreadReason.SERVER_ERROR),
        (ec2_error("SomethingNew"), UnreadReason.FAILED),
        (AwsReply(HTML), UnreadReason.BAD_ANSWER),
        (AwsReply(b"<html><br></html>"), UnreadReason.BAD_ANSWER),
        (AwsReply(b""), UnreadReason.BAD_ANSWER),
        (AwsReply(page(["i-1"]).body[:-40]), UnreadReason.BAD_ANSWER),
        (AwsReply(page(["i-1"]).body.replace(b"2026-11-01T08", b"noon")), UnreadReason.BAD_ANSWER),
        (AwsReply(page(["i-1"]).body.replace(b"running", b"dreaming")), UnreadReason.BAD_ANSWER),
        (AwsReply(page(["i-1"]).body.replace(b"<instanceType>t3.micro</instanceType>", b"")), UnreadReason.BAD_ANSWER),
        (AwsReply(HTML, 502), UnreadReason.SERVER_ERROR),
        (AwsReply(b"", 503), UnreadReason.SERVER_ERROR),
        (AwsReply(HTML, 407), UnreadReason.BAD_ANSWER),
        (AwsReply(b"Forbidden", 403), UnreadReason.BAD_ANSWER),
        (AwsReply(HTML, 429), UnreadReason.THROTTLED),
        (AwsReply(reset=True), UnreadReason.UNREACHABLE),
    ],
)
def test_whatever_comes_back_is_a_reason_and_no_short_list(
    fake_aws: FakeAws, reply: AwsReply, reason: UnreadReason
) -> None:
    fake_aws.on("DescribeInstances", reply)
    assert unread().reason is reason


def test_silence_is_timed_out(fake_aws: FakeAws) -> None:
    fake_aws.on("DescribeInstances", AwsReply(hang=True))
    assert unread(IMPATIENT).reason is UnreadReason.TIMED_OUT


def test_the_detail_is_what_aws_said(fake_aws: FakeAws) -> None:
    fake_aws.on("DescribeInstances", ec2_error("UnauthorizedOperation", "You may not.", 403))
    assert unread().detail == "UnauthorizedOperation: You may not."


def test_a_page_that_is_no_answer_says_what_it_lacks(fake_aws: FakeAws) -> None:
    fake_aws.on("DescribeInstances", AwsReply(b"<html></html>"))
    assert unread().detail == "the answer has no reservationSet"


def test_what_may_be_asked_again_is(fake_aws: FakeAws) -> None:
    replies = AwsReply(reset=True), ec2_error("InternalError", status=500), page(["i-1"])
    fake_aws.on("DescribeInstances", replies_in_order(*replies))
    assert ids(Limits(max_attempts=3)) == ["i-1"]


def test_what_is_refused_is_not_asked_again(fake_aws: FakeAws) -> None:
    fake_aws.on("DescribeInstances", ec2_error("UnauthorizedOperation", status=403))
    unread(Limits(max_attempts=3))
    assert fake_aws.count("DescribeInstances") == 1


def test_a_clock_that_is_wrong_is_told_from_keys_that_are(fake_aws: FakeAws) -> None:
    an_hour_on = datetime.now(UTC) + timedelta(hours=1)
    fake_aws.on("DescribeInstances", ec2_error("RequestExpired", "Request has expired.", date=an_hour_on))
    assert unread().reason is UnreadReason.CLOCK_SKEW


def test_a_page_announced_twice_is_no_answer(fake_aws: FakeAws) -> None:
    fake_aws.on("DescribeInstances", page(["i-1"], "again"))
    assert unread().reason is UnreadReason.BAD_ANSWER


AUTH_FAILURE = ec2_error("AuthFailure", "AWS was not able to validate the provided access credentials", 401)


@pytest.mark.parametrize(
    ("region", "at_home", "reason"),
    [
        ("me-south-1", regions("eu-west-1", closed=["me-south-1"]), UnreadReason.NOT_ENABLED),
        ("eu-west-1", regions("eu-west-1", closed=["me-south-1"]), UnreadReason.BAD_CREDENTIALS),
        # whoever lacks a permission has been recognised
        ("me-south-1", ec2_error("UnauthorizedOperation", status=403), UnreadReason.NOT_ENABLED),
        ("me-south-1", AUTH_FAILURE, UnreadReason.BAD_CREDENTIALS),
        ("me-south-1", AwsReply(reset=True), UnreadReason.BAD_CREDENTIALS),
    ],
)
def test_a_region_that_is_not_enabled_is_told_from_bad_keys(
    fake_aws: FakeAws, region: str, at_home: AwsReply, reason: UnreadReason
) -> None:
    fake_aws.on("DescribeInstances", AUTH_FAILURE)
    fake_aws.on("DescribeRegions", at_home)
    assert unread(region=region).reason is reason


def test_nobody_listening_is_unreachable(set_aws_environment: SetAwsEnvironment) -> None:
    with FakeAws() as closed:
        url = closed.url
    set_aws_environment(KEYS | {"AWS_ENDPOINT_URL": url})
    assert unread().reason is UnreadReason.UNREACHABLE


def test_an_endpoint_that_is_no_address_is_unreachable(set_aws_environment: SetAwsEnvironment) -> None:
    set_aws_environment(KEYS | {"AWS_ENDPOINT_URL": "localhost:4566"})
    assert unread().reason is UnreadReason.UNREACHABLE


def test_a_malformed_region_is_none(fake_aws: FakeAws) -> None:
    assert unread(region="eu west 1").reason is UnreadReason.UNKNOWN_REGION
    assert fake_aws.requests == []


@pytest.mark.usefixtures("fake_aws")
def test_a_mistake_of_ours_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise KeyError("a bug")

    monkeypatch.setattr(target_reader, "parse_page", broken)
    with pytest.raises(KeyError, match="a bug"):
        read_target(ACCESS, TARGET, ONCE)


def test_the_task_and_its_answers_can_be_sent_to_another_process(fake_aws: FakeAws) -> None:
    task, arguments = pickle.loads(pickle.dumps((read_target, (ACCESS, TARGET, ONCE))))  # noqa: S301 - our own
    answer = task(*arguments)
    assert pickle.loads(pickle.dumps(answer)) == answer == read_target(ACCESS, TARGET, ONCE)  # noqa: S301
    fake_aws.on("DescribeInstances", ec2_error("OptInRequired"))
    assert pickle.loads(pickle.dumps(unread())) == unread()  # noqa: S301
