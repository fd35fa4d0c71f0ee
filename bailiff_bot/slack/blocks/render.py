"""Renders a document as a Slack message, within Slack's limits. What does not fit is counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from slackblocks import Block

from bailiff_bot.messages.document import Bold, Buttons, Document, Payload, SmallPrint
from bailiff_bot.render.text import as_text
from bailiff_bot.slack.blocks.elements import as_json, context, header, paragraph
from bailiff_bot.slack.blocks.fitting import MAX_CHARACTERS, fit_lines, fit_parts, slack_length, text_length, truncated
from bailiff_bot.slack.blocks.parts import MAX_COUNT_LINE, buttons_block, sized

MAX_BLOCKS = 50
MAX_VIEW_BLOCKS = 100
_MAX_VIEW_CHARACTERS = 3 * MAX_CHARACTERS
"""Characters of the first document in a view. Slack limits a view to 250 kB; it documents no limit of its text."""
_MAX_VIEW_TEXT = 11_500
"""Characters of all text in a Home tab, without URLs. Slack refuses messages with about 12,000."""
_MIN_VIEW_CHARACTERS = 500
MAX_HEADER = 150
_MAX_HEADLINE = 1_000
"""Characters of a headline. One that is longer than a header may be is a bold line instead, so that it is not cut."""
_MAX_SUMMARY = 4_000
"""Slack recommends at most so many characters for a message's text (docs.slack.dev, chat.postMessage)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a document is shown."""

    blocks: int
    characters: int


MESSAGE = Limits(MAX_BLOCKS, MAX_CHARACTERS)


def view_blocks(document: Document, below: int = 0) -> list[Block]:
    """Return a document as blocks, as many as a view may have with so many `below` it."""
    return _blocks(document, Limits(MAX_VIEW_BLOCKS - below, _MAX_VIEW_CHARACTERS))


def render_view(documents: Sequence[Document]) -> list[dict[str, Any]]:
    """Return documents, the longest first, as the blocks of a Home tab. If that is too much text, each is shortened."""
    characters = _MAX_VIEW_CHARACTERS
    blocks = _view(documents, characters)
    while text_length(blocks) > _MAX_VIEW_TEXT and characters > _MIN_VIEW_CHARACTERS:
        characters = characters * 3 // 4
        blocks = _view(documents, characters)
    return blocks


def _view(documents: Sequence[Document], characters: int) -> list[dict[str, Any]]:
    """Return documents as blocks, the first with at most so many characters, the others with a third."""
    first, *others = documents
    limits = Limits(MAX_BLOCKS, characters // 3)
    below = [block for document in others for block in _blocks(document, limits)]
    return as_json([*_blocks(first, Limits(MAX_VIEW_BLOCKS - len(below), characters)), *below])


def render(document: Document) -> Payload:
    """Return the message: blocks, a sentence for notifications, and plain text if Slack refuses the blocks."""
    return {
        "text": truncated(document.summary, _MAX_SUMMARY),
        "blocks": as_json(_blocks(document, MESSAGE)),
        "plain": _plain(document),
    }


def room_for_parts(document: Document, characters: int = MAX_CHARACTERS) -> int:
    """Return how many characters the parts of a document may take, of those of the whole message."""
    return characters - slack_length(truncated(document.headline, _MAX_HEADLINE)) - MAX_COUNT_LINE


def _blocks(document: Document, limits: Limits) -> list[Block]:
    parts = [sized(part, document) for part in document.parts]
    drawn: list[Block] = [_headline(document.headline)] if document.headline else []
    rest = [buttons_block(Buttons((document.rest_button,), "rest"))] if document.rest_button else []
    room = limits.blocks - len(drawn) - 1 - len(rest) - sum(part.essential for part in parts)
    left_out = 0
    for part, count in zip(parts, fit_parts(parts, room_for_parts(document, limits.characters)), strict=True):
        blocks = [] if count is None else part.draw(count)
        if not part.essential:
            if not blocks or len(blocks) > room:
                left_out += part.size
                continue
            room -= len(blocks)
        drawn += blocks
    return [*drawn, context([document.more(left_out)]), *rest] if left_out else drawn


def _headline(text: str) -> Block:
    if slack_length(text) <= MAX_HEADER:
        return header(text)
    return paragraph((Bold(truncated(text, _MAX_HEADLINE)),))


def _plain(document: Document) -> str:
    """Return the document as plain text. If it must be cut, the small print stays."""
    text = as_text(document)
    if slack_length(text) <= MAX_CHARACTERS:
        return text
    notes = "\n".join(line for part in document.parts if isinstance(part, SmallPrint) for line in part.lines)
    kept = truncated(notes, MAX_CHARACTERS // 2)
    body = text.removesuffix(notes).rstrip("\n")
    room = MAX_CHARACTERS - slack_length(kept) - 1
    return f"{fit_lines(body, room, lambda count: document.more(count, 'lines'))}\n{kept}"
