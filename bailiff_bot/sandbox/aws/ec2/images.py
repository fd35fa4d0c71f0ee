"""CreateImage, whose image is pending until its time is over, and then is available or failed."""

import re
from datetime import datetime
from typing import Any

from bailiff_bot.sandbox.aws.ec2 import errors
from bailiff_bot.sandbox.aws.ec2.delayed_changes import DelayedChanges
from bailiff_bot.sandbox.aws.ec2.moto_types import SandboxImage
from bailiff_bot.sandbox.aws.errors import AwsApiError
from bailiff_bot.sandbox.aws.instance_fixture import EBS
from bailiff_bot.sandbox.aws.signed_request import SignedRequest

_NAME = re.compile(r"[A-Za-z0-9()\[\] ./\-'@_]{3,128}")
_FAILED = {"Code": "Client.InternalError", "Message": "Client.InternalError: the snapshot could not be made"}


def create_image(call: SignedRequest, instance: Any, changes: DelayedChanges, now: datetime) -> Any:
    """Return moto's object of the new image, which is pending. Raises the `AwsApiError` of CreateImage."""
    name = call.form.get("Name", "")
    _check(instance, name)
    tags = call_tags(call, "image")
    specifications = [{"ResourceType": "image", "Tags": [{"Key": k, "Value": v} for k, v in tags.items()]}]
    image = instance.ec2_backend.create_image(instance.id, name, call.form.get("Description", ""), specifications)
    image.__class__ = SandboxImage
    image.volumes = tuple((device, block.size) for device, block in instance.get_block_device_mapping)
    image.ebs_snapshot.add_tags(call_tags(call, "snapshot"))
    image.root_device_type, image.creation_date, image.state = EBS, now.replace(tzinfo=None), "pending"
    changes.begin(image.id, lambda: finish(image))
    return image


def finish(image: Any) -> None:
    """Make a pending image available."""
    image.state = "available"


def fail(image: Any) -> None:
    """Let a pending image fail."""
    image.state, image.state_reason = "failed", dict(_FAILED)


def call_tags(call: SignedRequest, resource_type: str) -> dict[str, str]:
    """Return the tags of `TagSpecifications` for a type of resource."""
    tags: dict[str, str] = {}
    for key, value in call.form.items():
        prefix, _, last = key.rpartition(".")
        if key.startswith("TagSpecification.") and last == "ResourceType" and value == resource_type:
            tags |= call.tags(f"{prefix}.Tag")
    return tags


def _check(instance: Any, name: str) -> None:
    if not _NAME.fullmatch(name):
        raise errors.malformed_image_name()
    for image in instance.ec2_backend.amis.values():
        if image.name == name:
            raise AwsApiError("InvalidAMIName.Duplicate", f"AMI name {name} is already in use by AMI {image.id}")
    if instance.state not in {"running", "stopped"}:
        raise AwsApiError("IncorrectState", f"The instance '{instance.id}' is not in state 'running' or 'stopped'.")
    if instance.root_device_type != EBS:  # the text is assumed: EC2 documents only that the root must be on EBS
        raise AwsApiError("InvalidParameterValue", f"The instance '{instance.id}' does not have an 'ebs' root device.")
