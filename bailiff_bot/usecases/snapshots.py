"""The latest look at the tenant, and one scan at a time, shared by all who ask, in whatever process."""

from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock
from typing import Protocol

import structlog

from bailiff_bot.domain.history import Count
from bailiff_bot.domain.identity import People
from bailiff_bot.domain.inventory import Inventory
from bailiff_bot.domain.plausibility import doubts
from bailiff_bot.errors import BailiffError, StoreError
from bailiff_bot.leases import Turns

LOOK_BACK = timedelta(days=1)
"""What was counted within it tells whether what is seen now is plausible: so a real change is believed after a day."""
_LOOK_EVERY = 0.25
"""Seconds between two looks whether another process has ended its scan."""
_TURN = "scan"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was seen of the tenant, and what the directory said at that time."""

    inventory: Inventory
    people: People
    doubts: tuple[str, ...] = ()
    """Why what was seen is not plausible, in words: while there are any, nobody is told and nothing is called fixed."""


def count_of(inventory: Inventory, people: People) -> Count:
    """Return what a scan counted."""
    found = Counter(instance.target for instance in inventory.instances)
    instances = {target: found[target] for target in inventory.read}
    return Count(inventory.at, instances, len(people.addresses) if people.complete else None)


def developed(inventory: Inventory, people: People, earlier: Iterable[Count]) -> Snapshot:
    """Return the snapshot of what was seen, with what is not plausible beside earlier counts.

    A directory that suddenly knows far fewer people is taken for one that did not answer in full.
    """
    found = doubts(count_of(inventory, people), earlier)
    if found.people:
        people = replace(people, gaps=(*people.gaps, found.people))
    return Snapshot(inventory, people, tuple(filter(None, (found.people, found.fleet))))


class Album(Protocol):
    """Where snapshots are kept, for this process's next start and for its replicas; raises StoreError."""

    def latest_at(self) -> datetime | None:
        """Return when the latest snapshot's scan began; None before the first."""
        ...

    def latest(self) -> Snapshot | None:
        """Return the latest snapshot."""
        ...

    def keep(self, snapshot: Snapshot) -> None:
        """Keep a snapshot in the place of the one before, unless that is newer, and what it counted."""
        ...

    def watch(self, inventory: Inventory) -> Inventory:
        """Return the inventory with the first sight (`seen_stopped`) of each stopped instance that EC2 does not date.

        First sights are remembered as long as the instance stays stopped, also where its target was not read.
        """
        ...

    def counts(self, since: datetime) -> tuple[Count, ...]:
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
        take: Callable[[], Snapshot],
        executor: Executor,
        fresh: timedelta,
        clock: Callable[[], datetime],
        album: Album,
        turns: Turns,
        pause: Callable[[float], bool],
    ) -> None:
        self._take = take
        self._executor = executor
        self._fresh = fresh
        self._clock = clock
        self._album = album
        self._turns = turns
        self._pause = pause
        self._lock = Lock()
        self._running: Future[Snapshot] | None = None
        self._latest: Snapshot | None = None

    @property
    def latest(self) -> Snapshot | None:
        """The latest snapshot, whoever took it; None before the first. Raises StoreError."""
        kept_at = self._album.latest_at()
        if kept_at is not None and (self._latest is None or kept_at > self._latest.inventory.at):
            self._latest = self._album.latest() or self._latest
        return self._latest

    def current(self) -> Snapshot:
        """Return the latest snapshot at once, renewing it behind when it is old; without one, wait for the first."""
        latest = self.latest
        if latest is None:
            return self.renewed()
        if self._clock() - latest.inventory.at > self._fresh:
            self.renew()
        return latest

    def renewed(self) -> Snapshot:
        """Wait for a snapshot that is being taken now; raises what taking it raised."""
        return self.renew().result()

    def renew(self) -> Future[Snapshot]:
        """Have a snapshot taken, unless one is being taken."""
        with self._lock:
            if self._running is None or self._running.done():
                self._running = self._executor.submit(self._told)
            return self._running

    def _told(self) -> Snapshot:
        """Take a snapshot, and say when that fails: of a scan that is made behind an answer nobody awaits the end."""
        try:
            return self._take_in_turn()
        except BailiffError as error:
            log.error("the scan failed", reason=str(error))
            raise
        except Exception:
            log.exception("the scan failed, for a reason unforeseen")
            raise

    def _take_in_turn(self) -> Snapshot:
        """Take a snapshot, or wait for the one that another process is taking."""
        before = self._album.latest_at()
        while True:
            with self._turns.turn(_TURN) as mine:
                # Also with the turn: the other may have ended its scan since it was last looked for.
                if self._album.latest_at() != before and (theirs := self.latest):
                    return theirs
                if mine:
                    return self._take_and_keep()
            if self._pause(_LOOK_EVERY):
                raise StoreError("Bailiff is stopping, and another process has not ended its scan: ask again")

    def _take_and_keep(self) -> Snapshot:
        snapshot = self._take()
        self._album.keep(snapshot)
        self._latest = snapshot
        return snapshot
