"""What an action has to know of an instance is read completely, or it counts as unread."""

import pytest

from bailiff_bot.domain.action import ImageState, Lifecycle
from bailiff_bot.domain.aws_step import RoleKind
from bailiff_bot.domain.gap import Gap
from bailiff_bot.domain.instance import InstanceState, Target
from bailiff_bot.domain.instance_details import InstanceDetails, MachineImage, Volume
from bailiff_bot.domain.inventory import UnreadReason
from tests.integration.aws.acting import (
    ADA,
    IMAGE,
    IMAGE_NAME,
    INSTANCE,
    SPOT,
    TARGET,
    VOLUME,
    actions,
    answer,
    described,
    image,
    instance_type,
    prepare,
    protection,
    session_of,
    spot_request,
)
from tests.integration.aws.fake_aws import HTML, AwsReply, AwsRequest, FakeAws, ec2_error, sts_error

READS = (
    "DescribeInstances",
    "DescribeInstanceAttribute",
    "DescribeSpotInstanceRequests",
    "DescribeInstanceTypes",
    "DescribeVolumes",
)


@pytest.fixture
def aws(fake_aws: FakeAws) -> FakeAws:
    return prepare(fake_aws)


def details() -> InstanceDetails | Gap | None:
    return actions().details(ADA, TARGET, INSTANCE, RoleKind.ACTION)


def read() -> InstanceDetails:
    found = details()
    assert isinstance(found, InstanceDetails)
    return found


def test_a_plain_instance_has_nothing_special(aws: FakeAws) -> None:
    found = read()
    assert (found.state, found.name, found.lifecycle) == (InstanceState.RUNNING, "agr-web", Lifecycle.ON_DEMAND)
    assert found.volumes == (Volume(VOLUME, "/dev/xvda", 8, is_deleted_with_instance=True),)
    assert (found.is_stop_protected, found.is_termination_protected, found.has_local_disk) == (False, False, False)
    assert (found.public_addresses, found.elastic_addresses, found.has_hibernation) == ((), (), False)
    assert aws.count("DescribeSpotInstanceRequests") == 0


@pytest.mark.parametrize("kind", RoleKind)
def test_it_is_read_in_one_session_that_can_only_read(aws: FakeAws, kind: RoleKind) -> None:
    assert isinstance(actions().details(ADA, TARGET, INSTANCE, kind), InstanceDetails)
    assert aws.count("AssumeRole") == 1
    session = session_of(aws, "DescribeInstances").form
    assert session["RoleArn"].endswith("bailiff-act" if kind is RoleKind.ACTION else "bailiff-delete")
    assert "Create" not in session["Policy"]
    assert "Instances" in session["Policy"]


@pytest.mark.parametrize(("kind", "lifecycle"), [("one-time", "spot-one-time"), ("persistent", "spot-persistent")])
def test_the_spot_request_tells_which_kind_of_spot_it_is(aws: FakeAws, kind: str, lifecycle: str) -> None:
    aws.on("DescribeInstances", described(SPOT))
    aws.on("DescribeSpotInstanceRequests", spot_request(kind))
    assert read().lifecycle == lifecycle


def test_each_protection_is_read_by_itself(aws: FakeAws) -> None:
    def protected(request: AwsRequest) -> AwsReply:
        return protection(request, "true" if request.form["Attribute"] == "disableApiStop" else "false")

    aws.on("DescribeInstanceAttribute", protected)
    assert (read().is_stop_protected, read().is_termination_protected) == (True, False)


def test_a_spot_instance_cannot_be_protected(aws: FakeAws) -> None:
    aws.on("DescribeInstances", described(SPOT))
    aws.on("DescribeInstanceAttribute", ec2_error("UnsupportedOperation"))
    assert not read().is_stop_protected


def test_an_unsupported_attribute_of_any_other_instance_is_unread(aws: FakeAws) -> None:
    aws.on("DescribeInstanceAttribute", ec2_error("UnsupportedOperation"))
    assert isinstance(details(), Gap)


