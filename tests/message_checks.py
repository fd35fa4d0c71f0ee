"""What a message shows to a reader, and whether anything in it could do harm."""

import json
import sys
from collections.abc import Iterator
from typing import Any
from unicodedata import category

from bailiff_bot.domain.report import Report
from bailiff_bot.sandbox.slack.blocks import problems
from bailiff_bot.slack.blocks.message import Message

SHOWN = {"text", "caption", "url", "alt_text", "title", "placeholder", "hint", "label", "name", "fallback"}
SENT = {*SHOWN, "value"}
HARMLESS = {
    *("rich_text", "rich_text_section", "rich_text_list", "rich_text_preformatted", "text", "link"),
    *("header", "plain_text", "context", "actions", "button", "data_table", "raw_text", "raw_number"),
    *("data_visualization", "line"),
}
"""Every kind of node that Bailiff draws: none of them reads text for mentions, links, emoji or formatting."""
AGO = "4 min ago"
"""When the reports were read that are drawn."""
MOST = 10_000
BIDI = {"\u061c", "\u200e", "\u200f", *"\u202a\u202b\u202c\u202d\u202e", *"\u2066\u2067\u2068\u2069"}
_CONTROL = {letter for letter in map(chr, range(sys.maxunicode + 1)) if category(letter) in {"Cc", "Cs", "Zl", "Zp"}}
_DISORDER = (BIDI | _CONTROL) - {"\n"}


def nodes(thing: Any) -> Iterator[dict[str, Any]]:
    """Every object in some blocks, at any depth."""
    if isinstance(thing, dict):
        yield thing
        for held in thing.values():
            yield from nodes(held)
    elif isinstance(thing, (list, tuple)):
        for held in thing:
            yield from nodes(held)


def texts(thing: Any, keys: set[str] = SHOWN) -> list[str]:
    """Every string that is shown, links' addresses included."""
    return [held for node in nodes(thing) for key, held in node.items() if key in keys and isinstance(held, str)]


def visible_text(message: Message) -> str:
    """All that a reader sees, a text a line."""
    return "\n".join(texts(message.blocks))


def utf16_units(text: str) -> int:
    """UTF-16 units: as JavaScript counts."""
    return len(text.encode("utf-16-le")) // 2


def console_url(instance: Any) -> str:
    """Where an instance is in the AWS console, told a second time."""
    region = instance.target.region
    return f"https://{region}.console.aws.amazon.com/ec2/home?region={region}#InstanceDetails:instanceId={instance.id}"


def console_urls(report: Report) -> set[str]:
    return {console_url(one) for row in report.rows for one in row.instances}


def check_message(message: Message, report: Report | None = None) -> None:
    """Check a message and what is sent in its place when Slack refuses its blocks."""
    for one in (message, message.fallback()):
        _accepted(one)
        _harmless(one, console_urls(report) if report else set())
    assert "data_table" not in {node.get("type") for node in nodes(message.fallback().blocks)}


def _accepted(message: Message) -> None:
    assert problems(list(message.blocks), "message") == []
    assert sum(map(utf16_units, texts(message.blocks, SENT))) < MOST
    assert json.loads(json.dumps(message.payload(), ensure_ascii=False).encode()) is not None
    assert message.text.strip()


def _harmless(message: Message, consoles: set[str]) -> None:
    assert not set("<>") & set(message.payload()["text"])
    for node in nodes(message.blocks):
        if "type" in node:
            assert node["type"] in HARMLESS
        assert not node.get("emoji")
        if "url" in node:
            assert node["type"] == "link"
            assert node["url"] in consoles


def texts_with_control_characters(message: Message) -> list[str]:
    """The texts of a message in which a character turns the writing's direction or gives a terminal orders."""
    found = [*texts(message.blocks), message.text]
    return [text for text in found if not _DISORDER.isdisjoint(text)]


def table_rows(block: dict[str, Any]) -> list[dict[str, dict[str, Any]]]:
    """A data_table's rows, as cells by heading."""
    headings, *rows = block["rows"]
    return [dict(zip([cell["text"] for cell in headings], row, strict=True)) for row in rows]


def link_text(cell: dict[str, Any]) -> str:
    """The text of a cell that is a link and nothing else."""
    [section] = cell["elements"]
    [link] = section["elements"]
    assert link["type"] == "link"
    return str(link["text"])
