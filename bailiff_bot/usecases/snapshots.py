"""How a snapshot is taken, and the latest one.

At most one scan runs at a time, across processes; callers share its result.
"""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock
from typing import Protocol

import structlog

from bailiff_bot.domain.clock import Clock
from bailiff_bot.domain.gap import Gap, GapSource
from bailiff_bot.domain.identity import People
from bailiff_bot.domain.inventory import Inventory
from bailiff_bot.domain.plausibility import ScanCount
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.snapshot import COMPARE_WITHIN, InstanceUpdate, Snapshot, with_plausibility, with_updates
from bailiff_bot.errors import BailiffError, StoreError
from bailiff_bot.leases import Leases

_POLL_SECONDS = 0.25
"""Seconds between two checks whether another process has ended its scan."""
_LEASE = "scan"

log = structlog.get_logger()


Progress = Callable[[int, int], None]
"""Is called with the number of targets that are done, and the number of all targets."""


class Scanner(Protocol):
    """Reads every instance of every account."""

    def scan(self, now: datetime, progress: Progress) -> Inventory:
        """Return the inventory of a scan that begins `now`. What could not be read is a gap; it raises nothing."""
        ...


class Directory(Protocol):
    """Lists the people."""

    def people(self) -> People:
        """Return the people. What could not be read is a gap; it raises nothing."""
        ...


class SnapshotStore(Protocol):
    """Stores the latest snapshot, for replicas and for the next start. Raises StoreError."""

    def latest_at(self) -> datetime | None:
        """Return when the scan of the latest snapshot began. Returns None before the first snapshot."""
        ...

    def latest(self) -> Snapshot | None:
        """Return the latest snapshot, or None if there is none that can be read."""
        ...

    def updates(self, since: datetime) -> tuple[InstanceUpdate, ...]:
        """Return the instances that were read again from `since` on, in the order of time."""
        ...

    def save(self, snapshot: Snapshot) -> None:
        """Replace the stored snapshot, unless that one is newer. Save the counts of the scan."""
        ...

    def record_stop_times(self, inventory: Inventory) -> Inventory:
        """Return the inventory with `first_seen_stopped` of each stopped instance without a stop time from EC2.

        The store keeps that time as long as the instance stays stopped, also while its target cannot be read.
        """
        ...

    def record_first_exempt(self, inventory: Inventory, policy: Policy) -> Inventory:
        """Return the inventory with `first_exempt` of each instance that this or an earlier scan saw exempted by a tag.

        The store keeps that as long as the instance exists, also without the tag and while its target cannot be read.
        """
        ...

    def counts(self, since: datetime) -> tuple[ScanCount, ...]:
        """Return the counts of the scans from `since` on and of the last scan before `since`, oldest first."""
        ...


Enrichment = Callable[[Snapshot], Snapshot]
"""Returns a snapshot with more about its instances, and a gap for what could not be read. Raises StoreError."""


@dataclass(frozen=True, slots=True)
class TakeSnapshot:
    """Takes a snapshot: scans AWS while a thread of `executor` reads the directory."""

    scanner: Scanner
    directory: Directory
    store: SnapshotStore
    executor: Executor
    clock: Clock
    progress: Progress
    policy: Policy
    """It says which tags exempt an instance."""
    enrichments: tuple[Enrichment, ...] = ()
    """What is read of the instances once they are known, in this order."""

    def __call__(self) -> Snapshot:
        """Return a new snapshot, with the gaps of every source. Raises StoreError."""
        future_people = self.executor.submit(self.directory.people)
        inventory = self.scanner.scan(self.clock(), self.progress)
        log.info(
            "scan.finished", instances=len(inventory.instances), read=len(inventory.read), unread=len(inventory.gaps)
        )
        earlier_counts = self.store.counts(inventory.scanned_at - COMPARE_WITHIN)
        snapshot = Snapshot(inventory, future_people.result())
        for gap in snapshot.gaps:
            _log_gap(gap)
        inventory = self.store.record_first_exempt(self.store.record_stop_times(inventory), self.policy)
        snapshot = with_plausibility(replace(snapshot, inventory=inventory), earlier_counts)
        for enrich in self.enrichments:
            before, snapshot = snapshot, enrich(snapshot)
            for gap in snapshot.other_gaps[len(before.other_gaps) :]:
                _log_gap(gap)
        return snapshot


