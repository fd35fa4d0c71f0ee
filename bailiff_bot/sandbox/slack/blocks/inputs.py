"""Pickers, checkboxes and radio buttons, and the text inputs that only input blocks have."""

from collections.abc import Mapping
from types import MappingProxyType

from bailiff_bot.sandbox.slack.blocks.initial_values import calendar_date, initial_option_is_an_option, time_of_day
from bailiff_bot.sandbox.slack.blocks.objects import (
    COMMON_FIELDS,
    CONFIRM_FIELDS,
    PLACEHOLDER_FIELDS,
    any_string,
    checkbox_option,
    checkbox_options,
)
from bailiff_bot.sandbox.slack.blocks.problem import Check
from bailiff_bot.sandbox.slack.blocks.rich_text import rich_text
from bailiff_bot.sandbox.slack.blocks.schema import (
    array,
    boolean,
    choice,
    number,
    record,
    string,
    tagged_union,
    with_rules,
)

PICKERS: Mapping[str, Check] = MappingProxyType(
    {
        "datepicker": record({}, {**CONFIRM_FIELDS, **PLACEHOLDER_FIELDS, "initial_date": calendar_date}),
        "timepicker": record(
            {}, {**CONFIRM_FIELDS, **PLACEHOLDER_FIELDS, "initial_time": time_of_day, "timezone": any_string}
        ),
        "checkboxes": with_rules(
            record({"options": checkbox_options}, {**CONFIRM_FIELDS, "initial_options": checkbox_options}),
            initial_option_is_an_option,
        ),
        "radio_buttons": with_rules(
            record({"options": checkbox_options}, {**CONFIRM_FIELDS, "initial_option": checkbox_option}),
            initial_option_is_an_option,
        ),
    },
)
datetimepicker = record({}, {**CONFIRM_FIELDS, "initial_date_time": number(1_000_000_000, 9_999_999_999)})
"""A Unix timestamp of 10 digits."""

_dispatch_config = record(
    {}, {"trigger_actions_on": array(choice("on_enter_pressed", "on_character_entered"), 2, min_items=1)}
)
_text_fields: Mapping[str, Check] = {
    **COMMON_FIELDS,
    **PLACEHOLDER_FIELDS,
    "dispatch_action_config": _dispatch_config,
}
TEXT_INPUTS: Mapping[str, Check] = MappingProxyType(
    {
        "plain_text_input": record(
            {},
            {
                **_text_fields,
                "initial_value": string(3000, min_length=0),
                "multiline": boolean,
                "min_length": number(0, 3000),
                "max_length": number(1, 3000),
            },
        ),
        "rich_text_input": record({}, {**_text_fields, "initial_value": tagged_union({"rich_text": rich_text})}),
    },
)
MODAL_TEXT_INPUTS: Mapping[str, Check] = MappingProxyType(
    {
        "number_input": record(
            {"is_decimal_allowed": boolean},
            {**_text_fields, "initial_value": any_string, "min_value": any_string, "max_value": any_string},
        ),
        "email_text_input": record({}, {**_text_fields, "initial_value": any_string}),
        "url_text_input": record({}, {**_text_fields, "initial_value": any_string}),
    },
)
"""The inputs that are allowed in modals only."""
