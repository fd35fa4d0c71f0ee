"""Finds the network interfaces and the volumes of an instance, in its XML element of DescribeInstances."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from bailiff_bot.aws.xml_fields import children

Fields = Mapping[str, Any]
"""Elements by their names."""
Interface = Fields
"""The elements of a network interface that are read here: `attachment`."""


class Volume(NamedTuple):
    """A volume in the block device mapping."""

    device: str | None
    """The name of the device; None if there is none."""
    fields: Fields
    """The elements that are read: `attachTime` and `volumeId`."""


def interfaces_of(fields: Fields) -> list[Interface]:
    """Return the interfaces of the instance with these elements. Raises Unreadable if EC2 would not write them."""
    return [children(interface, "attachment") for interface in fields.get("networkInterfaceSet", ())]


def volumes_of(fields: Fields) -> list[Volume]:
    """Return the EBS volumes, in the order of the mapping. Raises Unreadable if EC2 would not write them."""
    mappings = [children(mapping, "deviceName", "ebs") for mapping in fields.get("blockDeviceMapping", ())]
    return [
        Volume(
            mapping["deviceName"].text if "deviceName" in mapping else None,
            children(mapping["ebs"], "attachTime", "volumeId"),
        )
        for mapping in mappings
        if "ebs" in mapping
    ]
