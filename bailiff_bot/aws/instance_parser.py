"""Parses one XML element of DescribeInstances to an instance, with the same result as botocore, or refuses it.

As in botocore, the text of an element ends at its first child, and a missing text is an empty string. The parser
refuses everything that EC2 never writes, above all a repeated element: botocore makes a list of it, or uses the first.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from botocore.parsers import DEFAULT_TIMESTAMP_PARSER

from bailiff_bot.aws.errors import Unreadable
from bailiff_bot.aws.redacted_line import redacted_line
from bailiff_bot.domain.instance import GONE_STATES, Instance, InstanceState, Target
from bailiff_bot.domain.inventory import UnreadReason

_FIELDS = ("instanceId", "instanceType", "instanceState", "launchTime", "reason", "tagSet")
_STATES = {state.value: state for state in InstanceState}
_EC2_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z", re.ASCII)
_TRANSITION_DATE = re.compile(r"\((\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) (?:GMT|UTC)\)\s*$", re.ASCII)

T = TypeVar("T")

ChildTexts = Mapping[str, str | None]
"""The texts of an element's children, by their names."""

Intern = Callable[[str, str], str]
"""Returns one shared string for equal strings, to save memory. Called as `intern(text, text)`: `dict.setdefault`."""


def bad_answer(detail: str) -> Unreadable:
    """Return the error for an answer that EC2 would not give."""
    return Unreadable(UnreadReason.BAD_ANSWER, redacted_line(detail))


def parse_instance(element: Any, target: Target, intern: Intern) -> Instance | None:
    """Return the instance of an element; None if it is terminated or shutting down.

    Raises Unreadable if EC2 would not write such an element.
    """
    fields = _fields(element)
    texts = {name: field.text for name, field in fields.items()}
    instance_type = _required_text(texts, "instanceType")
    instance = Instance(
        _required_text(texts, "instanceId"),
        target,
        intern(instance_type, instance_type),
        _state(_child_texts(_required_child(fields, "instanceState"))),
        _time(_required_text(texts, "launchTime")),
        transition_date(texts.get("reason") or ""),
        _tags(fields["tagSet"], intern) if "tagSet" in fields else {},
    )
    return None if instance.state in GONE_STATES else instance


def _fields(element: Any) -> dict[str, Any]:
    children = list(element.iterchildren(*_FIELDS))
    fields = {child.tag: child for child in children}
    if len(fields) < len(children):
        raise bad_answer("an instance has a field twice")
    return fields


def _child_texts(parent: Any) -> ChildTexts:
    texts = {child.tag: child.text for child in parent}
    if len(texts) < len(parent):
        raise bad_answer(f"{parent.tag} has a field twice")
    return texts


def _tags(tag_set: Any, intern: Intern) -> dict[str, str]:
    tags: dict[str, str] = {}
    for pair in map(_child_texts, tag_set):
        key, value = _required_text(pair, "key"), pair.get("value") or ""
        tags[intern(key, key)] = intern(value, value)
    return tags


def _state(texts: ChildTexts) -> InstanceState:
    name = _required_text(texts, "name")
    if name not in _STATES:
        raise bad_answer(f"an instance in the unknown state {name!r}")
    return _STATES[name]


def _required_text(texts: ChildTexts, name: str) -> str:
    text = _required_child(texts, name)
    if not text:
        raise bad_answer(f"the answer has an empty {name}")
    return text


def _required_child(children: Mapping[str, T], name: str) -> T:
    try:
        return children[name]
    except KeyError as error:
        raise bad_answer(f"the answer has no {name}") from error


def _time(text: str) -> datetime:
    try:
        if _EC2_TIME.fullmatch(text):
            return datetime.fromisoformat(text)
        parsed: datetime = DEFAULT_TIMESTAMP_PARSER(text).astimezone(UTC)
    except (ValueError, OverflowError, RuntimeError) as error:
        raise bad_answer(f"{text!r} is no time") from error
    return parsed


def transition_date(reason: str) -> datetime | None:
    """Return the date in the last parentheses of a StateTransitionReason, in UTC; None if there is none."""
    match = _TRANSITION_DATE.search(reason) if reason else None
    if not match:
        return None
    try:
        return datetime.fromisoformat(match[1]).replace(tzinfo=UTC)
    except ValueError:
        return None
