"""CreateImage of the sandbox: names, tags, an image that is pending, and one that fails."""

from datetime import timedelta
from typing import Any

import pytest

from bailiff_bot.sandbox.aws.server import AwsSandbox
from bailiff_bot.sandbox.fixtures import DELETE_ROLE
from tests.integration.sandbox.aws.aws_requests import BY_KEY, NOW, ClientFactory, acting, error_code

STOPPED = BY_KEY["hro-retired"].id
NAME = "bailiff hro-retired (0123) [a]/b.c'@_-"
TAGS = [{"Key": "bailiff:instance", "Value": STOPPED}, {"Key": "Name", "Value": ""}]


@pytest.fixture
def ec2(client: ClientFactory) -> Any:
    return acting(client, DELETE_ROLE)


def make(ec2: Any, name: str = NAME, instance_id: str = STOPPED) -> str:
    tags = [{"ResourceType": kind, "Tags": TAGS} for kind in ("image", "snapshot")]
    answer = ec2.create_image(InstanceId=instance_id, Name=name, NoReboot=True, TagSpecifications=tags)
    return str(answer["ImageId"])


def image(ec2: Any, image_id: str) -> dict[str, Any]:
    [found] = ec2.describe_images(ImageIds=[image_id])["Images"]
    return dict(found)


def test_an_image_is_found_by_its_name_with_its_tags_and_volumes(ec2: Any) -> None:
    image_id = make(ec2)

    [found] = ec2.describe_images(Owners=["self"], Filters=[{"Name": "name", "Values": [NAME]}])["Images"]

    assert (found["ImageId"], found["State"], found["SourceInstanceId"]) == (image_id, "available", STOPPED)
    assert found["Tags"] == TAGS
    assert found["CreationDate"] == "2026-11-20T09:00:00.000Z"
    assert [device["Ebs"]["VolumeSize"] for device in found["BlockDeviceMappings"]] == [8, 200]


def test_an_image_can_be_pending_until_a_test_finishes_it(aws: AwsSandbox, ec2: Any) -> None:
    aws.delay_images()
    image_id = make(ec2)
    aws.set_time(NOW + timedelta(days=3))
    assert image(ec2, image_id)["State"] == "pending"
    assert "SnapshotId" not in image(ec2, image_id)["BlockDeviceMappings"][0]["Ebs"]

    aws.finish_images()

    assert image(ec2, image_id)["State"] == "available"
    assert image(ec2, image_id)["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"]


def test_an_image_can_be_pending_for_some_time(aws: AwsSandbox, ec2: Any) -> None:
    aws.delay_images(timedelta(minutes=20))
    image_id = make(ec2)
    assert image(ec2, image_id)["State"] == "pending"

    aws.advance_time(timedelta(minutes=20))

    assert image(ec2, image_id)["State"] == "available"


def test_a_pending_image_can_fail_for_good(aws: AwsSandbox, ec2: Any) -> None:
    ready = make(ec2, "first")
    aws.delay_images()
    failing = make(ec2)

    aws.fail_images()
    aws.finish_images()

    assert image(ec2, failing)["State"] == "failed"
    assert image(ec2, failing)["StateReason"]["Code"] == "Client.InternalError"
    assert image(ec2, ready)["State"] == "available"


@pytest.mark.parametrize("name", ["a:b", "x" * 128 + "y", "été", "a\nb", "a*b"])
def test_a_name_that_ec2_does_not_allow_is_refused(ec2: Any, name: str) -> None:
    assert error_code(lambda: make(ec2, name)) == "InvalidAMIName.Malformed"


def test_a_name_is_used_once(ec2: Any) -> None:
    make(ec2)

    assert error_code(lambda: make(ec2)) == "InvalidAMIName.Duplicate"
    assert error_code(lambda: make(ec2, NAME, BY_KEY["prod-db"].id)) == "InvalidAMIName.Duplicate"


@pytest.mark.parametrize("key", ["gone", "leaving", "nabe-new"])
def test_an_image_needs_an_instance_that_runs_or_is_stopped(ec2: Any, key: str) -> None:
    assert error_code(lambda: make(ec2, NAME, BY_KEY[key].id)) == "IncorrectState"


def test_an_image_needs_an_instance(ec2: Any) -> None:
    assert error_code(lambda: make(ec2, NAME, "i-00000000000000000")) == "InvalidInstanceID.NotFound"
    assert error_code(lambda: ec2.describe_images(ImageIds=["ami-00000000000000000"])) == "InvalidAMIID.NotFound"


def test_tags_are_written_only_while_the_image_is_made(ec2: Any) -> None:
    image_id = make(ec2)

    assert error_code(lambda: ec2.create_tags(Resources=[image_id], Tags=TAGS)) == "UnauthorizedOperation"


def test_a_session_that_may_not_tag_makes_no_image_with_tags(client: ClientFactory) -> None:
    policy = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ec2:CreateImage","Resource":"*"}]}'
    ec2 = acting(client, DELETE_ROLE, Policy=policy)

    assert error_code(lambda: make(ec2)) == "UnauthorizedOperation"
    assert ec2.create_image(InstanceId=STOPPED, Name=NAME)["ImageId"]
    assert error_code(lambda: ec2.describe_images(Owners=["self"])) == "UnauthorizedOperation"
