"""The use case of the Home tab: what is one's own, and for administrators all of it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Protocol

from bailiff_bot.domain.delegation import Delegation
from bailiff_bot.domain.offer import HOME, Offer
from bailiff_bot.domain.paging import page_of
from bailiff_bot.domain.report import Row, most_urgent_first
from bailiff_bot.domain.report_filter import ReportFilter, View
from bailiff_bot.messages.answers import no_address, no_identifier, usage
from bailiff_bot.messages.document import Document
from bailiff_bot.messages.formatting import date_time
from bailiff_bot.messages.home import (
    MAX_EXEMPTIONS,
    delegations_section,
    exemptions_section,
    own_section,
    without_instances_section,
)
from bailiff_bot.messages.instance_items import Actions
from bailiff_bot.usecases.administration import Administration
from bailiff_bot.usecases.exemption_lists import ExemptionLists
from bailiff_bot.usecases.own_actions import OwnActions
from bailiff_bot.usecases.reports import Reports

_MAX_DONE = 10
"""What was just done has a block each, and is listed among the exemptions as well."""


class DelegationReader(Protocol):
    """Finds delegations. Raises StoreError."""

    def of_owner(self, user_id: str, now: datetime) -> tuple[Delegation, ...]:
        """Return those that a user gave and that are not over."""
        ...

    def of_delegate(self, user_id: str, now: datetime) -> tuple[Delegation, ...]:
        """Return those by which a user acts for somebody now."""
        ...


@dataclass(frozen=True, slots=True)
class Home:
    """Makes the Home tabs, each fresh from the stores. `zone` is the time zone of dates and times."""

    reports: Reports
    zone: tzinfo
    own_actions: OwnActions
    exemption_lists: ExemptionLists
    delegations: DelegationReader
    administration: Administration
    admins: frozenset[str]
    """The ids of Slack users."""

    def sections(self, user_id: str, address: str, page: int = 1) -> tuple[Document, ...]:
        """Return what a member sees: the own instances, a page of them, first. Raises StoreError."""
        query = str(page)
        return (
            self._own(user_id, address, page),
            *self._exemptions(user_id, address, query),
            *self._delegations(user_id),
            *(self.administration.sections(user_id, query) if user_id in self.admins else ()),
            self._help(),
        )

    def _help(self) -> Document:
        return usage(offered=self.own_actions.offers.enabled)

    def after_click(self, user_id: str, address: str, offer: Offer) -> tuple[Document, ...]:
        """Return what a member sees after a click on an offer: the page on which it was made. Raises StoreError."""
        return self.sections(user_id, address, int(offer.query or 1))

    def _own(self, user_id: str, address: str, number: int) -> Document:
        """Return the instances of an address, or why Bailiff does not know which these are."""
        part = self.reports.part(ReportFilter(owners=(address,) if address else ()))
        when = date_time(part.report.coverage.scanned_at, self.zone)
        if part.unlisted or not address:
            actions = self._actions((), user_id, number)
            return without_instances_section(self._why_unknown(address), part.report, when, actions)
        page = page_of(most_urgent_first(part.report.flagged), number)
        return own_section(part, page, when, self._actions(page.rows, user_id, number))

    def _why_unknown(self, address: str) -> Document:
        people = self.reports.people()
        return no_identifier(address, people, View.MINE) if address else no_address(View.MINE)

    def _actions(self, rows: Iterable[Row], user_id: str, page: int) -> Actions:
        return self.own_actions.of(rows, user_id, HOME, str(page), _MAX_DONE) or Actions({})

    def _exemptions(self, user_id: str, address: str, query: str) -> Iterator[Document]:
        found = self.exemption_lists.of_person(user_id, address)
        keys = self.exemption_lists.end_keys(found[:MAX_EXEMPTIONS], user_id, address, HOME, query)
        return exemptions_section(found, self.reports.current(), keys)

    def _delegations(self, user_id: str) -> Iterator[Document]:
        now = self.reports.current_time()
        given, received = self.delegations.of_owner(user_id, now), self.delegations.of_delegate(user_id, now)
        return delegations_section(given, received, self.zone)
