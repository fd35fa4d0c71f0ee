"""The interactive elements, and the blocks that allow each of them."""

from collections.abc import Mapping
from types import MappingProxyType

from bailiff_bot.sandbox.slack.blocks.inputs import MODAL_TEXT_INPUTS, PICKERS, TEXT_INPUTS, datetimepicker
from bailiff_bot.sandbox.slack.blocks.menus import MULTI_SELECTS, SELECTS
from bailiff_bot.sandbox.slack.blocks.objects import any_string, block_kit_id, confirm, overflow_options, plain_text
from bailiff_bot.sandbox.slack.blocks.problem import Check
from bailiff_bot.sandbox.slack.blocks.schema import at_least_one, choice, record, string, tagged_union, url, with_rules

button = record(
    {"text": plain_text(75)},
    {
        "action_id": block_kit_id,
        "url": url(),
        "value": string(2000),
        "style": choice("primary", "danger"),
        "confirm": confirm,
        "accessibility_label": string(75),
    },
)
image = with_rules(
    record(
        {"alt_text": string(2000)},
        {"image_url": url(), "slack_file": record({}, {"id": any_string, "url": any_string})},
    ),
    at_least_one("image_url", "slack_file"),
)
_overflow = record({"options": overflow_options}, {"action_id": block_kit_id, "confirm": confirm})
_buttons: Mapping[str, Check] = {"button": button, "overflow": _overflow}
_datetimepicker: Mapping[str, Check] = {"datetimepicker": datetimepicker}

ACTIONS = MappingProxyType({**_buttons, **SELECTS, **PICKERS, **_datetimepicker})
"""The elements of an actions block."""
ACCESSORIES = MappingProxyType({**_buttons, **SELECTS, **MULTI_SELECTS, **PICKERS, "image": image})
"""The accessories of a section block."""
HOME_INPUTS = MappingProxyType({**SELECTS, **MULTI_SELECTS, **PICKERS, **_datetimepicker, **TEXT_INPUTS})
"""The elements of an input block on the Home tab."""
MODAL_INPUTS = MappingProxyType({**HOME_INPUTS, **MODAL_TEXT_INPUTS})
"""The elements of an input block in a modal."""
button_element = tagged_union({"button": button})
image_element = tagged_union({"image": image})
