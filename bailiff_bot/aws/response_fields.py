"""Reads fields of an answer of AWS, in which a field can be missing or have the wrong type."""

from collections.abc import Mapping
from typing import Any

from bailiff_bot.aws.errors import Unreadable
from bailiff_bot.domain.inventory import UnreadReason


def required_field(row: Mapping[str, Any], key: str) -> Any:
    """Return a field. Raises Unreadable if it is missing."""
    try:
        return row[key]
    except KeyError as error:
        raise Unreadable(UnreadReason.BAD_ANSWER, f"the answer has no {key}") from error


def text_field(row: Mapping[str, Any], key: str) -> str:
    """Return a text that is not empty. Raises Unreadable for anything else.

    A repeated XML element is no text: botocore returns a list of nodes for it.
    """
    value = required_field(row, key)
    if not isinstance(value, str) or not value:
        raise Unreadable(UnreadReason.BAD_ANSWER, f"the answer has an invalid {key}")
    return value
