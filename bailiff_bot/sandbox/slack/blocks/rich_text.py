"""Rich text: sections, lists, quotes and preformatted text, and their inline elements.

The fields are those of Slack's own types (@slack/types 3.2.0). Slack's pages name some more, such as `offset`.
"""

from bailiff_bot.sandbox.slack.blocks.objects import block_kit_id
from bailiff_bot.sandbox.slack.blocks.problem import Check
from bailiff_bot.sandbox.slack.blocks.schema import array, boolean, choice, number, record, string, tagged_union, url

_UNLIMITED = 1_000_000
"""Slack documents no separate limit here; the limit on all text of the message applies."""
_text = string(_UNLIMITED)
_style = record({}, dict.fromkeys(("bold", "italic", "strike", "code", "underline"), boolean))

_inline = tagged_union(
    {
        "text": record({"text": _text}, {"style": _style}),
        "link": record({"url": url()}, {"text": string(_UNLIMITED, min_length=0), "unsafe": boolean, "style": _style}),
        "emoji": record({"name": _text}, {"unicode": _text, "url": url(), "style": _style}),
        "user": record({"user_id": _text}, {"style": _style}),
        "usergroup": record({"usergroup_id": _text}, {"style": _style}),
        "channel": record({"channel_id": _text}, {"style": _style}),
        "broadcast": record({"range": choice("here", "channel", "everyone")}, {"style": _style}),
        "color": record({"value": _text}, {"style": _style}),
        "date": record({"timestamp": number(0), "format": _text}, {"url": url(), "fallback": _text, "style": _style}),
    },
)
_line = array(_inline, _UNLIMITED)
_section = record({"elements": _line})
_border = number(0, 1)
_list = record(
    {
        "elements": array(tagged_union({"rich_text_section": _section}), _UNLIMITED),
        "style": choice("bullet", "ordered"),
    },
    {"indent": number(0, 8), "border": _border},
)
_elements = array(
    tagged_union(
        {
            "rich_text_section": _section,
            "rich_text_list": _list,
            "rich_text_quote": record({"elements": _line}, {"border": _border}),
            "rich_text_preformatted": record({"elements": _line}, {"border": _border}),
        },
    ),
    _UNLIMITED,
)

rich_text: Check = record({"elements": _elements}, {"block_id": block_kit_id})
"""The check of the block."""
rich_text_cell: Check = record({"elements": _elements})
"""The check of rich text in a table's cell, for which Slack documents no block_id."""
