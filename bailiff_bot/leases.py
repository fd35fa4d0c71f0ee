"""Named leases, for work that only one replica may do at a time: a scan, a digest, the answer to a click."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import uuid4

import structlog

from bailiff_bot.errors import StoreError

log = structlog.get_logger()


class LeaseStore(Protocol):
    """Stores who holds which lease. Raises StoreError."""

    def acquire(self, name: str, holder: str, now: datetime, until: datetime) -> bool:
        """Acquire or extend a lease. Returns False if another holder has it."""
        ...

    def extend(self, name: str, holder: str, until: datetime) -> bool:
        """Extend a lease. Returns False if the holder lost it: another one has it, or had it in the meantime."""
        ...

    def release(self, name: str, holder: str) -> None:
        """Release a lease, if the holder still has it."""
        ...


@dataclass(frozen=True, slots=True)
class LeaseTiming:
    """How long a lease lasts."""

    duration: timedelta = timedelta(seconds=30)
    """When a lease ends that is not renewed. Another process can then do the work of one that died."""
    renew_every: timedelta = timedelta(seconds=10)
    """Time between two renewals."""


@dataclass(frozen=True, slots=True)
class _Held:
    """A lease of this process, and what renews it."""

    holder: str
    done: threading.Event
    """Stops the renewal."""
    renewal: threading.Thread


class Leases:
    """The leases of one process. `holder` is unique to the process. `clock` returns the current time in UTC."""

    def __init__(
        self, store: LeaseStore, holder: str, clock: Callable[[], datetime], timing: LeaseTiming | None = None
    ) -> None:
        self.holder = holder
        self._store = store
        self._clock = clock
        self._timing = timing or LeaseTiming()
        self._held: dict[str, _Held] = {}
        """By lease name."""

    @contextmanager
    def hold(self, name: str) -> Iterator[bool]:
        """Hold the named lease during the block. Yields False if another process holds it.

        A background thread renews the lease until the block ends or this process dies. Raises StoreError.
        """
        with self._hold(name) as held:
            yield held is not None

    @contextmanager
    def _hold(self, name: str) -> Iterator[_Held | None]:
        holder, done = self._new_holder(), threading.Event()
        now = self._clock()
        try:
            acquired = self._store.acquire(name, holder, now, now + self._timing.duration)
        except StoreError:
            self._release(name, holder)  # it may be stored all the same
            raise
        if not acquired:
            yield None
            return
        renewal = threading.Thread(target=self._renew, args=(name, holder, done), name=f"lease {name}", daemon=True)
        held = self._held[name] = _Held(holder, done, renewal)
        renewal.start()
        try:
            yield held
        finally:
            self._stop_holding(name, held)

    def still_held(self, name: str) -> bool:
        """Extend a lease of this process. Returns False if it was lost, as after a pause. Raises StoreError."""
        held = self._held.get(name)
        return held is not None and self._extend(name, held.holder)

    @contextmanager
    def once_within(self, name: str, duration: timedelta) -> Iterator[bool]:
        """Hold the named lease during the block, and for `duration` after it. Yields False if it is held already.

        If the block raises or this process dies, the lease ends as any other does, and the next caller holds it. Raises
        StoreError.
        """
        with self._hold(name) as held:
            yield held is not None
            if held:
                self._keep(name, held, duration)

    def _keep(self, name: str, held: _Held, duration: timedelta) -> None:
        """Stop renewing a lease of this process, and let it end after `duration`, also if it was released meanwhile."""
        held.done.set()
        held.renewal.join()  # a renewal on its way would shorten the lease
        now = self._clock()
        self._store.acquire(name, held.holder, now, now + duration)
        self._forget(name, held)

    def release_all(self) -> None:
        """Release all leases when the process stops, so that no other process has to wait until they end."""
        for name, held in tuple(self._held.items()):
            self._stop_holding(name, held)

    def _new_holder(self) -> str:
        """Return a unique holder. Threads of one process have different holders."""
        return f"{self.holder}/{uuid4().hex[:12]}"

    def _extend(self, name: str, holder: str) -> bool:
        return self._store.extend(name, holder, self._clock() + self._timing.duration)

    def _renew(self, name: str, holder: str, done: threading.Event) -> None:
        while not done.wait(self._timing.renew_every.total_seconds()):
            try:
                self._extend(name, holder)
            except StoreError as error:
                log.warning("lease.renewal_failed", lease=name, reason=str(error))

    def _stop_holding(self, name: str, held: _Held) -> None:
        held.done.set()
        if self._forget(name, held):
            self._release(name, held.holder)

    def _forget(self, name: str, held: _Held) -> bool:
        """Return False if it was forgotten before. A lease of another thread with that name stays."""
        known = self._held.get(name) is held
        if known:
            del self._held[name]
        return known

    def _release(self, name: str, holder: str) -> None:
        try:
            self._store.release(name, holder)
        except StoreError as error:
            log.warning("lease.release_failed", lease=name, reason=str(error))
