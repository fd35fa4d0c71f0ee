"""Scans of one account of a fake AWS."""

from datetime import UTC, datetime

import pytest

from bailiff_bot.aws.access import Limits
from bailiff_bot.aws.scanner import AwsScanner
from bailiff_bot.domain.inventory import ALL_REGIONS, UnreadReason
from tests.integration.aws.conftest import read, unread
from tests.integration.aws.fake_aws import BOT_ACCOUNT, HTML, AwsReply, FakeAws, ec2_error, identity, regions

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
ONCE = Limits(max_attempts=1)
SHORT_READ_TIMEOUT = Limits(read_timeout=2, max_attempts=1)


def test_only_enabled_regions_are_read(fake_aws: FakeAws) -> None:
    inventory = AwsScanner(limits=ONCE).scan(NOW)
    assert read(inventory) == [(BOT_ACCOUNT, "eu-west-1"), (BOT_ACCOUNT, "us-east-1")]
    assert [instance.id for instance in inventory.instances] == ["i-eu-west-1", "i-us-east-1"]
    assert inventory.gaps == ()
    assert inventory.scanned_at == NOW
    assert fake_aws.count("DescribeInstances", "me-south-1") == 0


def test_configured_regions_that_cannot_be_read_are_named(fake_aws: FakeAws) -> None:
    inventory = AwsScanner(regions=["us-east-1", "mars-1", "me-south-1", "us-east-1"], limits=ONCE).scan(NOW)
    assert read(inventory) == [(BOT_ACCOUNT, "us-east-1")]
    assert unread(inventory) == [
        (BOT_ACCOUNT, "mars-1", UnreadReason.UNKNOWN_REGION),
        (BOT_ACCOUNT, "me-south-1", UnreadReason.NOT_ENABLED),
    ]
    assert fake_aws.count("DescribeInstances") == 1


def test_configured_regions_are_read_even_if_regions_cannot_be_listed(fake_aws: FakeAws) -> None:
    fake_aws.on("DescribeRegions", ec2_error("UnauthorizedOperation", status=403))
    fake_aws.on("DescribeInstances", ec2_error("OptInRequired"), "me-south-1")
    inventory = AwsScanner(regions=["eu-west-1", "me-south-1"], limits=ONCE).scan(NOW)
    assert read(inventory) == [(BOT_ACCOUNT, "eu-west-1")]
    assert unread(inventory) == [(BOT_ACCOUNT, "me-south-1", UnreadReason.NOT_ENABLED)]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (ec2_error("UnauthorizedOperation", status=403), UnreadReason.ACCESS_DENIED),
        (regions(), UnreadReason.BAD_ANSWER),
        (AwsReply(HTML), UnreadReason.BAD_ANSWER),
        (regions(""), UnreadReason.BAD_ANSWER),
    ],
)
def test_an_account_whose_regions_cannot_be_listed_is_unread(
    fake_aws: FakeAws, answer: AwsReply, reason: UnreadReason
) -> None:
    fake_aws.on("DescribeRegions", answer)
    inventory = AwsScanner(limits=ONCE).scan(NOW)
    assert unread(inventory) == [(BOT_ACCOUNT, ALL_REGIONS, reason)]
    assert read(inventory) == []


def test_the_partition_is_that_of_the_caller_identity(fake_aws: FakeAws) -> None:
    fake_aws.on("GetCallerIdentity", identity(partition="aws-cn"))
    inventory = AwsScanner(limits=ONCE).scan(NOW)
    assert {target.partition for target in inventory.read} == {"aws-cn"}


def test_progress_is_reported_from_no_target_to_all_targets(fake_aws: FakeAws) -> None:
    fake_aws.on("DescribeInstances", AwsReply(reset=True), "us-east-1")
    progress: list[tuple[int, int]] = []
    AwsScanner(limits=ONCE).scan(NOW, lambda done, total: progress.append((done, total)))
    assert progress == [(0, 2), (1, 2), (2, 2)]


def test_a_region_that_hangs_does_not_stop_the_others(fake_aws: FakeAws) -> None:
    fake_aws.on("DescribeInstances", AwsReply(hang=True), "us-east-1")
    inventory = AwsScanner(limits=SHORT_READ_TIMEOUT).scan(NOW)
    assert read(inventory) == [(BOT_ACCOUNT, "eu-west-1")]
    assert unread(inventory) == [(BOT_ACCOUNT, "us-east-1", UnreadReason.TIMED_OUT)]
