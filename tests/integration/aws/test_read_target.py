"""One target: everything in it, or the reason why not."""

import pickle
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bailiff_bot.aws import target_reader
from bailiff_bot.aws.access import Access, Limits
from bailiff_bot.aws.target_reader import read_target
from bailiff_bot.domain.inventory import Reason, Unread
from tests.integration.aws.conftest import KEYS, Point
from tests.integration.aws.fake_aws import HTML, OWN, Canned, Reply, ec2_error, in_turn, page, regions

ACCESS = Access(OWN)
TARGET = ACCESS.target("eu-west-1")
ONCE = Limits(attempts=1)
IMPATIENT = Limits(read=0.2, attempts=1)


def unread(limits: Limits = ONCE, region: str = "eu-west-1") -> Unread:
    answer = read_target(ACCESS, ACCESS.target(region), limits)
    assert isinstance(answer, Unread)
    assert answer.target == ACCESS.target(region)
    return answer


def ids(limits: Limits = ONCE) -> list[str]:
    answer = read_target(ACCESS, TARGET, limits)
    assert isinstance(answer, tuple), answer
    return [instance.id for instance in answer]


def test_every_page_is_read_a_thousand_at_a_time(canned: Canned) -> None:
    canned.on("DescribeInstances", in_turn(page(["i-3", "i-1"], "two"), page(["i-2"], "three"), page(["i-4"])))
    assert ids() == ["i-1", "i-2", "i-3", "i-4"]
    assert [asked.form.get("NextToken") for asked in canned.asked] == [None, "two", "three"]
    assert {asked.form["MaxResults"] for asked in canned.asked} == {"1000"}


def test_an_instance_on_two_pages_counts_once(canned: Canned) -> None:
    canned.on("DescribeInstances", in_turn(page(["i-1", "i-2"], "two"), page(["i-2", "i-3"])))
    assert ids() == ["i-1", "i-2", "i-3"]


def test_an_empty_region_is_read(canned: Canned) -> None:
    canned.on("DescribeInstances", page([]))
    assert ids() == []


def test_a_target_whose_third_page_fails_is_unread_as_a_whole(canned: Canned) -> None:
    pages = page(["i-1"], "two"), page(["i-2"], "three"), ec2_error("RequestLimitExceeded", status=503)
    canned.on("DescribeInstances", in_turn(*pages))
    assert unread().reason is Reason.THROTTLED


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (ec2_error("UnauthorizedOperation", status=403), Reason.ACCESS_DENIED),
        (ec2_error("OptInRequired"), Reason.NOT_ENABLED),
        (ec2_error("ExpiredToken"), Reason.EXPIRED_CREDENTIALS),
        (ec2_error("RequestExpired", "Request has expired."), Reason.EXPIRED_CREDENTIALS),
        (ec2_error("InternalError", status=500), Reason.SERVER_ERROR),
        (ec2_error("SomethingNew"), Reason.FAILED),
        (Reply(HTML), Reason.BAD_ANSWER),
        (Reply(b"<html><br></html>"), Reason.BAD_ANSWER),
        (Reply(b""), Reason.BAD_ANSWER),
        (Reply(page(["i-1"]).body[:-40]), Reason.BAD_ANSWER),
        (Reply(page(["i-1"]).body.replace(b"2026-11-01T08", b"noon")), Reason.BAD_ANSWER),
        (Reply(page(["i-1"]).body.replace(b"running", b"dreaming")), Reason.BAD_ANSWER),
        (Reply(page(["i-1"]).body.replace(b"<instanceType>t3.micro</instanceType>", b"")), Reason.BAD_ANSWER),
        (Reply(HTML, 502), Reason.SERVER_ERROR),
        (Reply(b"", 503), Reason.SERVER_ERROR),
        (Reply(HTML, 407), Reason.BAD_ANSWER),
        (Reply(b"Forbidden", 403), Reason.BAD_ANSWER),
        (Reply(HTML, 429), Reason.THROTTLED),
        (Reply(cut=True), Reason.UNREACHABLE),
    ],
)
def test_whatever_comes_back_is_a_reason_and_no_short_list(canned: Canned, reply: Reply, reason: Reason) -> None:
    canned.on("DescribeInstances", reply)
    assert unread().reason is reason


