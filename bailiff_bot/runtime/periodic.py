"""What the bot does unasked: it sends the digest that is due, ends what was begun, and forgets what is old."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Protocol

import structlog

from bailiff_bot.runtime.schedule import LATE_TOLERANCE, Slots, due_slot
from bailiff_bot.usecases.digests import Digests

_DAY = timedelta(days=1)
_RETRY_AFTER = timedelta(minutes=1)
"""From a digest that failed to the next attempt: each looks at the whole tenant."""

log = structlog.get_logger()


class ScheduleStore(Protocol):
    """What is remembered of the schedule; raises StoreError."""

    def followed_since(self, schedule: str, now: datetime) -> datetime:
        """Return since when this is the schedule."""
        ...

    def used_slots(self, day: str) -> frozenset[str]:
        """Return the slots of a day (`2026-11-24`) whose digests were planned."""
        ...


@dataclass(slots=True)
class PeriodicWork:
    """Done at every tick of the schedule, by every replica; what is to be done, the database tells."""

    digests: Digests
    schedules: ScheduleStore
    clock: Callable[[], datetime]
    slots: Slots | None
    """When the digest is due; None: never, for want of a channel."""
    schedule_text: str
    """The schedule as it is written: when that changes, what was due before under the new one is not sent."""
    until: time
    """The local time after which a late digest is not sent any more."""
    prune: Callable[[], None]
    """Takes what is too old out of the database."""
    _pruned_at: datetime | None = field(default=None, init=False)
    _next_attempt: datetime = field(default=datetime.min.replace(tzinfo=UTC), init=False)

    def run_due(self) -> None:
        """Do what is to be done; raises BailiffError when that fails, and does it the next time."""
        now = self.clock()
        try:
            slot = self._due_slot(self.slots, now) if self.slots and now >= self._next_attempt else None
            if self.slots and slot:
                self._next_attempt = now + _RETRY_AFTER  # unless it goes well
                self._send(self.slots, slot)
                self._next_attempt = now
        finally:  # a digest that fails again and again keeps nothing else from its end
            self.digests.worker.resume_unfinished()
        if self._pruned_at is None or now - self._pruned_at >= _DAY:
            self.prune()
            self._pruned_at = now

    def _due_slot(self, slots: Slots, now: datetime) -> datetime | None:
        since = self.schedules.followed_since(self.schedule_text, now)
        today = slots.to_local(now)
        taken = {slot for day in (today - _DAY, today) for slot in self.schedules.used_slots(f"{day:%Y-%m-%d}")}
        return due_slot(slots, now, since=since, until=self.until, taken=taken)

    def _send(self, slots: Slots, slot: datetime) -> None:
        key = slots.key(slot)
        last = max(slot.astimezone(UTC) + LATE_TOLERANCE, self._end_of(slots.to_local(slot)))
        outcome = self.digests.send_scheduled(key, last)
        if outcome is None:
            return  # another replica sends it
        for fault in outcome.problems:
            log.error("digest.incomplete", slot=key, reason=fault)
        flagged, owners = outcome.digest.report.flagged_count, len(outcome.digest.owner_findings)
        log.info("digest.sent", slot=key, flagged=flagged, owners=owners, notified=outcome.notified)

    def _end_of(self, day: datetime) -> datetime:
        return datetime.combine(day.date(), self.until, day.tzinfo).astimezone(UTC)
