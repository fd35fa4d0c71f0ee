"""A document as Slack shows it, and checks that Slack accepts it and that it is harmless."""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from unicodedata import category

from bailiff_bot.domain.report import Report
from bailiff_bot.messages.document import Document, Payload
from bailiff_bot.sandbox.slack.blocks import problems
from bailiff_bot.slack.blocks.payload import fallback, post_arguments
from bailiff_bot.slack.blocks.render import render

VISIBLE_KEYS = {"text", "caption", "url", "alt_text", "title", "placeholder", "hint", "label", "name", "fallback"}
COUNTED_KEYS = {*VISIBLE_KEYS, "value"}
ALLOWED_NODE_TYPES = {
    *("rich_text", "rich_text_section", "rich_text_list", "rich_text_preformatted", "text", "link"),
    *(
        "header",
        "plain_text",
        "context",
        "actions",
        "section",
        "button",
        "overflow",
        "data_table",
        "raw_text",
        "raw_number",
    ),
    *("data_visualization", "line"),
}
"""Every type of node that Bailiff uses. In none of them Slack looks for mentions, links, emoji or formatting."""
SCAN_AGE = "4 min ago"
"""The age of the scans in the tests' reports, as the messages show it."""
MAX_UTF16_UNITS = 10_000
BIDI = {"\u061c", "\u200e", "\u200f", *"\u202a\u202b\u202c\u202d\u202e", *"\u2066\u2067\u2068\u2069"}
_CONTROL = {letter for letter in map(chr, range(sys.maxunicode + 1)) if category(letter) in {"Cc", "Cs", "Zl", "Zp"}}
_UNSAFE_CHARACTERS = (BIDI | _CONTROL) - {"\n"}


@dataclass(frozen=True, slots=True)
class Message:
    """A rendered document."""

    payload: Payload

    @property
    def text(self) -> str:
        """The text of the notification, not escaped."""
        return str(self.payload["text"])

    @property
    def blocks(self) -> list[dict[str, Any]]:
        """The blocks."""
        return list(self.payload["blocks"])

    @property
    def plain(self) -> str:
        """The text of the fallback."""
        return str(self.payload["plain"])

    def fallback(self) -> "Message":
        """Return the message that is sent if Slack refuses the blocks."""
        return Message(fallback(self.payload))


def rendered(document: Document) -> Message:
    """Return a document as Slack shows it."""
    return Message(render(document))


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every object in some blocks, at any depth."""
    if isinstance(value, dict):
        yield value
        for child in value.values():
            yield from nodes(child)
    elif isinstance(value, (list, tuple)):
        for child in value:
            yield from nodes(child)


def strings(value: Any, keys: set[str] = VISIBLE_KEYS) -> list[str]:
    """Return every string that Slack shows, with the addresses of links."""
    return [text for node in nodes(value) for key, text in node.items() if key in keys and isinstance(text, str)]


def visible_text(message: Message) -> str:
    """Return the texts that a reader sees, one per line."""
    return "\n".join(strings(message.blocks))


def utf16_units(text: str) -> int:
    """Return the length in UTF-16 units, as JavaScript counts."""
    return len(text.encode("utf-16-le")) // 2


def console_url(instance: Any) -> str:
    """Return the address of an instance in the AWS console. It is written independently of the product's code."""
    region = instance.target.region
    return f"https://{region}.console.aws.amazon.com/ec2/home?region={region}#InstanceDetails:instanceId={instance.id}"


def console_urls(report: Report) -> set[str]:
    return {console_url(one) for row in report.rows for one in row.instances}


def check_message(message: Message, report: Report | None = None) -> None:
    """Check a message, and its fallback for when Slack refuses its blocks."""
    for one in (message, message.fallback()):
        _check_accepted_by_slack(one)
        _check_harmless(one, console_urls(report) if report else set())
    assert "data_table" not in {node.get("type") for node in nodes(message.fallback().blocks)}


def _check_accepted_by_slack(message: Message) -> None:
    assert problems(list(message.blocks), "message") == []
    assert meaningless_fields(message.blocks) == []
    assert sum(map(utf16_units, strings(message.blocks, COUNTED_KEYS))) < MAX_UTF16_UNITS
    assert json.loads(json.dumps(post_arguments(message.payload), ensure_ascii=False).encode()) is not None
    assert message.text.strip()


def meaningless_fields(value: Any) -> list[str]:
    """Return the fields that say nothing: null, false, empty, or zero, which is a default unless it is a value."""
    fields = [(key, item) for node in nodes(value) for key, item in node.items()]
    return [key for key, item in fields if item in (None, "", [], {}, ()) or (item in (False, 0) and key != "value")]


def _check_harmless(message: Message, allowed_urls: set[str]) -> None:
    assert not set("<>") & set(post_arguments(message.payload)["text"])
    for node in nodes(message.blocks):
        if "type" in node:
            assert node["type"] in ALLOWED_NODE_TYPES
        assert not node.get("emoji")
        if "url" in node:
            assert node["type"] == "link"
            assert node["url"] in allowed_urls


def texts_with_control_characters(message: Message) -> list[str]:
    """Return the texts of a message that contain a control character or one that changes the writing direction."""
    shown = [*strings(message.blocks), message.text]
    return [text for text in shown if not _UNSAFE_CHARACTERS.isdisjoint(text)]


def table_rows(block: dict[str, Any]) -> list[dict[str, dict[str, Any]]]:
    """Return the rows of a data_table, each as its cells by heading."""
    headings, *rows = block["rows"]
    return [dict(zip([cell["text"] for cell in headings], row, strict=True)) for row in rows]


def link_text(cell: dict[str, Any]) -> str:
    """Return the text of a cell that consists of one link."""
    [section] = cell["elements"]
    [link] = section["elements"]
    assert link["type"] == "link"
    return str(link["text"])
