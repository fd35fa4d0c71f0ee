"""Renders a document as a Slack message, within Slack's limits. What does not fit is counted."""

from slackblocks import Block

from bailiff_bot.messages.document import Document, Payload, SmallPrint
from bailiff_bot.render.text import as_text
from bailiff_bot.slack.blocks.elements import as_json, context, header
from bailiff_bot.slack.blocks.fitting import MAX_CHARACTERS, fit_lines, fit_parts, slack_length, truncated
from bailiff_bot.slack.blocks.parts import MAX_COUNT_LINE, sized

MAX_BLOCKS = 50
MAX_HEADER = 150
_MAX_SUMMARY = 4_000
"""Slack recommends at most so many characters for a message's text (docs.slack.dev, chat.postMessage)."""


def render(document: Document) -> Payload:
    """Return the message: blocks, a sentence for notifications, and plain text if Slack refuses the blocks."""
    return {
        "text": truncated(document.summary, _MAX_SUMMARY),
        "blocks": as_json(_blocks(document)),
        "plain": _plain(document),
    }


def room_for_parts(document: Document) -> int:
    """Return how many characters the parts of a document may take."""
    return MAX_CHARACTERS - slack_length(truncated(document.headline, MAX_HEADER)) - MAX_COUNT_LINE


def _blocks(document: Document) -> list[Block]:
    parts = [sized(part, document) for part in document.parts]
    drawn: list[Block] = [header(truncated(document.headline, MAX_HEADER))] if document.headline else []
    room = MAX_BLOCKS - len(drawn) - 1 - sum(part.essential for part in parts)
    left_out = 0
    for part, count in zip(parts, fit_parts(parts, room_for_parts(document)), strict=True):
        blocks = [] if count is None else part.draw(count)
        if not part.essential:
            if not blocks or len(blocks) > room:
                left_out += part.size
                continue
            room -= len(blocks)
        drawn += blocks
    return [*drawn, context([document.more(left_out)])] if left_out else drawn


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
