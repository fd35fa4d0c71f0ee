"""Builds the blocks that Bailiff's messages consist of.

Text from AWS, from a directory or from a person goes into rich text, plain text or a table's cell: Slack does not parse
these for mentions, links or formatting.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import slackblocks
from slackblocks import (
    Block,
    ContextBlock,
    HeaderBlock,
    RichText,
    RichTextBlock,
    RichTextCodeBlock,
    RichTextElement,
    RichTextLink,
    RichTextList,
    RichTextSection,
    Text,
    TextType,
)

from bailiff_bot.messages.document import Bold, Code, Line, Link, Span, text_of


def header(text: str) -> HeaderBlock:
    """Return the block of a message's title."""
    return HeaderBlock(Text(text, TextType.PLAINTEXT))


def context(lines: Iterable[str]) -> ContextBlock:
    """Return the block of the small print."""
    return ContextBlock([Text(line, TextType.PLAINTEXT) for line in lines])


def paragraph(line: Line) -> RichTextBlock:
    """Return a block of one line."""
    return RichTextBlock(section(line))


def bullets(lines: Iterable[Line]) -> RichTextBlock:
    """Return a block that is a bulleted list."""
    return RichTextBlock(RichTextList("bullet", [section(line) for line in lines]))


def monospace(text: str) -> RichTextBlock:
    """Return a block of monospace text."""
    return RichTextBlock(RichTextCodeBlock(RichText(text)))


def section(line: Line) -> RichTextSection:
    """Return a line as rich text. Omits empty spans, which Slack refuses."""
    return RichTextSection([_element(span) for span in line if text_of(span)])


def _element(span: Span) -> RichTextElement:
    match span:
        case Bold(text):
            return RichText(text, bold=True)
        case Code(text):
            return RichText(text, code=True)
        case Link(text, url):
            return RichTextLink(url, text)
        case _:
            return RichText(span)


def as_json(blocks: Iterable[Block]) -> list[dict[str, Any]]:
    """Return blocks as JSON values. Equal messages are equal values.

    slackblocks makes JSON of messages only, and of at most 50 blocks. A view has up to 100.
    """
    rendered = (slackblocks.Message(channel="-", blocks=[block]).to_dict()["blocks"][0] for block in blocks)
    return [without_defaults(block) for block in rendered]


def without_defaults(value: Any) -> Any:
    """Return a block without what slackblocks adds to it: random ids, and fields that say nothing."""
    if isinstance(value, dict):
        fields = {key: item for key, item in value.items() if not _is_added(key, item, value)}
        return {key: without_defaults(item) for key, item in fields.items()}
    return [without_defaults(item) for item in value] if isinstance(value, list) else value


def _is_added(key: str, item: Any, node: Mapping[str, Any]) -> bool:
    """Return True for an id that is not of ours, as those of buttons are, and for an offset or a border of 0.

    Each list has these two. Slack's own types (@slack/types 3.2.0) do not know an offset.
    """
    if key == "block_id":
        return node.get("type") not in {"actions", "input"}
    return key in {"offset", "border"} and item == 0
