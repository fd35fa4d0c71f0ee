"""Reads an instance again and judges it, before something is decided about it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from bailiff_bot.domain.action import UnreadInstance
from bailiff_bot.domain.gap import Gap
from bailiff_bot.domain.grants import Grant
from bailiff_bot.domain.history import subject_of
from bailiff_bot.domain.identity import People
from bailiff_bot.domain.instance import Instance, Target
from bailiff_bot.domain.inventory import Inventory
from bailiff_bot.domain.report import Row
from bailiff_bot.domain.snapshot import Snapshot
from bailiff_bot.domain.subject import Subject
from bailiff_bot.usecases.reports import Reports
from bailiff_bot.usecases.snapshots import Directory, Snapshots


class InstanceReader(Protocol):
    """Reads instances as they are now."""

    def read(self, target: Target, instance_id: str | None) -> tuple[Instance, ...] | Gap:
        """Return the instance, none if it is gone; without an id, all of the target. A gap if that is not possible."""
        ...


@dataclass(frozen=True, slots=True)
class Current:
    """What was read now."""

    row: Row | UnreadInstance
    people: People


@dataclass(frozen=True, slots=True)
class CurrentInstances:
    """Reads instances again, with the directory's answer."""

    reader: InstanceReader
    directory: Directory
    reports: Reports
    snapshots: Snapshots

    def find(self, subject: Subject) -> Current:
        """Return the subject as it is now, judged with the exemptions that count. Raises StoreError."""
        people = self.directory.people()
        is_instance = subject.id.startswith("i-")
        # A controller is found by its machines, wherever in its target they are.
        found = self.reader.read(subject.target, subject.id if is_instance else None)
        if isinstance(found, Gap):
            return Current(UnreadInstance.UNREAD, people)
        return Current(self._row(subject, found, people), people)

    def grants_of(self, row: Row) -> tuple[Grant, ...]:
        """Return the exemptions that keep an instance from the rules that it breaks. Raises StoreError."""
        granted = self.reports.grants().get(subject_of(row), {})
        return tuple(granted[finding.rule] for finding in row.kept if finding.rule in granted)

    def _row(self, subject: Subject, found: tuple[Instance, ...], people: People) -> Row | UnreadInstance:
        now, latest = self.reports.current_time(), self.snapshots.latest
        inventory = Inventory(tuple(_with_history(found, latest)), (subject.target,), (), now)
        report = self.reports.judge(_snapshot(inventory, people, latest))
        rows = (row for row in report.rows if subject_of(row) == subject or subject.id in _ids(row))
        return next(rows, UnreadInstance.GONE)


def _snapshot(inventory: Inventory, people: People, latest: Snapshot | None) -> Snapshot:
    """Return a snapshot of what was read now, with the latest prices, and the volumes as they were then."""
    if latest is None:
        return Snapshot(inventory, people)
    return Snapshot(inventory, people, prices=latest.prices, volumes=latest.volumes)


def _with_history(found: tuple[Instance, ...], latest: Snapshot | None) -> Iterator[Instance]:
    """Yield instances with what only our own scans know.

    That is its usage, since when each was seen stopped, if EC2 does not date the stop, and first seen with an exempting
    tag.
    """
    ids = {instance.id for instance in found}
    known = {one.id: one for one in latest.inventory.instances if one.id in ids} if latest else {}
    for instance in found:
        seen = known.get(instance.id, instance)
        stopped = None if instance.last_action_is_dated else seen.first_seen_stopped
        yield replace(instance, first_seen_stopped=stopped, first_exempt=seen.first_exempt, usage=seen.usage)


def _ids(row: Row) -> frozenset[str]:
    return frozenset(instance.id for instance in row.instances)
