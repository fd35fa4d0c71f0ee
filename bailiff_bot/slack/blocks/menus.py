"""What a choice in an overflow menu sends: the key and the value of the button that it stands for."""

from collections.abc import Mapping
from typing import Any

MENU = "bailiff_menu"
"""The key of each overflow menu."""


def menu_value(key: str, value: str) -> str:
    """Return the value of the option that stands for a button. Slack allows 150 characters."""
    return f"{key} {value}"


def as_button_click(action: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the click on the button that a choice stands for; None if the action is no choice in such a menu."""
    match action:
        case {"type": "overflow", "action_id": action_id, "selected_option": {"value": str(chosen)}} if (
            action_id == MENU
        ):
            key, _, value = chosen.partition(" ")
            return {**action, "action_id": key, "value": value}
    return None
