"""Reading one target gives every instance in it, or the reason why it is unread."""

import pickle
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from bailiff_bot.aws import target_reader
from bailiff_bot.aws.access import Access, Limits
from bailiff_bot.aws.target_reader import read_target
from bailiff_bot.domain.gap import Gap
from bailiff_bot.domain.inventory import UnreadReason
from tests.integration.aws.conftest import AWS_ENVIRONMENT, SetAwsEnvironment
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
SHORT_TIMEOUT = Limits(read_timeout=0.2, max_attempts=1)


def read_unread(limits: Limits = ONCE, region: str = "eu-west-1") -> Gap:
    result = read_target(ACCESS, ACCESS.target(region), limits)
    assert isinstance(result, Gap)
    assert result.where == ACCESS.target(region)
    return result


def read_ids(limits: Limits = ONCE) -> list[str]:
    result = read_target(ACCESS, TARGET, limits)
    assert isinstance(result, tuple), result
    return [instance.id for instance in result]


def test_every_page_is_read_a_thousand_at_a_time(fake_aws: FakeAws) -> None:
    fake_aws.on(
        "DescribeInstances", replies_in_order(page(["i-3", "i-1"], "two"), page(["i-2"], "three"), page(["i-4"]))
    )
    assert read_ids() == ["i-1", "i-2", "i-3", "i-4"]
    assert [request.form.get("NextToken") for request in fake_aws.requests] == [None, "two", "three"]
    assert {request.form["MaxResults"] for request in fake_aws.requests} == {"1000"}


def test_an_instance_on_two_pages_counts_once(fake_aws: FakeAws) -> None:
    fake_aws.on("DescribeInstances", replies_in_order(page(["i-1", "i-2"], "two"), page(["i-2", "i-3"])))
    assert read_ids() == ["i-1", "i-2", "i-3"]


def test_an_empty_region_is_read(fake_aws: FakeAws) -> None:
    fake_aws.on("DescribeInstances", page([]))
    assert read_ids() == []


def test_a_target_whose_third_page_fails_is_unread_as_a_whole(fake_aws: FakeAws) -> None:
    pages = page(["i-1"], "two"), page(["i-2"], "three"), ec2_error("RequestLimitExceeded", status=503)
    fake_aws.on("DescribeInstances", replies_in_order(*pages))
    assert read_unread().reason == UnreadReason.THROTTLED


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
def test_a_bad_reply_is_a_reason_and_never_a_shorter_list(
    fake_aws: FakeAws, reply: AwsReply, reason: UnreadReason
) -> None:
    fake_aws.on("DescribeInstances", reply)
    assert read_unread().reason == reason


COMMENT = b"<!-- <instancesSet> -->"


def unusual(reply: AwsReply) -> AwsReply:
    """Return a page with a comment inside each instance."""
    return AwsReply(reply.body.replace(b"<instanceType>", COMMENT + b"<instanceType>"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<instanceType>", COMMENT + b"<instanceType>"),
        (b"<reservationSet>", COMMENT + b"<reservationSet>"),
        (b"<reservationSet>", b"<?target <instancesSet> ?><reservationSet>"),
        (b"<instanceId>i-1</instanceId>", b"<instanceId><![CDATA[i-1]]></instanceId>"),
        (b"<instanceId>i-1</instanceId>", b"<instanceId>i-<!-- -->1</instanceId>"),
        (b"<instanceId>i-1</instanceId>", b"<instanceId>&#x69;-&#49;</instanceId>"),
        (b"<instancesSet>", b"<instancesSet >"),
        (b"</instancesSet>", b"</instancesSet >"),
        (b"<instancesSet>", b"<instancesSet xmlns='urn:x'>"),
        (b"<instanceState>", b"<instanceState xmlns='urn:x'>"),
        (b"<", b"<e:"),
    ],
)
def test_any_xml_that_botocore_can_read_is_read(fake_aws: FakeAws, old: bytes, new: bytes) -> None:
    body = page(["i-1", "i-2"]).body.replace(b' xmlns="', b' xmlns:e="e" xmlns="').replace(old, new)
    fake_aws.on("DescribeInstances", AwsReply(body.replace(b"<e:/", b"</e:")))
    assert read_ids() == ["i-1", "i-2"]


def test_an_unusual_page_and_those_after_it_are_parsed_by_botocore_and_counted_in_the_log(fake_aws: FakeAws) -> None:
    bodies = {None: page(["i-1"], "two"), "two": unusual(page(["i-2"], "three")), "three": page(["i-3"])}
    fake_aws.on("DescribeInstances", lambda request: bodies[request.form.get("NextToken")])
    with capture_logs() as logs:
        assert read_ids() == ["i-1", "i-2", "i-3"]
    assert [request.form.get("NextToken") for request in fake_aws.requests] == [None, "two", "two", "three"]
    assert [(entry["event"], entry["instances"]) for entry in logs] == [("page.parsed_by_botocore", 1)] * 2


@pytest.mark.parametrize(
    "definition", [b"", b'<!ENTITY a "i-1">', b'<!ENTITY % a SYSTEM "http://127.0.0.1:9/">%a;', b"<!-- -->"]
)
def test_a_document_type_is_refused(fake_aws: FakeAws, definition: bytes) -> None:
    body = page(["i-1"]).body.replace(b"i-1", b"&a;") if b'"i-1"' in definition else page(["i-1"]).body
    fake_aws.on("DescribeInstances", AwsReply(b"<!DOCTYPE DescribeInstancesResponse [" + definition + b"]>" + body))
    assert read_unread().detail == "the answer has a document type, which EC2 never sends"