def test_a_local_disk_an_instance_store_root_and_hibernation_are_seen(aws: FakeAws) -> None:
    options = "<hibernationOptions><configured>true</configured></hibernationOptions>"
    aws.on("DescribeInstances", described(options, root="<rootDeviceType>instance-store</rootDeviceType>"))
    aws.on("DescribeInstanceTypes", instance_type("true"))
    found = read()
    assert (found.has_local_disk, found.has_instance_store_root, found.has_hibernation) == (True, True, True)


def interface(owner: str, address: str = "198.51.100.7") -> str:
    association = f"<association><publicIp>{address}</publicIp><ipOwnerId>{owner}</ipOwnerId></association>"
    return (
        f"<ipAddress>{address}</ipAddress><networkInterfaceSet><item>{association}<privateIpAddressesSet><item>"
        f"{association}</item></privateIpAddressesSet></item></networkInterfaceSet>"
    )


def test_an_address_of_amazon_is_lost_and_any_other_is_an_elastic_ip(aws: FakeAws) -> None:
    aws.on("DescribeInstances", described(interface("amazon")))
    assert (read().public_addresses, read().elastic_addresses) == (("198.51.100.7",), ())
    aws.on("DescribeInstances", described(interface("444455556666")))
    assert (read().public_addresses, read().elastic_addresses) == ((), ("198.51.100.7",))


def test_an_address_without_an_interface_counts_as_lost(aws: FakeAws) -> None:
    aws.on("DescribeInstances", described("<ipAddress>198.51.100.7</ipAddress>"))
    assert read().public_addresses == ("198.51.100.7",)


def test_an_unknown_id_is_gone(aws: FakeAws) -> None:
    aws.on("DescribeInstances", ec2_error("InvalidInstanceID.NotFound"))
    assert details() is None


@pytest.mark.parametrize("state", ["terminated", "shutting-down"])
def test_of_what_is_terminated_only_the_state_is_read(aws: FakeAws, state: str) -> None:
    volumes = "<blockDeviceMapping/>"
    aws.on("DescribeInstances", described(state=state, volumes=volumes))
    assert read().state == state
    assert aws.count("DescribeInstanceAttribute") == 0


@pytest.mark.parametrize("action", READS)
@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (ec2_error("UnauthorizedOperation", status=403), UnreadReason.ACCESS_DENIED),
        (AwsReply(HTML), UnreadReason.BAD_ANSWER),
        (answer("Any", ""), UnreadReason.BAD_ANSWER),
        (AwsReply(reset=True), UnreadReason.UNREACHABLE),
        (AwsReply(status=500), UnreadReason.SERVER_ERROR),
    ],
    ids=["denied", "page of a proxy", "empty", "reset", "500"],
)
def test_a_part_that_cannot_be_read_makes_the_whole_unread(
    aws: FakeAws, action: str, fault: AwsReply, reason: UnreadReason
) -> None:
    aws.on("DescribeInstances", described(SPOT))
    aws.on(action, fault)
    found = details()
    assert isinstance(found, Gap)
    assert found.reason == reason


@pytest.mark.parametrize(
    "reply",
    [
        described(root=""),
        described(root="<rootDeviceType>tape</rootDeviceType>"),
        described(volumes=""),
        described(volumes=described().body.decode().partition("<deleteOnT")[0].rpartition("<blockD")[1] + "/>"),
        described("<instanceLifecycle>spot</instanceLifecycle>"),
        described(
            "<networkInterfaceSet><item><association><publicIp>1.2.3.4</publicIp></association></item></networkInterfaceSet>"
        ),
        described(state="asleep"),
        answer("DescribeInstances", described().body.decode().partition("<reservationSet>")[0]),
    ],
    ids=[
        "no root",
        "unknown root",
        "no volumes",
        "broken volumes",
        "spot without request",
        "no owner",
        "state",
        "broken",
    ],
)
def test_nothing_is_assumed_for_a_field_that_is_missing(aws: FakeAws, reply: AwsReply) -> None:
    aws.on("DescribeInstances", reply)
    assert isinstance(details(), Gap)


