"""Renders an owner's direct message again, from what is stored, after something was done in it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from bailiff_bot.domain.action_result import ActionResult
from bailiff_bot.domain.changes import compare
from bailiff_bot.domain.delivery import Batch, BatchPlan, OutgoingMessage
from bailiff_bot.domain.history import DigestHistory, LastNudge, finding_keys, remaining_findings, subject_of
from bailiff_bot.domain.owner import NoOwner, Owner, findings_by_owner, owner_addresses, possible_findings
from bailiff_bot.domain.report import Report, Table
from bailiff_bot.domain.subject import Subject
from bailiff_bot.usecases.batches import Planner
from bailiff_bot.usecases.message_edits import MessageEdits
from bailiff_bot.usecases.new_digest import DigestHistoryStore, OwnerLookup
from bailiff_bot.usecases.nudge_messages import NudgeMessages, NudgeState
from bailiff_bot.usecases.reminder_messages import ReminderMessages, is_reminder
from bailiff_bot.usecases.reports import Reports

NUDGE_UPDATE = "nudge update"
"""The kind of the batch."""
_MAY_STILL_ARRIVE = timedelta(days=1)
"""Messages of a digest expire on its day. One of which nobody knows whether it arrived is not waited for."""


class ResultStore(Protocol):
    """Stores what came of clicks. Raises StoreError."""

    def not_shown(self) -> tuple[ActionResult, ...]:
        """Return what direct messages do not say yet."""
        ...

    def mark_shown(self, results: Iterable[ActionResult]) -> None:
        """Record that the direct messages say so."""
        ...

    def show_again(self, since: datetime) -> None:
        """Record that direct messages do not say yet what was done from `since` on."""
        ...


@dataclass(frozen=True, slots=True)
class NudgeRefresh:
    """Renders direct messages again."""

    reports: Reports
    history: DigestHistoryStore
    results: ResultStore
    owner_lookup: OwnerLookup
    nudge_messages: NudgeMessages
    reminders: ReminderMessages
    planner: Planner
    edits: MessageEdits

    def refresh(self, results: Sequence[ActionResult]) -> None:
        """Render again the direct messages that list what results were done to, each once. Raises StoreError.

        Only the latest message to each person changes: an earlier one points to it.
        """
        messages = self._listing(results)
        for one in messages:
            self._refresh_message(one.key, one.recipient)
        clicked = {(one.offer.message, one.offer.recipient) for one in results}
        for message, recipient in sorted(clicked):
            if is_reminder(message):
                self._refresh_message(message, recipient)
        if not self._awaited(messages):
            self.results.mark_shown(results)

    def refresh_since(self, at: datetime) -> None:
        """Have the new direct messages of a digest rendered again for what was done from `at` on. Raises StoreError.

        A digest calls it after its plan is saved: it may have been judged before a click, and planned after it.
        """
        self.results.show_again(at)

    def resume(self) -> None:
        """Render what another process, or this one before a restart, did and could not show. Raises StoreError."""
        for result in self.results.not_shown():
            if not self._awaited(self._listing([result])):
                self.refresh([result])

    def _listing(self, results: Sequence[ActionResult]) -> list[LastNudge]:
        """Return the latest direct messages in which something was done, or that list what it was done to."""
        messages = {result.offer.message for result in results}
        subjects = {result.offer.subject for result in results}
        return [
            one
            for one in self.history.load().direct_messages
            if one.key in messages or not subjects.isdisjoint(key.subject for key in one.findings)
        ]

    def _awaited(self, messages: Iterable[LastNudge]) -> bool:
        """Return True if a message is planned and not in Slack yet, so that it cannot be edited."""
        since = self.reports.current_time() - _MAY_STILL_ARRIVE
        return any(not one.ts and one.at >= since for one in messages)

    def _refresh_message(self, message: str, recipient: str) -> None:
        """Plan the new content of a direct message, and hand it to the outbox. Raises StoreError."""
        self.edits.edit(message, partial(self._plan, message, recipient))

    def _plan(self, message: str, recipient: str) -> Batch | None:
        is_other = is_reminder(message)
        edit = self.reminders.update(message, recipient) if is_other else self._edit(message)
        batch = self.planner.unscheduled_batch(NUDGE_UPDATE, recipient)
        return batch if edit and self.planner.save(BatchPlan(batch, (edit,))) else None

    def _edit(self, message: str) -> OutgoingMessage | None:
        history = self.history.load()
        last_nudge = next((one for one in history.direct_messages if one.key == message), None)
        if last_nudge is None or not last_nudge.ts:
            return None
        return self.nudge_messages.update(last_nudge, self._state(last_nudge, history))

    def _state(self, last_nudge: LastNudge, history: DigestHistory) -> NudgeState:
        snapshot, whole = self.reports.latest()
        subjects = {key.subject for key in last_nudge.findings}
        report = _part(whole, subjects)
        found = self.owner_lookup.owners(owner_addresses(report))
        owners: Mapping[str, Owner | NoOwner] = defaultdict(lambda: NoOwner("not looked up"), found)
        assigned, unassigned = findings_by_owner(report, owners)
        only_this = replace(history, last_nudges={last_nudge.recipient: last_nudge}, last_copies=())
        changes = compare(whole, owners, snapshot.inventory, only_this)
        own = finding_keys(row for one in assigned if one.owner.user_id == last_nudge.owner_id for row in one.rows)
        undetermined = possible_findings(unassigned, last_nudge.owner_id) | changes.undetermined.keys()
        listed = replace(last_nudge, still_listed=last_nudge.still_listed | self.nudge_messages.undone(last_nudge))
        return NudgeState(remaining_findings(listed, own, undetermined), own, whole, changes)


def _part(report: Report, subjects: set[Subject]) -> Report:
    """Return the part of a report with these subjects."""
    tables = (
        Table(table.id, tuple(row for row in table.rows if subject_of(row) in subjects)) for table in report.tables
    )
    return replace(report, tables=tuple(tables))
