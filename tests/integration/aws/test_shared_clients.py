"""All accounts share a client for each region: its connections, but neither keys, retries nor deadlines."""

import threading
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import UTC, datetime

import botocore.endpoint
import pytest

from bailiff_bot.aws.access import Access, Limits, role_access
from bailiff_bot.aws.deadline import deadline
from bailiff_bot.aws.scanner import AwsScanner
from bailiff_bot.aws.sessions import SESSIONS
from bailiff_bot.aws.target_reader import read_target
from bailiff_bot.domain.gap import Gap
from tests.integration.aws.conftest import AWS_ENVIRONMENT, read
from tests.integration.aws.fake_aws import (
    BOT_ACCOUNT,
    AwsReply,
    AwsRequest,
    FakeAws,
    ec2_error,
    in_an_hour,
    page,
    replies_in_order,
    role_keys,
)

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
ACCOUNTS = [f"{number:012}" for number in range(1, 101)]
ROLES = [f"arn:aws:iam::{account}:role/bailiff-read" for account in ACCOUNTS]
OWN = Access(BOT_ACCOUNT)


def assume_role(request: AwsRequest) -> AwsReply:
    """Answer with keys that contain the number of the account."""
    return role_keys(int(request.form["RoleArn"].split(":")[4]), in_an_hour())


def signer(request: AwsRequest) -> str:
    """Return the account whose keys signed a request."""
    own_key = request.access_key == AWS_ENVIRONMENT["AWS_ACCESS_KEY_ID"]
    return BOT_ACCOUNT if own_key else f"{int(request.access_key.removeprefix('ASIAROLEKEY')):012}"


def ids(result: object) -> list[str]:
    assert isinstance(result, tuple), result
    return [instance.id for instance in result]


def test_each_call_is_signed_with_the_keys_of_its_own_account_also_when_it_is_retried(fake_aws: FakeAws) -> None:
    failed_once: set[str] = set()
    lock = threading.Lock()

    def describe_instances(request: AwsRequest) -> AwsReply:
        with lock:
            first = request.access_key not in failed_once
            failed_once.add(request.access_key)
        return ec2_error("InternalError", status=500) if first else page([f"i-{signer(request)}"])

    fake_aws.on("AssumeRole", assume_role)
    fake_aws.on("DescribeInstances", describe_instances)
    limits = Limits(max_attempts=2)
    with ThreadPoolExecutor(32) as pool:
        reading = {
            pool.submit(read_target, access, access.target("eu-west-1"), limits): access.account
            for access in (OWN, *map(role_access, ROLES))
        }
        instances = {reading[future]: ids(future.result()) for future in as_completed(reading)}
    assert instances == {account: [f"i-{account}"] for account in (BOT_ACCOUNT, *ACCOUNTS)}
    assert fake_aws.count("DescribeInstances") == 2 * len(reading)


def test_a_client_signs_nothing_outside_of_its_block(fake_aws: FakeAws) -> None:
    with SESSIONS.client("ec2", OWN, Limits(max_attempts=1), "eu-west-1") as ec2:
        ec2.describe_regions()
    with pytest.raises(LookupError):
        ec2.describe_regions()
    assert fake_aws.count("DescribeRegions") == 1


def test_accounts_share_the_connections_to_a_region(fake_aws: FakeAws) -> None:
    fake_aws.on("AssumeRole", assume_role)
    with ThreadPoolExecutor(2) as pool:
        inventory = AwsScanner(ROLES[:20], regions=["us-east-1"], executor=pool).scan(NOW)
    assert len(read(inventory)) == 21
    assert len({request.client_port for request in fake_aws.requests if request.action == "DescribeInstances"}) <= 2


def test_a_scan_leaves_no_connection_open(fake_aws: FakeAws) -> None:
    def open_connections() -> set[int]:
        scan_began = len(fake_aws.requests)
        AwsScanner().scan(NOW)
        return {request.client_port for request in fake_aws.requests[scan_began:]}

    assert not open_connections() & open_connections()


@pytest.mark.parametrize(
    "failure", [ec2_error("RequestLimitExceeded", status=503), AwsReply(reset=True)], ids=["throttled", "reset"]
)
def test_the_failures_of_many_accounts_leave_the_others_their_retries(
    fake_aws: FakeAws, failure: AwsReply, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(botocore.endpoint.time, "sleep", lambda _seconds: None)
    fake_aws.on("DescribeInstances", failure)
    for _ in range(110):  # botocore's quota is enough for 100 retries of a throttled call
        assert isinstance(read_target(OWN, OWN.target("eu-west-1"), Limits(max_attempts=2)), Gap)
    fake_aws.on("DescribeInstances", replies_in_order(failure, page(["i-1"])))
    assert ids(read_target(OWN, OWN.target("eu-west-1"), Limits(max_attempts=2))) == ["i-1"]


def test_a_deadline_ends_no_call_of_another_target_over_the_same_connection(fake_aws: FakeAws) -> None:
    received, deadline_passed = threading.Event(), threading.Event()

    def answer_after_the_deadline(_request: AwsRequest) -> AwsReply:
        received.set()
        assert deadline_passed.wait(60)
        return page(["i-1"])

    fake_aws.on("DescribeInstances", answer_after_the_deadline)
    limits = Limits(max_attempts=1)
    with SESSIONS.client("ec2", OWN, limits, "eu-west-1") as ec2, ThreadPoolExecutor(1) as pool:
        with deadline(0.5):
            ec2.describe_regions()
            other_target = pool.submit(read_target, OWN, OWN.target("eu-west-1"), limits)
            assert received.wait(60)
            [timer] = [one for one in threading.enumerate() if isinstance(one, threading.Timer) and one.interval == 0.5]
            timer.join()
        deadline_passed.set()
        assert ids(other_target.result()) == ["i-1"]
    assert len({request.client_port for request in fake_aws.requests}) == 1


def test_a_connection_that_a_deadline_shut_down_is_not_used_again(fake_aws: FakeAws) -> None:
    fake_aws.on("DescribeInstances", AwsReply(hang=True))
    limits = Limits(max_attempts=1, target_deadline=0.2)
    for _ in range(3):
        assert isinstance(read_target(OWN, OWN.target("eu-west-1"), limits), Gap)
    fake_aws.on("DescribeInstances", page(["i-1"]))
    assert ids(read_target(OWN, OWN.target("eu-west-1"), limits)) == ["i-1"]
