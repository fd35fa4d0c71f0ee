"""Composition objects: text objects, confirmation dialogs, options."""

from collections.abc import Mapping
from types import MappingProxyType

from bailiff_bot.sandbox.slack.blocks.problem import Check
from bailiff_bot.sandbox.slack.blocks.schema import array, boolean, choice, record, string, tagged_union, url

MAX_ID_LENGTH = 255
MAX_OPTIONS = 100
block_kit_id = string(MAX_ID_LENGTH)
any_string = string(3000)


def plain_text(max_length: int) -> Check:
    """Return the check of a plain_text object."""
    return tagged_union({"plain_text": record({"text": string(max_length)}, {"emoji": boolean})})


def mrkdwn(max_length: int) -> Check:
    """Return the check of a mrkdwn object."""
    return tagged_union({"mrkdwn": _mrkdwn_fields(max_length)})


def text_object(max_length: int) -> Check:
    """Return the check of a plain_text or mrkdwn object."""
    return tagged_union(
        {"plain_text": record({"text": string(max_length)}, {"emoji": boolean}), "mrkdwn": _mrkdwn_fields(max_length)}
    )


def _mrkdwn_fields(max_length: int) -> Check:
    return record({"text": string(max_length)}, {"verbatim": boolean})


confirm = record(
    {"title": plain_text(100), "text": text_object(300), "confirm": plain_text(30), "deny": plain_text(30)},
    {"style": choice("primary", "danger")},
)
"""The check of a confirmation dialog."""


def options(label: Check, max_items: int = MAX_OPTIONS, extra: Mapping[str, Check] | None = None) -> Check:
    """Return the check of a list of options."""
    return array(option(label, extra), max_items, min_items=1)


def option(label: Check, extra: Mapping[str, Check] | None = None) -> Check:
    """Return the check of one option."""
    return record({"text": label, "value": string(150)}, {"description": text_object(75), **(extra or {})})


menu_options = options(plain_text(75))
"""Options of select menus accept plain text only."""
menu_groups = array(record({"label": plain_text(75), "options": menu_options}), MAX_OPTIONS, min_items=1)
overflow_options = options(plain_text(75), max_items=5, extra={"url": url()})
checkbox_option = option(text_object(75))
checkbox_options = array(checkbox_option, 10, min_items=1)
"""Options of checkboxes and radio buttons accept mrkdwn too."""

COMMON_FIELDS: Mapping[str, Check] = MappingProxyType({"action_id": block_kit_id, "focus_on_load": boolean})
"""The fields of menus, pickers and inputs."""
CONFIRM_FIELDS: Mapping[str, Check] = MappingProxyType({**COMMON_FIELDS, "confirm": confirm})
PLACEHOLDER_FIELDS: Mapping[str, Check] = MappingProxyType({"placeholder": plain_text(150)})
