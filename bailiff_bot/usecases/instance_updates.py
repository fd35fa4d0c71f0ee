"""Reads an instance again after something was done to it, so that every view shows it as it is."""

from dataclasses import dataclass
from typing import Protocol

from bailiff_bot.domain.action import UnreadInstance
from bailiff_bot.domain.clock import Clock
from bailiff_bot.domain.gap import Gap
from bailiff_bot.domain.instance import Instance
from bailiff_bot.domain.snapshot import InstanceUpdate
from bailiff_bot.domain.subject import Subject
from bailiff_bot.usecases.current_instances import InstanceReader


class UpdateStore(Protocol):
    """Stores what was read again. Raises StoreError."""

    def update(self, update: InstanceUpdate) -> None:
        """Save an instance that was read again."""
        ...


@dataclass(frozen=True, slots=True)
class InstanceUpdates:
    """Reads instances again, and saves them for all views until the next scan."""

    reader: InstanceReader
    store: UpdateStore
    clock: Clock

    def read(self, subject: Subject) -> Instance | UnreadInstance:
        """Return an instance as it is now, after it is saved. Raises StoreError."""
        at = self.clock()
        found = self.reader.read(subject.target, subject.id)
        if isinstance(found, Gap):
            return UnreadInstance.UNREAD
        instance = found[0] if found else None
        self.store.update(InstanceUpdate(subject.target, subject.id, at, instance))
        return instance or UnreadInstance.GONE
