"""Finds the attach times that date the creation of an instance, in its XML element of DescribeInstances."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from bailiff_bot.aws.xml_fields import ChildTexts, bad_answer, child_texts, number, timestamp


def attached_at(fields: Mapping[str, Any]) -> datetime | None:
    """Return the earlier attach time, in UTC, of the primary network interface and the root volume; None without one.

    `fields` holds the elements of an instance by their names. Raises Unreadable if EC2 would not write such elements.
    """
    attachments = (*_primary_interfaces(fields), *_root_volumes(fields))
    times = [timestamp(attachment["attachTime"] or "") for attachment in attachments if "attachTime" in attachment]
    return min(times, default=None)


def _primary_interfaces(fields: Mapping[str, Any]) -> Iterator[ChildTexts]:
    """Yield the attachment of each interface with device index 0. Each network card may have one."""
    for interface in fields.get("networkInterfaceSet", ()):
        attachment = _child(interface, "attachment")
        if "deviceIndex" in attachment and number(attachment["deviceIndex"] or "") == 0:
            yield attachment


def _root_volumes(fields: Mapping[str, Any]) -> Iterator[ChildTexts]:
    """Yield the volume that is mapped to the root device."""
    root = fields["rootDeviceName"].text if "rootDeviceName" in fields else None
    for mapping in fields.get("blockDeviceMapping", ()) if root else ():
        if child_texts(mapping).get("deviceName") == root:
            yield _child(mapping, "ebs")


def _child(parent: Any, name: str) -> ChildTexts:
    """Return the texts of a child of an element; none without it."""
    children = list(parent.iterchildren(name))
    if len(children) > 1:
        raise bad_answer(f"{parent.tag} has {name} twice")
    return child_texts(children[0]) if children else {}
