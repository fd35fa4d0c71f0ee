"""The use case of the Home tab: one's own instances, and for administrators all of them."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import tzinfo
from typing import Protocol

from bailiff_bot.domain.audit import AuditEntry
from bailiff_bot.domain.history import DigestHistory, subject_of
from bailiff_bot.domain.offer import HOME, Offer
from bailiff_bot.domain.paging import page_of, page_with
from bailiff_bot.domain.report import Report, most_urgent_first
from bailiff_bot.domain.report_filter import ReportFilter
from bailiff_bot.domain.report_part import ReportPart
from bailiff_bot.domain.subject import Subject
from bailiff_bot.messages.answers import usage
from bailiff_bot.messages.document import Document
from bailiff_bot.messages.formatting import date_time
from bailiff_bot.messages.home import (
    Titles,
    exemptions_section,
    latest_actions_section,
    own_section,
    tenant_section,
)
from bailiff_bot.messages.instance_line import instance_title
from bailiff_bot.messages.owner_messages import Actions
from bailiff_bot.usecases.own_actions import OwnActions
from bailiff_bot.usecases.reports import ExemptionStore, Reports

_MAX_DONE = 16
"""What was just done has a block each, and is listed among the exemptions as well."""
_LATEST_ACTIONS = 10


class OfferReader(Protocol):
    """Finds offers. Raises StoreError."""

    def same_rendering(self, offer: Offer) -> tuple[Offer, ...]:
        """Return the offers of one rendering of a message."""
        ...


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
class Home:
    """Makes the Home tabs, each fresh from the stores. `zone` is the time zone of dates and times."""

    reports: Reports
    zone: tzinfo
    own_actions: OwnActions
    offers: OfferReader
    exemptions: ExemptionStore
    history: HistoryStore
    audit: AuditLog
    admins: frozenset[str]
    """The ids of Slack users."""

    def sections(self, user_id: str, address: str, page: int = 1) -> tuple[Document, ...]:
        """Return what a member sees: the own instances, a page of them, first. Raises StoreError."""
        own = self._part(address)
        return (
            *self._own(own, user_id, page),
            *self._exemptions(own, user_id),
            *self._of_administrators(user_id),
            usage(has_actions=bool(self.own_actions.offers.enabled)),
        )

    def after_click(self, user_id: str, address: str, offer: Offer) -> tuple[Document, ...]:
        """Return what a member sees after a click on an offer: the page on which it was made. Raises StoreError."""
        part = self._part(address)
        rows = most_urgent_first(part.report.flagged) if part else ()
        beside = {offer.subject, *(one.subject for one in self.offers.same_rendering(offer))}
        return self.sections(user_id, address, page_with(rows, beside))

    def _part(self, address: str) -> ReportPart | None:
        """Return the instances of an address; None if nobody knows what is theirs."""
        part = self.reports.part(ReportFilter(owners=(address,))) if address else None
        return part if part and not part.unlisted else None

    def _own(self, part: ReportPart | None, user_id: str, number: int) -> Iterator[Document]:
        if part:
            page = page_of(most_urgent_first(part.report.flagged), number)
            actions = self.own_actions.of(page.rows, user_id, HOME, _MAX_DONE) or Actions({})
            yield own_section(part, page, date_time(part.report.coverage.scanned_at, self.zone), actions)

    def _exemptions(self, part: ReportPart | None, user_id: str) -> Iterator[Document]:
        own = {subject_of(row) for row in part.report.rows} if part else frozenset()
        live = self.exemptions.live(self.reports.current_time())
        found = [grant for grant in live if grant.granted_by == user_id or grant.subject in own]
        titles = _titles(self.reports.current(), {grant.subject for grant in found})
        yield from exemptions_section(sorted(found, key=lambda grant: grant.until), titles, self.zone)

    def _of_administrators(self, user_id: str) -> Iterator[Document]:
        if user_id in self.admins:
            report, entries = self.reports.current(), self.audit.latest(_LATEST_ACTIONS)
            titles = _titles(report, {entry.record.subject for entry in entries})
            yield tenant_section(report, self.history.load().trend, self.zone)
            yield from latest_actions_section(entries, titles, self.zone)


def _titles(report: Report, wanted: AbstractSet[Subject | None]) -> Titles:
    """Return how the wanted subjects are named, of those that are in the report."""
    if not wanted:
        return {}
    return {subject: instance_title(row) for row in report.rows if (subject := subject_of(row)) in wanted}
