"""The report in one message: headline, counts, changes, the most urgent instances, trend, coverage and buttons."""

from collections.abc import Iterator, Sequence
from datetime import tzinfo

from bailiff_bot.domain.digest import PREVIEW, Digest
from bailiff_bot.domain.expense import most_expensive
from bailiff_bot.domain.history import subject_of
from bailiff_bot.domain.report import Report, Row, Table
from bailiff_bot.domain.report_part import ReportPart
from bailiff_bot.domain.rules import RuleId
from bailiff_bot.messages.changes_text import (
    NO_CHANGES,
    ChangesText,
    changes_text,
    cleared_line,
    dropped_line,
    fixed_line,
    incomplete_digests_line,
    kept_line,
    since_line,
    thanks_line,
    trend,
    undetermined_line,
)
from bailiff_bot.messages.document import Bullets, Buttons, Chart, Counts, Document, Paragraph, Part, SmallPrint
from bailiff_bot.messages.formatting import date_time, plural
from bailiff_bot.messages.instance_line import instance_line_with_owner
from bailiff_bot.messages.money import price_notes, rows_cost
from bailiff_bot.messages.part_text import ambiguous_line, part_headline
from bailiff_bot.messages.rule_texts import remedy, title
from bailiff_bot.messages.wording import all_is_well, headline, plausibility_line, small_print

_IN_THE_THREAD = "Every table and a CSV are in the thread."
_MAX_MOST_EXPENSIVE, _MAX_MOST_URGENT = 5, 5
_MAX_NEW = 5
"""How many new instances are listed after the most urgent ones."""
_NOT_FIXED = (undetermined_line, dropped_line, kept_line, cleared_line)
"""The lines about what is not listed any more, or not certainly listed, and that nobody fixed."""


def digest_summary(digest: Digest, zone: tzinfo) -> Document:
    """Return the parent of a digest's thread. A digest that is one sentence has no thread, unless it is a preview."""
    report = digest.report
    note = "" if all_is_well(report) else _IN_THE_THREAD
    if digest.nudges == PREVIEW:
        note = "A preview: only you got this message."
    changes = changes_text(report, digest.changes, digest.history, zone)
    return summary(report, _read_at(report, zone), note=note, changes_text=changes)


def full_report_summary(part: ReportPart, zone: tzinfo) -> Document:
    """Return the parent of the thread of a full report."""
    return part_summary(part, _read_at(part.report, zone), note=_IN_THE_THREAD)


def shared_summary(part: ReportPart, zone: tzinfo, name: str) -> Document:
    """Return the summary that the user `name` shares in a channel."""
    return part_summary(part, _read_at(part.report, zone), note=f"Shared by {name}.")


def part_summary(part: ReportPart, when: str, *, buttons: Buttons | None = None, note: str = "") -> Document:
    """Return a part of a report in one message. It says first what it is filtered by."""
    notes = " ".join(filter(None, (ambiguous_line(part), note)))
    return summary(part.report, when, buttons=buttons, note=notes, title_text=part_headline(part))


def _read_at(report: Report, zone: tzinfo) -> str:
    """Return when the report's scan was: an absolute time, because the message may be read hours later."""
    return date_time(report.coverage.scanned_at, zone)


def summary(  # noqa: PLR0913 - the optional parts of the message
    report: Report,
    when: str,
    *,
    buttons: Buttons | None = None,
    note: str = "",
    title_text: str = "",
    changes_text: ChangesText = NO_CHANGES,
) -> Document:
    """Return a report in one message. `title_text` is its headline, by default that of the whole report.

    `when` says when the report was read: `formatting.age` for an immediate answer, `formatting.date_time` for a message
    that may be read later. A digest has a `changes_text`: what changed since the last digest, and the trend.
    """
    title_text = title_text or headline(report)
    actions = [buttons] if buttons else []
    closing = [*price_notes(report.flagged), *small_print(report, when)]
    if all_is_well(report):
        return _one_sentence(title_text, closing[-1], changes_text, note, actions)
    lists = (*counts(report), *_changes(changes_text), *_instance_lists(report, changes_text))
    notes = tuple(filter(None, (incomplete_digests_line(changes_text), *closing, note)))
    parts = (*lists, *trend_chart(changes_text), SmallPrint(notes), *actions)
    sentences = filter(None, (title_text, since_line(changes_text), plausibility_line(report), closing[-1]))
    return Document(f"{'. '.join(sentences)}.", title_text, parts, "in the CSV of the full report")


