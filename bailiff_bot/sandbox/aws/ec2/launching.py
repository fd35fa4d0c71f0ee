"""Launches an instance in moto with all that its fixture says."""

from typing import Any

from bailiff_bot.sandbox.aws.ec2.moto_types import SandboxInterface, SandboxSpotRequest
from bailiff_bot.sandbox.aws.instance_fixture import (
    CAPACITY_BLOCK,
    EBS,
    PLATFORMS,
    ROOT_DEVICE,
    SPOT_ONE_TIME,
    SPOT_PERSISTENT,
    InstanceFixture,
    VolumeFixture,
)

IMAGE = "ami-0ba111ff5a4db0c51"


def launch(backend: Any, fixture: InstanceFixture) -> Any:
    """Return moto's object of a new instance."""
    is_spot = fixture.lifecycle in {SPOT_ONE_TIME, SPOT_PERSISTENT}
    instance = _launch_spot(backend, fixture) if is_spot else launch_on_demand(backend, fixture.type)
    instance.id = fixture.id
    instance.add_tags(fixture.all_tags())
    instance.disable_api_stop = fixture.is_stop_protected
    instance.disable_api_termination = fixture.is_termination_protected
    instance.hibernation_options = {"Configured": fixture.has_hibernation}
    if fixture.managed_by:
        instance.operator = {"Managed": True, "Principal": fixture.managed_by}
    _set_disks(instance, fixture)
    _set_billing(instance, fixture)
    _set_addresses(instance, fixture)
    return instance


def launch_on_demand(backend: Any, instance_type: str, **parameters: Any) -> Any:
    """Return moto's object of a new instance of a type."""
    reservation = backend.run_instances(
        IMAGE,
        1,
        None,
        [],
        instance_type=instance_type,
        is_instance_type_default=False,
        region_name=backend.region_name,
        **parameters,
    )
    return reservation.instances[0]


def launch_again(request: Any) -> Any:
    """Return the instance that a persistent spot request launches after its former one was terminated."""
    former = request.instance
    instance = launch_on_demand(former.ec2_backend, former.instance_type, lifecycle="spot")
    _set_primary_interface(instance, public_address=former.nics[0].public_ip_auto_assign)
    for name in ("usage_operation", "platform_details", "sandbox_usage"):
        setattr(instance, name, getattr(former, name))
    instance.spot_instance_request_id = request.id
    request.instance = instance
    return instance


def spot_request(instance: Any) -> Any:
    """Return the spot request of an instance; None for an on-demand one."""
    request_id = getattr(instance, "spot_instance_request_id", "")
    return instance.ec2_backend.spot_instance_requests.get(request_id)


def _launch_spot(backend: Any, fixture: InstanceFixture) -> Any:
    [request] = backend.request_spot_instances(
        price="",
        image_id=IMAGE,
        count=1,
        spot_instance_type="persistent" if fixture.lifecycle == SPOT_PERSISTENT else "one-time",
        valid_from=None,
        valid_until=None,
        launch_group=None,
        availability_zone_group=None,
        key_name=None,
        security_groups=[],
        user_data=None,
        instance_type=fixture.type,
        placement=None,
        kernel_id=None,
        ramdisk_id=None,
        monitoring_enabled=False,
        subnet_id=None,
    )
    request.__class__ = SandboxSpotRequest
    request.instance.spot_instance_request_id = request.id
    return request.instance


def _set_billing(instance: Any, fixture: InstanceFixture) -> None:
    """Set what an instance is billed by."""
    instance.usage_operation, instance.platform_details = fixture.operation, PLATFORMS[fixture.operation]
    placement = instance._placement  # noqa: SLF001 - moto has no other way
    placement.tenancy = fixture.tenancy
    placement.zone = fixture.zone or placement.zone
    if fixture.lifecycle == CAPACITY_BLOCK:
        instance.lifecycle = CAPACITY_BLOCK


def _set_disks(instance: Any, fixture: InstanceFixture) -> None:
    instance.root_device_type = fixture.root_device
    if fixture.root_device != EBS:
        instance.teardown_defaults()
    for volume in fixture.volumes:
        if volume.device != ROOT_DEVICE:
            _attach(instance, volume)
        elif fixture.root_device == EBS:
            _set_root(instance, volume)


def _attach(instance: Any, volume: VolumeFixture) -> None:
    instance.add_block_device(
        size=volume.size,
        device_path=volume.device,
        snapshot_id=None,
        encrypted=False,
        delete_on_termination=volume.is_deleted_with_instance,
        kms_key_id=None,
        volume_type="gp3",
    )
    _set_kind(instance.ec2_backend.volumes[instance.block_device_mapping[volume.device].volume_id], volume)


def _set_root(instance: Any, volume: VolumeFixture) -> None:
    """Change the volume of 8 GiB that moto gives to each instance."""
    device = instance.block_device_mapping[ROOT_DEVICE]
    device.size, device.delete_on_termination = volume.size, volume.is_deleted_with_instance
    _set_kind(instance.ec2_backend.volumes[device.volume_id], volume)


def _set_kind(found: Any, volume: VolumeFixture) -> None:
    """Set what a volume costs by, on moto's object."""
    found.size, found.volume_type = volume.size, volume.type
    found.iops, found.throughput = volume.told_iops, volume.told_throughput


def _set_addresses(instance: Any, fixture: InstanceFixture) -> None:
    _set_primary_interface(instance, public_address=fixture.has_public_address)
    if fixture.has_elastic_address:
        address = instance.ec2_backend.allocate_address("vpc")
        instance.ec2_backend.associate_address(instance, address=address.public_ip)


def _set_primary_interface(instance: Any, *, public_address: bool) -> None:
    interface = instance.nics[0]
    interface.__class__ = SandboxInterface
    interface.public_ip_auto_assign = public_address
    if not public_address:
        interface.public_ip = None
