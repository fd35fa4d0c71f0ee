"""Renders an owner's direct message again, from what is stored, after something was done in it."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from bailiff_bot.domain.action_result import ActionResult
from bailiff_bot.domain.changes import compare
from bailiff_bot.domain.delivery import Batch, BatchPlan
from bailiff_bot.domain.history import DigestHistory, LastNudge, finding_keys, remaining_findings, subject_of
from bailiff_bot.domain.offer import ANSWER, HOME
from bailiff_bot.domain.owner import NoOwner, Owner, findings_by_owner, owner_addresses
from bailiff_bot.domain.report import Report, Table
from bailiff_bot.domain.subject import Subject
from bailiff_bot.leases import Leases
from bailiff_bot.outbox.outbox import Outbox
from bailiff_bot.usecases.batches import Planner
from bailiff_bot.usecases.new_digest import DigestHistoryStore, OwnerLookup
from bailiff_bot.usecases.nudge_messages import NudgeMessages, NudgeState
from bailiff_bot.usecases.reports import Reports

NUDGE_UPDATE = "nudge update"
"""The kind of the batch."""
_POLL_SECONDS = 0.1


class ResultStore(Protocol):
    """Stores what came of clicks. Raises StoreError."""

    def since(self, at: datetime) -> tuple[ActionResult, ...]:
        """Return what was done from `at` on, in the order of time."""
        ...

    def of_message(self, message: str) -> tuple[ActionResult, ...]:
        """Return what was done in a message."""
        ...

    def not_shown(self) -> tuple[ActionResult, ...]:
        """Return what was done in direct messages that do not say so yet."""
        ...

    def mark_shown(self, results: Iterable[ActionResult]) -> None:
        """Record that their direct message says so, or points to a later one."""
        ...


@dataclass(frozen=True, slots=True)
class NudgeRefresh:
    """Renders direct messages again, one at a time for each message, across processes.

    `pause` waits for a number of seconds and returns True if the process is stopping.
    """

    reports: Reports
    history: DigestHistoryStore
    results: ResultStore
    owner_lookup: OwnerLookup
    nudge_messages: NudgeMessages
    planner: Planner
    outbox: Outbox
    leases: Leases
    pause: Callable[[float], bool]

    def refresh(self, message: str, recipient: str) -> None:
        """Plan the new content of a direct message, and hand it to the outbox. Raises StoreError.

        A message that a later one replaced stays as it is: it only points to the later one.
        """
        while True:
            with self.leases.hold(f"message {message}") as acquired:
                batch = self._plan_all(message, recipient) if acquired else None
            if batch:
                self.outbox.submit(batch)
            if acquired or self.pause(_POLL_SECONDS):
                return

    def refresh_since(self, at: datetime) -> None:
        """Render again each direct message in which something was done from `at` on. Raises StoreError.

        A digest calls it after its plan is saved: it may have been judged before a click, and planned after it.
        """
        self._refresh_all(one for one in self.results.since(at) if one.offer.message not in {ANSWER, HOME})

    def resume(self) -> None:
        """Render what another process, or this one before a restart, did and could not show. Raises StoreError."""
        self._refresh_all(self.results.not_shown())

    def _refresh_all(self, results: Iterable[ActionResult]) -> None:
        for message, recipient in sorted({(one.offer.message, one.offer.recipient) for one in results}):
            self.refresh(message, recipient)

    def _plan_all(self, message: str, recipient: str) -> Batch | None:
        results = self.results.of_message(message)
        batch = self._plan(message, recipient)
        self.results.mark_shown(results)
        return batch

    def _plan(self, message: str, recipient: str) -> Batch | None:
        history = self.history.load()
        last_nudge = history.last_nudges.get(recipient)
        if last_nudge is None or last_nudge.key != message or not last_nudge.ts:
            return None
        batch = self.planner.unscheduled_batch(NUDGE_UPDATE, recipient)
        edit = self.nudge_messages.update(last_nudge, self._state(last_nudge, history))
        return batch if self.planner.save(BatchPlan(batch, (edit,))) else None

    def _state(self, last_nudge: LastNudge, history: DigestHistory) -> NudgeState:
        snapshot, whole = self.reports.latest()
        subjects = {key.subject for key in last_nudge.findings}
        report = _part(whole, subjects)
        found = self.owner_lookup.owners(owner_addresses(report))
        owners: Mapping[str, Owner | NoOwner] = defaultdict(lambda: NoOwner("not looked up"), found)
        assigned, unassigned = findings_by_owner(report, owners)
        only_this = replace(history, last_nudges={last_nudge.recipient: last_nudge})
        changes = compare(whole, owners, snapshot.inventory, only_this)
        own = finding_keys(row for one in assigned if one.owner.user_id == last_nudge.recipient for row in one.rows)
        undetermined = finding_keys(row for one in unassigned for row in one.rows) | changes.undetermined.keys()
        listed = replace(last_nudge, still_listed=last_nudge.still_listed | self.nudge_messages.undone(last_nudge))
        return NudgeState(remaining_findings(listed, own, undetermined), own, whole, changes)


def _part(report: Report, subjects: set[Subject]) -> Report:
    """Return the part of a report with these subjects."""
    tables = (
        Table(table.id, tuple(row for row in table.rows if subject_of(row) in subjects)) for table in report.tables
    )
    return replace(report, tables=tuple(tables))
