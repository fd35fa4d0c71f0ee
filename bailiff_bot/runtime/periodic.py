"""The bot's periodic work: sends a due digest and due reminders, resumes unfinished batches, and deletes old data."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import Protocol

import structlog

from bailiff_bot.domain.clock import Clock
from bailiff_bot.domain.schedule import due_slot, expiry
from bailiff_bot.errors import BailiffError
from bailiff_bot.runtime.slots import Slots
from bailiff_bot.usecases.digests import DigestResult, Digests

_DAY = timedelta(days=1)

log = structlog.get_logger()


class ScheduleStore(Protocol):
    """Stores the schedule and its used slots. Methods raise StoreError."""

    def record_use(self, schedule: str, now: datetime) -> datetime:
        """Record that this schedule is in use. Returns since when it is: `now` if it is new or was long unused."""
        ...

    def used_slots(self, day: str) -> frozenset[str]:
        """Return the keys of the slots of a day (`2026-11-24`) whose digests were planned."""
        ...


def run_each(*parts: Callable[[], object]) -> None:
    """Run the parts in their order: one that keeps failing must not block the others.

    Raises the first error, after the others are logged.
    """
    errors = [error for part in parts if (error := _error_of(part))]
    for error in errors[1:]:
        log.error(
            "periodic_work.failed_too", reason=str(error), exc_info=None if isinstance(error, BailiffError) else error
        )
    if errors:
        raise errors[0]


def _error_of(part: Callable[[], object]) -> Exception | None:
    try:
        part()
    except Exception as error:  # noqa: BLE001 - it is raised or logged once the other parts have run
        return error
    return None


@dataclass(slots=True)
class PeriodicWork:
    """Work that each replica runs on every scheduler tick. The database decides what is due."""

    digests: Digests
    resume_unfinished: Callable[[], object]
    """Hands the unfinished batches of any process to the outbox."""
    schedules: ScheduleStore
    clock: Clock
    slots: Slots | None
    """When the digest is due; None if there is no channel, and so no digest."""
    schedule_text: str
    """The schedule as configured. After a change, slots of the new schedule before the change are not sent."""
    until: time
    """The local time after which a late digest is no longer sent."""
    prune: Callable[[], None]
    """Deletes old data from the database."""
    remind: Callable[[], object]
    """Sends the reminders that are due."""
    retry_after: timedelta = timedelta(minutes=1)
    """Time between a failed digest and the next attempt. Each attempt scans every target."""
    _pruned_at: datetime | None = field(default=None, init=False)
    _next_attempt: datetime = field(default=datetime.min.replace(tzinfo=UTC), init=False)

    def run_due(self) -> None:
        """Run what is due. Raises BailiffError if a part fails; the next call tries that part again."""
        now = self.clock()
        run_each(partial(self._send_due, now), self.resume_unfinished, partial(self._prune_daily, now), self.remind)

    def _send_due(self, now: datetime) -> None:
        slot = self._due_slot(self.slots, now) if self.slots and now >= self._next_attempt else None
        if self.slots and slot:
            self._next_attempt = now + self.retry_after  # if planning fails
            self._send(self.slots, slot)
            self._next_attempt = now

    def _prune_daily(self, now: datetime) -> None:
        if self._pruned_at is None or now - self._pruned_at >= _DAY:
            self.prune()
            self._pruned_at = now

    def _due_slot(self, slots: Slots, now: datetime) -> datetime | None:
        since = self.schedules.record_use(self.schedule_text, now)
        today = slots.to_local(now)
        used = {key for day in (today - _DAY, today) for key in self.schedules.used_slots(f"{day:%Y-%m-%d}")}
        return due_slot(slots, now, since=since, until=self.until, used=used)

    def _send(self, slots: Slots, slot: datetime) -> None:
        key = slots.key(slot)
        sending = self.digests.send_scheduled(key, expiry(slots.to_local(slot), self.until))
        if sending:  # else another replica sends it
            sending.add_done_callback(partial(_log_result, key))


def _log_result(slot: str, sending: Future[DigestResult]) -> None:
    try:
        result = sending.result()
    except BailiffError as error:
        log.error("digest.failed", slot=slot, reason=str(error))
        return
    for problem in result.problems:
        log.error("digest.incomplete", slot=slot, reason=problem)
    flagged, owners = result.digest.report.flagged_count, len(result.digest.owner_findings)
    log.info("digest.sent", slot=slot, flagged=flagged, owners=owners, notified=result.notified)
