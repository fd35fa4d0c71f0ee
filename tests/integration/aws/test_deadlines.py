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
from bailiff_bot.domain.inventory import WHOLE_ACCOUNT, Reason, Unread
from tests.integration.aws.conftest import read, unread
from tests.integration.aws.fake_aws import (
    HTML,
    LAB,
    LAB_ROLE,
    OWN,
    Asked,
    Canned,
    Reply,
    ec2_error,
    in_an_hour,
    in_turn,
    page,
    regions,
    role_keys,
)

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
ACCESS = Access(OWN)
SOON = Limits(attempts=3, deadline=0.5)
"""A deadline that comes long before any other timeout."""
ENDLESS = 10_000_000
"""Bytes that are announced and never come."""


def answer(limits: Limits) -> Unread | list[str]:
    found = read_target(ACCESS, ACCESS.target("eu-west-1"), limits)
    return found if isinstance(found, Unread) else [instance.id for instance in found]


def pages_without_end(asked: Asked) -> Reply:
    return page(["i-1"], asked.form.get("NextToken", "") + "x")


@pytest.mark.parametrize(
    "reply",
    [
        Reply(hang=True),
        Reply(drip=True, promised=ENDLESS),
        Reply(drip=True, promised=ENDLESS, status=503),
        pages_without_end,
        in_turn(page(["i-1"], "two"), page(["i-2"], "three"), Reply(drip=True, promised=ENDLESS)),
    ],
    ids=["hangs", "drips", "drips an error", "has pages without end", "drips on the third page"],
)
def test_a_target_is_given_up_at_its_deadline(canned: Canned, reply: Reply | Callable[[Asked], Reply]) -> None:
    canned.on("DescribeInstances", reply)
    given_up = answer(SOON)
    assert isinstance(given_up, Unread)
    assert (given_up.reason, given_up.detail) == (Reason.TIMED_OUT, "not answered in full within 0.5 s")


def test_what_is_given_up_is_not_asked_again(canned: Canned) -> None:
    canned.on("DescribeInstances", Reply(hang=True))
    answer(SOON)
    assert canned.count("DescribeInstances") == 1


def test_a_refusal_before_the_deadline_stays_what_it_is(canned: Canned) -> None:
    canned.on("DescribeInstances", ec2_error("UnauthorizedOperation", status=403))
    refused = answer(SOON)
    assert isinstance(refused, Unread)
    assert refused.reason is Reason.ACCESS_DENIED


def test_a_body_that_breaks_off_is_asked_for_again(canned: Canned) -> None:
    whole = page(["i-1", "i-2"])
    canned.on("DescribeInstances", in_turn(Reply(whole.body[:300], promised=len(whole.body)), whole))
    assert answer(Limits(attempts=2)) == ["i-1", "i-2"]


def test_a_body_that_always_breaks_off_is_no_shorter_list(canned: Canned) -> None:
    whole = page(["i-1", "i-2"])
    canned.on("DescribeInstances", Reply(whole.body, promised=len(whole.body) + 1))
    broken = answer(Limits(attempts=2))
    assert isinstance(broken, Unread)
    assert broken.reason is Reason.UNREACHABLE
    assert canned.count("DescribeInstances") == 2


@pytest.mark.parametrize("action", ["GetCallerIdentity", "DescribeRegions"])
def test_an_account_that_drips_is_given_up(canned: Canned, action: str) -> None:
    canned.on(action, Reply(drip=True, promised=ENDLESS))
    inventory = AwsScanner(limits=SOON).scan(NOW)
    assert [(where, why) for _, where, why in unread(inventory)] == [(WHOLE_ACCOUNT, Reason.TIMED_OUT)]


def test_no_thread_is_left_waiting_for_what_was_given_up(canned: Canned) -> None:
    canned.on("DescribeInstances", Reply(drip=True, promised=ENDLESS))
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


@pytest.mark.usefixtures("canned")
def test_an_account_that_was_not_opened_when_the_scan_ended_is_named() -> None:
    with busy(1) as pool:
        inventory = AwsScanner(executor=pool, limits=Limits(scan=0.2)).scan(NOW)
    assert unread(inventory) == [(OWN, WHOLE_ACCOUNT, Reason.TIMED_OUT)]
    assert inventory.unread[0].detail == "not read when the scan ended after 0.2 s"


