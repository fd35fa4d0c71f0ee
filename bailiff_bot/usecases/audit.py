"""The use cases of the audit log: show it, verify it, and remove what is too old."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bailiff_bot.domain.audit import AuditEntry
from bailiff_bot.domain.audit_chain import Link
from bailiff_bot.domain.audit_verification import Break
from bailiff_bot.domain.clock import Clock


class AuditStore(Protocol):
    """Stores the audit log. Methods raise StoreError."""

    def since(self, at: datetime) -> tuple[AuditEntry, ...]:
        """Return the entries from `at` on, in the order in which they were appended."""
        ...

    def verify(self) -> Break | Link:
        """Return the first row at which the chain is broken; the last row if it is not."""
        ...

    def prune(self, now: datetime, keep_for: timedelta) -> None:
        """Remove the oldest rows, up to the first that is not older than `keep_for`."""
        ...


@dataclass(frozen=True, slots=True)
class AuditExcerpt:
    """The latest entries of the audit log."""

    since: datetime
    entries: tuple[AuditEntry, ...]
    """Those from `since` on, in the order in which they were appended."""


@dataclass(frozen=True, slots=True)
class AuditLog:
    """The audit log. Methods raise StoreError."""

    store: AuditStore
    keep_for: timedelta
    """Older rows are removed; none are if it is zero."""
    clock: Clock

    def latest(self, duration: timedelta) -> AuditExcerpt:
        """Return the entries of the last `duration`."""
        since = self.clock() - duration
        return AuditExcerpt(since, self.store.since(since))

    def verify(self) -> Break | Link:
        """Return the first row at which the chain is broken; the last row if it is not."""
        return self.store.verify()

    def prune(self) -> None:
        """Remove the rows that are older than `keep_for`."""
        if self.keep_for:
            self.store.prune(self.clock(), self.keep_for)
