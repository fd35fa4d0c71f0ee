"""Finds the attach times that date the creation of an instance, in its XML element of DescribeInstances."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from bailiff_bot.aws.attachments import Interface, Volume
from bailiff_bot.aws.xml_fields import children, number, timestamp


def attached_at(interfaces: Iterable[Interface], volumes: Iterable[Volume], root: str) -> datetime | None:
    """Return the earlier attach time, in UTC, of the primary network interface and the root volume; None without one.

    `root` is the name of the root device; empty if there is none. Raises Unreadable if EC2 would not write such
    elements.
    """
    times = (*_interface_times(interfaces), *_volume_times(volumes, root))
    return min((timestamp(time.text or "") for time in times), default=None)


def _interface_times(interfaces: Iterable[Interface]) -> Iterator[Any]:
    """Yield the attach time of each interface with device index 0. Each network card may have one."""
    for interface in interfaces:
        if "attachment" in interface:
            found = children(interface["attachment"], "deviceIndex", "attachTime")
            if len(found) == 2 and number(found["deviceIndex"].text or "") == 0:  # noqa: PLR2004 - both
                yield found["attachTime"]


def _volume_times(volumes: Iterable[Volume], root: str) -> Iterator[Any]:
    """Yield the attach time of the volume that is mapped to the root device."""
    for volume in volumes if root else ():
        if volume.device == root and "attachTime" in volume.fields:
            yield volume.fields["attachTime"]