def test_targets_that_were_not_read_when_the_scan_ended_are_named_and_the_others_kept(canned: Canned) -> None:
    canned.on("DescribeRegions", regions("eu-west-1", "us-east-1", "us-east-2"))
    canned.on("DescribeInstances", Reply(hang=True), "us-east-1")
    canned.on("DescribeInstances", Reply(drip=True, promised=ENDLESS), "us-east-2")
    inventory = AwsScanner(limits=Limits(scan=1)).scan(NOW)
    assert read(inventory) == [(OWN, "eu-west-1")]
    assert unread(inventory) == [(OWN, "us-east-1", Reason.TIMED_OUT), (OWN, "us-east-2", Reason.TIMED_OUT)]


def test_no_time_at_all_reads_nothing_and_says_so(canned: Canned) -> None:
    canned.on("AssumeRole", role_keys(1, in_an_hour()))
    inventory = AwsScanner([LAB_ROLE], limits=Limits(scan=0)).scan(NOW)
    assert unread(inventory) == [(LAB, WHOLE_ACCOUNT, Reason.TIMED_OUT), (OWN_ACCOUNT, WHOLE_ACCOUNT, Reason.TIMED_OUT)]


# ten accounts of seventeen regions, of which one region in each account fails in some way

ACCOUNTS = [f"{number:012}" for number in range(1, 11)]
REGIONS = [f"eu-west-{number}" for number in range(1, 18)]
PATIENT = Limits(read=2, attempts=2, deadline=6)


def seventeen(number: int) -> set[tuple[str, str]]:
    """The targets that fail: 17 of 170, in every region one and in seven accounts two."""
    return {(ACCOUNTS[(place + number) % len(ACCOUNTS)], region) for place, region in enumerate(REGIONS)}


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(hang=True), Reason.TIMED_OUT),
        (Reply(drip=True, promised=ENDLESS), Reason.TIMED_OUT),
        (Reply(cut=True), Reason.UNREACHABLE),
        (Reply(page(["i-1"]).body, promised=ENDLESS), Reason.UNREACHABLE),
        (Reply(HTML), Reason.BAD_ANSWER),
        (ec2_error("RequestLimitExceeded", status=503), Reason.THROTTLED),
        (ec2_error("UnauthorizedOperation", status=403), Reason.ACCESS_DENIED),
    ],
    ids=["hang", "drip", "reset", "break off", "sign in", "throttle", "refuse"],
)
def test_of_170_targets_exactly_the_17_that_fail_are_named(canned: Canned, reply: Reply, reason: Reason) -> None:
    failing = seventeen(3)

    def described(asked: Asked) -> Reply:
        account = ACCOUNTS[int(asked.access_key.removeprefix("ASIAROLEKEY")) - 1]
        return reply if (account, asked.region) in failing else page([f"i-{account}-{asked.region}"])

    def assumed(asked: Asked) -> Reply:
        account = asked.form["RoleArn"].split(":")[4]
        return role_keys(ACCOUNTS.index(account) + 1, in_an_hour())

    canned.on("GetCallerIdentity", Reply(HTML))  # whose own account is nobody's business here
    canned.on("AssumeRole", assumed)
    canned.on("DescribeRegions", regions(*REGIONS))
    canned.on("DescribeInstances", described)
    roles = [f"arn:aws:iam::{account}:role/bailiff-read" for account in ACCOUNTS]
    inventory = AwsScanner(roles, limits=PATIENT).scan(NOW)
    expected = {(account, region, reason) for account, region in failing}
    assert set(unread(inventory)) - {(OWN_ACCOUNT, WHOLE_ACCOUNT, Reason.BAD_ANSWER)} == expected
    there = {(account, region) for account in ACCOUNTS for region in REGIONS} - failing
    assert {instance.id for instance in inventory.instances} == {f"i-{account}-{region}" for account, region in there}
    assert set(read(inventory)) == there


def test_a_throttled_region_is_read_when_the_throttling_ends(canned: Canned) -> None:
    throttled = ec2_error("RequestLimitExceeded", status=503)
    canned.on("DescribeInstances", in_turn(throttled, throttled, page(["i-1"])))
    assert answer(Limits(attempts=3)) == ["i-1"]
