"""A target that hangs or never ends is abandoned at its deadline and named; the other targets are read."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from bailiff_bot.aws.access import OWN_ACCOUNT, Access, Limits
from bailiff_bot.aws.scanner import AwsScanner
from bailiff_bot.aws.target_reader import read_target
from bailiff_bot.domain.gap import Gap
from bailiff_bot.domain.inventory import ALL_REGIONS, UnreadReason
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
SHORT_DEADLINE = Limits(max_attempts=3, target_deadline=0.5)
"""Limits whose deadline is much earlier than any other timeout."""
UNREACHED_LENGTH = 10_000_000
"""An announced length in bytes that no body reaches."""


def read_result(limits: Limits) -> Gap | list[str]:
    result = read_target(ACCESS, ACCESS.target("eu-west-1"), limits)
    return result if isinstance(result, Gap) else [instance.id for instance in result]


def pages_without_end(request: AwsRequest) -> AwsReply:
    return page(["i-1"], request.form.get("NextToken", "") + "x")


@pytest.mark.parametrize(
    "reply",
    [
        AwsReply(hang=True),
        AwsReply(drip=True, announced_length=UNREACHED_LENGTH),
        AwsReply(drip=True, announced_length=UNREACHED_LENGTH, status=503),
        pages_without_end,
        replies_in_order(
            page(["i-1"], "two"), page(["i-2"], "three"), AwsReply(drip=True, announced_length=UNREACHED_LENGTH)
        ),
    ],
    ids=["hangs", "drips", "drips an error", "has pages without end", "drips on the third page"],
)
def test_a_target_is_abandoned_at_its_deadline(
    fake_aws: FakeAws, reply: AwsReply | Callable[[AwsRequest], AwsReply]
) -> None:
    fake_aws.on("DescribeInstances", reply)
    unread_target = read_result(SHORT_DEADLINE)
    assert isinstance(unread_target, Gap)
    assert (unread_target.reason, unread_target.detail) == (UnreadReason.TIMED_OUT, "not answered in full within 0.5 s")


def test_a_target_that_timed_out_is_not_asked_again(fake_aws: FakeAws) -> None:
    fake_aws.on("DescribeInstances", AwsReply(hang=True))
    read_result(SHORT_DEADLINE)
    assert fake_aws.count("DescribeInstances") == 1


def test_a_refusal_before_the_deadline_is_the_reason(fake_aws: FakeAws) -> None:
    fake_aws.on("DescribeInstances", ec2_error("UnauthorizedOperation", status=403))
    unread_target = read_result(SHORT_DEADLINE)
    assert isinstance(unread_target, Gap)
    assert unread_target.reason == UnreadReason.ACCESS_DENIED


def test_a_truncated_body_is_requested_again(fake_aws: FakeAws) -> None:
    complete_page = page(["i-1", "i-2"])
    fake_aws.on(
        "DescribeInstances",
        replies_in_order(AwsReply(complete_page.body[:300], announced_length=len(complete_page.body)), complete_page),
    )
    assert read_result(Limits(max_attempts=2)) == ["i-1", "i-2"]


def test_a_target_whose_bodies_are_all_truncated_is_unread(fake_aws: FakeAws) -> None:
    complete_page = page(["i-1", "i-2"])
    fake_aws.on("DescribeInstances", AwsReply(complete_page.body, announced_length=len(complete_page.body) + 1))
    unread_target = read_result(Limits(max_attempts=2))
    assert isinstance(unread_target, Gap)
    assert unread_target.reason == UnreadReason.UNREACHABLE
    assert fake_aws.count("DescribeInstances") == 2


@pytest.mark.parametrize("action", ["GetCallerIdentity", "DescribeRegions"])
def test_an_account_whose_reply_never_ends_times_out(fake_aws: FakeAws, action: str) -> None:
    fake_aws.on(action, AwsReply(drip=True, announced_length=UNREACHED_LENGTH))
    inventory = AwsScanner(limits=SHORT_DEADLINE).scan(NOW)
    assert [(region, reason) for _, region, reason in unread(inventory)] == [(ALL_REGIONS, UnreadReason.TIMED_OUT)]


def test_no_thread_waits_for_an_abandoned_target(fake_aws: FakeAws) -> None:
    fake_aws.on("DescribeInstances", AwsReply(drip=True, announced_length=UNREACHED_LENGTH))
    with ThreadPoolExecutor(2, thread_name_prefix="reader") as pool:
        AwsScanner(executor=pool, limits=SHORT_DEADLINE).scan(NOW)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("reader")]


# --- the whole scan ---


@contextmanager
def busy_pool(count: int) -> Iterator[ThreadPoolExecutor]:
    """Yield a pool whose threads are all busy during the block."""
    released = threading.Event()
    with ThreadPoolExecutor(count) as pool:
        for _ in range(count):
            pool.submit(released.wait)
        try:
            yield pool
        finally:
            released.set()


@pytest.mark.usefixtures("fake_aws")
def test_an_account_that_was_not_read_when_the_scan_ended_is_named() -> None:
    with busy_pool(1) as pool:
        inventory = AwsScanner(executor=pool, limits=Limits(scan_deadline=0.2)).scan(NOW)
    assert unread(inventory) == [(BOT_ACCOUNT, ALL_REGIONS, UnreadReason.TIMED_OUT)]
    assert inventory.gaps[0].detail == "not read when the scan ended after 0.2 s"


def test_targets_that_were_not_read_when_the_scan_ended_are_named_and_the_others_kept(fake_aws: FakeAws) -> None:
    fake_aws.on("DescribeRegions", regions("eu-west-1", "us-east-1", "us-east-2"))
    fake_aws.on("DescribeInstances", AwsReply(hang=True), "us-east-1")
    fake_aws.on("DescribeInstances", AwsReply(drip=True, announced_length=UNREACHED_LENGTH), "us-east-2")
    inventory = AwsScanner(limits=Limits(scan_deadline=1)).scan(NOW)
    assert read(inventory) == [(BOT_ACCOUNT, "eu-west-1")]
    assert unread(inventory) == [
        (BOT_ACCOUNT, "us-east-1", UnreadReason.TIMED_OUT),
        (BOT_ACCOUNT, "us-east-2", UnreadReason.TIMED_OUT),
    ]


def test_a_scan_with_no_time_names_every_account_as_timed_out(fake_aws: FakeAws) -> None:
    fake_aws.on("AssumeRole", role_keys(1, in_an_hour()))
    inventory = AwsScanner([LAB_ROLE], limits=Limits(scan_deadline=0)).scan(NOW)
    assert unread(inventory) == [
        (LAB_ACCOUNT, ALL_REGIONS, UnreadReason.TIMED_OUT),
        (OWN_ACCOUNT, ALL_REGIONS, UnreadReason.TIMED_OUT),
    ]


# --- ten accounts with seventeen regions each, in which one or two regions of each account fail ---

ACCOUNTS = [f"{number:012}" for number in range(1, 11)]
REGIONS = [f"eu-west-{number}" for number in range(1, 18)]
LONG_LIMITS = Limits(read_timeout=2, max_attempts=2, target_deadline=6)


def failing_targets(number: int) -> set[tuple[str, str]]:
    """Return the targets that fail: 17 of 170, one in each region, two in each of seven accounts."""
    return {(ACCOUNTS[(index + number) % len(ACCOUNTS)], region) for index, region in enumerate(REGIONS)}


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (AwsReply(hang=True), UnreadReason.TIMED_OUT),
        (AwsReply(drip=True, announced_length=UNREACHED_LENGTH), UnreadReason.TIMED_OUT),
        (AwsReply(reset=True), UnreadReason.UNREACHABLE),
        (AwsReply(page(["i-1"]).body, announced_length=UNREACHED_LENGTH), UnreadReason.UNREACHABLE),
        (AwsReply(HTML), UnreadReason.BAD_ANSWER),
        (ec2_error("RequestLimitExceeded", status=503), UnreadReason.THROTTLED),
        (ec2_error("UnauthorizedOperation", status=403), UnreadReason.ACCESS_DENIED),
    ],
    ids=["hang", "drip", "reset", "break off", "sign in", "throttle", "refuse"],
)
def test_of_170_targets_exactly_the_17_failing_ones_are_unread(
    fake_aws: FakeAws, reply: AwsReply, reason: UnreadReason
) -> None:
    failing = failing_targets(3)

    def describe_instances(request: AwsRequest) -> AwsReply:
        account = ACCOUNTS[int(request.access_key.removeprefix("ASIAROLEKEY")) - 1]
        return reply if (account, request.region) in failing else page([f"i-{account}-{request.region}"])

    def assume_role(request: AwsRequest) -> AwsReply:
        account = request.form["RoleArn"].split(":")[4]
        return role_keys(ACCOUNTS.index(account) + 1, in_an_hour())

    fake_aws.on("GetCallerIdentity", AwsReply(HTML))  # this test is not about the bot's own account
    fake_aws.on("AssumeRole", assume_role)
    fake_aws.on("DescribeRegions", regions(*REGIONS))
    fake_aws.on("DescribeInstances", describe_instances)
    roles = [f"arn:aws:iam::{account}:role/bailiff-read" for account in ACCOUNTS]
    inventory = AwsScanner(roles, limits=LONG_LIMITS).scan(NOW)
    expected = {(account, region, reason) for account, region in failing}
    assert set(unread(inventory)) - {(OWN_ACCOUNT, ALL_REGIONS, UnreadReason.BAD_ANSWER)} == expected
    readable_targets = {(account, region) for account in ACCOUNTS for region in REGIONS} - failing
    assert {instance.id for instance in inventory.instances} == {
        f"i-{account}-{region}" for account, region in readable_targets
    }
    assert set(read(inventory)) == readable_targets


def test_a_throttled_regionis_read_when_the_throttling_ends(fake_aws: FakeAws) -> None:
    throttled = ec2_error("RequestLimitExceeded", status=503)
    fake_aws.on("DescribeInstances", replies_in_order(throttled, throttled, page(["i-1"])))
    assert read_result(Limits(max_attempts=3)) == ["i-1"]
