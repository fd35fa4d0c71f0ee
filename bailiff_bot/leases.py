"""Work that one process at a time does, among all the replicas: a scan, the making of a digest, a click's answer."""

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
"""After which the work of a process that died is anybody's."""
_RENEW_EVERY = 10.0
"""Seconds between two extensions of a lease."""

log = structlog.get_logger()


class LeaseStore(Protocol):
    """Who has which turn; raises StoreError."""

    def acquire(self, name: str, holder: str, now: datetime, until: datetime) -> bool:
        """Take or extend a lease; False while somebody else has it."""
        ...

    def release(self, name: str, holder: str) -> None:
        """Give it back, if it is still the holder's."""
        ...


@dataclass(frozen=True, slots=True)
class Leases:
    """Gives turns; `holder` names this process and no other, and `clock` tells the instant in UTC."""

    store: LeaseStore
    holder: str
    clock: Callable[[], datetime]
    _held: dict[str, tuple[str, threading.Event]] = field(default_factory=dict, init=False)
    """The turns that this process has, each with who has it and what ends its keeping."""

    @contextmanager
    def hold(self, name: str) -> Iterator[bool]:
        """Give the turn if nobody has it, and keep it for as long as the block lasts and this process lives."""
        holder, done = self._new_holder(), threading.Event()
        if not self._acquire(name, holder):
            yield False
            return
        self._held[name] = holder, done
        threading.Thread(target=self._renew, args=(name, holder, done), name=f"turn {name}", daemon=True).start()
        try:
            yield True
        finally:
            self._stop_holding(name)

    def still_held(self, name: str) -> bool:
        """Extend a turn of this process, and return whether it still has it: one that slept may have lost it."""
        kept = self._held.get(name)
        return kept is not None and self._acquire(name, kept[0])

    @contextmanager
    def first_within(self, name: str, duration: timedelta) -> Iterator[bool]:
        """Let something be done once within so long, whoever asks; what raises may be done again."""
        holder, now = self._new_holder(), self.clock()
        try:
            yield self.store.acquire(name, holder, now, now + duration)
        except BaseException:
            self._release(name, holder)
            raise

    def release_all(self) -> None:
        """Give back every turn of a process that ends in the midst of its work, so that nobody waits for its lease."""
        for name in tuple(self._held):
            self._stop_holding(name)

    def _new_holder(self) -> str:
        """Return a holder that is no other's, not even another thread's of this process."""
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
            if done.is_set():  # it was given back while this was under way
                self._release(name, holder)

    def _stop_holding(self, name: str) -> None:
        if kept := self._held.pop(name, None):
            holder, done = kept
            done.set()
            self._release(name, holder)

    def _release(self, name: str, holder: str) -> None:
        try:
            self.store.release(name, holder)
        except StoreError as error:
            log.warning("lease.release_failed", lease=name, reason=str(error))
