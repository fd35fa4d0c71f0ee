"""Rows of a table as a native `data_table` block."""

from dataclasses import replace
from itertools import islice

from slackblocks import Block, DataTableBlock, RawNumber, RawText, RichTextBlock

from bailiff_bot.domain.report import Row
from bailiff_bot.messages.document import Bold, Document, Grid, Link
from bailiff_bot.render.columns import Column, columns
from bailiff_bot.slack.blocks.elements import paragraph, section
from bailiff_bot.slack.blocks.fitting import SizedPart, slack_length

MAX_ROWS = 100
"""Data rows of one table: Slack's older and newer documentation both allow that many."""
_PAGE_SIZE = 10
_LINE_NUMBERS = 150
"""Characters reserved for the numbers of the lines, in the title and in the caption."""


def sized_grid(grid: Grid, document: Document) -> SizedPart:
    """Return a grid with its length. Only its first `MAX_ROWS` rows can be shown."""
    shown = columns(grid.report, grid.table, grid.zone)
    headings = sum(slack_length(column.heading) for column in shown)
    fixed = 2 * slack_length(grid.title) + slack_length(grid.advice) + headings + _LINE_NUMBERS
    lengths = tuple(_row_length(row, shown) for row in islice(grid.rows, MAX_ROWS))

    def draw(count: int) -> list[Block]:
        part = replace(grid, rows=grid.rows[:count])
        return _blocks(part, document.caption(part), shown)

    return SizedPart(fixed, lengths, len(grid.rows), draw, min_items=1)


def _row_length(row: Row, shown: tuple[Column, ...]) -> int:
    return sum(slack_length(column.text(row)) + len(column.link(row) if column.link else "") for column in shown)


def _blocks(grid: Grid, caption: str, shown: tuple[Column, ...]) -> list[Block]:
    heading = paragraph((Bold(f"{caption}."), f" {grid.advice}." if grid.advice else ""))
    table = DataTableBlock(
        [
            [RawText(column.heading) for column in shown],
            *([_cell(column, row) for column in shown] for row in grid.rows),
        ],
        caption=caption,
        page_size=_PAGE_SIZE,
        row_header_column_index=next(number for number, column in enumerate(shown) if column.identifies),
    )
    return [heading, table]


def _cell(column: Column, row: Row) -> RawText | RawNumber | RichTextBlock:
    if column.link:
        return RichTextBlock(section((Link(column.text(row), column.link(row)),)))
    if column.number and (number := column.number(row)) is not None:
        return RawNumber(number, column.text(row))
    return RawText(column.text(row))
