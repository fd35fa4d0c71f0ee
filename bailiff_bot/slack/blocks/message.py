"""A Slack message, and the blocks that it consists of.

Text from AWS, from a directory or from a person goes into rich text, plain text or a table's cell: Slack does not parse
these for mentions, links or formatting. Only `text` is mrkdwn, and it is escaped.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

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

MAX_CHARACTERS = 9_000
"""Limit for all text in a message's blocks. Slack's own limits are 10,000 in table cells and about 12,000 in all."""
MAX_HEADER = 150
MAX_SMALL_PRINT = 2_000
"""Limit for one line of small print. Slack's own limit is 3,000."""


@dataclass(frozen=True, slots=True)
class Message:
    """The content of a message: blocks, a sentence for notifications, and plain text if Slack refuses the blocks."""

    text: str
    """A full sentence in Bailiff's own words, not escaped."""
    blocks: tuple[dict[str, Any], ...] = ()
    plain: str = ""
    """The content of the blocks as plain text; empty if `text` contains all of it."""

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Return the message that `to_json` stored."""
        return cls(stored["text"], tuple(stored["blocks"]), stored["plain"])

    def to_json(self) -> dict[str, Any]:
        """Return the message as JSON, for the database."""
        return {"text": self.text, "blocks": list(self.blocks), "plain": self.plain}

    def payload(self) -> dict[str, Any]:
        """Return the arguments of chat.postMessage."""
        return {"text": escape(self.text), "blocks": list(self.blocks)} if self.blocks else {"text": escape(self.text)}

    def fallback(self) -> "Message":
        """Return the same message without tables, as monospace text. A last line counts the lines that do not fit."""
        if not self.plain:
            return Message(self.text)
        return Message(self.text, blocks(RichTextBlock(RichTextCodeBlock(RichText(fit_lines(self.plain))))))


def escape(text: str) -> str:
    """Return text that Slack does not parse for mentions and links (docs.slack.dev, "Formatting message text")."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def slack_length(text: str) -> int:
    """Return how many characters Slack may count in a text: UTF-16 units. Most emoji have two."""
    return len(text) if text.isascii() else len(text) + sum(character > "\uffff" for character in text)


def fit_lines(text: str, limit: int = MAX_CHARACTERS) -> str:
    """Return the first lines, as many as fit into `limit` characters, and a last line that counts the omitted ones."""
    if slack_length(text) <= limit:
        return text
    lines = text.splitlines()
    line_count, used = 0, 60  # room for the last line
    while line_count < len(lines) and used + slack_length(lines[line_count]) + 1 <= limit:
        used += slack_length(lines[line_count]) + 1
        line_count += 1
    return "\n".join(
        [*lines[:line_count], f"... {len(lines) - line_count:,} more lines; the CSV of the full report has all."]
    )


def truncated(text: str, limit: int) -> str:
    """Return a text of at most `limit` characters. A text that is too long is cut and ends with an ellipsis."""
    if slack_length(text) <= limit:
        return text
    kept = text[: limit - 1]
    while slack_length(kept) >= limit:
        kept = kept[:-1]
    return kept + "…"


def blocks(*parts: Block) -> tuple[dict[str, Any], ...]:
    """Return blocks as JSON values, without the random `block_id`s: equal messages must be equal values."""
    rendered = slackblocks.Message(channel="-", blocks=list(parts)).to_dict()["blocks"]
    return tuple(_without_ids(block) for block in rendered)


def _without_ids(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_ids(item) for key, item in value.items() if key != "block_id"}
    return [_without_ids(item) for item in value] if isinstance(value, list) else value


def header(text: str) -> HeaderBlock:
    """Return the block of a message's title."""
    return HeaderBlock(Text(truncated(text, MAX_HEADER), TextType.PLAINTEXT))


def context(lines: Iterable[str]) -> ContextBlock:
    """Return the block of the small print, without empty lines."""
    return ContextBlock([Text(truncated(line, MAX_SMALL_PRINT), TextType.PLAINTEXT) for line in lines if line])


def line(*parts: str | RichTextElement) -> RichTextSection:
    """Return a line of rich text. A plain string is shown as it is. Omits empty parts, which Slack refuses."""
    return RichTextSection([RichText(part) if isinstance(part, str) else part for part in parts if part])


def bold(text: str) -> RichText:
    """Return bold text."""
    return RichText(text, bold=True)


def link(address: str, text: str) -> RichTextLink:
    """Return a link to `address` that shows `text`."""
    return RichTextLink(address, text)


def paragraph(*parts: str | RichTextElement) -> RichTextBlock:
    """Return a block of one line."""
    return RichTextBlock(line(*parts))


def bullets(lines: Iterable[RichTextSection]) -> RichTextBlock:
    """Return a block that is a bulleted list."""
    return RichTextBlock(RichTextList("bullet", list(lines)))
