"""Select menus: one option, or several options, from a list of the app, of users or of channels."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from bailiff_bot.sandbox.slack.blocks.initial_values import initial_option_is_an_option
from bailiff_bot.sandbox.slack.blocks.objects import (
    CONFIRM_FIELDS,
    PLACEHOLDER_FIELDS,
    any_string,
    menu_groups,
    menu_options,
    option,
    options,
    plain_text,
)
from bailiff_bot.sandbox.slack.blocks.problem import Check, Problem
from bailiff_bot.sandbox.slack.blocks.schema import array, at_least_one, boolean, choice, number, record, with_rules

_menu_option = option(plain_text(75))
_ids = array(any_string, 100)
_fields: Mapping[str, Check] = {**CONFIRM_FIELDS, **PLACEHOLDER_FIELDS}
_conversation_fields: Mapping[str, Check] = {
    "default_to_current_conversation": boolean,
    "filter": record(
        {},
        {
            "include": array(choice("im", "mpim", "private", "public"), 4, min_items=1),
            "exclude_external_shared_channels": boolean,
            "exclude_bot_users": boolean,
        },
    ),
}


def _options_or_groups(menu: Any, pointer: str) -> Iterator[Problem]:
    if "options" in menu and "option_groups" in menu:
        yield Problem("value.both", pointer, "must define either `options` or `option_groups`, not both")


def _static_menu(extra: Mapping[str, Check]) -> Check:
    return with_rules(
        record({}, {**_fields, "options": menu_options, "option_groups": menu_groups, **extra}),
        at_least_one("options", "option_groups"),
        _options_or_groups,
        initial_option_is_an_option,
    )


SELECTS: Mapping[str, Check] = MappingProxyType(
    {
        "static_select": _static_menu({"initial_option": _menu_option}),
        "users_select": record({}, {**_fields, "initial_user": any_string}),
        "channels_select": record({}, {**_fields, "initial_channel": any_string, "response_url_enabled": boolean}),
        "conversations_select": record(
            {},
            {**_fields, **_conversation_fields, "initial_conversation": any_string, "response_url_enabled": boolean},
        ),
        "external_select": record({}, {**_fields, "initial_option": _menu_option, "min_query_length": number(0)}),
    },
)
"""The menus in which one option is chosen."""

_multi_fields: Mapping[str, Check] = {**_fields, "max_selected_items": number(1)}
MULTI_SELECTS: Mapping[str, Check] = MappingProxyType(
    {
        "multi_static_select": _static_menu({**_multi_fields, "initial_options": options(plain_text(75))}),
        "multi_users_select": record({}, {**_multi_fields, "initial_users": _ids}),
        "multi_channels_select": record({}, {**_multi_fields, "initial_channels": _ids}),
        "multi_conversations_select": record(
            {}, {**_multi_fields, **_conversation_fields, "initial_conversations": _ids}
        ),
    },
)
"""The menus in which several options are chosen."""
