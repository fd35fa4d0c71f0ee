"""The sections of the Home tab that only administrators see, each from values alone."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, tzinfo

from bailiff_bot.domain.action_brakes import Brakes
from bailiff_bot.domain.audit import AuditEntry
from bailiff_bot.domain.counting_exemptions import GrantedExemption
from bailiff_bot.domain.history import TrendPoint
from bailiff_bot.domain.report import Report
from bailiff_bot.domain.subject import Subject
from bailiff_bot.domain.triage import TriageItem
from bailiff_bot.messages.audit_text import actor_text, outcome_text
from bailiff_bot.messages.brake import brake_line
from bailiff_bot.messages.changes_text import NO_CHANGES
from bailiff_bot.messages.document import Bold, Bullets, Document, Line, Paragraph, SmallPrint
from bailiff_bot.messages.exemption_list import extension_line
from bailiff_bot.messages.formatting import date_time, display_name, visible
from bailiff_bot.messages.home import counted, section
from bailiff_bot.messages.instance_items import KeyOf
from bailiff_bot.messages.summary import counts, trend_chart
from bailiff_bot.messages.triage_message import triage_headline, triage_items
from bailiff_bot.messages.wording import dated_small_print, headline

_MAX_EXTENSIONS = 5
"""Extensions that are listed; the rest is counted."""

Titles = Mapping[Subject, str]
"""How each subject of the report is named in a sentence."""


def triage_section(items: Sequence[TriageItem], count: int, report: Report, keys: KeyOf) -> Iterator[Document]:
    """Yield the instances that need an owner, with *Assign to...*; nothing if there are none.

    `count` is their number, with those that are not among the items. `keys` has an offer for each that is.
    """
    if items:
        listed = triage_items(items, report, report.policy.zone, keys)
        more = counted(count - len(keys), "assign these first")
        yield section(triage_headline(count, count), *listed, *more)


def tenant_section(report: Report, trend: Sequence[TrendPoint], zone: tzinfo) -> Document:
    """Return all instances in a few counts, with the trend of the last digests."""
    chart = trend_chart(replace(NO_CHANGES, points=tuple(trend), zone=zone))
    coverage = SmallPrint((dated_small_print(report, zone)[-1],))  # the tab begins with the gaps
    return section(f"All owners: {headline(report)}", *counts(report), *chart, coverage)


def brake_section(brakes: Brakes, now: datetime, zone: tzinfo) -> Document:
    """Return the state of the brake, and how much was done in AWS, in one line."""
    return Document("The brake.", "", (Paragraph(text=brake_line(brakes, now, zone)),), "/bailiff brake")


def extensions_section(extended: Sequence[GrantedExemption], zone: tzinfo) -> Iterator[Document]:
    """Yield the exemptions that were extended more than once; nothing if there are none."""
    if extended:
        lines = tuple((extension_line(one, zone),) for one in extended[:_MAX_EXTENSIONS])
        more = counted(len(extended) - len(lines), "/bailiff exemptions")
        yield section("Extended more than once", Bullets(lines), *more)


def latest_actions_section(entries: Sequence[AuditEntry], titles: Titles, zone: tzinfo) -> Iterator[Document]:
    """Yield the latest entries of the audit log, the newest first; nothing if there are none."""
    if entries:
        lines = tuple(_action_line(entry, titles, zone) for entry in reversed(entries))
        yield section("Latest actions", Bullets(lines), Paragraph(text="All of them: bailiff audit."))


def _action_line(entry: AuditEntry, titles: Titles, zone: tzinfo) -> Line:
    record = entry.record
    what = f", {_title(record.subject, titles)}" if record.subject else ""
    return f"{date_time(record.at, zone)}: ", Bold(actor_text(record)), f"{visible(what)}: {outcome_text(record)}"


def _title(subject: Subject, titles: Titles) -> str:
    """Return how a subject is named; its id if it is not in the report any more."""
    return titles.get(subject, display_name(subject.id))
