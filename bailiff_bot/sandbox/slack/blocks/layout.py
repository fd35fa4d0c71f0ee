"""The blocks, and on which surface each may stand."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from bailiff_bot.sandbox.slack.blocks.charts import data_visualization
from bailiff_bot.sandbox.slack.blocks.elements import ACCESSORIES, ACTIONS, INPUTS, button_element, image, image_element
from bailiff_bot.sandbox.slack.blocks.objects import identifier, mrkdwn, plain, words
from bailiff_bot.sandbox.slack.blocks.problem import Check, Problem, Surface
from bailiff_bot.sandbox.slack.blocks.rich_text import rich_text
from bailiff_bot.sandbox.slack.blocks.schema import (
    also,
    array,
    at_least_one,
    boolean,
    choice,
    record,
    string,
    tagged,
    url,
)
from bailiff_bot.sandbox.slack.blocks.tables import data_table, table

_id: Mapping[str, Check] = {"block_id": identifier}
_section = also(
    record(
        {},
        {
            **_id,
            "text": words(3000),
            "fields": array(words(2000), 10, least=1),
            "accessory": tagged(ACCESSORIES),
            "expand": boolean,
        },
    ),
    at_least_one("text", "fields"),
)
_image = also(
    record(
        {"alt_text": string(2000)},
        {**_id, "image_url": url(), "slack_file": record({}, {"id": identifier, "url": url()}), "title": plain(2000)},
    ),
    at_least_one("image_url", "slack_file"),
)
_spoken = tagged({"plain_text": plain(3000), "mrkdwn": mrkdwn(3000), "image": image})
_input = record(
    {"label": plain(2000), "element": tagged(INPUTS)},
    {**_id, "hint": plain(2000), "optional": boolean, "dispatch_action": boolean},
)
_card = also(
    record(
        {},
        {
            **_id,
            "hero_image": image_element,
            "icon": image_element,
            "title": words(150),
            "subtitle": words(150),
            "body": words(200),
            "subtext": words(200),
            "actions": array(button_element, 3, least=1),
        },
    ),
    at_least_one("hero_image", "title", "actions", "body"),
)

_SIMPLE: Mapping[str, Check] = {
    "actions": record({"elements": array(tagged(ACTIONS), 25, least=1)}, _id),
    "context": record({"elements": array(_spoken, 10, least=1)}, _id),
    "divider": record({}, _id),
    "header": record({"text": plain(150)}, _id),
    "image": _image,
    "input": _input,
    "rich_text": rich_text,
    "section": _section,
    "card": _card,
}
_TABULAR: Mapping[str, Check] = {"table": table, "data_table": data_table, "data_visualization": data_visualization}
_CONTAINED = array(tagged({**_SIMPLE, **_TABULAR}), 10, least=1)
_container = also(
    record(
        {"child_blocks": _CONTAINED},
        {
            **_id,
            "title": plain(150),
            "rich_text_title": tagged({"rich_text": rich_text}),
            "subtitle": words(150),
            "width": choice("narrow", "standard", "wide", "full"),
            "icon": image_element,
            "is_collapsible": boolean,
            "default_collapsed": boolean,
            "has_header_divider": boolean,
        },
    ),
    at_least_one("title", "rich_text_title"),
)
_carousel = record({"elements": array(tagged({"card": _card}), 10, least=1)}, _id)
_LARGE: Mapping[str, Check] = {**_TABULAR, "container": _container, "carousel": _carousel}
_markdown = record({"text": string(12_000)}, _id)
_alert = record({"text": words(200)}, {**_id, "level": choice("default", "info", "warning", "error", "success")})

_KINDS: Mapping[Surface, Mapping[str, Check]] = MappingProxyType(
    {
        "message": {**_SIMPLE, **_LARGE, "markdown": _markdown},
        "home": {**_SIMPLE, **_LARGE},
        "modal": {**_SIMPLE, "alert": _alert},
    },
)
_ALL = frozenset(name for kinds in _KINDS.values() for name in kinds)
_MOST: Mapping[Surface, int] = MappingProxyType({"message": 50, "modal": 100, "home": 100})


def block(surface: Surface) -> Check:
    """Check for a block that may stand on the surface."""
    here = tagged(_KINDS[surface])

    def check(value: object, at: str) -> Iterator[Problem]:
        kind = value.get("type") if isinstance(value, dict) else None
        if isinstance(kind, str) and kind in _ALL - _KINDS[surface].keys():
            yield Problem("type.surface", f"{at}/type", f"unsupported type: {kind}")
        else:
            yield from here(value, at)

    return check


def blocks(surface: Surface) -> Check:
    """Check for all the blocks of a message or a view."""
    return array(block(surface), _MOST[surface])
