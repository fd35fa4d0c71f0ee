"""The scan of one account against canned answers: its regions, one by one and all together."""

from datetime import UTC, datetime

import pytest

from bailiff_bot.aws.access import Limits
from bailiff_bot.aws.scanner import AwsScanner
from bailiff_bot.domain.inventory import WHOLE_ACCOUNT, Reason
from tests.integration.aws.conftest import read, unread
from tests.integration.aws.fake_aws import HTML, OWN, Canned, Reply, ec2_error, identity, regions

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
ONCE = Limits(attempts=1)
IMPATIENT = Limits(read=2, attempts=1)


def test_all_that_is_enabled_is_read_and_nothing_else_is_asked(canned: Canned) -> None:
    inventory = AwsScanner(limits=ONCE).scan(NOW)
    assert read(inventory) == [(OWN, "eu-west-1"), (OWN, "us-east-1")]
    assert [instance.id for instance in inventory.instances] == ["i-eu-west-1", "i-us-east-1"]
    assert inventory.unread == ()
    assert inventory.at == NOW
    assert canned.count("DescribeInstances", "me-south-1") == 0


def test_configured_regions_that_cannot_be_read_are_named(canned: Canned) -> None:
    inventory = AwsScanner(regions=["us-east-1", "mars-1", "me-south-1", "us-east-1"], limits=ONCE).scan(NOW)
    assert read(inventory) == [(OWN, "us-east-1")]
    assert unread(inventory) == [(OWN, "mars-1", Reason.UNKNOWN_REGION), (OWN, "me-south-1", Reason.NOT_ENABLED)]
    assert canned.count("DescribeInstances") == 1


def test_configured_regions_speak_for_themselves_when_they_cannot_be_listed(canned: Canned) -> None:
    canned.on("DescribeRegions", ec2_error("UnauthorizedOperation", status=403))
    canned.on("DescribeInstances", ec2_error("OptInRequired"), "me-south-1")
    inventory = AwsScanner(regions=["eu-west-1", "me-south-1"], limits=ONCE).scan(NOW)
    assert read(inventory) == [(OWN, "eu-west-1")]
    assert unread(inventory) == [(OWN, "me-south-1", Reason.NOT_ENABLED)]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (ec2_error("UnauthorizedOperation", status=403), Reason.ACCESS_DENIED),
        (regions(), Reason.BAD_ANSWER),
        (Reply(HTML), Reason.BAD_ANSWER),
        (regions(""), Reason.BAD_ANSWER),
    ],
)
def test_an_account_whose_regions_cannot_be_listed_is_unread(canned: Canned, answer: Reply, reason: Reason) -> None:
    canned.on("DescribeRegions", answer)
    inventory = AwsScanner(limits=ONCE).scan(NOW)
    assert unread(inventory) == [(OWN, WHOLE_ACCOUNT, reason)]
    assert read(inventory) == []


def test_a_partition_is_taken_from_the_caller(canned: Canned) -> None:
    canned.on("GetCallerIdentity", identity(partition="aws-cn"))
    inventory = AwsScanner(limits=ONCE).scan(NOW)
    assert {target.partition for target in inventory.read} == {"aws-cn"}


def test_progress_is_told_from_nothing_to_all(canned: Canned) -> None:
    canned.on("DescribeInstances", Reply(cut=True), "us-east-1")
    told: list[tuple[int, int]] = []
    AwsScanner(limits=ONCE).scan(NOW, lambda done, total: told.append((done, total)))
    assert told == [(0, 2), (1, 2), (2, 2)]


def test_one_dead_region_costs_no_other(canned: Canned) -> None:
    canned.on("DescribeInstances", Reply(hang=True), "us-east-1")
    inventory = AwsScanner(limits=IMPATIENT).scan(NOW)
    assert read(inventory) == [(OWN, "eu-west-1")]
    assert unread(inventory) == [(OWN, "us-east-1", Reason.TIMED_OUT)]
