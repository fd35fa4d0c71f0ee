"""The use case that answers "why": how an instance was judged, who was told, and what happens next."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta, tzinfo
from typing import Protocol

from bailiff_bot.domain.clock import Clock
from bailiff_bot.domain.delegation import Delegation
from bailiff_bot.domain.deletion import Deletion
from bailiff_bot.domain.explanation import explain
from bailiff_bot.domain.grants import Grants
from bailiff_bot.domain.history import LastNudge, subject_of
from bailiff_bot.domain.notification import Notification, NotificationHistory
from bailiff_bot.domain.owner import OwnersByAddress
from bailiff_bot.domain.report import Report, Row
from bailiff_bot.domain.subject import Subject
from bailiff_bot.domain.subject_search import Match, find
from bailiff_bot.messages.document import Document
from bailiff_bot.messages.explanation import explanation
from bailiff_bot.messages.formatting import age
from bailiff_bot.messages.why_answers import not_found, not_in_scan, nothing_typed, several_found


class NotificationStore(Protocol):
    """Knows the direct messages. Raises StoreError."""

    def listing(self, subject: Subject) -> tuple[Notification, ...]:
        """Return for each recipient the latest direct message that lists a subject, by time."""
        ...


@dataclass(frozen=True, slots=True)
class Explain:
    """Explains instances."""

    report: Callable[[], Report]
    grants: Callable[[], Grants]
    """Returns the exemptions that were granted and are not over, by which the report was judged."""
    delegations: Callable[[], tuple[Delegation, ...]]
    """Returns who acts for whom now."""
    deletions: Callable[[], tuple[Deletion, ...]]
    """Returns the deletions that were asked for and are not over."""
    owners: Callable[[frozenset[str]], OwnersByAddress]
    """Returns the Slack user of each address, or why there is none."""
    notifications: NotificationStore
    last_nudges: Callable[[], Mapping[str, LastNudge]]
    """Returns the latest direct message to each owner, by user id."""
    message_link: Callable[[str, str], str]
    """Returns the URL of a message with a channel and a timestamp; empty if there is none."""
    remind_after: timedelta | None
    """When an owner is reminded; None if no owner is notified at all."""
    zone: tzinfo
    clock: Clock

    def answer(self, typed: str, reader: str = "") -> tuple[Document, bool]:
        """Return the answer, and whether it explains an instance.

        `reader` is the id of the Slack user who asks, who alone gets a link to an own direct message.
        """
        if not typed.strip():
            return nothing_typed(), False
        report = self.report()
        when = age(self.clock() - report.coverage.scanned_at)
        match find(report, typed):
            case ():
                return not_found(typed, report, when), False
            case (one,):
                return self._explanation(one, report, when, reader), True
            case several:
                return several_found(typed, several, report, when), False

    def of_subject(self, subject: Subject, reader: str) -> Document:
        """Return why a subject is judged as it is, for the Slack user `reader`; or that the latest scan has it not.

        Raises StoreError.
        """
        report = self.report()
        when = age(self.clock() - report.coverage.scanned_at)
        row = next((row for row in report.rows if subject_of(row) == subject), None)
        return self._explanation(Match(row), report, when, reader) if row else not_in_scan(subject.id, report, when)

    def _explanation(self, match: Match, report: Report, when: str, reader: str) -> Document:
        history = self._history(match.row)
        links = {
            one.recipient: self.message_link(one.channel, one.ts)
            for one in history.notifications
            if one.ts and one.recipient == reader
        }
        explained = explain(match.row, report, history, match.machine, self.grants())
        return explanation(explained, report, self.zone, when, links)

    def _history(self, row: Row) -> NotificationHistory:
        subject = subject_of(row)
        return NotificationHistory(
            self.owners(frozenset(row.identity.addresses)),
            self.notifications.listing(subject),
            self.last_nudges(),
            self.remind_after,
            self.delegations(),
            next((one for one in self.deletions() if one.result.offer.subject == subject), None),
        )
