"""Blocks for tests. They are valid with the default arguments."""

from typing import Any

Block = dict[str, Any]


def plain(text: str) -> Block:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Block:
    return {"type": "mrkdwn", "text": text}


def section(**fields: Any) -> Block:
    return {"type": "section", "text": mrkdwn("words"), **fields}


def button(**fields: Any) -> Block:
    return {"type": "button", "text": plain("Go"), **fields}


def actions(*elements: Block) -> Block:
    return {"type": "actions", "elements": list(elements)}


def buttons(count: int) -> Block:
    return actions(*(button(action_id=f"go{index}") for index in range(count)))


def confirm(**fields: Any) -> Block:
    return {"title": plain("Sure?"), "text": plain("It goes."), "confirm": plain("Yes"), "deny": plain("No"), **fields}


def button_with_confirm(**fields: Any) -> Block:
    return actions(button(confirm=confirm(**fields)))


def options(count: int, **fields: Any) -> list[Block]:
    return [{"text": plain(f"No. {index}"), "value": str(index), **fields} for index in range(count)]


def select_menu(**fields: Any) -> Block:
    return section(accessory={"type": "static_select", **fields})


def input_block(element: Block, **fields: Any) -> Block:
    return {"type": "input", "label": plain("Why?"), "element": element, **fields}


def data_table(rows: int, columns: int = 1, text: str = "x", **fields: Any) -> Block:
    row = [{"type": "raw_text", "text": text}] * columns
    return {"type": "data_table", "caption": "Machines", "rows": [row] * rows, **fields}


def table(rows: int, columns: int = 1) -> Block:
    return {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}] * columns] * rows}


def line_chart(series: int = 1, points: int = 1, name: int = 1, title: int = 1) -> Block:
    labels = [str(index) for index in range(points)]
    data = [{"label": label, "value": 1.5} for label in labels]
    series_list = [{"name": str(index).rjust(name, "n"), "data": data} for index in range(series)]
    chart = {"type": "line", "series": series_list, "axis_config": {"categories": labels}}
    return {"type": "data_visualization", "title": "t" * title, "chart": chart}


def pie_chart(slices: int, label: int = 1) -> Block:
    segments = [{"label": str(index).rjust(label, "n"), "value": 1} for index in range(slices)]
    return {"type": "data_visualization", "title": "t", "chart": {"type": "pie", "segments": segments}}


def rich_text(*elements: Block) -> Block:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(elements)}]}


def bullets(indent: int) -> Block:
    return {"type": "rich_text_list", "style": "bullet", "elements": [], "indent": indent}