def test_an_instance_with_two_states_is_refused_though_botocore_would_use_the_first(fake_aws: FakeAws) -> None:
    state = b"<instanceState><name>terminated</name></instanceState>"
    body = page(["i-1"]).body.replace(b"<instanceState>", state + b"<instanceState>")
    fake_aws.on("DescribeInstances", AwsReply(body))
    assert read_unread().detail == "an instance has a state twice"


def test_a_target_that_never_answers_times_out(fake_aws: FakeAws) -> None:
    fake_aws.on("DescribeInstances", AwsReply(hang=True))
    assert read_unread(SHORT_TIMEOUT).reason == UnreadReason.TIMED_OUT


def test_the_detail_is_the_error_message_of_aws(fake_aws: FakeAws) -> None:
    fake_aws.on("DescribeInstances", ec2_error("UnauthorizedOperation", "You may not.", 403))
    assert read_unread().detail == "UnauthorizedOperation: You may not."


def test_the_detail_of_a_malformed_page_says_what_is_missing(fake_aws: FakeAws) -> None:
    fake_aws.on("DescribeInstances", AwsReply(b"<html></html>"))
    assert read_unread().detail == "the answer has no Reservations"


def test_temporary_failures_are_retried(fake_aws: FakeAws) -> None:
    replies = AwsReply(reset=True), ec2_error("InternalError", status=500), page(["i-1"])
    fake_aws.on("DescribeInstances", replies_in_order(*replies))
    assert read_ids(Limits(max_attempts=3)) == ["i-1"]


def test_a_refusal_is_not_retried(fake_aws: FakeAws) -> None:
    fake_aws.on("DescribeInstances", ec2_error("UnauthorizedOperation", status=403))
    read_unread(Limits(max_attempts=3))
    assert fake_aws.count("DescribeInstances") == 1


def test_a_wrong_clock_is_distinguished_from_expired_keys(fake_aws: FakeAws) -> None:
    in_an_hour = datetime.now(UTC) + timedelta(hours=1)
    fake_aws.on("DescribeInstances", ec2_error("RequestExpired", "Request has expired.", date=in_an_hour))
    assert read_unread().reason == UnreadReason.CLOCK_SKEW


def test_a_page_token_that_repeats_is_a_bad_answer(fake_aws: FakeAws) -> None:
    fake_aws.on("DescribeInstances", page(["i-1"], "again"))
    assert read_unread().reason == UnreadReason.BAD_ANSWER


AUTH_FAILURE = ec2_error("AuthFailure", "AWS was not able to validate the provided access credentials", 401)


@pytest.mark.parametrize(
    ("region", "home_region_reply", "reason"),
    [
        ("me-south-1", regions("eu-west-1", closed=["me-south-1"]), UnreadReason.NOT_ENABLED),
        ("eu-west-1", regions("eu-west-1", closed=["me-south-1"]), UnreadReason.BAD_CREDENTIALS),
        # AWS checks permissions after keys, so these keys are valid
        ("me-south-1", ec2_error("UnauthorizedOperation", status=403), UnreadReason.NOT_ENABLED),
        ("me-south-1", AUTH_FAILURE, UnreadReason.BAD_CREDENTIALS),
        ("me-south-1", AwsReply(reset=True), UnreadReason.BAD_CREDENTIALS),
    ],
)
def test_a_region_that_is_not_enabled_is_distinguished_from_refused_keys(
    fake_aws: FakeAws, region: str, home_region_reply: AwsReply, reason: UnreadReason
) -> None:
    fake_aws.on("DescribeInstances", AUTH_FAILURE)
    fake_aws.on("DescribeRegions", home_region_reply)
    assert read_unread(region=region).reason == reason


def test_a_refused_connection_is_unreachable(set_aws_environment: SetAwsEnvironment) -> None:
    with FakeAws() as stopped_server:
        url = stopped_server.url
    set_aws_environment(AWS_ENVIRONMENT | {"AWS_ENDPOINT_URL": url})
    assert read_unread().reason == UnreadReason.UNREACHABLE


def test_a_malformed_endpoint_is_unreachable(set_aws_environment: SetAwsEnvironment) -> None:
    set_aws_environment(AWS_ENVIRONMENT | {"AWS_ENDPOINT_URL": "localhost:4566"})
    assert read_unread().reason == UnreadReason.UNREACHABLE


def test_a_malformed_region_is_unknown(fake_aws: FakeAws) -> None:
    assert read_unread(region="eu west 1").reason == UnreadReason.UNKNOWN_REGION
    assert fake_aws.requests == []


@pytest.mark.usefixtures("fake_aws")
def test_a_bug_in_the_parser_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise KeyError("a bug")

    monkeypatch.setattr(target_reader, "parse_page", fail)
    with pytest.raises(KeyError, match="a bug"):
        read_target(ACCESS, TARGET, ONCE)


def test_the_task_and_its_results_can_be_pickled(fake_aws: FakeAws) -> None:
    task, arguments = pickle.loads(pickle.dumps((read_target, (ACCESS, TARGET, ONCE))))  # noqa: S301 - our own
    result = task(*arguments)
    assert pickle.loads(pickle.dumps(result)) == result == read_target(ACCESS, TARGET, ONCE)  # noqa: S301
    fake_aws.on("DescribeInstances", ec2_error("OptInRequired"))
    assert pickle.loads(pickle.dumps(read_unread())) == read_unread()  # noqa: S301
