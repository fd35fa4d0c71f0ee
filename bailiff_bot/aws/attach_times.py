"""Finds the attach times that date the creation of an instance, in its XML element of DescribeInstances."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from bailiff_bot.aws.xml_fields import children, number, timestamp


def attached_at(fields: Mapping[str, Any]) -> datetime | None:
    """Return the earlier attach time, in UTC, of the primary network interface and the root volume; None without one.

    `fields` holds the elements of an instance by their names. Raises Unreadable if EC2 would not write such elements.
    """
    times = (*_interface_times(fields), *_volume_times(fields))
    return min((timestamp(time.text or "") for time in times), default=None)


def _interface_times(fields: Mapping[str, Any]) -> Iterator[Any]:
    """Yield the attach time of each interface with device index 0. Each network card may have one."""
    for interface in fields.get("networkInterfaceSet", ()):
        for attachment in children(interface, "attachment").values():
            found = children(attachment, "deviceIndex", "attachTime")
            if len(found) == 2 and number(found["deviceIndex"].text or "") == 0:  # noqa: PLR2004 - both
                yield found["attachTime"]


def _volume_times(fields: Mapping[str, Any]) -> Iterator[Any]:
    """Yield the attach time of the volume that is mapped to the root device."""
    root = fields["rootDeviceName"].text if "rootDeviceName" in fields else None
    for mapping in fields.get("blockDeviceMapping", ()) if root else ():
        found = children(mapping, "deviceName", "ebs")
        if len(found) == 2 and found["deviceName"].text == root:  # noqa: PLR2004 - both
            yield from children(found["ebs"], "attachTime").values()