def test_silence_is_timed_out(canned: Canned) -> None:
    canned.on("DescribeInstances", Reply(hang=True))
    assert unread(IMPATIENT).reason is Reason.TIMED_OUT


def test_the_detail_is_what_aws_said(canned: Canned) -> None:
    canned.on("DescribeInstances", ec2_error("UnauthorizedOperation", "You may not.", 403))
    assert unread().detail == "UnauthorizedOperation: You may not."


def test_a_page_that_is_no_answer_says_what_it_lacks(canned: Canned) -> None:
    canned.on("DescribeInstances", Reply(b"<html></html>"))
    assert unread().detail == "the answer has no reservationSet"


def test_what_may_be_asked_again_is(canned: Canned) -> None:
    replies = Reply(cut=True), ec2_error("InternalError", status=500), page(["i-1"])
    canned.on("DescribeInstances", in_turn(*replies))
    assert ids(Limits(attempts=3)) == ["i-1"]


def test_what_is_refused_is_not_asked_again(canned: Canned) -> None:
    canned.on("DescribeInstances", ec2_error("UnauthorizedOperation", status=403))
    unread(Limits(attempts=3))
    assert canned.count("DescribeInstances") == 1


def test_a_clock_that_is_wrong_is_told_from_keys_that_are(canned: Canned) -> None:
    an_hour_on = datetime.now(UTC) + timedelta(hours=1)
    canned.on("DescribeInstances", ec2_error("RequestExpired", "Request has expired.", date=an_hour_on))
    assert unread().reason is Reason.CLOCK_SKEW


def test_a_page_announced_twice_is_no_answer(canned: Canned) -> None:
    canned.on("DescribeInstances", page(["i-1"], "again"))
    assert unread().reason is Reason.BAD_ANSWER


AUTH_FAILURE = ec2_error("AuthFailure", "AWS was not able to validate the provided access credentials", 401)


@pytest.mark.parametrize(
    ("region", "at_home", "reason"),
    [
        ("me-south-1", regions("eu-west-1", closed=["me-south-1"]), Reason.NOT_ENABLED),
        ("eu-west-1", regions("eu-west-1", closed=["me-south-1"]), Reason.BAD_CREDENTIALS),
        # whoever lacks a permission has been recognised
        ("me-south-1", ec2_error("UnauthorizedOperation", status=403), Reason.NOT_ENABLED),
        ("me-south-1", AUTH_FAILURE, Reason.BAD_CREDENTIALS),
        ("me-south-1", Reply(cut=True), Reason.BAD_CREDENTIALS),
    ],
)
def test_a_region_that_is_not_enabled_is_told_from_bad_keys(
    canned: Canned, region: str, at_home: Reply, reason: Reason
) -> None:
    canned.on("DescribeInstances", AUTH_FAILURE)
    canned.on("DescribeRegions", at_home)
    assert unread(region=region).reason is reason


def test_nobody_listening_is_unreachable(point: Point) -> None:
    with Canned() as closed:
        url = closed.url
    point(KEYS | {"AWS_ENDPOINT_URL": url})
    assert unread().reason is Reason.UNREACHABLE


def test_an_endpoint_that_is_no_address_is_unreachable(point: Point) -> None:
    point(KEYS | {"AWS_ENDPOINT_URL": "localhost:4566"})
    assert unread().reason is Reason.UNREACHABLE


def test_a_malformed_region_is_none(canned: Canned) -> None:
    assert unread(region="eu west 1").reason is Reason.UNKNOWN_REGION
    assert canned.asked == []


@pytest.mark.usefixtures("canned")
def test_a_mistake_of_ours_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise KeyError("a bug")

    monkeypatch.setattr(target_reader, "page", broken)
    with pytest.raises(KeyError, match="a bug"):
        read_target(ACCESS, TARGET, ONCE)


def test_the_task_and_its_answers_can_be_sent_to_another_process(canned: Canned) -> None:
    task, arguments = pickle.loads(pickle.dumps((read_target, (ACCESS, TARGET, ONCE))))  # noqa: S301 - our own
    answer = task(*arguments)
    assert pickle.loads(pickle.dumps(answer)) == answer == read_target(ACCESS, TARGET, ONCE)  # noqa: S301
    canned.on("DescribeInstances", ec2_error("OptInRequired"))
    assert pickle.loads(pickle.dumps(unread())) == unread()  # noqa: S301
