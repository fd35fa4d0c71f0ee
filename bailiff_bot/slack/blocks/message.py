"""A message as Slack takes it, and the pieces it is made of.

Whatever comes from AWS, from a directory or from a person stands in rich text, plain text or a table's cell, none of
which Slack reads for mentions, links or formatting. mrkdwn is never used, but for `text`, which is escaped.
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
"""All text in a message's blocks. Slack's own limits are 10,000 in the cells and some 12,000 in all."""
MAX_HEADER = 150
MAX_SMALL_PRINT = 2_000
"""One line of small print. Slack's own limit is 3,000."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is posted: blocks, a sentence for notifications, and the same content for when Slack refuses the blocks."""

    text: str
    """A full sentence of ours, unescaped."""
    blocks: tuple[dict[str, Any], ...] = ()
    plain: str = ""
    """The blocks' content as monospace text; empty where `text` says it all."""

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
        """Return the same message without tables, as monospace text that fits, saying so where it is cut."""
        if not self.plain:
            return Message(self.text)
        return Message(self.text, blocks(RichTextBlock(RichTextCodeBlock(RichText(fit_lines(self.plain))))))


def escape(text: str) -> str:
    """Return text in which Slack sees no mention and no link (docs.slack.dev, "Formatting message text")."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def slack_length(text: str) -> int:
    """Return how many characters Slack may count in a text: UTF-16 units, of which an emoji has two."""
    return len(text) if text.isascii() else len(text) + sum(character > "\uffff" for character in text)


def fit_lines(text: str, limit: int = MAX_CHARACTERS) -> str:
    """Return as many whole lines as fit, with a last line that counts those left out."""
    if slack_length(text) <= limit:
        return text
    lines = text.splitlines()
    kept, used = 0, 60  # room for the last line
    while kept < len(lines) and used + slack_length(lines[kept]) + 1 <= limit:
        used += slack_length(lines[kept]) + 1
        kept += 1
    return "\n".join([*lines[:kept], f"... {len(lines) - kept:,} more lines; the CSV of the full report has all."])


def truncated(text: str, limit: int) -> str:
    """Return a text cut to a limit, with an ellipsis where it was cut."""
    if slack_length(text) <= limit:
        return text
    kept = text[: limit - 1]
    while slack_length(kept) >= limit:
        kept = kept[:-1]
    return kept + "…"


def blocks(*parts: Block) -> tuple[dict[str, Any], ...]:
    """Return blocks as JSON values, without the random ids that would make equal messages differ."""
    drawn = slackblocks.Message(channel="-", blocks=list(parts)).to_dict()["blocks"]
    return tuple(_without_ids(block) for block in drawn)


def _without_ids(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_ids(held) for key, held in value.items() if key != "block_id"}
    return [_without_ids(held) for held in value] if isinstance(value, list) else value


def header(text: str) -> HeaderBlock:
    """Return a message's title."""
    return HeaderBlock(Text(truncated(text, MAX_HEADER), TextType.PLAINTEXT))


def context(lines: Iterable[str]) -> ContextBlock:
    """Return small print, a line each."""
    return ContextBlock([Text(truncated(line, MAX_SMALL_PRINT), TextType.PLAINTEXT) for line in lines if line])


def line(*parts: str | RichTextElement) -> RichTextSection:
    """Return a line of rich text, in which a plain string is shown as it is; Slack refuses an empty one."""
    return RichTextSection([RichText(part) if isinstance(part, str) else part for part in parts if part])


def bold(text: str) -> RichText:
    """Return emphasised text."""
    return RichText(text, bold=True)


def link(address: str, text: str) -> RichTextLink:
    """Return text that leads somewhere."""
    return RichTextLink(address, text)


def paragraph(*parts: str | RichTextElement) -> RichTextBlock:
    """Return a block of one line."""
    return RichTextBlock(line(*parts))


def bullets(lines: Iterable[RichTextSection]) -> RichTextBlock:
    """Return a block of items."""
    return RichTextBlock(RichTextList("bullet", list(lines)))
