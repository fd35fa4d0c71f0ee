"""The use case that lists the exemptions that count, with *End* for those who may end them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from secrets import token_urlsafe

from bailiff_bot.domain.action import Action
from bailiff_bot.domain.action_limits import UNDO_TIME
from bailiff_bot.domain.counting_exemptions import (
    CountingExemption,
    GrantedExemption,
    TagExemption,
    counting_exemptions,
    extended_again,
)
from bailiff_bot.domain.history import subject_of
from bailiff_bot.domain.offer import ANSWER, Offer
from bailiff_bot.domain.report_filter import ReportQuery
from bailiff_bot.domain.report_part import ReportPart
from bailiff_bot.domain.rules import RuleId
from bailiff_bot.messages.action_results import DoneAction
from bailiff_bot.messages.answers import exemptions_by_cost
from bailiff_bot.messages.document import Document
from bailiff_bot.messages.exemption_list import exemption_list
from bailiff_bot.messages.instance_line import instance_title
from bailiff_bot.usecases.answers import Answers
from bailiff_bot.usecases.offers import MAX_OFFERS
from bailiff_bot.usecases.own_actions import OfferStore
from bailiff_bot.usecases.reports import Reports
from bailiff_bot.usecases.stores import ResultsOfUsers


@dataclass(frozen=True, slots=True)
class ExemptionLists:
    """Lists exemptions. `admins` are the ids of the administrators, who may end each."""

    answers: Answers
    reports: Reports
    offers: OfferStore
    results: ResultsOfUsers
    admins: frozenset[str]

    def answer(self, query: ReportQuery, user_id: str, address: str) -> Document:
        """Return the exemptions that a query selects, for the user who asks. Raises StoreError.

        A rule selects what exempts from it: a tag exempts from all. What is exempt has no cost to be selected by.
        """
        if query.filter.cost:
            return exemptions_by_cost()
        found = self.answers.find(replace(query, filter=replace(query.filter, rules=())))
        if isinstance(found, Document):
            return found
        part, now = replace(found.part, filter=query.filter), self.reports.current_time()
        listed = tuple(_selected(self.all(), part))
        keys = self.end_keys(listed, user_id, address, ANSWER, query.text)
        ended = (one for one in self.results.of_user(user_id, now - UNDO_TIME) if one.action is Action.END)
        return exemption_list(listed, part, found.age, keys, map(DoneAction, ended))

    def of_person(self, user_id: str, address: str) -> tuple[CountingExemption, ...]:
        """Return the exemptions that a user granted, and those of the instances of an address. Raises StoreError."""
        return tuple(one for one in self.all() if _granted_by(one, user_id) or _is_owner(one, address))

    def end_keys(
        self, exemptions: Iterable[CountingExemption], user_id: str, address: str, message: str, query: str
    ) -> Mapping[str, str]:
        """Save an offer to end each exemption that a user may end. Returns its key, by the exemption's id.

        `message` and `query` become those of the offers. Raises StoreError.
        """
        ending = (
            one for one in exemptions if isinstance(one, GrantedExemption) and self._may_end(one, user_id, address)
        )
        now = self.reports.current_time()
        offers = tuple(_offer(one, user_id, message, now, query) for one in islice(ending, MAX_OFFERS))
        self.offers.save(offers)
        return {offer.made_id: offer.key for offer in offers}

    def all(self) -> tuple[CountingExemption, ...]:
        """Return every exemption that counts. Raises StoreError."""
        return counting_exemptions(self.reports.current(), self.reports.grants())

    def extended_again(self) -> tuple[GrantedExemption, ...]:
        """Return the exemptions that were extended more than once, for administrators. Raises StoreError."""
        return extended_again(self.all())

    def _may_end(self, exemption: GrantedExemption, user_id: str, address: str) -> bool:
        return user_id in self.admins or _granted_by(exemption, user_id) or _is_owner(exemption, address)


def _granted_by(exemption: CountingExemption, user_id: str) -> bool:
    return isinstance(exemption, GrantedExemption) and exemption.grant.granted_by == user_id


def _is_owner(exemption: CountingExemption, address: str) -> bool:
    return bool(address) and exemption.row is not None and address in exemption.row.identity.addresses


def _selected(exemptions: Iterable[CountingExemption], part: ReportPart) -> Iterator[CountingExemption]:
    subjects = {subject_of(row) for row in part.report.rows}
    for one in exemptions:
        is_there = subject_of(one.row) in subjects if one.row else _may_be_there(one, part)
        if is_there and _exempts_from(one, part.filter.rules):
            yield one


def _may_be_there(exemption: CountingExemption, part: ReportPart) -> bool:
    """Return True for one in a region that was not read, of which a filter by owners cannot say anything."""
    if not isinstance(exemption, GrantedExemption) or part.filter.owners:
        return False
    return part.filter.may_hold(exemption.grant.subject.target)


def _exempts_from(exemption: CountingExemption, rules: tuple[RuleId, ...]) -> bool:
    return not rules or isinstance(exemption, TagExemption) or not set(rules).isdisjoint(exemption.rules)


def _offer(exemption: GrantedExemption, user_id: str, message: str, now: datetime, query: str) -> Offer:
    grant, row = exemption.grant, exemption.row
    title = instance_title(row) if row else grant.subject.id
    return Offer(token_urlsafe(16), grant.subject, title, user_id, message, now, grant.id, query)
