"""A message of the local Slack as text, much as Slack would draw it, for transcripts in a terminal."""

from collections.abc import Iterator
from typing import Any

from tabulate import tabulate

from bailiff_bot.sandbox.slack import RenderedMessage

_ROWS = 5
"""Rows of a table's first page."""


def render_text(message: RenderedMessage, indent: str = "    ") -> str:
    """Return a message line by line: the blocks if there are any, else the text, then the files."""
    lines = [line for block in message.blocks for line in _block(block)] if message.blocks else [message.text]
    lines += [f"[file {file.name}: {len(file.text.splitlines())} lines]" for file in message.files]
    return "\n".join(indent + part for line in lines for part in line.splitlines())


def _block(block: dict[str, Any]) -> Iterator[str]:
    match block["type"]:
        case "header":
            yield f"# {block['text']['text']}"
        case "rich_text":
            for element in block["elements"]:
                yield from _rich(element)
        case "context":
            yield from (f"  {element['text']}" for element in block["elements"])
        case "actions":
            yield "  ".join(f"[ {button['text']['text']} ]" for button in block["elements"])
        case "data_table":
            yield from _table(block)
        case "data_visualization":
            yield from _chart(block)
        case other:
            yield f"({other} block)"


def _rich(element: dict[str, Any]) -> Iterator[str]:
    if element["type"] == "rich_text_list":
        yield from (f"  • {_line(item)}" for item in element["elements"])
    else:
        yield _line(element)


def _line(section: dict[str, Any]) -> str:
    return "".join(part.get("text") or part.get("url", "") for part in section["elements"])


def _table(block: dict[str, Any]) -> Iterator[str]:
    header, *rows = [[_cell(cell) for cell in row] for row in block["rows"]]
    shown = [[cell[:40] for cell in row] for row in rows[:_ROWS]]
    yield from tabulate(shown, header, tablefmt="simple", disable_numparse=True).splitlines()
    if len(rows) > _ROWS:
        yield f"(rows 1 to {_ROWS} of {len(rows)}; Slack pages through the rest)"


def _chart(block: dict[str, Any]) -> Iterator[str]:
    yield f"[{block['chart']['type']} chart: {block['title']}]"
    for series in block["chart"].get("series", ()):
        yield f"  {series['name']}: " + ", ".join(f"{point['value']} ({point['label']})" for point in series["data"])


def _cell(cell: dict[str, Any]) -> str:
    return str(cell["text"]) if "text" in cell else "".join(map(_line, cell["elements"]))
