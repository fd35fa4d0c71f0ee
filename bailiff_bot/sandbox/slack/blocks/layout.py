"""The blocks, and the surfaces that allow each of them."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from bailiff_bot.sandbox.slack.blocks.charts import data_visualization
from bailiff_bot.sandbox.slack.blocks.elements import (
    ACCESSORIES,
    ACTIONS,
    HOME_INPUTS,
    MODAL_INPUTS,
    button_element,
    image,
    image_element,
)
from bailiff_bot.sandbox.slack.blocks.objects import block_kit_id, mrkdwn, plain_text, text_object
from bailiff_bot.sandbox.slack.blocks.problem import Check, Problem, Surface
from bailiff_bot.sandbox.slack.blocks.rich_text import rich_text
from bailiff_bot.sandbox.slack.blocks.schema import (
    array,
    at_least_one,
    boolean,
    choice,
    record,
    string,
    tagged_union,
    url,
    with_rules,
)
from bailiff_bot.sandbox.slack.blocks.tables import data_table, table

_id: Mapping[str, Check] = {"block_id": block_kit_id}
_section = with_rules(
    record(
        {},
        {
            **_id,
            "text": text_object(3000),
            "fields": array(text_object(2000), 10, min_items=1),
            "accessory": tagged_union(ACCESSORIES),
            "expand": boolean,
        },
    ),
    at_least_one("text", "fields"),
)
_image = with_rules(
    record(
        {"alt_text": string(2000)},
        {
            **_id,
            "image_url": url(),
            "slack_file": record({}, {"id": block_kit_id, "url": url()}),
            "title": plain_text(2000),
        },
    ),
    at_least_one("image_url", "slack_file"),
)
_context_element = tagged_union({"plain_text": plain_text(3000), "mrkdwn": mrkdwn(3000), "image": image})


def _input(elements: Mapping[str, Check]) -> Check:
    return record(
        {"label": plain_text(2000), "element": tagged_union(elements)},
        {**_id, "hint": plain_text(2000), "optional": boolean, "dispatch_action": boolean},
    )


_card = with_rules(
    record(
        {},
        {
            **_id,
            "hero_image": image_element,
            "icon": image_element,
            "title": text_object(150),
            "subtitle": text_object(150),
            "body": text_object(200),
            "actions": array(button_element, 3, min_items=1),
        },
    ),
    at_least_one("hero_image", "title", "actions", "body"),
)

_SIMPLE: Mapping[str, Check] = {
    "actions": record({"elements": array(tagged_union(ACTIONS), 25, min_items=1)}, _id),
    "context": record({"elements": array(_context_element, 10, min_items=1)}, _id),
    "divider": record({}, _id),
    "header": record({"text": plain_text(150)}, _id),
    "image": _image,
    "rich_text": rich_text,
    "section": _section,
    "card": _card,
}
_TABULAR: Mapping[str, Check] = {"table": table, "data_table": data_table, "data_visualization": data_visualization}
_CHILD_BLOCKS = array(tagged_union({**_SIMPLE, **_TABULAR}), 10, min_items=1)
_container = with_rules(
    record(
        {"child_blocks": _CHILD_BLOCKS},
        {
            **_id,
            "title": plain_text(150),
            "rich_text_title": tagged_union({"rich_text": rich_text}),
            "subtitle": text_object(150),
            "width": choice("narrow", "standard", "wide", "full"),
            "icon": image_element,
            "is_collapsible": boolean,
            "default_collapsed": boolean,
            "has_header_divider": boolean,
        },
    ),
    at_least_one("title", "rich_text_title"),
)
_carousel = record({"elements": array(tagged_union({"card": _card}), 10, min_items=1)}, _id)
_LARGE: Mapping[str, Check] = {**_TABULAR, "container": _container, "carousel": _carousel}
_markdown = record({"text": string(12_000)}, _id)
_alert = record({"text": text_object(200)}, {**_id, "level": choice("default", "info", "warning", "error", "success")})

_BLOCKS_BY_SURFACE: Mapping[Surface, Mapping[str, Check]] = MappingProxyType(
    {
        "message": {**_SIMPLE, **_LARGE, "markdown": _markdown},
        "home": {**_SIMPLE, **_LARGE, "input": _input(HOME_INPUTS)},
        "modal": {**_SIMPLE, "alert": _alert, "input": _input(MODAL_INPUTS)},
    },
)
_ALL_BLOCK_TYPES = frozenset(name for kinds in _BLOCKS_BY_SURFACE.values() for name in kinds)
_MAX_BLOCKS: Mapping[Surface, int] = MappingProxyType({"message": 50, "modal": 100, "home": 100})


def block(surface: Surface) -> Check:
    """Return the check of a block on the surface."""
    check_block = tagged_union(_BLOCKS_BY_SURFACE[surface])

    def check(value: object, pointer: str) -> Iterator[Problem]:
        kind = value.get("type") if isinstance(value, dict) else None
        if isinstance(kind, str) and kind in _ALL_BLOCK_TYPES - _BLOCKS_BY_SURFACE[surface].keys():
            yield Problem("type.surface", f"{pointer}/type", f"unsupported type: {kind}")
        else:
            yield from check_block(value, pointer)

    return check


def blocks(surface: Surface) -> Check:
    """Return the check of all blocks of a message or a view."""
    return array(block(surface), _MAX_BLOCKS[surface])
