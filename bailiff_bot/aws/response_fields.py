"""Look-ups in the answers of AWS, for which anything may be missing or have the wrong shape."""

from collections.abc import Mapping
from typing import Any

from bailiff_bot.aws.errors import Unreadable
from bailiff_bot.domain.inventory import UnreadReason


def required_field(row: Mapping[str, Any], key: str) -> Any:
    """Return a field; raises Unreadable when there is none."""
    try:
        return row[key]
    except KeyError as error:
        raise Unreadable(UnreadReason.BAD_ANSWER, f"the answer has no {key}") from error


def text_field(row: Mapping[str, Any], key: str) -> str:
    """Return a field of text that is not empty; raises Unreadable for anything else.

    botocore makes a list of XML nodes of an element that comes twice.
    """
    value = required_field(row, key)
    if not isinstance(value, str) or not value:
        raise Unreadable(UnreadReason.BAD_ANSWER, f"the answer has no proper {key}")
    return value
