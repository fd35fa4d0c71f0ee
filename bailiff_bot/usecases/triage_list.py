"""The disclaimers that triage has to decide, and what became of others."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from bailiff_bot.domain.action import Action
from bailiff_bot.domain.clock import Clock
from bailiff_bot.domain.history import subject_of
from bailiff_bot.domain.ownership import Assignment, Disclaimer, OwnershipClaims
from bailiff_bot.domain.report import Report, Row
from bailiff_bot.domain.subject import Subject
from bailiff_bot.domain.triage import TriageItem, TriageState, triage_item
from bailiff_bot.usecases.reports import Reports


class OwnershipStore(Protocol):
    """Stores what was said of who owns instances. Raises StoreError."""

    def live(self, now: datetime) -> OwnershipClaims:
        """Return the disclaimers that are not over, and all assignments, each in the order of time."""
        ...


class ResultStore(Protocol):
    """Stores what came of clicks. Raises StoreError."""

    def words(self, action: Action, made_ids: Iterable[str]) -> Mapping[str, str]:
        """Return what was written with actions, by the ids of what they made."""
        ...


@dataclass(frozen=True, slots=True)
class TriageList:
    """What triage has to decide."""

    ownership: OwnershipStore
    results: ResultStore
    reports: Reports
    clock: Clock

    def open_items(self) -> tuple[TriageItem, ...]:
        """Return the disclaimers that nobody has decided, the oldest first, of instances that may still be there.

        Raises StoreError.
        """
        claims, read = self.ownership.live(self.clock()), frozenset(self.reports.stored().coverage.read)
        items = self._items(claims.disclaimers, claims.assignments)
        found = (item for item in items if item.row or item.disclaimer.subject.target not in read)
        return tuple(item for item in found if item.state is TriageState.OPEN)

    def items(self, disclaimers: Iterable[Disclaimer]) -> tuple[TriageItem, ...]:
        """Return what became of disclaimers, in their order. Raises StoreError."""
        return self._items(disclaimers, self.ownership.live(self.clock()).assignments)

    def _items(self, disclaimers: Iterable[Disclaimer], assignments: Iterable[Assignment]) -> tuple[TriageItem, ...]:
        wanted = tuple(disclaimers)
        if not wanted:
            return ()
        report, now = self.reports.stored(), self.clock()
        rows = _rows(report, {one.subject for one in wanted})
        assigned: defaultdict[Subject, list[Assignment]] = defaultdict(list)
        for assignment in assignments:
            assigned[assignment.subject].append(assignment)
        items = (triage_item(one, assigned[one.subject], rows.get(one.subject), report.policy, now) for one in wanted)
        words = self.results.words(Action.NOT_MINE, (one.id for one in wanted))
        return tuple(replace(item, words=words.get(item.disclaimer.id, "")) for item in items)


def _rows(report: Report, subjects: set[Subject]) -> Mapping[Subject, Row]:
    """Return the rows of these subjects. A report can have 100,000 rows, so their ids are compared first."""
    ids = {subject.id for subject in subjects}
    found = (row for row in report.rows if row.controller or row.instance.id in ids)
    return {subject: row for row in found if (subject := subject_of(row)) in subjects}
