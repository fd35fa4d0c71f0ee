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
from bailiff_bot.aws.redacted_line import one_line
from bailiff_bot.domain.instance import GONE, Instance, State, Target
from bailiff_bot.domain.inventory import Reason

_FIELDS = ("instanceId", "instanceType", "instanceState", "launchTime", "reason", "tagSet")
_STATES = {state.value: state for state in State}
_AS_EC2_WRITES_IT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z", re.ASCII)
_DATED = re.compile(r"\((\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) (?:GMT|UTC)\)\s*$", re.ASCII)

T = TypeVar("T")

Texts = Mapping[str, str | None]
"""The texts of an element's children, by their names."""

Share = Callable[[str, str], str]
"""Returns the first string that was equal to this one: most types and tags are."""


def refusal(detail: str) -> Unreadable:
    """Return the error that says why an answer is none of EC2."""
    return Unreadable(Reason.BAD_ANSWER, one_line(detail))


def existing(row: Any, target: Target, share: Share) -> Instance | None:
    """Return the instance of an element, None when it is gone; raises Unreadable for what EC2 would not write."""
    found = _fields(row)
    texts = {name: element.text for name, element in found.items()}
    kind = _text(texts, "instanceType")
    instance = Instance(
        _text(texts, "instanceId"),
        target,
        share(kind, kind),
        _state(_texts(_required(found, "instanceState"))),
        _moment(_text(texts, "launchTime")),
        transition_date(texts.get("reason") or ""),
        _tags(found["tagSet"], share) if "tagSet" in found else {},
    )
    return None if instance.state in GONE else instance


def _fields(row: Any) -> dict[str, Any]:
    elements = list(row.iterchildren(*_FIELDS))
    found = {element.tag: element for element in elements}
    if len(found) < len(elements):
        raise refusal("an instance has a field twice")
    return found


def _texts(parent: Any) -> Texts:
    found = {child.tag: child.text for child in parent}
    if len(found) < len(parent):
        raise refusal(f"{parent.tag} has a field twice")
    return found


def _tags(tag_set: Any, share: Share) -> dict[str, str]:
    tags: dict[str, str] = {}
    for pair in map(_texts, tag_set):
        key, value = _text(pair, "key"), pair.get("value") or ""
        tags[share(key, key)] = share(value, value)
    return tags


def _state(texts: Texts) -> State:
    name = _text(texts, "name")
    if name not in _STATES:
        raise refusal(f"an instance in the unknown state {name!r}")
    return _STATES[name]


def _text(texts: Texts, name: str) -> str:
    text = _required(texts, name)
    if not text:
        raise refusal(f"the answer has an empty {name}")
    return text


def _required(found: Mapping[str, T], name: str) -> T:
    try:
        return found[name]
    except KeyError as error:
        raise refusal(f"the answer has no {name}") from error


def _moment(text: str) -> datetime:
    try:
        if _AS_EC2_WRITES_IT.fullmatch(text):
            return datetime.fromisoformat(text)
        moment: datetime = DEFAULT_TIMESTAMP_PARSER(text).astimezone(UTC)
    except (ValueError, OverflowError, RuntimeError) as error:
        raise refusal(f"{text!r} is no time") from error
    return moment


def transition_date(reason: str) -> datetime | None:
    """Return the date in the last parentheses of a StateTransitionReason, in UTC; None where there is none."""
    match = _DATED.search(reason) if reason else None
    if not match:
        return None
    try:
        return datetime.fromisoformat(match[1]).replace(tzinfo=UTC)
    except ValueError:
        return None
