"""The latest look at the tenant, and one scan at a time, shared by all who ask, in whatever process."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from datetime import datetime, timedelta
from threading import Lock
from typing import Protocol

import structlog

from bailiff_bot.domain.history import ScanCount
from bailiff_bot.domain.inventory import Inventory
from bailiff_bot.domain.snapshot import Snapshot
from bailiff_bot.errors import BailiffError, StoreError
from bailiff_bot.leases import Leases

_POLL_SECONDS = 0.25
"""Seconds between two looks whether another process has ended its scan."""
_LEASE = "scan"

log = structlog.get_logger()


class SnapshotStore(Protocol):
    """Where snapshots are kept, for this process's next start and for its replicas; raises StoreError."""

    def latest_at(self) -> datetime | None:
        """Return when the latest snapshot's scan began; None before the first."""
        ...

    def latest(self) -> Snapshot | None:
        """Return the latest snapshot."""
        ...

    def save(self, snapshot: Snapshot) -> None:
        """Keep a snapshot in the place of the one before, unless that is newer, and what it counted."""
        ...

    def date_stops(self, inventory: Inventory) -> Inventory:
        """Return the inventory with the first sight (`seen_stopped`) of each stopped instance that EC2 does not date.

        First sights are remembered as long as the instance stays stopped, also where its target was not read.
        """
        ...

    def counts(self, since: datetime) -> tuple[ScanCount, ...]:
        """Return what the scans since an instant counted, and the last scan before it, oldest first."""
        ...


class Snapshots:
    """Keeps the latest snapshot and takes new ones, never two at a time.

    Arguments: `take` makes one; `executor` is where it is made; a snapshot older than `fresh` by `clock` is renewed
    behind the answer that is given from it; the `album` has those of this process's earlier lives and of its replicas,
    and `turns` lets one of these scan at a time; `pause` waits for some seconds and returns whether everything stops.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - each is one thing that tests replace
        self,
        take_snapshot: Callable[[], Snapshot],
        executor: Executor,
        max_age: timedelta,
        clock: Callable[[], datetime],
        store: SnapshotStore,
        leases: Leases,
        pause: Callable[[float], bool],
    ) -> None:
        self._take = take_snapshot
        self._executor = executor
        self._fresh = max_age
        self._clock = clock
        self._store = store
        self._leases = leases
        self._pause = pause
        self._lock = Lock()
        self._running: Future[Snapshot] | None = None
        self._latest: Snapshot | None = None

    @property
    def latest(self) -> Snapshot | None:
        """The latest snapshot, whoever took it; None before the first. Raises StoreError."""
        kept_at = self._store.latest_at()
        if kept_at is not None and (self._latest is None or kept_at > self._latest.inventory.scanned_at):
            self._latest = self._store.latest() or self._latest
        return self._latest

    def current(self) -> Snapshot:
        """Return the latest snapshot at once, renewing it behind when it is old; without one, wait for the first."""
        latest = self.latest
        if latest is None:
            return self.scan()
        if self._clock() - latest.inventory.scanned_at > self._fresh:
            self.start_scan()
        return latest

    def scan(self) -> Snapshot:
        """Wait for a snapshot that is being taken now; raises what taking it raised."""
        return self.start_scan().result()

    def start_scan(self) -> Future[Snapshot]:
        """Have a snapshot taken, unless one is being taken."""
        with self._lock:
            if self._running is None or self._running.done():
                self._running = self._executor.submit(self._take_and_log)
            return self._running

    def _take_and_log(self) -> Snapshot:
        """Take a snapshot, and say when that fails: of a scan that is made behind an answer nobody awaits the end."""
        try:
            return self._take_under_lease()
        except BailiffError as error:
            log.error("scan.failed", reason=str(error))
            raise
        except Exception:
            log.exception("scan.crashed")
            raise

    def _take_under_lease(self) -> Snapshot:
        """Take a snapshot, or wait for the one that another process is taking."""
        before = self._store.latest_at()
        while True:
            with self._leases.hold(_LEASE) as mine:
                # Also with the turn: the other may have ended its scan since it was last looked for.
                if self._store.latest_at() != before and (theirs := self.latest):
                    return theirs
                if mine:
                    return self._take_and_save()
            if self._pause(_POLL_SECONDS):
                raise StoreError("Bailiff is stopping, and another process has not ended its scan: ask again")

    def _take_and_save(self) -> Snapshot:
        snapshot = self._take()
        self._store.save(snapshot)
        self._latest = snapshot
        return snapshot
