"""Reports as monospace text: for the terminal, and for messages whose blocks Slack refuses."""

from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo
from itertools import chain

from tabulate import tabulate

from bailiff_bot.domain.report import Report, Row, TableId
from bailiff_bot.messages.wording import age, headline, plural, small_print, title
from bailiff_bot.render.cells import cells, cut, padded, wrapped
from bailiff_bot.render.columns import columns
from bailiff_bot.render.layout import GAP, ColumnWidths, Layout, choose_layout, line_width


def table(report: Report, table_id: TableId, rows: Sequence[Row], zone: tzinfo) -> str:
    """Return rows of a table, for a pipe and for Slack. No cell is read as a number, and none is cut."""
    shown = columns(report, table_id, zone)
    return tabulate(
        [[column.text(row) for column in shown] for row in rows],
        headers=[column.heading for column in shown],
        tablefmt="simple",
        disable_numparse=True,
        preserve_whitespace=True,
    )


def document(report: Report, now: datetime, zone: tzinfo, width: int | None) -> str:
    """Return the whole report: headline, every table that has rows, coverage.

    No line is wider than `width` cells. None: unlimited, and nothing is cut.
    """
    parts = [_sentence(headline(report) + ".", width)]
    for one in report.tables:
        if one.rows:
            heading = f"{title(one.id, report.policy)} ({plural(one.count, 'instance')})"
            parts += [_sentence(heading, width), _fitted_table(report, one.id, one.rows, zone, width)]
    closing = small_print(report, age(now - report.coverage.scanned_at))
    return "\n\n".join([*parts, "\n".join(_sentence(line, width) for line in closing)])


def _sentence(text: str, width: int | None) -> str:
    return text if width is None else "\n".join(wrapped(text, width))


def _fitted_table(report: Report, table_id: TableId, rows: Sequence[Row], zone: tzinfo, width: int | None) -> str:
    if width is None:
        return table(report, table_id, rows, zone)
    return "\n".join(cut(line, width) for line in _lines(report, table_id, rows, zone, width))


def _lines(report: Report, table_id: TableId, rows: Sequence[Row], zone: tzinfo, width: int) -> Iterator[str]:
    """Yield the lines of a table: one line a row if the terminal is wide enough, else several.

    tabulate cannot draw a row on several lines, so it draws only tables without a limit.
    """
    shown = columns(report, table_id, zone)
    heading = [column.heading for column in shown]
    body = [[column.text(row) for column in shown] for row in rows]
    full_widths = [max(map(cells, texts)) for texts in zip(heading, *body, strict=True)]
    widths = [ColumnWidths(full, column.min_cells or full) for column, full in zip(shown, full_widths, strict=True)]
    layout = choose_layout(widths, width)
    yield from chain(_row(heading, layout), [_rule(layout)], *(_row(texts, layout) for texts in body))


def _row(texts: Sequence[str], layout: Layout) -> Iterator[str]:
    remaining = iter(texts)
    for number, widths in enumerate(layout):
        line = GAP.join(padded(cut(next(remaining), size), size) for size in widths)
        yield f"{GAP if number else ''}{line}".rstrip()


def _rule(layout: Layout) -> str:
    first, *further = layout
    if not further:
        return GAP.join("-" * size for size in first)
    return "-" * max(line_width(first), *(len(GAP) + line_width(widths) for widths in further))
