"""The tables as native `data_table` blocks, cut by rows and by characters, in a number of messages that is bounded."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import tzinfo

from slackblocks import Block, DataTableBlock, RawNumber, RawText, RichTextBlock, RichTextSection

from bailiff_bot.domain.report import Report, Row, TableId
from bailiff_bot.domain.rules import RuleId
from bailiff_bot.messages.wording import dated_small_print, plural, remedy, title
from bailiff_bot.render import text
from bailiff_bot.render.columns import Column, columns
from bailiff_bot.slack.blocks.message import (
    MAX_CHARACTERS,
    MAX_SMALL_PRINT,
    Message,
    blocks,
    bold,
    context,
    link,
    paragraph,
    slack_length,
)

MAX_MESSAGES = 9
"""One for each table there can be. The parent, the file and the word on the owners make that the twelve promised."""
MAX_ROWS = 100
"""Data rows of one table: what both the old and the new documentation allow."""
_PAGE_SIZE = 10
_FIXED_PARTS = 600
"""Characters of a table's own title, caption and last line."""


@dataclass(frozen=True, slots=True)
class TablePart:
    """Some consecutive rows of a table, as many as one message takes."""

    table: TableId
    start: int
    rows: tuple[Row, ...]
    length: int
    """Characters that Slack may count in it."""

    @property
    def end(self) -> int:
        """The number of the table's rows up to and with this piece."""
        return self.start + len(self.rows)


def table_messages(report: Report, zone: tzinfo) -> list[Message]:
    """Return every table that has rows in at most `MAX_MESSAGES` messages; what does not fit is counted in them."""
    closing = dated_small_print(report, zone)
    room = MAX_CHARACTERS - sum(min(slack_length(line), MAX_SMALL_PRINT) for line in closing)
    return [_message(pieces, report, closing, zone) for pieces in _pack(_choose_parts(report, room, zone), room)]


def _choose_parts(report: Report, room: int, zone: tzinfo) -> list[TablePart]:
    """Return the first piece of every table, then as many further ones, level by level, as the messages hold."""
    cuts = [_split(report, table.id, table.rows, room, zone) for table in report.tables if table.rows]
    chosen: list[TablePart] = []
    for level in range(MAX_MESSAGES):
        for cut in cuts:
            piece = next(cut, None)
            if piece is None:
                continue
            more = _sorted([*chosen, piece], report)
            if level and len(_pack(more, room)) > MAX_MESSAGES:
                return chosen
            chosen = more
    return chosen


def _sorted(parts: list[TablePart], report: Report) -> list[TablePart]:
    order = [table.id for table in report.tables]
    return sorted(parts, key=lambda piece: (order.index(piece.table), piece.start))


def _pack(parts: list[TablePart], room: int) -> list[list[TablePart]]:
    packed: list[list[TablePart]] = []
    left = 0
    for piece in parts:
        if piece.length > left:
            packed.append([])
            left = room
        packed[-1].append(piece)
        left -= piece.length
    return packed


def _split(report: Report, table: TableId, rows: tuple[Row, ...], room: int, zone: tzinfo) -> Iterator[TablePart]:
    shown = columns(report, table, zone)
    frame = _FIXED_PARTS + sum(slack_length(column.heading) for column in shown)
    start, end, used = 0, 0, frame
    for row in rows:
        cost = sum(slack_length(column.text(row)) + len(column.link(row) if column.link else "") for column in shown)
        if end > start and (used + cost > room or end - start == MAX_ROWS):
            yield TablePart(table, start, rows[start:end], used)
            start, used = end, frame
        end, used = end + 1, used + cost
    yield TablePart(table, start, rows[start:end], used)


def _message(parts: list[TablePart], report: Report, closing: list[str], zone: tzinfo) -> Message:
    drawn: list[Block] = []
    plain: list[str] = []
    for part in parts:
        caption = _caption(part, report)
        advice = f" {remedy(part.table, report.policy)}." if isinstance(part.table, RuleId) else ""
        drawn += [paragraph(bold(f"{caption}."), advice), _data_table(part, caption, report, zone)]
        plain += [f"{caption}.{advice}", text.table(report, part.table, part.rows, zone)]
    names = ", ".join(dict.fromkeys(title(part.table, report.policy) for part in parts))
    plain.append("\n".join(closing))
    return Message(f"Tables of the report: {names}.", blocks(*drawn, context(closing)), "\n\n".join(plain))


def _caption(part: TablePart, report: Report) -> str:
    table = report.table(part.table)
    name = f"{title(table.id, report.policy)}: {plural(table.count, 'instance')}"
    if len(part.rows) == len(table.rows):
        return name
    lines = f"lines {part.start + 1:,} to {part.end:,} of {len(table.rows):,}"
    return f"{name}, {lines}; all are in the CSV"


def _data_table(part: TablePart, caption: str, report: Report, zone: tzinfo) -> DataTableBlock:
    shown = columns(report, part.table, zone)
    return DataTableBlock(
        [
            [RawText(column.heading) for column in shown],
            *([_cell(column, row) for column in shown] for row in part.rows),
        ],
        caption=caption,
        page_size=_PAGE_SIZE,
        row_header_column_index=next(number for number, column in enumerate(shown) if column.identifies),
    )


def _cell(column: Column, row: Row) -> RawText | RawNumber | RichTextBlock:
    if column.link:
        return RichTextBlock(RichTextSection([link(column.link(row), column.text(row))]))
    if column.number:
        return RawNumber(column.number(row), column.text(row))
    return RawText(column.text(row))
