"""From one XML element of DescribeInstances to an instance: what botocore makes of it, or nothing.

As with botocore, an element's text ends at its first child, and no text is an empty string. What EC2 never writes is
refused, and an element that comes twice above all: botocore makes a list of it, or takes the first.
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
"""Returns the first string that was equal to this one: most types and tags are."""


def bad_answer(detail: str) -> Unreadable:
    """Return the error that says why an answer is none of EC2."""
    return Unreadable(UnreadReason.BAD_ANSWER, redacted_line(detail))


def parse_instance(row: Any, target: Target, intern: Intern) -> Instance | None:
    """Return the instance of an element, None when it is gone; raises Unreadable for what EC2 would not write."""
    found = _fields(row)
    texts = {name: element.text for name, element in found.items()}
    kind = _required_text(texts, "instanceType")
    instance = Instance(
        _required_text(texts, "instanceId"),
        target,
        intern(kind, kind),
        _state(_child_texts(_required_child(found, "instanceState"))),
        _moment(_required_text(texts, "launchTime")),
        transition_date(texts.get("reason") or ""),
        _tags(found["tagSet"], intern) if "tagSet" in found else {},
    )
    return None if instance.state in GONE_STATES else instance


def _fields(row: Any) -> dict[str, Any]:
    elements = list(row.iterchildren(*_FIELDS))
    found = {element.tag: element for element in elements}
    if len(found) < len(elements):
        raise bad_answer("an instance has a field twice")
    return found


def _child_texts(parent: Any) -> ChildTexts:
    found = {child.tag: child.text for child in parent}
    if len(found) < len(parent):
        raise bad_answer(f"{parent.tag} has a field twice")
    return found


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


def _required_child(found: Mapping[str, T], name: str) -> T:
    try:
        return found[name]
    except KeyError as error:
        raise bad_answer(f"the answer has no {name}") from error


def _moment(text: str) -> datetime:
    try:
        if _EC2_TIME.fullmatch(text):
            return datetime.fromisoformat(text)
        moment: datetime = DEFAULT_TIMESTAMP_PARSER(text).astimezone(UTC)
    except (ValueError, OverflowError, RuntimeError) as error:
        raise bad_answer(f"{text!r} is no time") from error
    return moment


def transition_date(reason: str) -> datetime | None:
    """Return the date in the last parentheses of a StateTransitionReason, in UTC; None where there is none."""
    match = _TRANSITION_DATE.search(reason) if reason else None
    if not match:
        return None
    try:
        return datetime.fromisoformat(match[1]).replace(tzinfo=UTC)
    except ValueError:
        return None
