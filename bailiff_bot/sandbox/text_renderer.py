"""Renders messages and views of the local Slack as text, similar to Slack's own display, for a terminal and tests."""

from collections.abc import Iterable, Iterator

from tabulate import tabulate

from bailiff_bot.sandbox.slack import RenderedMessage, RenderedView
from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.text_elements import element_text, input_lines

_PAGE_ROWS = 5
"""How many rows the first page of a table shows."""


def render_text(message: RenderedMessage, indent: str = "    ") -> str:
    """Return a message as indented lines: its blocks, or its text if it has no blocks; then its files."""
    lines = _lines(message.blocks, message.values) if message.blocks else [message.text]
    lines += [f"[file {file.name}: {len(file.text.splitlines())} lines]" for file in message.files]
    return _indented(lines, indent)


def render_view(view: RenderedView, indent: str = "    ") -> str:
    """Return a modal or an App Home as indented lines: its title, its blocks, and the buttons of a modal."""
    lines = [f"=== {view.title} ==="] if view.title else []
    lines += _lines(view.blocks, view.values)
    if view.kind == "modal":
        lines.append("  ".join(f"[ {name} ]" for name in _modal_buttons(view.content)))
    return _indented(lines, indent)


def _modal_buttons(content: Json) -> list[str]:
    submit, close = content.get("submit"), content.get("close")
    return [close["text"] if close else "Cancel", *([submit["text"]] if submit else [])]


def _indented(lines: list[str], indent: str) -> str:
    return "\n".join(indent + part for line in lines for part in line.splitlines())


def _lines(blocks: Iterable[Json], values: Json) -> list[str]:
    return [line for block in blocks for line in _block_lines(block, values.get(block["block_id"], {}))]


def _block_lines(block: Json, states: Json) -> Iterator[str]:
    match block["type"]:
        case "section":
            yield from _section_lines(block, states)
        case "actions":
            yield "  ".join(element_text(element, states.get(element["action_id"])) for element in block["elements"])
        case "input":
            yield from input_lines(block, states[block["element"]["action_id"]])
        case _:
            yield from _text_block_lines(block)


def _text_block_lines(block: Json) -> Iterator[str]:
    match block["type"]:
        case "header":
            yield f"# {block['text']['text']}"
        case "rich_text":
            for element in block["elements"]:
                yield from _rich_text_lines(element)
        case "context":
            yield from (f"  {element.get('text') or element['alt_text']}" for element in block["elements"])
        case "divider":
            yield "-" * 40
        case "alert":
            yield f"! {block['text']['text']}"
        case "data_table":
            yield from _table_lines(block)
        case "data_visualization":
            yield from _chart_lines(block)
        case other:
            yield f"({other} block)"


def _section_lines(block: Json, states: Json) -> Iterator[str]:
    yield from (text["text"] for text in (block.get("text"), *block.get("fields", ())) if text)
    accessory = block.get("accessory")
    if accessory and accessory["type"] != "image":
        yield element_text(accessory, states.get(accessory["action_id"]))


def _rich_text_lines(element: Json) -> Iterator[str]:
    if element["type"] == "rich_text_list":
        yield from (f"  • {_inline_text(item)}" for item in element["elements"])
    else:
        yield _inline_text(element)


def _inline_text(section: Json) -> str:
    return "".join(part.get("text") or part.get("url", "") for part in section["elements"])


def _table_lines(block: Json) -> Iterator[str]:
    header, *rows = [[_cell_text(cell) for cell in row] for row in block["rows"]]
    shown = [[cell[:40] for cell in row] for row in rows[:_PAGE_ROWS]]
    yield from tabulate(shown, header, tablefmt="simple", disable_numparse=True).splitlines()
    if len(rows) > _PAGE_ROWS:
        yield f"(rows 1 to {_PAGE_ROWS} of {len(rows)}; Slack pages through the rest)"


def _chart_lines(block: Json) -> Iterator[str]:
    yield f"[{block['chart']['type']} chart: {block['title']}]"
    for series in block["chart"].get("series", ()):
        yield f"  {series['name']}: " + ", ".join(f"{point['value']} ({point['label']})" for point in series["data"])


def _cell_text(cell: Json) -> str:
    return str(cell["text"]) if "text" in cell else "".join(map(_inline_text, cell["elements"]))
