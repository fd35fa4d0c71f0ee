"""What the bot does unasked: it sends the digest that is due, ends what was begun, and forgets what is old."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Protocol

import structlog

from bailiff_bot.runtime.schedule import ALWAYS_WANTED, Slots, due
from bailiff_bot.usecases.digests import Digests

_DAY = timedelta(days=1)
_AGAIN = timedelta(minutes=1)
"""From a digest that failed to the next attempt: each looks at the whole tenant."""

log = structlog.get_logger()


class Schedules(Protocol):
    """What is remembered of the schedule; raises StoreError."""

    def since(self, schedule: str, now: datetime) -> datetime:
        """Return since when this is the schedule."""
        ...

    def slots(self, day: str) -> frozenset[str]:
        """Return the slots of a day (`2026-11-24`) whose digests were planned."""
        ...


@dataclass(slots=True)
class Duty:
    """Done at every tick of the schedule, by every replica; what is to be done, the database tells."""

    digests: Digests
    schedules: Schedules
    clock: Callable[[], datetime]
    slots: Slots | None
    """When the digest is due; None: never, for want of a channel."""
    schedule: str
    """The schedule as it is written: when that changes, what was due before under the new one is not sent."""
    until: time
    """The local time after which a late digest is not sent any more."""
    forget: Callable[[], None]
    """Takes what is too old out of the database."""
    _forgot: datetime | None = field(default=None, init=False)
    _not_before: datetime = field(default=datetime.min.replace(tzinfo=UTC), init=False)

    def tend(self) -> None:
        """Do what is to be done; raises BailiffError when that fails, and does it the next time."""
        now = self.clock()
        try:
            slot = self._due(self.slots, now) if self.slots and now >= self._not_before else None
            if self.slots and slot:
                self._not_before = now + _AGAIN  # unless it goes well
                self._send(self.slots, slot)
                self._not_before = now
        finally:  # a digest that fails again and again keeps nothing else from its end
            self.digests.dispatcher.complete()
        if self._forgot is None or now - self._forgot >= _DAY:
            self.forget()
            self._forgot = now

    def _due(self, slots: Slots, now: datetime) -> datetime | None:
        since = self.schedules.since(self.schedule, now)
        today = slots.local(now)
        taken = {slot for day in (today - _DAY, today) for slot in self.schedules.slots(f"{day:%Y-%m-%d}")}
        return due(slots, now, since=since, until=self.until, taken=taken)

    def _send(self, slots: Slots, slot: datetime) -> None:
        key = slots.key(slot)
        last = max(slot.astimezone(UTC) + ALWAYS_WANTED, self._end_of(slots.local(slot)))
        outcome = self.digests.scheduled(key, last)
        if outcome is None:
            return  # another replica sends it
        for fault in outcome.faults:
            log.error("the digest is incomplete", slot=key, reason=fault)
        owing, owners = outcome.digest.report.debts, len(outcome.digest.debts)
        log.info("digest sent", slot=key, owing=owing, owners=owners, told=outcome.told)

    def _end_of(self, day: datetime) -> datetime:
        return datetime.combine(day.date(), self.until, day.tzinfo).astimezone(UTC)
