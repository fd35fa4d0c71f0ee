"""What Slack's clients refuse before they send an input to the app."""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.blocks.initial_values import is_date, is_time
from bailiff_bot.sandbox.slack.interactions.input_state import state_value
from bailiff_bot.sandbox.slack.interactions.result import InteractionError

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_URL = re.compile(r"https?://\S+")


def check_input(block: Json, item: Json, state: Json) -> None:
    """Raise InteractionError if Slack's client would not let the user submit an input with this state."""
    value, name = state_value(state), item["action_id"]
    if value in (None, "", []):
        if not block.get("optional"):
            raise InteractionError(f"{name!r} has to be filled in")
        return
    problem = _CHECKS.get(item["type"], _no_problem)(item, value)
    if problem:
        raise InteractionError(f"{name!r}: {problem}")


def _text(item: Json, value: object) -> str:
    shortest, longest = item.get("min_length", 0), item.get("max_length", 3000)
    return (
        "" if shortest <= len(str(value)) <= longest else f"{shortest} to {longest} characters, not {len(str(value))}"
    )


def _number(item: Json, value: object) -> str:
    try:
        number = float(str(value))
    except ValueError:
        return f"{value!r} is not a number"
    if not item["is_decimal_allowed"] and "." in str(value):
        return "only whole numbers"
    low, high = float(item.get("min_value", "-inf")), float(item.get("max_value", "inf"))
    return "" if low <= number <= high else f"from {low:g} to {high:g}, not {value}"


def _several(item: Json, value: object) -> str:
    most = item.get("max_selected_items")
    return f"at most {most} items" if most and isinstance(value, list) and len(value) > most else ""


def _matching(is_valid: Callable[[str], object], what: str) -> Callable[[Json, object], str]:
    return lambda _, value: "" if is_valid(str(value)) else f"{value!r} is not {what}"


def _no_problem(_item: Json, _value: object) -> str:
    return ""


_CHECKS: Mapping[str, Callable[[Json, object], str]] = MappingProxyType(
    {
        "plain_text_input": _text,
        "number_input": _number,
        "email_text_input": _matching(_EMAIL.fullmatch, "an email address"),
        "url_text_input": _matching(_URL.fullmatch, "a URL"),
        "datepicker": _matching(is_date, "a date"),
        "timepicker": _matching(is_time, "a time"),
        "multi_static_select": _several,
        "multi_users_select": _several,
        "multi_channels_select": _several,
        "multi_conversations_select": _several,
    },
)
