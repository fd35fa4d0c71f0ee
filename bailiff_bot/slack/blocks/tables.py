"""The tables as native `data_table` blocks, split by rows and characters into a limited number of messages."""

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
"""One for each possible table. With the parent, the file and the delivery summary that makes twelve, as documented."""
MAX_ROWS = 100
"""Data rows of one table: Slack's older and newer documentation both allow that many."""
_PAGE_SIZE = 10
_FIXED_PARTS = 600
"""Characters reserved for a table's title, caption and last line."""


@dataclass(frozen=True, slots=True)
class TablePart:
    """Consecutive rows of a table that fit into one message."""

    table: TableId
    start: int
    rows: tuple[Row, ...]
    length: int
    """Characters that Slack may count in the part."""

    @property
    def end(self) -> int:
        """The index in the table of the row after this part."""
        return self.start + len(self.rows)


def table_messages(report: Report, zone: tzinfo) -> list[Message]:
    """Return every table that has rows, in at most `MAX_MESSAGES` messages. Captions say which lines are shown."""
    notes = dated_small_print(report, zone)
    limit = MAX_CHARACTERS - sum(min(slack_length(line), MAX_SMALL_PRINT) for line in notes)
    return [_message(parts, report, notes, zone) for parts in _pack(_choose_parts(report, limit, zone), limit)]


def _choose_parts(report: Report, limit: int, zone: tzinfo) -> list[TablePart]:
    """Return the parts to send: the first part of every table, then the second ones, until the messages are full.

    `limit` is the number of characters of a message.
    """
    tables = [_split(report, table.id, table.rows, limit, zone) for table in report.tables if table.rows]
    chosen: list[TablePart] = []
    for level in range(MAX_MESSAGES):
        for remaining_parts in tables:
            part = next(remaining_parts, None)
            if part is None:
                continue
            candidate = _sorted([*chosen, part], report)
            if level and len(_pack(candidate, limit)) > MAX_MESSAGES:
                return chosen
            chosen = candidate
    return chosen


def _sorted(parts: list[TablePart], report: Report) -> list[TablePart]:
    order = [table.id for table in report.tables]
    return sorted(parts, key=lambda part: (order.index(part.table), part.start))


def _pack(parts: list[TablePart], limit: int) -> list[list[TablePart]]:
    """Return the parts of each message, in order, with at most `limit` characters in a message."""
    messages: list[list[TablePart]] = []
    characters_left = 0
    for part in parts:
        if part.length > characters_left:
            messages.append([])
            characters_left = limit
        messages[-1].append(part)
        characters_left -= part.length
    return messages


def _split(report: Report, table: TableId, rows: tuple[Row, ...], limit: int, zone: tzinfo) -> Iterator[TablePart]:
    """Yield the rows of a table in parts of at most `MAX_ROWS` rows and `limit` characters, one row at least."""
    shown = columns(report, table, zone)
    overhead = _FIXED_PARTS + sum(slack_length(column.heading) for column in shown)
    start, end, used = 0, 0, overhead
    for row in rows:
        length = sum(slack_length(column.text(row)) + len(column.link(row) if column.link else "") for column in shown)
        if end > start and (used + length > limit or end - start == MAX_ROWS):
            yield TablePart(table, start, rows[start:end], used)
            start, used = end, overhead
        end, used = end + 1, used + length
    yield TablePart(table, start, rows[start:end], used)


def _message(parts: list[TablePart], report: Report, notes: list[str], zone: tzinfo) -> Message:
    rendered: list[Block] = []
    plain: list[str] = []
    for part in parts:
        caption = _caption(part, report)
        advice = f" {remedy(part.table, report.policy)}." if isinstance(part.table, RuleId) else ""
        rendered += [paragraph(bold(f"{caption}."), advice), _data_table(part, caption, report, zone)]
        plain += [f"{caption}.{advice}", text.table(report, part.table, part.rows, zone)]
    names = ", ".join(dict.fromkeys(title(part.table, report.policy) for part in parts))
    plain.append("\n".join(notes))
    return Message(f"Tables of the report: {names}.", blocks(*rendered, context(notes)), "\n\n".join(plain))


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
