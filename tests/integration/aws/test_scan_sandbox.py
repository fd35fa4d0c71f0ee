"""Scans of the two accounts of the sandbox, which checks signatures and permissions."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from bailiff_bot.aws import access, page_parser
from bailiff_bot.aws.access import Limits
from bailiff_bot.aws.botocore_parser import parse_with_botocore
from bailiff_bot.aws.page_parser import Page
from bailiff_bot.aws.scanner import AwsScanner
from bailiff_bot.domain.identity import NO_DIRECTORY
from bailiff_bot.domain.instance import Instance, Target
from bailiff_bot.domain.inventory import ALL_REGIONS, Inventory, UnreadReason
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.report import judge
from bailiff_bot.domain.snapshot import Snapshot
from bailiff_bot.sandbox.aws.fleet import FLEET
from bailiff_bot.sandbox.aws.instance_fixture import InstanceFixture
from bailiff_bot.sandbox.aws.regions import DEFAULT_REGIONS, OPT_IN_REGIONS
from bailiff_bot.sandbox.aws.server import AwsSandbox
from bailiff_bot.sandbox.fixtures import EXTERNAL_ID, LAB_ACCOUNT, LAB_ROLE_ARN, OWN_ACCOUNT
from tests.integration.aws.conftest import SetAwsEnvironment, unread

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
ONCE = Limits(max_attempts=1)
REGIONS = ("eu-west-1", "sa-east-1", "us-east-1", "us-west-2")
DENIED = (OWN_ACCOUNT, "sa-east-1", UnreadReason.ACCESS_DENIED)


@pytest.fixture
def sandbox(set_aws_environment: SetAwsEnvironment) -> Iterator[AwsSandbox]:
    with AwsSandbox(now=NOW) as aws:
        set_aws_environment(aws.environment())
        yield aws


def scan(regions: tuple[str, ...] | None = REGIONS, external_id: str = EXTERNAL_ID, limits: Limits = ONCE) -> Inventory:
    return AwsScanner([LAB_ROLE_ARN], external_id, regions, limits=limits).scan(NOW)


Row = tuple[object, ...]


def expected_row(fixture: InstanceFixture) -> Row:
    stopped = NOW - fixture.since_stop if "{date}" in fixture.reason else None
    target_cells = fixture.account, fixture.region
    return (
        fixture.id,
        *target_cells,
        fixture.type,
        fixture.state,
        NOW - fixture.since_start,
        NOW - (fixture.since_creation or fixture.since_start),
        stopped,
        fixture.all_tags(),
    )


def actual_row(instance: Instance) -> Row:
    target_cells = instance.target.account, instance.target.region
    return (
        instance.id,
        *target_cells,
        instance.type,
        instance.state,
        instance.launched_at,
        instance.created_at,
        instance.transitioned_at,
        instance.tags,
    )


def to_the_second(row: Row) -> Row:
    return tuple(cell.replace(microsecond=0) if isinstance(cell, datetime) else cell for cell in row)


@pytest.mark.usefixtures("sandbox")
def test_every_instance_of_both_accounts_is_read_as_it_is() -> None:
    found = {instance.id: to_the_second(actual_row(instance)) for instance in scan(regions=None).instances}
    visible_fixtures = [fixture for fixture in FLEET if fixture.expected_table not in {"absent", "unread"}]
    assert found == {fixture.id: to_the_second(expected_row(fixture)) for fixture in visible_fixtures}


def test_a_nightly_stop_does_not_renew_the_grace(sandbox: AwsSandbox) -> None:
    fixture = InstanceFixture(key="nightly", name=None, since_start=timedelta(days=200), expected_table="named")
    instance_id = sandbox.add(fixture)
    sandbox.stop("nightly")
    sandbox.start("nightly")
    [found] = [one for one in scan(("eu-west-1",)).instances if one.id == instance_id]
    assert (found.launched_at, found.created_at) == (NOW, NOW - timedelta(days=200))
    report = judge(Snapshot(Inventory((found,), (found.target,), (), NOW), NO_DIRECTORY), Policy(), NOW)
    assert [table.id for table in report.tables if table.rows] == ["named"]


@pytest.mark.usefixtures("sandbox")
def test_every_enabled_region_is_read_and_the_denied_one_is_named() -> None:
    inventory = scan(regions=None)
    assert Counter(target.account for target in inventory.read) == {OWN_ACCOUNT: 16, LAB_ACCOUNT: 17}
    assert {target.region for target in inventory.read} == set(DEFAULT_REGIONS)
    assert unread(inventory) == [DENIED]
    assert "not authorized to perform: ec2:DescribeInstances" in inventory.gaps[0].detail
    assert "BAILIFF_REGIONS" in inventory.gaps[0].remedy
    assert "BAILIFF_EXPECTED_UNREAD" in inventory.gaps[0].remedy


@pytest.mark.usefixtures("sandbox")
def test_configured_regions_that_are_not_enabled_are_named_in_each_account() -> None:
    closed = OPT_IN_REGIONS[0]
    inventory = scan((closed, "eu-west-1"))
    assert unread(inventory) == [(account, closed, UnreadReason.NOT_ENABLED) for account in (OWN_ACCOUNT, LAB_ACCOUNT)]
    assert len(inventory.read) == 2


def test_a_region_that_is_not_enabled_is_named_even_if_regions_cannot_be_listed(sandbox: AwsSandbox) -> None:
    closed = OPT_IN_REGIONS[0]
    sandbox.deny("eu-west-1", action="DescribeRegions")
    inventory = scan((closed, "eu-west-1"))
    assert unread(inventory) == [(account, closed, UnreadReason.NOT_ENABLED) for account in (OWN_ACCOUNT, LAB_ACCOUNT)]
    assert len(inventory.read) == 2


@pytest.mark.usefixtures("sandbox")
def test_a_wrong_external_id_leaves_only_that_account_unread() -> None:
    inventory = scan(external_id="not-" + EXTERNAL_ID)
    assert unread(inventory) == [DENIED, (LAB_ACCOUNT, ALL_REGIONS, UnreadReason.ROLE_REFUSED)]
    assert {target.account for target in inventory.read} == {OWN_ACCOUNT}
    assert EXTERNAL_ID not in repr(inventory.gaps)


def test_expired_credentials_are_the_reason_for_every_account(sandbox: AwsSandbox) -> None:
    sandbox.expire_credentials()
    inventory = scan()
    assert inventory.read == ()
    assert set(unread(inventory)) == {
        (access.OWN_ACCOUNT, ALL_REGIONS, UnreadReason.EXPIRED_CREDENTIALS),
        (LAB_ACCOUNT, ALL_REGIONS, UnreadReason.EXPIRED_CREDENTIALS),
    }


def test_after_credentials_expire_during_a_scan_the_next_scan_is_complete(
    sandbox: AwsSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bailiff_bot.aws.pools.THREADS", 1)

    def expire(done: int, _total: int) -> None:
        if done:
            sandbox.expire_credentials(LAB_ACCOUNT)

    scanner = AwsScanner([LAB_ROLE_ARN], EXTERNAL_ID, REGIONS, limits=ONCE)
    partial_inventory = scanner.scan(NOW, expire)
    reasons = {gap.where.account: gap.reason for gap in partial_inventory.gaps if gap.where}
    assert reasons[LAB_ACCOUNT] == UnreadReason.EXPIRED_CREDENTIALS
    assert len(partial_inventory.read) + len(partial_inventory.gaps) == 8
    sandbox.clear_faults()
    assert unread(scanner.scan(NOW)) == [DENIED]


@pytest.mark.parametrize("hours", [1, -1])
def test_a_wrong_clock_is_the_reason(sandbox: AwsSandbox, hours: int) -> None:
    sandbox.set_clock_skew(timedelta(hours=hours))
    inventory = scan()
    assert {unread_target.reason for unread_target in inventory.gaps} == {UnreadReason.CLOCK_SKEW}
    assert inventory.read == ()


def test_a_wrong_secret_is_the_reason_for_every_account(
    sandbox: AwsSandbox, set_aws_environment: SetAwsEnvironment
) -> None:
    set_aws_environment(sandbox.environment() | {"AWS_SECRET_ACCESS_KEY": "wrong"})
    assert {unread_target.reason for unread_target in scan().gaps} == {UnreadReason.BAD_CREDENTIALS}


def test_a_slow_region_is_named_and_the_others_are_read(sandbox: AwsSandbox) -> None:
    sandbox.delay_responses("us-west-2", 30, OWN_ACCOUNT)
    inventory = scan(limits=Limits(read_timeout=2, max_attempts=1))
    assert unread(inventory) == [DENIED, (OWN_ACCOUNT, "us-west-2", UnreadReason.TIMED_OUT)]
    assert len(inventory.read) == 6


def test_a_region_that_resets_every_connection_is_named(sandbox: AwsSandbox) -> None:
    sandbox.reset_connections("us-west-2", account=LAB_ACCOUNT)
    assert unread(scan()) == [DENIED, (LAB_ACCOUNT, "us-west-2", UnreadReason.UNREACHABLE)]


def test_a_region_that_resets_once_is_read(sandbox: AwsSandbox) -> None:
    sandbox.reset_connections("us-west-2", times=1)
    assert unread(scan(limits=Limits())) == [DENIED]


@pytest.mark.parametrize(
    ("method", "reason"),
    [("throttle", UnreadReason.THROTTLED), ("respond_html", UnreadReason.BAD_ANSWER)],
    ids=["throttled", "respond_html"],
)
def test_a_region_without_a_usable_answer_is_unread_and_not_empty(
    sandbox: AwsSandbox, method: str, reason: UnreadReason
) -> None:
    getattr(sandbox, method)("us-east-1", account=OWN_ACCOUNT)
    inventory = scan()
    assert unread(inventory) == [DENIED, (OWN_ACCOUNT, "us-east-1", reason)]
    assert all(target.region != "us-east-1" or target.account == LAB_ACCOUNT for target in inventory.read)


def test_every_page_is_read(sandbox: AwsSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    inventory = scan()
    monkeypatch.setattr("bailiff_bot.aws.target_reader.PAGE_SIZE", 5)
    assert scan() == inventory
    assert any("NextToken" in call.form for call in sandbox.calls)


def test_our_parser_and_botocore_read_the_same_from_every_answer_of_moto(
    sandbox: AwsSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.stop("agr-notebook")
    instance_counts: list[int] = []

    def parse_with_both(chunks: Iterable[bytes], target: Target) -> Page:
        body = b"".join(chunks)
        parsed = page_parser.parse_page([body], target)
        assert parsed == parse_with_botocore([body], target)
        instance_counts.append(len(parsed.instances))
        return parsed

    monkeypatch.setattr("bailiff_bot.aws.target_reader.parse_page", parse_with_both)
    found = scan(regions=None).instances
    assert sum(instance_counts) == len(found) > 0


def test_a_scan_calls_only_reading_actions(sandbox: AwsSandbox) -> None:
    scan()
    assert {call.iam_action for call in sandbox.calls} == {
        "sts:GetCallerIdentity",
        "sts:AssumeRole",
        "ec2:DescribeRegions",
        "ec2:DescribeInstances",
    }