def _log_gap(gap: Gap) -> None:
    if gap.source is GapSource.TARGET:
        log.warning("target.unread", target=str(gap.where), reason=gap.reason, detail=gap.detail, remedy=gap.remedy)
    else:
        fields = {name: text for name, text in (("detail", gap.detail), ("remedy", gap.remedy)) if text}
        log.warning(f"{gap.source}.incomplete", reason=gap.reason, **fields)  # noqa: G004 - the name of an event


class Snapshots:
    """Keeps the latest snapshot and takes new ones, never two at a time.

    Arguments: `take_snapshot` scans and returns a snapshot; it runs in `executor`. If a snapshot is older than
    `max_age`, `current` returns it and starts a scan. `clock` returns the current time. `store` has the snapshots of
    all replicas and of earlier starts. `leases` lets one replica scan at a time. `pause` waits for a number of seconds
    and returns True if the process is stopping.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - each is one thing that tests replace
        self,
        take_snapshot: Callable[[], Snapshot],
        executor: Executor,
        max_age: timedelta,
        clock: Clock,
        store: SnapshotStore,
        leases: Leases,
        pause: Callable[[float], bool],
    ) -> None:
        self._take_snapshot = take_snapshot
        self._executor = executor
        self._max_age = max_age
        self._clock = clock
        self._store = store
        self._leases = leases
        self._pause = pause
        self._lock = Lock()
        self._running: Future[Snapshot] | None = None
        self._latest: Snapshot | None = None
        self._updated: tuple[Snapshot, tuple[InstanceUpdate, ...], Snapshot] | None = None

    @property
    def latest(self) -> Snapshot | None:
        """The latest snapshot of any replica, with what was read again since. None before the first.

        Raises StoreError.
        """
        stored_at = self._store.latest_at()
        if stored_at is not None and (self._latest is None or stored_at > self._latest.inventory.scanned_at):
            self._latest = self._store.latest() or self._latest
        return self._latest and self._with_updates(self._latest)

    def _with_updates(self, snapshot: Snapshot) -> Snapshot:
        """Return the snapshot with what was read again: the same object as long as that is the same."""
        updates = self._store.updates(snapshot.inventory.scanned_at)
        if self._updated is None or self._updated[0] is not snapshot or self._updated[1] != updates:
            self._updated = snapshot, updates, with_updates(snapshot, updates)
        return self._updated[2]

    def current(self) -> Snapshot:
        """Return the latest snapshot at once. Start a scan in the background if it is older than `max_age`.

        Before the first snapshot, wait for the scan and raise what the scan raises. Raises StoreError.
        """
        latest = self.latest
        if latest is None:
            return self.scan()
        if self._clock() - latest.inventory.scanned_at > self._max_age:
            self.start_scan()
        return latest

    def scan(self) -> Snapshot:
        """Return a new snapshot: start a scan, or wait for the one that is running. Raises what the scan raises."""
        return self.start_scan().result()

    def start_scan(self) -> Future[Snapshot]:
        """Start a scan, unless this process is scanning already. Returns the future of the running scan."""
        with self._lock:
            if self._running is None or self._running.done():
                self._running = self._executor.submit(self._take_and_log)
            return self._running

    def _take_and_log(self) -> Snapshot:
        """Take a snapshot. Log failures: nobody waits for a scan in the background, so its error would be lost."""
        try:
            return self._take_under_lease()
        except BailiffError as error:
            log.error("scan.failed", reason=str(error))
            raise
        except Exception:
            log.exception("scan.crashed")
            raise

    def _take_under_lease(self) -> Snapshot:
        """Take a snapshot, or wait for the one that another process is taking. Raises StoreError if stopping."""
        before = self._store.latest_at()
        while True:
            with self._leases.hold(_LEASE) as acquired:
                # Check also with the lease: the other process may have saved its snapshot right before.
                if self._store.latest_at() != before and (from_other := self.latest):
                    return from_other
                if acquired:
                    return self._take_and_save()
            if self._pause(_POLL_SECONDS):
                raise StoreError("Bailiff is stopping, and another process has not ended its scan: ask again")

    def _take_and_save(self) -> Snapshot:
        snapshot = self._take_snapshot()
        self._store.save(snapshot)
        self._latest = snapshot
        return snapshot
