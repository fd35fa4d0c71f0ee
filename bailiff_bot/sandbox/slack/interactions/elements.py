"""Finds the elements of a message or a view by what a person reads, or by their ids."""

from collections.abc import Iterator
from dataclasses import dataclass

from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.interactions.input_state import element_options, elements, has_state
from bailiff_bot.sandbox.slack.interactions.result import InteractionError
from bailiff_bot.sandbox.slack.rendered import block_texts


@dataclass(frozen=True, slots=True)
class Click:
    """A click on an element, or the choice of an option."""

    element: str
    """An action id, or a visible text: the label of a button or an input, a placeholder, an option of an overflow."""
    option: object = None
    """For a menu: the value or label of the chosen option; for a picker: its new value. None: not a menu."""
    block_id: str = ""
    """The block, if several blocks have such an element."""
    near: str = ""
    """A text: the element is the first one in the block with this text or below it."""


@dataclass(frozen=True, slots=True)
class ClickedElement:
    """The element of a click."""

    block: Json
    item: Json
    option: object = None
    """The chosen option or value; None if there is nothing to choose."""


def find_element(blocks: list[Json], click: Click) -> ClickedElement:
    """Return the first element that the click means. Raises InteractionError if there is none."""
    found = list(elements(_searched(blocks, click)))
    for block, item in found:
        if click.element in (item["action_id"], *_labels(block, item)):
            return ClickedElement(block, item, click.option)
        if item["type"] == "overflow" and click.element in _option_labels(item):
            return ClickedElement(block, item, click.element)
    clickable = sorted({text for block, item in found for text in _visible_texts(block, item)})
    raise InteractionError(f"there is no {click.element!r} to click, only {clickable}")


def find_input(blocks: list[Json], name: str) -> ClickedElement:
    """Return the input with this action id, label, or `block_id/action_id`. Raises InteractionError."""
    known = [(block, item) for block, item in elements(blocks) if has_state(item)]
    found = [(block, item) for block, item in known if name in _input_names(block, item)]
    if len(found) == 1:
        return ClickedElement(*found[0])
    if found:
        raise InteractionError(f"several inputs are called {name!r}: write block_id/action_id")
    names = sorted(item["action_id"] for _, item in known)
    raise InteractionError(f"the modal has no {name!r}, only {names}")


def _searched(blocks: list[Json], click: Click) -> list[Json]:
    if click.block_id:
        return [block for block in blocks if block["block_id"] == click.block_id]
    if not click.near:
        return blocks
    start = next((i for i, block in enumerate(blocks) if any(click.near in text for text in block_texts(block))), None)
    if start is None:
        raise InteractionError(f"nothing says {click.near!r}")
    return blocks[start:]


def _labels(block: Json, item: Json) -> Iterator[str]:
    for text in (item.get("text"), item.get("placeholder"), block.get("label")):
        if isinstance(text, dict):
            yield text["text"]


def _option_labels(item: Json) -> list[str]:
    return [option["text"]["text"] for option in element_options(item)]


def _visible_texts(block: Json, item: Json) -> list[str]:
    options = _option_labels(item) if item["type"] == "overflow" else []
    return [*_labels(block, item), *options] or [item["action_id"]]


def _input_names(block: Json, item: Json) -> tuple[str, ...]:
    label = block.get("label", {}).get("text", "")
    return item["action_id"], label, f"{block['block_id']}/{item['action_id']}"
