"""What hangs, drips and never ends is given up in time, named, and costs no other target anything."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from bailiff_bot.aws.access import OWN_ACCOUNT, Access, Limits
from bailiff_bot.aws.scanner import AwsScanner
from bailiff_bot.aws.target_reader import read_target
from bailiff_bot.domain.inventory import ALL_REGIONS, Unread, UnreadReason
from tests.integration.aws.conftest import read, unread
from tests.integration.aws.fake_aws import (
    BOT_ACCOUNT,
    HTML,
    LAB_ACCOUNT,
    LAB_ROLE,
    AwsReply,
    AwsRequest,
    FakeAws,
    ec2_error,
    in_an_hour,
    page,
    regions,
    replies_in_order,
    role_keys,
)

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
ACCESS = Access(BOT_ACCOUNT)
SOON = Limits(max_attempts=3, target_deadline=0.5)
"""A deadline that comes long before any other timeout."""
ENDLESS = 10_000_000
"""Bytes that are announced and never come."""


def answer(limits: Limits) -> Unread | list[str]:
    found = read_target(ACCESS, ACCESS.target("eu-west-1"), limits)
    return found if isinstance(found, Unread) else [instance.id for instance in found]


def pages_without_end(asked: AwsRequest) -> AwsReply:
    return page(["i-1"], asked.form.get("NextToken", "") + "x")


@pytest.mark.parametrize(
    "reply",
    [
        AwsReply(hang=True),
        AwsReply(drip=True, announced_length=ENDLESS),
        AwsReply(drip=True, announced_length=ENDLESS, status=503),
        pages_without_end,
        replies_in_order(page(["i-1"], "two"), page(["i-2"], "three"), AwsReply(drip=True, announced_length=ENDLESS)),
    ],
    ids=["hangs", "drips", "drips an error", "has pages without end", "drips on the third page"],
)
def test_a_target_is_given_up_at_its_deadline(
    fake_aws: FakeAws, reply: AwsReply | Callable[[AwsRequest], AwsReply]
) -> None:
    fake_aws.on("DescribeInstances", reply)
    given_up = answer(SOON)
    assert isinstance(given_up, Unread)
    assert (given_up.reason, given_up.detail) == (UnreadReason.TIMED_OUT, "not answered in full within 0.5 s")


def test_what_is_given_up_is_not_asked_again(fake_aws: FakeAws) -> None:
    fake_aws.on("DescribeInstances", AwsReply(hang=True))
    answer(SOON)
    assert fake_aws.count("DescribeInstances") == 1


def test_a_refusal_before_the_deadline_stays_what_it_is(fake_aws: FakeAws) -> None:
    fake_aws.on("DescribeInstances", ec2_error("UnauthorizedOperation", status=403))
    refused = answer(SOON)
    assert isinstance(refused, Unread)
    assert refused.reason is UnreadReason.ACCESS_DENIED


def test_a_body_that_breaks_off_is_asked_for_again(fake_aws: FakeAws) -> None:
    whole = page(["i-1", "i-2"])
    fake_aws.on(
        "DescribeInstances", replies_in_order(AwsReply(whole.body[:300], announced_length=len(whole.body)), whole)
    )
    assert answer(Limits(max_attempts=2)) == ["i-1", "i-2"]


def test_a_body_that_always_breaks_off_is_no_shorter_list(fake_aws: FakeAws) -> None:
    whole = page(["i-1", "i-2"])
    fake_aws.on("DescribeInstances", AwsReply(whole.body, announced_length=len(whole.body) + 1))
    broken = answer(Limits(max_attempts=2))
    assert isinstance(broken, Unread)
    assert broken.reason is UnreadReason.UNREACHABLE
    assert fake_aws.count("DescribeInstances") == 2


@pytest.mark.parametrize("action", ["GetCallerIdentity", "DescribeRegions"])
def test_an_account_that_drips_is_given_up(fake_aws: FakeAws, action: str) -> None:
    fake_aws.on(action, AwsReply(drip=True, announced_length=ENDLESS))
    inventory = AwsScanner(limits=SOON).scan(NOW)
    assert [(where, why) for _, where, why in unread(inventory)] == [(ALL_REGIONS, UnreadReason.TIMED_OUT)]


def test_no_thread_is_left_waiting_for_what_was_given_up(fake_aws: FakeAws) -> None:
    fake_aws.on("DescribeInstances", AwsReply(drip=True, announced_length=ENDLESS))
    with ThreadPoolExecutor(2, thread_name_prefix="reader") as pool:
        AwsScanner(executor=pool, limits=SOON).scan(NOW)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("reader")]


# the whole scan


@contextmanager
def busy(count: int) -> Iterator[ThreadPoolExecutor]:
    """A pool whose threads all wait for something else."""
    over = threading.Event()
    with ThreadPoolExecutor(count) as pool:
        for _ in range(count):
            pool.submit(over.wait)
        try:
            yield pool
        finally:
            over.set()


@pytest.mark.usefixtures("fake_aws")
def test_an_account_that_was_not_opened_when_the_scan_ended_is_named() -> None:
    with busy(1) as pool:
        inventory = AwsScanner(executor=pool, limits=Limits(scan_deadline=0.2)).scan(NOW)
    assert unread(inventory) == [(BOT_ACCOUNT, ALL_REGIONS, UnreadReason.TIMED_OUT)]
    assert inventory.unread[0].detail == "not read when the scan ended after 0.2 s"


def test_targets_that_were_not_read_when_the_scan_ended_are_named_and_the_others_kept(fake_aws: FakeAws) -> None:
    fake_aws.on("DescribeRegions", regions("eu-west-1", "us-east-1", "us-east-2"))
    fake_aws.on("DescribeInstances", AwsReply(hang=True), "us-east-1")
    fake_aws.on("DescribeInstances", AwsReply(drip=True, announced_length=ENDLESS), "us-east-2")
    inventory = AwsScanner(limits=Limits(scan_deadline=1)).scan(NOW)
    assert read(inventory) == [(BOT_ACCOUNT, "eu-west-1")]
    assert unread(inventory) == [
        (BOT_ACCOUNT, "us-east-1", UnreadReason.TIMED_OUT),
        (BOT_ACCOUNT, "us-east-2", UnreadReason.TIMED_OUT),
    ]


def test_no_time_at_all_reads_nothing_and_says_so(fake_aws: FakeAws) -> None:
    fake_aws.on("AssumeRole", role_keys(1, in_an_hour()))
    inventory = AwsScanner([LAB_ROLE], limits=Limits(scan_deadline=0)).scan(NOW)
    assert unread(inventory) == [
        (LAB_ACCOUNT, ALL_REGIONS, UnreadReason.TIMED_OUT),
        (OWN_ACCOUNT, ALL_REGIONS, UnreadReason.TIMED_OUT),
    ]


# ten accounts of seventeen regions, of which one region in each account fails in some way

ACCOUNTS = [f"{number:012}" for number in range(1, 11)]
REGIONS = [f"eu-west-{number}" for number in range(1, 18)]
LONG_LIMITS = Limits(read_timeout=2, max_attempts=2, target_deadline=6)


def seventeen(number: int) -> set[tuple[str, str]]:
    """The targets that fail: 17 of 170, in every region one and in seven accounts two."""
    return {(ACCOUNTS[(place + number) % len(ACCOUNTS)], region) for place, region in enumerate(REGIONS)}


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (AwsReply(hang=True), UnreadReason.TIMED_OUT),
        (AwsReply(drip=True, announced_length=ENDLESS), UnreadReason.TIMED_OUT),
        (AwsReply(reset=True), UnreadReason.UNREACHABLE),
        (AwsReply(page(["i-1"]).body, announced_length=ENDLESS), UnreadReason.UNREACHABLE),
        (AwsReply(HTML), UnreadReason.BAD_ANSWER),
        (ec2_error("RequestLimitExceeded", status=503), UnreadReason.THROTTLED),
        (ec2_error("UnauthorizedOperation", status=403), UnreadReason.ACCESS_DENIED),
    ],
    ids=["hang", "drip", "reset", "break off", "sign in", "throttle", "refuse"],
)
def test_of_170_targets_exactly_the_17_that_fail_are_named(
    fake_aws: FakeAws, reply: AwsReply, reason: UnreadReason
) -> None:
    failing = seventeen(3)

    def described(asked: AwsRequest) -> AwsReply:
        account = ACCOUNTS[int(asked.access_key.removeprefix("ASIAROLEKEY")) - 1]
        return reply if (account, asked.region) in failing else page([f"i-{account}-{asked.region}"])

    def assumed(asked: AwsRequest) -> AwsReply:
        account = asked.form["RoleArn"].split(":")[4]
        return role_keys(ACCOUNTS.index(account) + 1, in_an_hour())

    fake_aws.on("GetCallerIdentity", AwsReply(HTML))  # whose own account is nobody's business here
    fake_aws.on("AssumeRole", assumed)
    fake_aws.on("DescribeRegions", regions(*REGIONS))
    fake_aws.on("DescribeInstances", described)
    roles = [f"arn:aws:iam::{account}:role/bailiff-read" for account in ACCOUNTS]
    inventory = AwsScanner(roles, limits=LONG_LIMITS).scan(NOW)
    expected = {(account, region, reason) for account, region in failing}
    assert set(unread(inventory)) - {(OWN_ACCOUNT, ALL_REGIONS, UnreadReason.BAD_ANSWER)} == expected
    there = {(account, region) for account in ACCOUNTS for region in REGIONS} - failing
    assert {instance.id for instance in inventory.instances} == {f"i-{account}-{region}" for account, region in there}
    assert set(read(inventory)) == there


def test_a_throttled_region_is_read_when_the_throttling_ends(fake_aws: FakeAws) -> None:
    throttled = ec2_error("RequestLimitExceeded", status=503)
    fake_aws.on("DescribeInstances", replies_in_order(throttled, throttled, page(["i-1"])))
    assert answer(Limits(max_attempts=3)) == ["i-1"]
