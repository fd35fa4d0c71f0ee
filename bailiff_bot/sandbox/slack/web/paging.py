"""Pages of a list, with cursors."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import TypeVar

from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.errors import ApiError
from bailiff_bot.sandbox.slack.web.arguments import Arguments

Item = TypeVar("Item")


def page(
    items: Sequence[Item],
    arguments: Arguments,
    key: Callable[[Item], str],
    maximum: int = 1000,
) -> tuple[list[Item], Json]:
    """Return the requested page, and the response field with the cursor of the next page. Raises ApiError."""
    limit = arguments.number("limit", default=100, maximum=maximum)
    start = _start_index(items, arguments.text("cursor"), key)
    following = items[start + limit] if start + limit < len(items) else None
    cursor = _encode_cursor(key(following)) if following is not None else ""
    return list(items[start : start + limit]), {"response_metadata": {"next_cursor": cursor}}


def _start_index(items: Sequence[Item], cursor: str, key: Callable[[Item], str]) -> int:
    if not cursor:
        return 0
    try:
        wanted = base64.b64decode(cursor, validate=True).decode().removeprefix("next:")
    except (binascii.Error, UnicodeDecodeError):
        raise ApiError("invalid_cursor") from None
    for index, item in enumerate(items):
        if key(item) == wanted:
            return index
    raise ApiError("invalid_cursor")


def _encode_cursor(key: str) -> str:
    return base64.b64encode(f"next:{key}".encode()).decode()
