"""The use case that lists the exemptions that count, with *End* for those who may end them."""

from collections.abc import Iterable, Iterator
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

        A rule selects what exempts from it: a tag exempts from all.
        """
        found = self.answers.find(replace(query, filter=replace(query.filter, rules=())))
        if isinstance(found, Document):
            return found
        part, now = replace(found.part, filter=query.filter), self.reports.current_time()
        listed = tuple(_selected(self.all(), part))
        ending = (one for one in listed if isinstance(one, GrantedExemption) and self._may_end(one, user_id, address))
        offers = tuple(_offer(one, user_id, query.text, now) for one in islice(ending, MAX_OFFERS))
        self.offers.save(offers)
        keys = {offer.made_id: offer.key for offer in offers}
        ended = (one for one in self.results.of_user(user_id, now - UNDO_TIME) if one.action is Action.END)
        return exemption_list(listed, part, found.age, keys, map(DoneAction, ended))

    def all(self) -> tuple[CountingExemption, ...]:
        """Return every exemption that counts. Raises StoreError."""
        return counting_exemptions(self.reports.current(), self.reports.grants())

    def extended_again(self) -> tuple[GrantedExemption, ...]:
        """Return the exemptions that were extended more than once, for administrators. Raises StoreError."""
        return extended_again(self.all())

    def _may_end(self, exemption: GrantedExemption, user_id: str, address: str) -> bool:
        addresses = exemption.row.identity.addresses if exemption.row else ()
        return (
            user_id == exemption.grant.granted_by or user_id in self.admins or (bool(address) and address in addresses)
        )


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


def _offer(exemption: GrantedExemption, user_id: str, query: str, now: datetime) -> Offer:
    grant, row = exemption.grant, exemption.row
    title = instance_title(row) if row else grant.subject.id
    return Offer(token_urlsafe(16), grant.subject, title, user_id, ANSWER, now, grant.id, query)
