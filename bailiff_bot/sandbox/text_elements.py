"""Renders buttons, menus, pickers and inputs as text, with what is chosen or typed in them."""

from collections.abc import Iterator

from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.interactions.input_state import element_options, state_value
from bailiff_bot.sandbox.slack.rendered import block_texts

_MARKS = {"checkboxes": ("[x]", "[ ]"), "radio_buttons": ("(x)", "( )")}


def element_text(element: Json, state: Json | None) -> str:
    """Return an element of an actions block or a section in one line; buttons and overflow menus have no state."""
    if element["type"] == "button":
        return f"[ {element['text']['text']}{' ↗' if 'url' in element else ''} ]"
    if element["type"] == "overflow":
        return f"[ ⋯ {' | '.join(option['text']['text'] for option in element['options'])} ]"
    if element["type"] in _MARKS:
        return "  ".join(_choice_lines(element, state))
    return f"[ {_chosen_text(state) or _placeholder(element) or 'Choose'} ▾ ]"


def input_lines(block: Json, state: Json) -> Iterator[str]:
    """Yield an input block: its label, what is chosen or typed, and its hint."""
    element = block["element"]
    yield f"{block['label']['text']}{' (optional)' if block.get('optional') else ''}:"
    if element["type"] in _MARKS:
        yield from (f"  {line}" for line in _choice_lines(element, state))
    else:
        yield f"  [{_chosen_text(state) or _placeholder(element)}]"
    if "hint" in block:
        yield f"  ({block['hint']['text']})"


def _choice_lines(element: Json, state: Json | None) -> list[str]:
    value, (chosen_mark, other_mark) = state_value(state) if state else None, _MARKS[element["type"]]
    chosen = value if isinstance(value, list) else [value]
    return [
        f"{chosen_mark if option in chosen else other_mark} {option['text']['text']}"
        for option in element_options(element)
    ]


def _chosen_text(state: Json | None) -> str:
    value = state_value(state) if state else None
    values = value if isinstance(value, list) else [] if value is None else [value]
    return ", ".join(" ".join(block_texts(item)) if isinstance(item, dict) else str(item) for item in values)


def _placeholder(element: Json) -> str:
    text: str = element.get("placeholder", {}).get("text", "")
    return text
