"""The interactive elements, and the blocks that allow each of them."""

from collections.abc import Mapping
from types import MappingProxyType

from bailiff_bot.sandbox.slack.blocks.objects import (
    block_kit_id,
    checkbox_options,
    confirm,
    menu_groups,
    menu_options,
    option,
    options,
    overflow_options,
    plain_text,
    text_object,
)
from bailiff_bot.sandbox.slack.blocks.problem import Check
from bailiff_bot.sandbox.slack.blocks.schema import (
    array,
    at_least_one,
    boolean,
    choice,
    number,
    record,
    string,
    tagged_union,
    url,
    with_rules,
)

_any_string = string(3000)
_menu_option = option(plain_text(75))
_common_fields: Mapping[str, Check] = {"action_id": block_kit_id, "focus_on_load": boolean}
_confirm_fields: Mapping[str, Check] = {**_common_fields, "confirm": confirm}
_placeholder_fields: Mapping[str, Check] = {**_confirm_fields, "placeholder": plain_text(150)}
_ids = array(_any_string, 100)
_dispatch_config = record(
    {}, {"trigger_actions_on": array(choice("on_enter_pressed", "on_character_entered"), 2, min_items=1)}
)
_text_input_fields: Mapping[str, Check] = {
    **_common_fields,
    "placeholder": plain_text(150),
    "dispatch_action_config": _dispatch_config,
}
_conversation_filter = record(
    {},
    {
        "include": array(choice("im", "mpim", "private", "public"), 4, min_items=1),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
)

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
        {"image_url": url(), "slack_file": record({}, {"id": _any_string, "url": _any_string})},
    ),
    at_least_one("image_url", "slack_file"),
)


def _menu(extra: Mapping[str, Check]) -> Check:
    option_fields = {"options": menu_options, "option_groups": menu_groups}
    return with_rules(
        record({}, {**_placeholder_fields, **option_fields, **extra}), at_least_one("options", "option_groups")
    )


_multi_select_fields: Mapping[str, Check] = {"max_selected_items": number(1)}
_menus: Mapping[str, Check] = {
    "static_select": _menu({"initial_option": _menu_option}),
    "users_select": record({}, {**_placeholder_fields, "initial_user": _any_string}),
    "channels_select": record(
        {}, {**_placeholder_fields, "initial_channel": _any_string, "response_url_enabled": boolean}
    ),
    "conversations_select": record(
        {},
        {
            **_placeholder_fields,
            "initial_conversation": _any_string,
            "default_to_current_conversation": boolean,
            "response_url_enabled": boolean,
            "filter": _conversation_filter,
        },
    ),
    "external_select": record(
        {}, {**_placeholder_fields, "initial_option": _menu_option, "min_query_length": number(0)}
    ),
    "multi_static_select": _menu({"initial_options": options(plain_text(75)), **_multi_select_fields}),
    "multi_users_select": record({}, {**_placeholder_fields, "initial_users": _ids, **_multi_select_fields}),
    "multi_channels_select": record({}, {**_placeholder_fields, "initial_channels": _ids, **_multi_select_fields}),
    "multi_conversations_select": record(
        {},
        {
            **_placeholder_fields,
            "initial_conversations": _ids,
            "default_to_current_conversation": boolean,
            "filter": _conversation_filter,
            **_multi_select_fields,
        },
    ),
}
_pickers: Mapping[str, Check] = {
    "datepicker": record({}, {**_placeholder_fields, "initial_date": _any_string}),
    "timepicker": record({}, {**_placeholder_fields, "initial_time": _any_string, "timezone": _any_string}),
    "datetimepicker": record({}, {**_confirm_fields, "initial_date_time": number(0)}),
    "checkboxes": record({"options": checkbox_options}, {**_confirm_fields, "initial_options": checkbox_options}),
    "radio_buttons": record(
        {"options": checkbox_options}, {**_confirm_fields, "initial_option": option(text_object(75))}
    ),
}
_buttons: Mapping[str, Check] = {
    "button": button,
    "overflow": record({"options": overflow_options}, {"action_id": block_kit_id, "confirm": confirm}),
}
_text_inputs: Mapping[str, Check] = {
    "plain_text_input": record(
        {},
        {
            **_text_input_fields,
            "initial_value": string(3000, min_length=0),
            "multiline": boolean,
            "min_length": number(0, 3000),
            "max_length": number(1, 3000),
        },
    ),
    "number_input": record(
        {"is_decimal_allowed": boolean},
        {
            **_text_input_fields,
            "initial_value": _any_string,
            "min_value": _any_string,
            "max_value": _any_string,
        },
    ),
    "email_text_input": record({}, {**_text_input_fields, "initial_value": _any_string}),
    "url_text_input": record({}, {**_text_input_fields, "initial_value": _any_string}),
}

ACTIONS = MappingProxyType({**_buttons, **_menus, **_pickers})
"""The elements of an actions block."""
ACCESSORIES = MappingProxyType({**ACTIONS, "image": image})
"""The accessories of a section block."""
INPUTS = MappingProxyType({**_menus, **_pickers, **_text_inputs})
"""The elements of an input block."""
button_element = tagged_union({"button": button})
image_element = tagged_union({"image": image})