def test_an_answer_about_another_instance_is_no_answer(aws: FakeAws) -> None:
    aws.on("DescribeInstances", described())
    assert isinstance(actions().details(ADA, TARGET, "i-0000000000000000f", RoleKind.ACTION), Gap)


def test_a_missing_protection_a_missing_type_and_a_missing_volume_are_unread(aws: FakeAws) -> None:
    for action, content in (
        ("DescribeInstanceAttribute", f"<instanceId>{INSTANCE}</instanceId>"),
        ("DescribeInstanceTypes", "<instanceTypeSet/>"),
        ("DescribeVolumes", "<volumeSet/>"),
    ):
        prepare(aws)
        aws.on(action, answer(action, content))
        assert isinstance(details(), Gap)


def test_a_role_that_cannot_be_assumed_is_a_gap_with_the_remedy(aws: FakeAws) -> None:
    aws.on("AssumeRole", sts_error("AccessDenied"))
    found = details()
    assert isinstance(found, Gap)
    assert found.reason == UnreadReason.ROLE_REFUSED
    assert "sts:SetSourceIdentity" in found.remedy


def test_a_denied_read_names_the_policy_to_compare_with(aws: FakeAws) -> None:
    aws.on("DescribeVolumes", ec2_error("UnauthorizedOperation", status=403))
    found = actions().details(ADA, TARGET, INSTANCE, RoleKind.DELETE)
    assert isinstance(found, Gap)
    assert found.remedy == "compare the role's policy with deploy/iam-delete.json"


def test_an_account_without_a_role_and_a_wrong_id_are_gaps(aws: FakeAws) -> None:
    elsewhere = Target("999999999999", "eu-west-1")
    assert isinstance(actions().details(ADA, elsewhere, INSTANCE, RoleKind.ACTION), Gap)
    assert isinstance(actions().details(ADA, TARGET, "i-*", RoleKind.ACTION), Gap)
    assert aws.requests == []


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("available", ImageState.AVAILABLE),
        ("pending", ImageState.PENDING),
        ("failed", ImageState.FAILED),
        ("error", ImageState.FAILED),
        ("invalid", ImageState.FAILED),
        ("deregistered", ImageState.FAILED),
        ("a new one", ImageState.FAILED),
    ],
)
def test_only_an_available_image_is_called_so(aws: FakeAws, state: str, expected: ImageState) -> None:
    aws.on("DescribeImages", image(state))
    for found in (actions().image(ADA, TARGET, name=IMAGE_NAME), actions().image(ADA, TARGET, image_id=IMAGE)):
        assert isinstance(found, MachineImage)
        assert (found.id, found.name, found.state, found.size) == (IMAGE, IMAGE_NAME, expected, 8)
        assert bool(found.reason) is (expected is ImageState.FAILED)


def test_a_failed_image_says_why(aws: FakeAws) -> None:
    aws.on("DescribeImages", image("failed", "<stateReason><message>Snapshot failed</message></stateReason>"))
    found = actions().image(ADA, TARGET, image_id=IMAGE)
    assert isinstance(found, MachineImage)
    assert found.reason == "Snapshot failed"


def test_an_image_that_does_not_exist_is_none(aws: FakeAws) -> None:
    aws.on("DescribeImages", ec2_error("InvalidAMIID.NotFound"))
    assert actions().image(ADA, TARGET, image_id=IMAGE) is None
    aws.on("DescribeImages", answer("DescribeImages", "<imagesSet/>"))
    assert actions().image(ADA, TARGET, name=IMAGE_NAME) is None


def test_an_image_of_another_name_is_not_taken_for_it(aws: FakeAws) -> None:
    aws.on("DescribeImages", image())
    assert actions().image(ADA, TARGET, name="bailiff-?711") is None


@pytest.mark.parametrize(
    "fault", [AwsReply(HTML), ec2_error("UnauthorizedOperation", status=403), AwsReply(reset=True)]
)
def test_an_image_that_cannot_be_read_is_a_gap_and_not_gone(aws: FakeAws, fault: AwsReply) -> None:
    aws.on("DescribeImages", fault)
    assert isinstance(actions().image(ADA, TARGET, image_id=IMAGE), Gap)
