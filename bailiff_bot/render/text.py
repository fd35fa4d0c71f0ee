"""Tables as monospace text, for the terminal and for a Slack that refuses blocks."""

from collections.abc import Sequence
from datetime import datetime, tzinfo

from tabulate import tabulate

from bailiff_bot.domain.report import Report, Row, TableId
from bailiff_bot.messages.wording import age, headline, plural, small_print, title
from bailiff_bot.render.columns import columns


def table(report: Report, table_id: TableId, rows: Sequence[Row], zone: tzinfo) -> str:
    """Return rows of a table under its headings; no cell is taken for a number, whatever it looks like."""
    shown = columns(report, table_id, zone)
    return tabulate(
        [[column.text(row) for column in shown] for row in rows],
        headers=[column.heading for column in shown],
        tablefmt="simple",
        disable_numparse=True,
        preserve_whitespace=True,
    )


def document(report: Report, now: datetime, zone: tzinfo) -> str:
    """Return the whole report for a terminal: headline, every table that has rows, coverage."""
    parts = [headline(report) + "."]
    for one in report.tables:
        if one.rows:
            heading = f"{title(one.id, report.policy)} ({plural(one.count, 'instance')})"
            parts.append(f"{heading}\n\n{table(report, one.id, one.rows, zone)}")
    return "\n\n".join([*parts, "\n".join(small_print(report, age(now - report.coverage.scanned_at)))])
