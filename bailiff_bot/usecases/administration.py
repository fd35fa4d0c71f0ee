"""What administrators see on the Home tab: what triage has to decide, all instances, and the latest actions."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import islice
from secrets import token_urlsafe
from typing import Protocol

from bailiff_bot.domain.action import AWS_ACTIONS, Action
from bailiff_bot.domain.audit import AuditEntry
from bailiff_bot.domain.history import DigestHistory, subject_of
from bailiff_bot.domain.offer import HOME, Offer
from bailiff_bot.domain.report import Report
from bailiff_bot.domain.subject import Subject
from bailiff_bot.domain.triage import TriageItem
from bailiff_bot.messages.administration import (
    Titles,
    brake_section,
    extensions_section,
    latest_actions_section,
    tenant_section,
    triage_section,
)
from bailiff_bot.messages.document import Document
from bailiff_bot.messages.instance_line import instance_title
from bailiff_bot.usecases.brakes import BrakeReader
from bailiff_bot.usecases.exemption_lists import ExemptionLists
from bailiff_bot.usecases.offers import key_by_subject
from bailiff_bot.usecases.own_actions import OfferStore
from bailiff_bot.usecases.reports import Reports
from bailiff_bot.usecases.triage_list import TriageList

_MAX_TRIAGE = 5
"""Instances to assign that are listed: each takes two blocks."""
_LATEST_ACTIONS = 10


class HistoryStore(Protocol):
    """Knows the digests that were seen. Raises StoreError."""

    def load(self) -> DigestHistory:
        """Return what earlier digests left."""
        ...


class AuditLog(Protocol):
    """The audit log. Raises StoreError."""

    def latest(self, count: int) -> tuple[AuditEntry, ...]:
        """Return the last `count` entries, in the order in which they were appended."""
        ...


@dataclass(frozen=True, slots=True)
class Administration:
    """Makes the sections that only administrators see. `zone` is the time zone of dates and times."""

    reports: Reports
    zone: tzinfo
    exemption_lists: ExemptionLists
    triage: TriageList
    offers: OfferStore
    history: HistoryStore
    audit: AuditLog
    enabled: AbstractSet[Action]
    """The actions that the team allows. Triage decides what *Not mine* says."""
    brakes: BrakeReader

    def sections(self, user_id: str, query: str) -> Iterator[Document]:
        """Yield the sections for an administrator. `query` becomes that of the offers. Raises StoreError."""
        report = self.reports.current()
        if Action.NOT_MINE in self.enabled:
            yield from self._triage(report, user_id, query)
        yield tenant_section(report, self.history.load().trend, self.zone)
        if self.enabled & AWS_ACTIONS:
            yield brake_section(self.brakes.read(), self.reports.current_time(), self.zone)
        yield from extensions_section(self.exemption_lists.extended_again(), self.zone)
        entries = self.audit.latest(_LATEST_ACTIONS)
        titles = _titles(report, {entry.record.subject for entry in entries})
        yield from latest_actions_section(entries, titles, self.zone)

    def _triage(self, report: Report, user_id: str, query: str) -> Iterator[Document]:
        items = self.triage.open_items()
        by_subject = {item.disclaimer.subject: item for item in reversed(items)}
        oldest_first = sorted(by_subject.values(), key=lambda item: item.disclaimer.said_at)
        now = self.reports.current_time()
        offers = tuple(_offer(item, user_id, now, query) for item in islice(oldest_first, _MAX_TRIAGE))
        self.offers.save(offers)
        keys = key_by_subject(offers)
        listed = [item for item in items if item.disclaimer.subject in keys]
        yield from triage_section(listed, len(by_subject), report, keys)


def _offer(item: TriageItem, user_id: str, now: datetime, query: str) -> Offer:
    """Return the offer to assign an instance. Its `made_id` keeps it apart from what *Keep all* keeps."""
    said = item.disclaimer
    return Offer(token_urlsafe(16), said.subject, said.title, user_id, HOME, now, said.id, query)


def _titles(report: Report, wanted: AbstractSet[Subject | None]) -> Titles:
    """Return how the wanted subjects are named, of those that are in the report."""
    if not wanted:
        return {}
    return {subject: instance_title(row) for row in report.rows if (subject := subject_of(row)) in wanted}
