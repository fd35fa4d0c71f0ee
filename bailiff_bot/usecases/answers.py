"""The use case that answers a member of the workspace: with a report, with one's own instances, with the help."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import tzinfo

from bailiff_bot.domain.offer import ANSWER
from bailiff_bot.domain.report import most_urgent_first
from bailiff_bot.domain.report_filter import ReportFilter, ReportQuery, View
from bailiff_bot.domain.report_part import ReportPart
from bailiff_bot.domain.snapshot import Snapshot
from bailiff_bot.errors import Refused
from bailiff_bot.messages import owner_messages
from bailiff_bot.messages.answers import first_scan, no_identifier, not_scanned, prices_off, unknown_filter, usage
from bailiff_bot.messages.buttons import full_report_button, share_button
from bailiff_bot.messages.document import Button, Buttons, Document
from bailiff_bot.messages.formatting import age
from bailiff_bot.messages.instance_items import Actions
from bailiff_bot.messages.rule_texts import rule_words
from bailiff_bot.messages.summary import part_summary
from bailiff_bot.usecases.own_actions import OwnActions
from bailiff_bot.usecases.reports import Reports


@dataclass(frozen=True, slots=True)
class ReportAnswer:
    """The part of a report that somebody asked for, and the answer that shows it."""

    query: ReportQuery
    part: ReportPart
    age: str
    """How long ago the part was read."""
    actions: Actions | None = None
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
    own_actions: OwnActions
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
        answer = self.find(query)
        return answer if isinstance(answer, Document) else answer.document("", _buttons(answer, shareable=shareable))

    def mine(self, query: ReportQuery, user_id: str, address: str) -> Document:
        """Return the instances of somebody, with what the member who asks can do about them. Raises StoreError.

        `address` is that of the member.
        """
        answer = self.find(query)
        if isinstance(answer, Document):
            return answer
        rows, own = most_urgent_first(answer.part.report.flagged), ReportFilter(owners=(address,))
        if query.filter == own:
            actions = self.own_actions.of(rows, user_id, ANSWER)
        else:
            actions = self.own_actions.among(rows, user_id, address, query)
        home_url = self.home_url() if query.filter.owners == own.owners else ""  # the Home tab shows one's own
        shown = replace(answer, actions=actions and replace(actions, home_url=home_url))
        return shown.document("", _buttons(shown, shareable=False))

    def help(self, words: str | None = None) -> Document:
        """Return the help. `words` is an unknown command, which it repeats; None if the user asked for help."""
        return usage(words, self.own_actions.offers.enabled, has_costs=self.reports.has_costs)

    def unknown_filter(self, word: str) -> Document:
        """Return the answer to a word that is no filter, with what was probably meant."""
        return unknown_filter(word, (*rule_words(), *_places(self.reports)), has_costs=self.reports.has_costs)

    def requested(self, query: ReportQuery) -> ReportAnswer:
        """Return the answer of which a button was clicked. Raises Refused if there is none any more."""
        answer = self.find(query)
        if isinstance(answer, Document):
            raise Refused(answer.summary)
        return answer

    def find(self, query: ReportQuery) -> ReportAnswer | Document:
        """Return the part of the report that somebody asks for, or a sentence that says why there is none."""
        part = self.reports.part(query.filter)
        if nothing := without_answer(part, self.reports, query.view):
            return nothing
        return ReportAnswer(query, part, age(self.reports.current_time() - part.report.coverage.scanned_at))


def without_answer(part: ReportPart, reports: Reports, view: View) -> Document | None:
    """Return why nothing is known about a part of the current report, as one sentence; None if something is."""
    if part.outside:
        return not_scanned(part.outside[0], _places(reports))
    if part.unlisted:
        return no_identifier(part.unlisted[0], reports.people(), view)
    return prices_off() if part.filter.cost and not part.report.has_costs else None


def _places(reports: Reports) -> frozenset[str]:
    """Return the accounts and regions of the latest scan; none before the first."""
    targets = reports.current().coverage.targets if reports.has_snapshot else ()
    return frozenset(name for target in targets for name in (target.account, target.region))


def _buttons(answer: ReportAnswer, *, shareable: bool) -> Buttons | None:
    if answer.query.view is View.MINE:
        return Buttons((answer.full_report_button,)) if answer.part.report.count else None
    share = (answer.share_button,) if shareable else ()
    return Buttons((*share, answer.full_report_button))
