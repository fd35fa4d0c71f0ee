"""Tells whether what was scanned is plausible enough to change something in AWS because of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bailiff_bot.domain.clock import Clock
from bailiff_bot.domain.gap import GapSource, gaps_of
from bailiff_bot.domain.owner_change import OwnerChangeCount, changed_implausibly
from bailiff_bot.domain.snapshot import Snapshot


class LatestSnapshot(Protocol):
    """Has the latest snapshot."""

    @property
    def latest(self) -> Snapshot | None:
        """The latest snapshot of any replica. None before the first. Raises StoreError."""
        ...


class OwnerChangeCounter(Protocol):
    """Counts changes of owners. Raises StoreError."""

    def changed(self, now: datetime) -> OwnerChangeCount:
        """Return how many instances changed their owner in the last 24 hours, and how many have one."""
        ...


@dataclass(frozen=True, slots=True)
class Implausible:
    """Tells why nothing should be changed in AWS because of what was scanned."""

    snapshots: LatestSnapshot
    changes: OwnerChangeCounter
    clock: Clock

    def reason(self) -> str:
        """Return the reason as text for people; empty if the last scan is plausible. Raises StoreError."""
        return self._of_scan() or self._of_owners()

    def _of_scan(self) -> str:
        snapshot = self.snapshots.latest
        if snapshot is None:
            return "nothing was scanned yet"
        return next((gap.reason for gap in gaps_of(GapSource.COUNT, snapshot.gaps)), "")

    def _of_owners(self) -> str:
        count = self.changes.changed(self.clock())
        if not changed_implausibly(count):
            return ""
        return f"{count.changed:,} of {count.owned:,} instances changed their owner in 24 hours"
