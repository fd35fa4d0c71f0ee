"""Renders a message of the local Slack as text, similar to Slack's own display, for a terminal."""

from collections.abc import Iterator
from typing import Any

from tabulate import tabulate

from bailiff_bot.sandbox.slack import RenderedMessage

_PAGE_ROWS = 5
"""How many rows the first page of a table shows."""


def render_text(message: RenderedMessage, indent: str = "    ") -> str:
    """Return a message as indented lines: its blocks, or its text if it has no blocks; then its files."""
    lines = [line for block in message.blocks for line in _block_lines(block)] if message.blocks else [message.text]
    lines += [f"[file {file.name}: {len(file.text.splitlines())} lines]" for file in message.files]
    return "\n".join(indent + part for line in lines for part in line.splitlines())


def _block_lines(block: dict[str, Any]) -> Iterator[str]:
    match block["type"]:
        case "header":
            yield f"# {block['text']['text']}"
        case "rich_text":
            for element in block["elements"]:
                yield from _rich_text_lines(element)
        case "context":
            yield from (f"  {element['text']}" for element in block["elements"])
        case "actions":
            yield "  ".join(f"[ {button['text']['text']} ]" for button in block["elements"])
        case "data_table":
            yield from _table_lines(block)
        case "data_visualization":
            yield from _chart_lines(block)
        case other:
            yield f"({other} block)"


def _rich_text_lines(element: dict[str, Any]) -> Iterator[str]:
    if element["type"] == "rich_text_list":
        yield from (f"  • {_inline_text(item)}" for item in element["elements"])
    else:
        yield _inline_text(element)


def _inline_text(section: dict[str, Any]) -> str:
    return "".join(part.get("text") or part.get("url", "") for part in section["elements"])


def _table_lines(block: dict[str, Any]) -> Iterator[str]:
    header, *rows = [[_cell_text(cell) for cell in row] for row in block["rows"]]
    shown = [[cell[:40] for cell in row] for row in rows[:_PAGE_ROWS]]
    yield from tabulate(shown, header, tablefmt="simple", disable_numparse=True).splitlines()
    if len(rows) > _PAGE_ROWS:
        yield f"(rows 1 to {_PAGE_ROWS} of {len(rows)}; Slack pages through the rest)"


def _chart_lines(block: dict[str, Any]) -> Iterator[str]:
    yield f"[{block['chart']['type']} chart: {block['title']}]"
    for series in block["chart"].get("series", ()):
        yield f"  {series['name']}: " + ", ".join(f"{point['value']} ({point['label']})" for point in series["data"])


def _cell_text(cell: dict[str, Any]) -> str:
    return str(cell["text"]) if "text" in cell else "".join(map(_inline_text, cell["elements"]))
