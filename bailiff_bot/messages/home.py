"""The sections of the Home tab, each from values alone. A section lists a few things, and counts the rest."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta, tzinfo

from bailiff_bot.domain.audit import AuditEntry
from bailiff_bot.domain.grants import Grant
from bailiff_bot.domain.history import TrendPoint
from bailiff_bot.domain.paging import Page
from bailiff_bot.domain.report import Report
from bailiff_bot.domain.report_part import ReportPart
from bailiff_bot.domain.subject import Subject
from bailiff_bot.messages.action_results import result_items
from bailiff_bot.messages.audit_text import actor_text, result_text
from bailiff_bot.messages.buttons import next_page_button, previous_page_button
from bailiff_bot.messages.changes_text import NO_CHANGES
from bailiff_bot.messages.document import Bold, Bullets, Buttons, Document, Line, Paragraph, Part, SmallPrint
from bailiff_bot.messages.exemptions import rows_without_end, without_end_line
from bailiff_bot.messages.formatting import date_time, display_name, iso_day, visible
from bailiff_bot.messages.instance_items import instance_items, keep_all
from bailiff_bot.messages.owner_messages import Actions
from bailiff_bot.messages.part_text import ambiguous_line, part_headline
from bailiff_bot.messages.summary import counts, trend_chart
from bailiff_bot.messages.wording import headline, small_print

_REST_IN = "/bailiff mine, then Full report"
_MAX_LISTED = 5
"""Exemptions that are listed; the rest is counted."""

Titles = Mapping[Subject, str]
"""How each subject of the report is named in a sentence."""


def own_section(part: ReportPart, page: Page, when: str, actions: Actions) -> Document:
    """Return the instances of a person that break a rule, one page of them. `when` says when they were read."""
    report, text = part.report, part_headline(part)
    listed = (
        *result_items(actions.done, report.policy.zone),
        *instance_items(page.rows, report, actions.keys, actions.offered),
        *_paging(page),
        *keep_all(actions.keys, actions.offered),
    )
    without_end = without_end_line(rows_without_end(report), report.policy)
    notes = tuple(filter(None, (ambiguous_line(part), without_end, *small_print(report, when))))
    return Document(f"{text}.", text, (*listed, SmallPrint(notes)), _REST_IN)


def _paging(page: Page) -> Iterator[Part]:
    """Yield which rows a page shows, and the buttons to the other pages; nothing if there is only one page."""
    if page.count > 1:
        last = page.start + len(page.rows)
        yield Paragraph(text=f"Page {page.number} of {page.count}: {page.start + 1:,} to {last:,} of {page.total:,}.")
        buttons = [previous_page_button(page.number - 1)] if page.number > 1 else []
        buttons += [next_page_button(page.number + 1)] if page.number < page.count else []
        yield Buttons(tuple(buttons), "pages")


def exemptions_section(grants: Sequence[Grant], titles: Titles, zone: tzinfo) -> Iterator[Document]:
    """Yield the exemptions that a person granted, or that are on their instances; nothing if there are none."""
    if grants:
        lines = tuple(_grant_line(grant, titles, zone) for grant in grants[:_MAX_LISTED])
        rest = [Paragraph(text=f"{more:,} more.")] if (more := len(grants) - len(lines)) else []
        yield _section("Your exemptions", Bullets(lines), *rest)


def _grant_line(grant: Grant, titles: Titles, zone: tzinfo) -> Line:
    last_day = iso_day(grant.until - timedelta(microseconds=1), zone)
    return Bold(_title(grant.subject, titles)), f" until {last_day}: {visible(grant.reason)} ({visible(grant.granter)})"


def tenant_section(report: Report, trend: Sequence[TrendPoint], zone: tzinfo) -> Document:
    """Return all instances in a few counts, with the trend of the last digests."""
    chart = trend_chart(replace(NO_CHANGES, points=tuple(trend), zone=zone))
    return _section(f"All owners: {headline(report)}", *counts(report), *chart)


def latest_actions_section(entries: Sequence[AuditEntry], titles: Titles, zone: tzinfo) -> Iterator[Document]:
    """Yield the latest entries of the audit log, the newest first; nothing if there are none."""
    if entries:
        lines = tuple(_action_line(entry, titles, zone) for entry in reversed(entries))
        yield _section("Latest actions", Bullets(lines), Paragraph(text="All of them: bailiff audit."))


def _action_line(entry: AuditEntry, titles: Titles, zone: tzinfo) -> Line:
    record = entry.record
    what = f"{record.action} {_title(record.subject, titles)}" if record.subject else record.action
    return f"{date_time(record.at, zone)}: ", Bold(actor_text(record)), f", {visible(what)}: {result_text(record)}"


def _title(subject: Subject, titles: Titles) -> str:
    """Return how a subject is named; its id if it is not in the report any more."""
    return titles.get(subject, display_name(subject.id))


def _section(title: str, *parts: Part) -> Document:
    return Document(f"{title}.", title, parts, "on the command line")