def _one_sentence(
    title_text: str, coverage: str, changes_text: ChangesText, note: str, actions: Sequence[Buttons]
) -> Document:
    """Return the summary of a report without findings, with thanks to those who fixed some."""
    sentences = (title_text, fixed_line(changes_text), thanks_line(changes_text), coverage)
    text = " ".join(f"{sentence}." for sentence in sentences if sentence)
    notes = tuple(filter(None, (*(line(changes_text) for line in _NOT_FIXED), note)))
    return Document(text, "", (Paragraph(text=text), *([SmallPrint(notes)] if notes else []), *actions))


def counts(report: Report) -> Iterator[Counts]:
    """Yield the number of instances in each table that has some; nothing if there are none."""
    lines = tuple((table.count, _label(table, report)) for table in report.tables if table.rows)
    if lines:
        yield Counts(lines)


def _label(table: Table, report: Report) -> str:
    name = title(table.id, report.policy)
    flagged = sum(row.count for row in table.rows if row.findings)
    if isinstance(table.id, RuleId):
        return f"{name}{rows_cost(table.rows)}: {remedy(table.id, report.policy)}"
    return f"{name}, {plural(flagged, 'breaks', 'break')} a rule{rows_cost(table.rows)}" if flagged else name


def _changes(changes_text: ChangesText) -> Iterator[Paragraph]:
    """Yield the counts of the changes, then undetermined, dropped, kept, cleared and thanks, if there are any."""
    since, _, counts = since_line(changes_text).partition(": ")
    if since:
        yield Paragraph(f"{since}:", counts)
    for text in (line(changes_text) for line in (*_NOT_FIXED, thanks_line)):
        if text:
            yield Paragraph(text=f"{text}.")


def _instance_lists(report: Report, changes_text: ChangesText) -> Iterator[Part]:
    """Yield the instances whose use costs the most, the most urgent of the others, and the new ones, with headings."""
    costly = most_expensive(report.flagged, _MAX_MOST_EXPENSIVE)
    yield from _instances("Most expensive", costly, report)
    most_urgent = _without(costly, report.most_urgent(_MAX_MOST_URGENT + len(costly)))[:_MAX_MOST_URGENT]
    yield from _instances("Also urgent" if costly else "Most urgent", most_urgent, report)
    new = _new_rows(changes_text, report, (*costly, *most_urgent))
    heading = "Also new" if len(new) < len(changes_text.changes.new) else "New"
    yield from _instances(heading, new[:_MAX_NEW], report)


def _without(rows: Sequence[Row], others: Sequence[Row]) -> Sequence[Row]:
    """Return those of `others` that are not among `rows`."""
    listed = {subject_of(row) for row in rows}
    return [row for row in others if subject_of(row) not in listed]


def _instances(heading: str, rows: Sequence[Row], report: Report) -> Iterator[Part]:
    if rows:
        yield Paragraph(heading)
        yield Bullets(tuple(instance_line_with_owner(row, report.coverage.account_count) for row in rows))


def _new_rows(changes_text: ChangesText, report: Report, already_listed: tuple[Row, ...]) -> tuple[Row, ...]:
    """Return the new rows that are not `already_listed`, the most urgent first; none in the first digest."""
    if changes_text.changes.since is None:
        return ()
    new = {subject_of(row) for row in changes_text.changes.new} - {subject_of(row) for row in already_listed}
    return tuple(row for row in report.most_urgent(len(report.flagged)) if subject_of(row) in new)


def trend_chart(changes_text: ChangesText) -> Iterator[Chart]:
    """Yield the trend as a line chart; nothing if there is no trend."""
    points = tuple((label, point.flagged_count) for label, point in trend(changes_text))
    if points:
        count = plural(len(points), "digest")
        yield Chart(f"Instances that break a rule, {count}", "Break a rule", points, f"Trend of the last {count}")
