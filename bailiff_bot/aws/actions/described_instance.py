"""Parses the answer of DescribeInstances for one instance, for what an action has to know of it.

EC2 always writes the fields that could forbid an action. If one is missing, the answer is not EC2's, or EC2 has
changed: then nothing is assumed, and the instance counts as unread.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lxml import etree

from bailiff_bot.aws.instance_parser import parse_state, transition_date
from bailiff_bot.aws.page_parser import parse_xml, single_child
from bailiff_bot.aws.xml_fields import bad_answer, child_texts, children, required_child, required_text, timestamp
from bailiff_bot.domain.instance import InstanceState

_SPOT = "spot"
_ROOTS = {"ebs": False, "instance-store": True}
_BOOLEANS = {"true": True, "false": False}
_AMAZON = "amazon"
"""The owner of a public address that is no Elastic IP."""


@dataclass(frozen=True, slots=True)
class DescribedVolume:
    """A volume in the block device mapping."""

    id: str
    device: str
    is_deleted_with_instance: bool


@dataclass(frozen=True, slots=True)
class DescribedInstance:
    """What DescribeInstances says of an instance."""

    id: str
    type: str
    state: InstanceState
    name: str
    launched_at: datetime
    transitioned_at: datetime | None
    is_spot: bool
    spot_request_id: str
    """Empty if it is no spot instance."""
    has_instance_store_root: bool
    public_addresses: tuple[str, ...]
    elastic_addresses: tuple[str, ...]
    volumes: tuple[DescribedVolume, ...]
    has_hibernation: bool


def parse_described_instance(body: bytes, instance_id: str) -> DescribedInstance | None:
    """Return the instance, or None if the answer holds none. Raises Unreadable for anything else."""
    root = _without_namespaces(parse_xml(body))
    sets = [single_child(reservation, "instancesSet") for reservation in single_child(root, "reservationSet")]
    items = [item for items in sets for item in items]
    if not items:
        return None
    instance = _instance(items[0])
    if len(items) > 1 or instance.id != instance_id:
        raise bad_answer("the answer is about another instance")
    return instance


def _instance(element: Any) -> DescribedInstance:
    fields = {child.tag: child for child in element}
    texts = child_texts(element)
    is_spot = texts.get("instanceLifecycle") == _SPOT
    owners = dict(_address_owners(fields, texts))
    return DescribedInstance(
        id=required_text(texts, "instanceId"),
        type=required_text(texts, "instanceType"),
        state=parse_state(child_texts(required_child(fields, "instanceState"))),
        name=_name(fields.get("tagSet", ())),
        launched_at=timestamp(required_text(texts, "launchTime")),
        transitioned_at=transition_date(texts.get("reason") or ""),
        is_spot=is_spot,
        spot_request_id=required_text(texts, "spotInstanceRequestId") if is_spot else "",
        has_instance_store_root=_one_of(_ROOTS, required_text(texts, "rootDeviceType")),
        public_addresses=tuple(address for address, owner in owners.items() if owner == _AMAZON),
        elastic_addresses=tuple(address for address, owner in owners.items() if owner != _AMAZON),
        volumes=tuple(_volumes(required_child(fields, "blockDeviceMapping"))),
        has_hibernation=_has_hibernation(fields),
    )


def _name(tag_set: Any) -> str:
    tags = map(child_texts, tag_set)
    return next((tag.get("value") or "" for tag in tags if required_text(tag, "key") == "Name"), "")


def _volumes(mapping: Any) -> Iterator[DescribedVolume]:
    for item in mapping:
        fields = children(item, "deviceName", "ebs")
        if "ebs" in fields:
            texts = child_texts(fields["ebs"])
            is_deleted = _one_of(_BOOLEANS, required_text(texts, "deleteOnTermination"))
            device = required_child(fields, "deviceName").text or ""
            yield DescribedVolume(required_text(texts, "volumeId"), device, is_deleted)


def _address_owners(fields: Mapping[str, Any], texts: Mapping[str, str | None]) -> Iterator[tuple[str, str]]:
    """Yield each public address with its owner: `amazon`, or the account that has it as an Elastic IP."""
    if address := texts.get("ipAddress"):
        yield address, _AMAZON  # the association of a network interface says it better
    for interface in fields.get("networkInterfaceSet", ()):
        for association in interface.iter("association"):
            found = child_texts(association)
            if address := found.get("publicIp"):
                yield address, required_text(found, "ipOwnerId")


def _has_hibernation(fields: Mapping[str, Any]) -> bool:
    options = fields.get("hibernationOptions")
    return options is not None and _one_of(_BOOLEANS, required_text(child_texts(options), "configured"))


def _one_of(values: Mapping[str, bool], text: str) -> bool:
    if text not in values:
        raise bad_answer(f"the answer has the unknown value {text!r}")
    return values[text]


def _without_namespaces(root: Any) -> Any:
    for element in root.iter(etree.Element):
        element.tag = etree.QName(element).localname
    return root
