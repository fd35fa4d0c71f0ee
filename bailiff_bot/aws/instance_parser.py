"""Parses one XML element of DescribeInstances to an instance, with the same result as botocore, or refuses it.

As in botocore, the text of an element ends at its first child, and a missing text is an empty string. The parser
refuses everything that EC2 never writes, above all a repeated element: botocore makes a list of it, or uses the first.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from bailiff_bot.aws.attach_times import attached_at
from bailiff_bot.aws.attachments import interfaces_of, volumes_of
from bailiff_bot.aws.billing_fields import billing_of, public_address_count, volume_ids
from bailiff_bot.aws.xml_fields import (
    ChildTexts,
    bad_answer,
    child_texts,
    children,
    required_child,
    required_text,
    timestamp,
)
from bailiff_bot.domain.instance import GONE_STATES, Instance, InstanceState, Target

_FIELDS = (
    "instanceId",
    "instanceType",
    "instanceState",
    "launchTime",
    "reason",
    "tagSet",
    "rootDeviceName",
    "blockDeviceMapping",
    "networkInterfaceSet",
    "operator",
    "usageOperation",
    "placement",
    "instanceLifecycle",
    "outpostArn",
    "ipAddress",
)
_BY_AWS = ("Server.", "Client.InternalError")
"""How EC2's reasons of what AWS did begin. An owner's begin with "User initiated" or another word after "Client."."""
_STATES = {state.value: state for state in InstanceState}
_TRANSITION_DATE = re.compile(r"\((\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) (?:GMT|UTC)\)\s*$", re.ASCII)

Intern = Callable[[str, str], str]
"""Returns one shared string for equal strings, to save memory. Called as `intern(text, text)`: `dict.setdefault`."""


def parse_instance(element: Any, target: Target, intern: Intern) -> Instance | None:
    """Return the instance of an element; None if it is terminated or shutting down.

    Raises Unreadable if EC2 would not write such an element.
    """
    fields = children(element, *_FIELDS)
    texts = {name: field.text for name, field in fields.items()}
    interfaces, volumes = interfaces_of(fields), volumes_of(fields)
    instance_type = required_text(texts, "instanceType")
    instance = Instance(
        required_text(texts, "instanceId"),
        target,
        intern(instance_type, instance_type),
        parse_state(child_texts(required_child(fields, "instanceState"))),
        timestamp(required_text(texts, "launchTime")),
        transition_date(texts.get("reason") or ""),
        _tags(fields["tagSet"], intern) if "tagSet" in fields else {},
        attached_at=attached_at(interfaces, volumes, texts.get("rootDeviceName") or ""),
        operator=_operator(child_texts(fields["operator"]), intern) if "operator" in fields else None,
        billing=billing_of(fields, texts),
        volume_ids=volume_ids(volumes),
        public_addresses=public_address_count(fields),
        stopped_by_aws=is_by_aws(texts.get("reason") or ""),
    )
    return None if instance.state in GONE_STATES else instance


def _tags(tag_set: Any, intern: Intern) -> dict[str, str]:
    tags: dict[str, str] = {}
    for pair in map(child_texts, tag_set):
        key, value = required_text(pair, "key"), pair.get("value") or ""
        tags[intern(key, key)] = intern(value, value)
    return tags


def _operator(texts: ChildTexts, intern: Intern) -> str | None:
    """Return the AWS service that manages the instance; None if EC2 says that none does, as it says of most."""
    if texts.get("managed") != "true":
        return None
    principal = texts.get("principal") or ""
    return intern(principal, principal)


def parse_state(texts: ChildTexts) -> InstanceState:
    """Return the state whose code and name these are. Raises Unreadable for an unknown one."""
    name = required_text(texts, "name")
    if name not in _STATES:
        raise bad_answer(f"an instance in the unknown state {name!r}")
    return _STATES[name]


def is_by_aws(reason: str) -> bool:
    """Return True if AWS itself did it, by a StateTransitionReason such as `Server.ScheduledStop: ...`."""
    return reason.startswith(_BY_AWS)


def transition_date(reason: str) -> datetime | None:
    """Return the date in the last parentheses of a StateTransitionReason, in UTC; None if there is none."""
    match = _TRANSITION_DATE.search(reason) if reason else None
    if not match:
        return None
    try:
        return datetime.fromisoformat(match[1]).replace(tzinfo=UTC)
    except ValueError:
        return None
