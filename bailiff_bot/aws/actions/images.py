"""Reads an image that was made of an instance."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bailiff_bot.aws.actions.details import error_code
from bailiff_bot.aws.error_mapping import translate_aws_errors
from bailiff_bot.aws.errors import Unreadable
from bailiff_bot.aws.redacted_line import redacted_line
from bailiff_bot.aws.response_fields import required_field, text_field
from bailiff_bot.domain.action import ImageState
from bailiff_bot.domain.instance_details import MachineImage

_STATES = {
    "available": ImageState.AVAILABLE,
    "pending": ImageState.PENDING,
    "transient": ImageState.PENDING,
}
"""Every other state means that nothing can be launched from it: failed, error, invalid, deregistered, disabled."""
_GONE = ("InvalidAMIID.NotFound", "InvalidAMIID.Unavailable")


@dataclass(frozen=True, slots=True)
class FoundImage:
    """An image, and the instance of which it was made."""

    image: MachineImage
    instance_id: str
    """Empty if EC2 does not say it."""


def find_image(ec2: Any, name: str, image_id: str) -> FoundImage | None:
    """Return the account's image with this id, or else with this name; None if there is none. Raises Unreadable."""
    selection = {"ImageIds": [image_id]} if image_id else {"Filters": [{"Name": "name", "Values": [name]}]}
    try:
        with translate_aws_errors():
            answer = ec2.describe_images(Owners=["self"], **selection)
    except Unreadable as error:
        if error_code(error) in _GONE:
            return None
        raise
    rows = required_field(answer, "Images")  # a name in a filter may be a pattern
    return next(
        (_found(row) for row in rows if image_id in {row.get("ImageId"), ""} and name in {row.get("Name"), ""}), None
    )


def _found(row: Mapping[str, Any]) -> FoundImage:
    state_name = text_field(row, "State")
    state = _STATES.get(state_name, ImageState.FAILED)
    said = redacted_line(row.get("StateReason", {}).get("Message") or f"its state is {state_name}")
    sizes = (mapping.get("Ebs", {}).get("VolumeSize", 0) for mapping in row.get("BlockDeviceMappings", ()))
    image = MachineImage(
        id=text_field(row, "ImageId"),
        name=row.get("Name", ""),
        state=state,
        reason=said if state is ImageState.FAILED else "",
        size=sum(sizes),
    )
    return FoundImage(image, row.get("SourceInstanceId", ""))
