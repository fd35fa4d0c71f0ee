"""The use case that answers a member of the workspace: with a report, with one's own instances, with the help."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Protocol

from bailiff_bot.domain.action_limits import UNDO_TIME
from bailiff_bot.domain.action_result import ActionResult
from bailiff_bot.domain.offer import ANSWER, HOME, Offer
from bailiff_bot.domain.report import most_urgent_first
from bailiff_bot.domain.report_filter import ReportFilter, ReportQuery, View
from bailiff_bot.domain.report_part import ReportPart
from bailiff_bot.domain.snapshot import Snapshot
from bailiff_bot.errors import Refused
from bailiff_bot.messages import owner_messages
from bailiff_bot.messages.answers import first_scan, no_identifier, not_scanned, unknown_filter, usage
from bailiff_bot.messages.buttons import full_report_button, share_button
from bailiff_bot.messages.document import Button, Buttons, Document
from bailiff_bot.messages.formatting import age, date_time
from bailiff_bot.messages.summary import part_summary
from bailiff_bot.messages.wording import rule_words
from bailiff_bot.usecases.offers import IN_MESSAGE, IN_VIEW, Offers, done_actions, key_by_subject
from bailiff_bot.usecases.reports import Reports


class OfferStore(Protocol):
    """Stores offers. Raises StoreError."""

    def save(self, made: Sequence[Offer]) -> None:
        """Save what a rendering of a message offers."""
        ...


class ResultStore(Protocol):
    """Stores what came of clicks. Raises StoreError."""

    def of_user(self, user_id: str, since: datetime) -> tuple[ActionResult, ...]:
        """Return what a user did from `since` on, in the order of time."""
        ...


@dataclass(frozen=True, slots=True)
class ReportAnswer:
    """The part of a report that somebody asked for, and the answer that shows it."""

    query: ReportQuery
    part: ReportPart
    age: str
    """How long ago the part was read."""
    actions: owner_messages.Actions | None = None
    """What can be done about the instances; None if nothing can, or they may be somebody else's."""

    @property
    def share_button(self) -> Button:
        """The button that shares the answer."""
        return share_button(self.query)

    @property
    def full_report_button(self) -> Button:
        """The button that sends all of the part."""
        return full_report_button(self.query)

    def document(self, note: str, buttons: Buttons | None) -> Document:
        """Return the answer with a note and buttons."""
        if self.query.view is View.REPORT:
            return part_summary(self.part, self.age, buttons=buttons, note=note)
        return owner_messages.mine(self.part, self.age, buttons=buttons, note=note, actions=self.actions)


@dataclass(frozen=True, slots=True)
class Answers:
    """Makes the answers. `zone` is the time zone of dates and times."""

    reports: Reports
    zone: tzinfo
    offers: Offers
    offer_store: OfferStore
    results: ResultStore
    home_url: Callable[[], str]
    """Returns the address that opens the Home tab; empty if it is not known."""

    def when_ready(self, retry: Callable[[Future[Snapshot]], None]) -> Document | None:
        """Return None if answers can be made at once. Else return a notice, and call `retry` with the ended first scan.

        A scan that failed has the error that the user should get: the next try would fail in the same way.
        """
        if self.reports.has_snapshot:
            return None
        self.reports.after_next_scan(retry)
        return first_scan()

    def answer(self, query: ReportQuery, *, shareable: bool) -> Document:
        """Return what somebody asks for, with the buttons that send it, or a sentence that says why there is none."""
        answer = self._find(query)
        return answer if isinstance(answer, Document) else answer.document("", _buttons(answer, shareable=shareable))

    def mine(self, query: ReportQuery, user_id: str) -> Document:
        """Return the instances of the member who asks, with what can be done about them. Raises StoreError."""
        answer = self._find(query)
        if isinstance(answer, Document):
            return answer
        own = replace(answer, actions=self._actions(answer.part, user_id, ANSWER))
        return own.document("", _buttons(own, shareable=False))

    def unknown_filter(self, word: str) -> Document:
        """Return the answer to a word that is no filter, with what was probably meant."""
        return unknown_filter(word, (*rule_words(), *self._places()))

    def help(self) -> Document:
        """Return the help."""
        return usage(has_actions=bool(self.offers.enabled))

    def home(self, user_id: str, address: str) -> tuple[Document, ...]:
        """Return what the Home tab of a member shows: their instances, with the time of the scan, and the help."""
        part = self.reports.part(ReportFilter(owners=(address,))) if address else None
        if part is None or part.unlisted:
            return (self.help(),)
        read_at, actions = date_time(part.report.coverage.scanned_at, self.zone), self._actions(part, user_id, HOME)
        return (owner_messages.mine(part, read_at, actions=actions), self.help())

    def _actions(self, part: ReportPart, user_id: str, message: str) -> owner_messages.Actions | None:
        """Return what a person can do about their own instances, after it is stored. Raises StoreError."""
        is_home = message == HOME
        rows = most_urgent_first(part.report.flagged)
        made = self.offers.make(rows, user_id, message, IN_VIEW if is_home else IN_MESSAGE)
        results = self.results.of_user(user_id, self.reports.current_time() - UNDO_TIME)
        undo = self.offers.undo(results, user_id, message)
        if not made and not results:
            return None
        self.offer_store.save((*made, *undo))
        home_url = "" if is_home else self.home_url()
        return owner_messages.Actions(key_by_subject(made), home_url, done_actions(results, undo))

    def requested(self, query: ReportQuery) -> ReportAnswer:
        """Return the answer of which a button was clicked. Raises Refused if there is none any more."""
        answer = self._find(query)
        if isinstance(answer, Document):
            raise Refused(answer.summary)
        return answer

    def _find(self, query: ReportQuery) -> ReportAnswer | Document:
        part = self.reports.part(query.filter)
        if part.outside:
            return not_scanned(part.outside[0], self._places())
        if part.unlisted:
            return no_identifier(part.unlisted[0], self.reports.people(), query.view)
        return ReportAnswer(query, part, age(self.reports.current_time() - part.report.coverage.scanned_at))

    def _places(self) -> frozenset[str]:
        """Return the accounts and regions of the latest scan; none before the first."""
        targets = self.reports.current().coverage.targets if self.reports.has_snapshot else ()
        return frozenset(name for target in targets for name in (target.account, target.region))


def _buttons(answer: ReportAnswer, *, shareable: bool) -> Buttons | None:
    if answer.query.view is View.MINE:
        return Buttons((answer.full_report_button,)) if answer.part.report.count else None
    share = (answer.share_button,) if shareable else ()
    return Buttons((*share, answer.full_report_button))
