"""Reports as monospace text: for the terminal, and for messages whose blocks Slack refuses."""

from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo
from itertools import chain

from tabulate import tabulate

from bailiff_bot.domain.report import Report, Row, TableId
from bailiff_bot.messages.wording import age, headline, plural, small_print, title
from bailiff_bot.render.cells import cells, cut, padded, wrapped
from bailiff_bot.render.columns import columns
from bailiff_bot.render.layout import GAP, Extent, Layout, breadth, layout


def table(report: Report, table_id: TableId, rows: Sequence[Row], zone: tzinfo) -> str:
    """Return rows of a table for Slack. No cell is read as a number, and none is cut."""
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
            lines = _lines(report, one.id, one.rows, zone, width)
            parts += [_sentence(heading, width), "\n".join(lines)]
    closing = small_print(report, age(now - report.coverage.scanned_at))
    return "\n\n".join([*parts, "\n".join(_sentence(line, width) for line in closing)])


def _sentence(text: str, width: int | None) -> str:
    return text if width is None else "\n".join(wrapped(text, width))


def _lines(report: Report, table_id: TableId, rows: Sequence[Row], zone: tzinfo, width: int | None) -> Iterator[str]:
    """Yield the lines of a table: one line a row if the terminal is wide enough, else several."""
    shown = columns(report, table_id, zone)
    heading = [column.heading for column in shown]
    body = [[column.text(row) for column in shown] for row in rows]
    wholes = [max(map(cells, texts)) for texts in zip(heading, *body, strict=True)]
    extents = [Extent(whole, column.min_cells or whole) for column, whole in zip(shown, wholes, strict=True)]
    form = layout(extents, width)
    for line in chain(_row(heading, form), [_rule(form)], *(_row(texts, form) for texts in body)):
        yield line if width is None else cut(line, width)


def _row(texts: Sequence[str], form: Layout) -> Iterator[str]:
    left = iter(texts)
    for number, widths in enumerate(form):
        line = GAP.join(padded(cut(next(left), size), size) for size in widths)
        yield f"{GAP if number else ''}{line}".rstrip()


def _rule(form: Layout) -> str:
    first, *further = form
    if not further:
        return GAP.join("-" * size for size in first)
    return "-" * max(breadth(first), *(len(GAP) + breadth(widths) for widths in further))
