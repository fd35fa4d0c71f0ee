"""The tables of a report: in the thread below its summary, and in the terminal."""

from collections.abc import Iterator
from datetime import datetime, tzinfo

from bailiff_bot.domain.report import OtherTable, Report, Table
from bailiff_bot.domain.report_part import ReportPart
from bailiff_bot.domain.rules import RuleId
from bailiff_bot.messages.document import Document, Grid, Paragraph, SmallPrint
from bailiff_bot.messages.exemptions import end_wanted, rows_without_end
from bailiff_bot.messages.formatting import age, plural, sentence_case
from bailiff_bot.messages.money import price_notes, rows_cost
from bailiff_bot.messages.part_text import ambiguous_line, part_headline
from bailiff_bot.messages.rule_texts import remedy, title
from bailiff_bot.messages.wording import dated_small_print, small_print


def thread_tables(report: Report, zone: tzinfo) -> Document:
    """Return every table that has rows, for the thread of a report. It may take several messages."""
    grids = (_grid(table, report, zone) for table in report.tables if table.rows)
    closing = SmallPrint((*price_notes(report.flagged), *dated_small_print(report, zone)))
    return Document("Tables of the report", "", (*grids, closing), rest_in="in the CSV")


def _grid(table: Table, report: Report, zone: tzinfo) -> Grid:
    name = title(table.id, report.policy)
    title_text = f"{name}: {plural(table.count, 'instance')}{rows_cost(table.rows)}"
    return Grid(report, table.id, table.rows, zone, name, title_text, sentence_case(_advice(table, report)))


def _advice(table: Table, report: Report) -> str:
    if isinstance(table.id, RuleId):
        return remedy(table.id, report.policy)
    without_end = len(rows_without_end(report)) if table.id is OtherTable.EXEMPT else 0
    return f"{without_end:,} without an end: {end_wanted(report.policy)}" if without_end else ""


def terminal_report(part: ReportPart, now: datetime, zone: tzinfo) -> Document:
    """Return a part of a report for a terminal: the headline, every table that has rows, the coverage."""
    report = part.report
    read = age(now - report.coverage.scanned_at)
    notes = (ambiguous_line(part), *price_notes(report.flagged), *small_print(report, read))
    closing, summary = SmallPrint(tuple(filter(None, notes))), f"{part_headline(part)}."
    return Document(summary, "", (Paragraph(text=summary), *_headed_grids(report, zone), closing))


def _headed_grids(report: Report, zone: tzinfo) -> Iterator[Paragraph | Grid]:
    for table in report.tables:
        if table.rows:
            name = title(table.id, report.policy)
            yield Paragraph(text=f"{name} ({plural(table.count, 'instance')}{rows_cost(table.rows)})")
            yield Grid(report, table.id, table.rows, zone, name)
