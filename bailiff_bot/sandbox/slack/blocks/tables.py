"""table and data_table: their cells, and the rules on rows and headers."""

from collections.abc import Iterator
from typing import Any

from bailiff_bot.sandbox.slack.blocks.objects import block_kit_id
from bailiff_bot.sandbox.slack.blocks.problem import Problem
from bailiff_bot.sandbox.slack.blocks.rich_text import rich_text_cell
from bailiff_bot.sandbox.slack.blocks.schema import (
    array,
    boolean,
    choice,
    number,
    record,
    string,
    tagged_union,
    with_rules,
)

MAX_COLUMNS = 20
MAX_TABLE_ROWS = 100
MAX_DATA_TABLE_ROWS = 101
"""The header counts too. Newer pages of Slack's documentation say 201; the smaller limit is safe."""
_MAX_CELL_LENGTH = 10_000
_raw_text = record({"text": string(_MAX_CELL_LENGTH)})
_raw_number = record(
    {"value": number(float("-inf"), whole=False), "text": string(_MAX_CELL_LENGTH)},
)


def _cell_is_not_empty(cell: Any, pointer: str) -> Iterator[Problem]:
    if not any(part.get("elements") for part in cell["elements"]):
        yield Problem("text.empty", pointer, "must be more than 0 characters")


_rich_cell = with_rules(rich_text_cell, _cell_is_not_empty)
_cell = tagged_union({"raw_text": _raw_text, "rich_text": _rich_cell})
_data_cell = tagged_union({"raw_text": _raw_text, "raw_number": _raw_number, "rich_text": _rich_cell})


def _rows_have_equal_length(block: Any, pointer: str) -> Iterator[Problem]:
    width = len(block["rows"][0])
    for index, row in enumerate(block["rows"]):
        if len(row) != width:
            yield Problem("table.ragged", f"{pointer}/rows/{index}", "all rows must have the same number of cells")


def _header_is_plain(block: Any, pointer: str) -> Iterator[Problem]:
    for index, cell in enumerate(block["rows"][0]):
        if cell["type"] == "rich_text":
            yield Problem("table.header", f"{pointer}/rows/0/{index}/type", "unsupported type: rich_text")


def _row_header_exists(block: Any, pointer: str) -> Iterator[Problem]:
    if block.get("row_header_column_index", 0) >= len(block["rows"][0]):
        yield Problem("table.row_header", f"{pointer}/row_header_column_index", "must be the index of a column")


table = record(
    {"rows": array(array(_cell, MAX_COLUMNS, min_items=1), MAX_TABLE_ROWS, min_items=1)},
    {
        "block_id": block_kit_id,
        "column_settings": array(
            record({}, {"align": choice("left", "center", "right"), "is_wrapped": boolean}),
            MAX_COLUMNS,
        ),
    },
)
data_table = with_rules(
    record(
        {
            "rows": array(array(_data_cell, MAX_COLUMNS, min_items=1), MAX_DATA_TABLE_ROWS, min_items=2),
            "caption": string(_MAX_CELL_LENGTH),
        },
        {"block_id": block_kit_id, "page_size": number(1, 100), "row_header_column_index": number(0)},
    ),
    _rows_have_equal_length,
    _header_is_plain,
    _row_header_exists,
)
