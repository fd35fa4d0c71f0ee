"""Named leases, for work that only one replica may do at a time: a scan, a digest, the answer to a click."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol
from uuid import uuid4

import structlog

from bailiff_bot.errors import StoreError

LEASE_DURATION = timedelta(seconds=30)
"""When a lease ends that is not renewed. Another process can then do the work of one that died."""
_RENEW_EVERY = 10.0
"""Seconds between two renewals of a lease."""

log = structlog.get_logger()


class LeaseStore(Protocol):
    """Stores who holds which lease. Raises StoreError."""

    def acquire(self, name: str, holder: str, now: datetime, until: datetime) -> bool:
        """Acquire or extend a lease. Returns False if another holder has it."""
        ...

    def release(self, name: str, holder: str) -> None:
        """Release a lease, if the holder still has it."""
        ...


@dataclass(frozen=True, slots=True)
class Leases:
    """The leases of one process. `holder` is unique to the process. `clock` returns the current time in UTC."""

    store: LeaseStore
    holder: str
    clock: Callable[[], datetime]
    _held: dict[str, tuple[str, threading.Event]] = field(default_factory=dict, init=False)
    """By lease name: the holder, and the event that stops the renewal."""

    @contextmanager
    def hold(self, name: str) -> Iterator[bool]:
        """Hold the named lease during the block. Yields False if another process holds it.

        A background thread renews the lease until the block ends or this process dies. Raises StoreError.
        """
        holder, done = self._new_holder(), threading.Event()
        if not self._acquire(name, holder):
            yield False
            return
        self._held[name] = holder, done
        threading.Thread(target=self._renew, args=(name, holder, done), name=f"lease {name}", daemon=True).start()
        try:
            yield True
        finally:
            self._stop_holding(name)

    def still_held(self, name: str) -> bool:
        """Extend a lease of this process. Returns False if it was lost, as after a pause. Raises StoreError."""
        held = self._held.get(name)
        return held is not None and self._acquire(name, held[0])

    @contextmanager
    def first_within(self, name: str, duration: timedelta) -> Iterator[bool]:
        """Yield True for the first caller within `duration`, among all processes, and False for the others.

        If the block raises, the next caller is the first again. Raises StoreError.
        """
        holder, now = self._new_holder(), self.clock()
        try:
            yield self.store.acquire(name, holder, now, now + duration)
        except BaseException:
            self._release(name, holder)
            raise

    def release_all(self) -> None:
        """Release all leases when the process stops, so that no other process has to wait until they end."""
        for name in tuple(self._held):
            self._stop_holding(name)

    def _new_holder(self) -> str:
        """Return a unique holder. Threads of one process have different holders."""
        return f"{self.holder}/{uuid4().hex[:12]}"

    def _acquire(self, name: str, holder: str) -> bool:
        now = self.clock()
        return self.store.acquire(name, holder, now, now + LEASE_DURATION)

    def _renew(self, name: str, holder: str, done: threading.Event) -> None:
        while not done.wait(_RENEW_EVERY):
            try:
                self._acquire(name, holder)
            except StoreError as error:
                log.warning("lease.renewal_failed", lease=name, reason=str(error))
            if done.is_set():  # released during the renewal, which may have acquired it again
                self._release(name, holder)

    def _stop_holding(self, name: str) -> None:
        if held := self._held.pop(name, None):
            holder, done = held
            done.set()
            self._release(name, holder)

    def _release(self, name: str, holder: str) -> None:
        try:
            self.store.release(name, holder)
        except StoreError as error:
            log.warning("lease.release_failed", lease=name, reason=str(error))
