"""When a digest is due, by a crontab, a time zone and the used slots; and the scheduler of the periodic work.

A slot is a local wall-clock time. When clocks go back, an hour occurs twice: a slot in it fires the first time only.
When clocks go forward, an hour is skipped: a slot in it fires all the same, 02:30 when the clock shows 03:30.
"""

import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import structlog
from apscheduler.executors.debug import DebugExecutor
from apscheduler.schedulers import SchedulerNotRunningError
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from bailiff_bot.errors import BailiffError, SettingsError
from bailiff_bot.runtime.crontab import cron_trigger

LATE_TOLERANCE = timedelta(hours=1)
"""A digest that is at most this late is sent at any time of day."""
TICK_INTERVAL = timedelta(seconds=30)
"""Time between two runs of the periodic work: due or unfinished work waits at most this long."""
_DAY = timedelta(days=1)
"""No time zone ever skipped more: Samoa skipped a whole day in 2011."""
_SEARCH_SPANS = (timedelta(minutes=15), timedelta(hours=25))
"""How far back `latest` searches, the short span first: a dense crontab has many slots. A day has up to 25 hours."""
_JOB_ID = "slots"

log = structlog.get_logger(__name__)


class Slots(BaseTrigger):  # type: ignore[misc] # APScheduler has no types
    """The slots of a crontab in a time zone, as an APScheduler trigger. `parse_slots` builds it."""

    def __init__(self, cron: BaseTrigger, zone: ZoneInfo) -> None:
        self._cron = cron
        self._zone = zone

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime | None:
        """Return the slot after `previous_fire_time`, even if it is past; without one, the first slot from `now` on."""
        if previous_fire_time:
            return self._first_slot_from(previous_fire_time.replace(tzinfo=None) + timedelta.resolution)
        wall_clock = self._wall_clock(now)
        skipped = wall_clock - self._wall_clock(now - _DAY) - _DAY  # a slot in a skipped hour may fire from `now` on
        slot = self._first_slot_from(wall_clock - max(skipped, timedelta(0)))
        while slot and slot.astimezone(UTC) < now.astimezone(UTC):
            slot = self.get_next_fire_time(slot, now)
        return slot

    def latest(self, now: datetime) -> datetime | None:
        """Return the latest slot of the last 25 hours that is not after `now`; one of two at the same instant."""
        now = now.astimezone(UTC)
        for span in _SEARCH_SPANS:
            if past := [slot for slot in self._slots_before(now, span) if now - span < slot.astimezone(UTC) <= now]:
                return max(past, key=_sort_key)
        return None

    def _slots_before(self, now: datetime, span: timedelta) -> Iterator[datetime]:
        """Yield all slots from `span` before `now` until `now`, and some just outside, in wall-clock order."""
        wall_clock = self._wall_clock(now)
        skipped = wall_clock - self._wall_clock(now - 3 * _DAY) - 3 * _DAY
        slot = self._first_slot_from(wall_clock - span - max(skipped, timedelta(0)))
        while slot and slot.replace(tzinfo=None) <= wall_clock + max(-skipped, timedelta(0)):
            yield slot
            slot = self.get_next_fire_time(slot, now)

    def key(self, slot: datetime) -> str:
        """Return the unique key of a slot: `2026-11-24T09:00 Europe/Paris`."""
        return f"{slot:%Y-%m-%dT%H:%M} {self._zone.key}"

    def to_local(self, instant: datetime) -> datetime:
        """Return an instant as local time, with the zone."""
        return instant.astimezone(self._zone)

    def slot_of_key(self, key: str) -> datetime | None:
        """Return the slot of a key; None if the key is of another time zone."""
        wall_clock, _, zone = key.partition(" ")
        return datetime.fromisoformat(wall_clock).replace(tzinfo=self._zone) if zone == self._zone.key else None

    def _wall_clock(self, instant: datetime) -> datetime:
        return instant.astimezone(self._zone).replace(tzinfo=None)

    def _first_slot_from(self, wall_clock: datetime) -> datetime | None:
        # UTC has no clock changes, so the cron trigger gets wall-clock times as UTC. Only the result gets the zone.
        slot: datetime | None = self._cron.get_next_fire_time(None, wall_clock.replace(tzinfo=UTC))
        return slot and slot.replace(tzinfo=self._zone)


