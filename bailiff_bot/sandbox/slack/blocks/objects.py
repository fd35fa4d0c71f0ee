"""What blocks and elements are composed of: text objects, confirmation dialogs, options."""

from collections.abc import Mapping

from bailiff_bot.sandbox.slack.blocks.problem import Check
from bailiff_bot.sandbox.slack.blocks.schema import array, boolean, choice, record, string, tagged, url

LONGEST_ID = 255
MOST_OPTIONS = 100
identifier = string(LONGEST_ID)


def plain(most: int) -> Check:
    """Check for a plain_text object."""
    return tagged({"plain_text": record({"text": string(most)}, {"emoji": boolean})})


def mrkdwn(most: int) -> Check:
    """Check for a mrkdwn object."""
    return tagged({"mrkdwn": _mrkdwn(most)})


def words(most: int) -> Check:
    """Check for either."""
    return tagged({"plain_text": record({"text": string(most)}, {"emoji": boolean}), "mrkdwn": _mrkdwn(most)})


def _mrkdwn(most: int) -> Check:
    return record({"text": string(most)}, {"verbatim": boolean})


confirm = record(
    {"title": plain(100), "text": words(300), "confirm": plain(30), "deny": plain(30)},
    {"style": choice("primary", "danger")},
)
"""A confirmation dialog."""


def options(label: Check, most: int = MOST_OPTIONS, extra: Mapping[str, Check] | None = None) -> Check:
    """Check for a list of options with such labels."""
    return array(option(label, extra), most, least=1)


def option(label: Check, extra: Mapping[str, Check] | None = None) -> Check:
    """Check for one option."""
    return record({"text": label, "value": string(150)}, {"description": words(75), **(extra or {})})


menu_options = options(plain(75))
"""Select menus take plain text only."""
menu_groups = array(record({"label": plain(75), "options": menu_options}), MOST_OPTIONS, least=1)
overflow_options = options(plain(75), most=5, extra={"url": url()})
box_options = options(words(75), most=10)
"""Checkboxes and radio buttons take mrkdwn as well."""
