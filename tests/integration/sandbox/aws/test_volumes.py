"""What the sandbox's EC2 says that a price depends on: volumes, and how instances are billed."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from bailiff_bot.sandbox.aws.instance_fixture import (
    CAPACITY_BLOCK,
    OWN_WINDOWS,
    SPOT_PERSISTENT,
    WINDOWS,
    InstanceFixture,
    VolumeFixture,
)
from bailiff_bot.sandbox.aws.server import AwsSandbox
from bailiff_bot.sandbox.fixtures import DELETE_ROLE
from tests.integration.sandbox.aws.aws_requests import NOW, ClientFactory, acting, error_code, lab_credentials


def fixture(key: str, **fields: Any) -> InstanceFixture:
    values = {"name": f"agr-{key}", "since_start": timedelta(days=1), "expected_table": "legit", **fields}
    return InstanceFixture(key=key, **values)


VOLUMES = (
    VolumeFixture(),
    VolumeFixture("/dev/sdf", 50, type="gp2"),
    VolumeFixture("/dev/sdg", 200, type="gp3", iops=6000, throughput=300),
    VolumeFixture("/dev/sdh", 100, type="io1", iops=5000),
    VolumeFixture("/dev/sdi", 500, type="st1"),
    VolumeFixture("/dev/sdj", 20, type="standard"),
)
TOLD = [
    ("gp3", 8, 3000, 125),
    ("gp2", 50, 150, None),
    ("gp3", 200, 6000, 300),
    ("io1", 100, 5000, None),
    ("st1", 500, None, None),
    ("standard", 20, None, None),
]
FLEET = (
    fixture("disks", volumes=VOLUMES),
    fixture("windows", operation=WINDOWS, tenancy="dedicated"),
    fixture("spot", operation=OWN_WINDOWS, lifecycle=SPOT_PERSISTENT),
    fixture("block", lifecycle=CAPACITY_BLOCK, zone="eu-west-1-dub-1a", has_public_address=True),
)
IDS = {one.key: one.id for one in FLEET}


@pytest.fixture
def aws() -> Iterator[AwsSandbox]:
    with AwsSandbox(FLEET, now=NOW) as sandbox:
        yield sandbox


@pytest.fixture
def ec2(client: ClientFactory) -> Any:
    return client()


def instance(ec2: Any, key: str) -> dict[str, Any]:
    [reservation] = ec2.describe_instances(InstanceIds=[IDS[key]])["Reservations"]
    found: dict[str, Any] = reservation["Instances"][0]
    return found


def volume_ids(ec2: Any, key: str) -> list[str]:
    return [device["Ebs"]["VolumeId"] for device in instance(ec2, key)["BlockDeviceMappings"]]


def by_id(ids: list[str]) -> list[dict[str, Any]]:
    return [{"Name": "volume-id", "Values": ids}]


class TestVolumes:
    def test_have_kinds_and_sizes(self, ec2: Any) -> None:
        ids = volume_ids(ec2, "disks")

        found = {one["VolumeId"]: one for one in ec2.describe_volumes(Filters=by_id(ids))["Volumes"]}

        fields = ("VolumeType", "Size", "Iops", "Throughput")
        assert [tuple(found[volume_id].get(field) for field in fields) for volume_id in ids] == TOLD

    def test_that_do_not_exist_are_left_out_by_a_filter_and_refused_by_id(self, ec2: Any) -> None:
        known, unknown = volume_ids(ec2, "windows")[0], "vol-0123456789abcdef0"

        [found] = ec2.describe_volumes(Filters=by_id([known, unknown]))["Volumes"]

        assert found["VolumeId"] == known
        assert ec2.describe_volumes(Filters=by_id([unknown]))["Volumes"] == []
        assert error_code(ec2.describe_volumes, VolumeIds=[known, unknown]) == "InvalidVolume.NotFound"

    def test_of_an_empty_region_are_one_empty_page(self, client: ClientFactory) -> None:
        answer = client("ec2", "ap-south-1").describe_volumes(Filters=by_id(["vol-0123456789abcdef0"]))

        assert answer["Volumes"] == []
        assert "NextToken" not in answer

    def test_are_told_in_pages(self, ec2: Any) -> None:
        pages = list(ec2.get_paginator("describe_volumes").paginate(PaginationConfig={"PageSize": 5}))

        assert [len(page["Volumes"]) for page in pages] == [5, 4]
        assert len({one["VolumeId"] for page in pages for one in page["Volumes"]}) == 9

    def test_of_another_account_are_not_seen(self, client: ClientFactory, ec2: Any) -> None:
        lab = client(**lab_credentials(client))

        assert lab.describe_volumes(Filters=by_id(volume_ids(ec2, "disks")))["Volumes"] == []


class TestRefusals:
    def test_of_more_than_200_values_of_filters(self, ec2: Any) -> None:
        ids = [f"vol-{number:017x}" for number in range(201)]

        assert ec2.describe_volumes(Filters=by_id(ids[:200]))["Volumes"] == []
        assert error_code(ec2.describe_volumes, Filters=by_id(ids)) == "FilterLimitExceeded"

    @pytest.mark.parametrize("size", [4, 1001])
    def test_of_sizes_of_pages(self, ec2: Any, size: int) -> None:
        assert error_code(ec2.describe_volumes, MaxResults=size) == "InvalidParameterValue"

    def test_of_tokens(self, client: ClientFactory, ec2: Any) -> None:
        token = ec2.describe_volumes(MaxResults=5)["NextToken"]

        assert error_code(ec2.describe_volumes, MaxResults=5, NextToken="x") == "InvalidParameterValue"
        elsewhere = client("ec2", "eu-west-3").describe_volumes
        assert error_code(elsewhere, MaxResults=5, NextToken=token) == "InvalidParameterValue"

    def test_of_ids_with_pages(self, ec2: Any) -> None:
        parameters = {"VolumeIds": volume_ids(ec2, "windows"), "MaxResults": 5}

        assert error_code(ec2.describe_volumes, **parameters) == "InvalidParameterCombination"

    def test_of_permission(self, aws: AwsSandbox, ec2: Any) -> None:
        aws.withdraw_permission("ec2:DescribeVolumes")

        assert error_code(ec2.describe_volumes) == "UnauthorizedOperation"
        assert instance(ec2, "disks")


class TestBilling:
    def test_is_by_operation_tenancy_and_lifecycle(self, ec2: Any) -> None:
        windows, spot, block = (instance(ec2, key) for key in ("windows", "spot", "block"))

        assert (windows["UsageOperation"], windows["PlatformDetails"]) == ("RunInstances:0002", "Windows")
        assert windows["Placement"]["Tenancy"] == "dedicated"
        assert "InstanceLifecycle" not in windows
        assert (spot["UsageOperation"], spot["InstanceLifecycle"]) == ("RunInstances:0800", "spot")
        assert (block["UsageOperation"], block["InstanceLifecycle"]) == ("RunInstances", "capacity-block")

    def test_is_by_zone_and_public_addresses(self, ec2: Any) -> None:
        block = instance(ec2, "block")

        assert block["Placement"]["AvailabilityZone"] == "eu-west-1-dub-1a"
        [interface] = block["NetworkInterfaces"]
        assert interface["PrivateIpAddresses"][0]["Association"]["PublicIp"] == block["PublicIpAddress"]

    def test_of_the_successor_of_a_spot_instance_is_the_same(self, client: ClientFactory, ec2: Any) -> None:
        acting(client, DELETE_ROLE).terminate_instances(InstanceIds=[IDS["spot"]])

        found = [one for page in ec2.describe_instances()["Reservations"] for one in page["Instances"]]
        [successor] = [one for one in found if one["InstanceId"] not in IDS.values()]
        assert successor["UsageOperation"] == "RunInstances:0800"