def parse_slots(crontab: str, timezone: str) -> Slots:
    """Return the slots of a five-field crontab in the time zone of that name; weekdays 0 and 7 are Sunday.

    Raises SettingsError, with one line, if the crontab is not valid or never fires, or if the time zone is unknown.
    """
    try:
        return Slots(cron_trigger(crontab), _zone(timezone))
    except ValueError as error:
        hint = "it should be five fields like '0 9 * * 1-5': minute, hour, day of the month, month, weekday"
        raise SettingsError(f"BAILIFF_DIGEST_CRON is {crontab!r}, but {error}; {hint}") from error


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError) as error:
        raise SettingsError(f"BAILIFF_TIMEZONE is {name!r}; it should be a time zone like Europe/Paris") from error


def due_slot(slots: Slots, now: datetime, *, since: datetime, until: time, used: Collection[str]) -> datetime | None:
    """Return the slot whose digest is due now, the latest of the local day; None if there is none.

    A slot is not due

    - before `since`, the instant from which this schedule is in use;
    - if its key, or that of a later slot of its day, is in `used`;
    - if it is more than an hour late and it is later than `until`, in local time;
    - if it is of the day before and more than an hour late.
    """
    slot = slots.latest(now)
    if slot is None or slot.astimezone(UTC) < since or _is_used(slots, slot, used):
        return None
    local = slots.to_local(now)
    in_time = slot.date() == local.date() and local.time() <= until
    return slot if in_time or now - slot.astimezone(UTC) <= LATE_TOLERANCE else None


def _is_used(slots: Slots, slot: datetime, used: Collection[str]) -> bool:
    """Return True if a slot is used, or a later one of its day: the machine's clock may have been set back."""
    same_day = (slots.slot_of_key(key) for key in used if key.startswith(f"{slot:%Y-%m-%d}"))
    return any(_sort_key(other) >= _sort_key(slot) for other in same_day if other)


def _sort_key(slot: datetime) -> tuple[datetime, datetime]:
    """Return a slot's sort key: its instant, then its wall-clock time. A skipped 02:30 fires at 03:30, after 03:00."""
    return slot.astimezone(UTC), slot.replace(tzinfo=UTC)


class Scheduler:
    """Calls `run_due` at the start, at each slot and every `interval`, in a daemon thread, until it is stopped.

    Only one call runs at a time. If calls become due while one runs, one call follows it. An error of `run_due` is
    logged, and does not stop the next call. A missed tick loses nothing: `run_due` finds out what is due.
    """

    def __init__(
        self, slots: BaseTrigger | None, run_due: Callable[[], None], interval: timedelta = TICK_INTERVAL
    ) -> None:
        self._slots = slots
        self._run_due = run_due
        self._interval = interval
        self._run_requested, self._stopped = threading.Event(), threading.Event()
        # At a slot, the scheduler only sets an event. Its own thread can do that, so no executor delays the exit.
        self._scheduler = BackgroundScheduler(executors={"default": DebugExecutor()}, timezone=UTC)

    def start(self) -> None:
        """Start the calls of `run_due`."""
        if self._slots:
            self._scheduler.add_job(
                self._run_requested.set, self._slots, id=_JOB_ID, misfire_grace_time=None, coalesce=True
            )
        self._scheduler.start()
        self._run_requested.set()
        threading.Thread(target=self._run_until_stopped, name="schedule", daemon=True).start()

    def stop(self) -> None:
        """Stop the calls at once, without waiting for a running one. It may be called any number of times."""
        self._stopped.set()
        self._run_requested.set()
        with suppress(SchedulerNotRunningError):
            self._scheduler.shutdown(wait=False)

    @property
    def next_slot(self) -> datetime | None:
        """The next slot; None if there is none or if the scheduler is stopped."""
        job = self._scheduler.get_job(_JOB_ID) if self._scheduler.running else None
        return job and job.next_run_time

    def _run_until_stopped(self) -> None:
        while not self._stopped.is_set():
            # APScheduler's intervals use the machine's clock: if it is set back, they would pause for that long.
            self._run_requested.wait(self._interval.total_seconds())
            self._run_requested.clear()
            if not self._stopped.is_set():
                self._run_once()

    def _run_once(self) -> None:
        try:
            self._run_due()
        except BailiffError as error:
            log.error("periodic_work.failed", reason=str(error))
        except Exception:
            log.exception("periodic_work.crashed")
