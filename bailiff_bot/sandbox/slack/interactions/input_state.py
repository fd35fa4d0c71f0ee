"""The state of a menu, a picker or an input, in the form of Slack's payloads."""

from types import MappingProxyType

from bailiff_bot.sandbox.slack.base_types import Json

_ONE_OPTION = ("static_select", "radio_buttons", "overflow")
_OPTIONS = ("multi_static_select", "checkboxes")
_STATE_FIELDS = MappingProxyType(
    {
        "users_select": "selected_user",
        "multi_users_select": "selected_users",
        "channels_select": "selected_channel",
        "multi_channels_select": "selected_channels",
        "conversations_select": "selected_conversation",
        "multi_conversations_select": "selected_conversations",
        "datepicker": "selected_date",
        "timepicker": "selected_time",
        "datetimepicker": "selected_date_time",
    },
)


def element_state(item: Json, value: object) -> Json:
    """Return the type and state of an element with this value; options are chosen by value or label."""
    kind = item["type"]
    if kind in _ONE_OPTION:
        return {"type": kind, "selected_option": next((o for o in element_options(item) if _matches(o, [value])), None)}
    if kind in _OPTIONS:
        chosen = value if isinstance(value, list) else []
        return {"type": kind, "selected_options": [o for o in element_options(item) if _matches(o, chosen)]}
    return {"type": kind, _STATE_FIELDS.get(kind, "value"): value}


def element_options(item: Json) -> list[Json]:
    """Return the options of an element, with those in groups."""
    grouped = [option for group in item.get("option_groups", []) for option in group["options"]]
    return [*item.get("options", []), *grouped]


def _matches(option: Json, wanted: list[object]) -> bool:
    return option["value"] in wanted or option["text"]["text"] in wanted
