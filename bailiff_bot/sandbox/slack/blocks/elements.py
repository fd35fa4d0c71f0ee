"""The interactive elements, and where each may stand."""

from collections.abc import Mapping
from types import MappingProxyType

from bailiff_bot.sandbox.slack.blocks.objects import (
    box_options,
    confirm,
    identifier,
    menu_groups,
    menu_options,
    option,
    options,
    overflow_options,
    plain,
    words,
)
from bailiff_bot.sandbox.slack.blocks.problem import Check
from bailiff_bot.sandbox.slack.blocks.schema import (
    also,
    array,
    at_least_one,
    boolean,
    choice,
    number,
    record,
    string,
    tagged,
    url,
)

_any_string = string(3000)
_menu_option = option(plain(75))
_common: Mapping[str, Check] = {"action_id": identifier, "focus_on_load": boolean}
_asked: Mapping[str, Check] = {**_common, "confirm": confirm}
_placed: Mapping[str, Check] = {**_asked, "placeholder": plain(150)}
_ids = array(_any_string, 100)
_dispatch = record({}, {"trigger_actions_on": array(choice("on_enter_pressed", "on_character_entered"), 2, least=1)})
_typed: Mapping[str, Check] = {**_common, "placeholder": plain(150), "dispatch_action_config": _dispatch}
_filter = record(
    {},
    {
        "include": array(choice("im", "mpim", "private", "public"), 4, least=1),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
)

button = record(
    {"text": plain(75)},
    {
        "action_id": identifier,
        "url": url(),
        "value": string(2000),
        "style": choice("primary", "danger"),
        "confirm": confirm,
        "accessibility_label": string(75),
    },
)
image = also(
    record(
        {"alt_text": string(2000)},
        {"image_url": url(), "slack_file": record({}, {"id": _any_string, "url": _any_string})},
    ),
    at_least_one("image_url", "slack_file"),
)


def _menu(extra: Mapping[str, Check]) -> Check:
    given = {"options": menu_options, "option_groups": menu_groups}
    return also(record({}, {**_placed, **given, **extra}), at_least_one("options", "option_groups"))


_several: Mapping[str, Check] = {"max_selected_items": number(1)}
_menus: Mapping[str, Check] = {
    "static_select": _menu({"initial_option": _menu_option}),
    "users_select": record({}, {**_placed, "initial_user": _any_string}),
    "channels_select": record({}, {**_placed, "initial_channel": _any_string, "response_url_enabled": boolean}),
    "conversations_select": record(
        {},
        {
            **_placed,
            "initial_conversation": _any_string,
            "default_to_current_conversation": boolean,
            "response_url_enabled": boolean,
            "filter": _filter,
        },
    ),
    "external_select": record({}, {**_placed, "initial_option": _menu_option, "min_query_length": number(0)}),
    "multi_static_select": _menu({"initial_options": options(plain(75)), **_several}),
    "multi_users_select": record({}, {**_placed, "initial_users": _ids, **_several}),
    "multi_channels_select": record({}, {**_placed, "initial_channels": _ids, **_several}),
    "multi_conversations_select": record(
        {},
        {
            **_placed,
            "initial_conversations": _ids,
            "default_to_current_conversation": boolean,
            "filter": _filter,
            **_several,
        },
    ),
}
_pickers: Mapping[str, Check] = {
    "datepicker": record({}, {**_placed, "initial_date": _any_string}),
    "timepicker": record({}, {**_placed, "initial_time": _any_string, "timezone": _any_string}),
    "datetimepicker": record({}, {**_asked, "initial_date_time": number(0)}),
    "checkboxes": record({"options": box_options}, {**_asked, "initial_options": box_options}),
    "radio_buttons": record({"options": box_options}, {**_asked, "initial_option": option(words(75))}),
}
_clicked: Mapping[str, Check] = {
    "button": button,
    "overflow": record({"options": overflow_options}, {"action_id": identifier, "confirm": confirm}),
}
_inputs: Mapping[str, Check] = {
    "plain_text_input": record(
        {},
        {
            **_typed,
            "initial_value": string(3000, least=0),
            "multiline": boolean,
            "min_length": number(0, 3000),
            "max_length": number(1, 3000),
        },
    ),
    "number_input": record(
        {"is_decimal_allowed": boolean},
        {
            **_typed,
            "initial_value": _any_string,
            "min_value": _any_string,
            "max_value": _any_string,
        },
    ),
    "email_text_input": record({}, {**_typed, "initial_value": _any_string}),
    "url_text_input": record({}, {**_typed, "initial_value": _any_string}),
}

ACTIONS = MappingProxyType({**_clicked, **_menus, **_pickers})
"""What an actions block holds."""
ACCESSORIES = MappingProxyType({**ACTIONS, "image": image})
"""What stands beside a section."""
INPUTS = MappingProxyType({**_menus, **_pickers, **_inputs})
"""What an input block asks with."""
button_element = tagged({"button": button})
image_element = tagged({"image": image})
