"""The state of a menu, a picker or an input, in the form of Slack's payloads."""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.workspace.inputs import Filled

_ONE_OPTION = ("static_select", "external_select", "radio_buttons", "overflow")
_OPTIONS = ("multi_static_select", "checkboxes")
_WITHOUT_STATE = ("button", "overflow")
_STATE_FIELDS: Mapping[str, str] = MappingProxyType(
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
        "rich_text_input": "rich_text_value",
    }
    | dict.fromkeys(_ONE_OPTION, "selected_option")
    | dict.fromkeys(_OPTIONS, "selected_options"),
)
"""The field of the value, where it is not `value`."""
_INITIAL_FIELDS = (
    "initial_value",
    "initial_option",
    "initial_options",
    "initial_user",
    "initial_users",
    "initial_channel",
    "initial_channels",
    "initial_conversation",
    "initial_conversations",
    "initial_date",
    "initial_time",
    "initial_date_time",
)


def has_state(item: Json) -> bool:
    """Return True for menus, pickers and inputs, which keep what was chosen or typed."""
    return item["type"] not in _WITHOUT_STATE


def element_state(item: Json, value: object) -> Json:
    """Return the type and state of an element with this value; options are chosen by value or label."""
    kind = item["type"]
    if kind in _ONE_OPTION:
        return _state(kind, next((o for o in element_options(item) if _matches(o, [value])), None))
    if kind in _OPTIONS:
        chosen = value if isinstance(value, list) else [value]
        return _state(kind, [o for o in element_options(item) if _matches(o, chosen)])
    if kind == "rich_text_input" and isinstance(value, str):
        return _state(kind, _rich_text(value) if value else None)
    # Slack sends null for an input that is empty again.
    return _state(kind, None if value == "" else value)


def state_value(state: Json) -> object:
    """Return the value in a state: None, a string, a number, an option, or a list of them."""
    return state.get(_STATE_FIELDS.get(state["type"], "value"))


def surface_state(blocks: Iterable[Json], filled: Filled) -> Json:
    """Return the states of all inputs of a message or a view, by block id and action id: set, initial or empty."""
    values: Json = {}
    for block, item in elements(blocks):
        if not has_state(item):
            continue
        block_id, action_id = block["block_id"], item["action_id"]
        state = filled.get((block_id, action_id))
        is_kept = state is not None and state["type"] == item["type"] and _is_available(item, state)
        values.setdefault(block_id, {})[action_id] = state if is_kept else _initial_state(item)
    return values


def elements(blocks: Iterable[Json]) -> Iterator[tuple[Json, Json]]:
    """Yield every interactive element, after its block."""
    for block in blocks:
        inner = block.get("elements", []) if block.get("type") == "actions" else []
        outer = [block[key] for key in ("accessory", "element") if isinstance(block.get(key), dict)]
        yield from ((block, item) for item in (*inner, *outer) if item.get("type") != "image")


def element_options(item: Json) -> list[Json]:
    """Return the options of an element, with those in groups."""
    grouped = [option for group in item.get("option_groups", []) for option in group["options"]]
    return [*item.get("options", []), *grouped]


def _initial_state(item: Json) -> Json:
    empty: object = [] if item["type"].startswith("multi_") or item["type"] == "checkboxes" else None
    return _state(item["type"], next((item[field] for field in _INITIAL_FIELDS if field in item), empty))


def _is_available(item: Json, state: Json) -> bool:
    """Return True unless an update has removed a chosen option."""
    if state["type"] not in (*_ONE_OPTION, *_OPTIONS):
        return True
    value = state_value(state)
    chosen = value if isinstance(value, list) else [value]
    return all(option in (None, *element_options(item)) for option in chosen)


def _state(kind: str, value: object) -> Json:
    return {"type": kind, _STATE_FIELDS.get(kind, "value"): value}


def _rich_text(text: str) -> Json:
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
    return {"type": "rich_text", "elements": [section]}


def _matches(option: Json, wanted: list[object]) -> bool:
    return option.get("value") in wanted or option["text"]["text"] in wanted
