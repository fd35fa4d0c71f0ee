"""Reads the fields of an XML element of an EC2 answer, with the same result as botocore, or refuses it.

As in botocore, the text of an element ends at its first child, and a missing text is an empty string. What EC2 never
writes is refused, above all a repeated element: botocore makes a list of it, or uses the first.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from botocore.parsers import DEFAULT_TIMESTAMP_PARSER

from bailiff_bot.aws.errors import Unreadable
from bailiff_bot.aws.redacted_line import redacted_line
from bailiff_bot.domain.inventory import UnreadReason

_EC2_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z", re.ASCII)

T = TypeVar("T")

ChildTexts = Mapping[str, str | None]
"""The texts of an element's children, by their names."""


def bad_answer(detail: str) -> Unreadable:
    """Return the error for an answer that EC2 would not give."""
    return Unreadable(UnreadReason.BAD_ANSWER, redacted_line(detail))


def children(parent: Any, *names: str) -> dict[str, Any]:
    """Return the children with these names, by name. Raises Unreadable if one is repeated."""
    found = list(parent.iterchildren(*names))
    by_name = {child.tag: child for child in found}
    if len(by_name) < len(found):
        raise bad_answer(f"{parent.tag} has a field twice")
    return by_name


def child_texts(parent: Any) -> ChildTexts:
    """Return the texts of the children of an element. Raises Unreadable if one is repeated."""
    texts = {child.tag: child.text for child in parent}
    if len(texts) < len(parent):
        raise bad_answer(f"{parent.tag} has a field twice")
    return texts


def required_text(texts: ChildTexts, name: str) -> str:
    """Return a text that is not empty. Raises Unreadable if it is missing or empty."""
    text = required_child(texts, name)
    if not text:
        raise bad_answer(f"the answer has an empty {name}")
    return text


def required_child(children: Mapping[str, T], name: str) -> T:
    """Return a child. Raises Unreadable if it is missing."""
    try:
        return children[name]
    except KeyError as error:
        raise bad_answer(f"the answer has no {name}") from error


def timestamp(text: str) -> datetime:
    """Return a time in UTC. Raises Unreadable for anything else."""
    try:
        if _EC2_TIME.fullmatch(text):
            return datetime.fromisoformat(text)
        parsed: datetime = DEFAULT_TIMESTAMP_PARSER(text).astimezone(UTC)
    except (ValueError, OverflowError, RuntimeError) as error:
        raise bad_answer(f"{text!r} is no time") from error
    return parsed


def number(text: str) -> int:
    """Return a whole number. Raises Unreadable for anything else."""
    try:
        return int(text)
    except ValueError as error:
        raise bad_answer(f"{text!r} is no number") from error
