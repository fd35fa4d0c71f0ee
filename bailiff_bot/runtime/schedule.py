"""When a digest is due: from a crontab, a time zone and what was sent already; and the tick that has it looked up.

A slot is a local wall-clock time. Once a year a wall clock shows an hour twice: a slot in it comes the first time only.
Once a year it skips an hour: a slot in that comes all the same, 02:30 when the clock shows 03:30.
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
"""A digest that is not later than this is sent whatever the time of day."""
TICK_INTERVAL = timedelta(seconds=30)
"""How long what is due, or was left unfinished, may stay unnoticed."""
_DAY = timedelta(days=1)
"""No clock was ever put forward by more: Samoa left out a whole day in 2011."""
_SEARCH_SPANS = (timedelta(minutes=15), timedelta(hours=25))
"""How far back the latest slot is looked for: so few are counted where there are many. A day has up to 25 hours."""
_JOB_ID = "slots"

log = structlog.get_logger(__name__)


class Slots(BaseTrigger):  # type: ignore[misc] # APScheduler has no types
    """The slots of a crontab in a time zone, as APScheduler asks for them; `slots_of` makes it."""

    def __init__(self, cron: BaseTrigger, zone: ZoneInfo) -> None:
        self._cron = cron
        self._zone = zone

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime | None:
        """Return the slot after the previous one, though it be past; without one, the first from `now` on."""
        if previous_fire_time:
            return self._first_slot_from(previous_fire_time.replace(tzinfo=None) + timedelta.resolution)
        wall_clock = self._wall_clock(now)
        skipped = wall_clock - self._wall_clock(now - _DAY) - _DAY  # what is due may be due from an hour just skipped
        slot = self._first_slot_from(wall_clock - max(skipped, timedelta(0)))
        while slot and slot.astimezone(UTC) < now.astimezone(UTC):
            slot = self.get_next_fire_time(slot, now)
        return slot

    def latest(self, now: datetime) -> datetime | None:
        """Return the latest slot of the last 25 hours that is not after `now`; of two at one instant, one."""
        now = now.astimezone(UTC)
        for span in _SEARCH_SPANS:
            if passed := [slot for slot in self._slots_before(now, span) if now - span < slot.astimezone(UTC) <= now]:
                return max(passed, key=_sort_key)
        return None

    def _slots_before(self, now: datetime, span: timedelta) -> Iterator[datetime]:
        """Yield all slots from `span` before `now` until `now`, and others near these, by the clock on the wall."""
        wall_clock = self._wall_clock(now)
        skipped = wall_clock - self._wall_clock(now - 3 * _DAY) - 3 * _DAY
        slot = self._first_slot_from(wall_clock - span - max(skipped, timedelta(0)))
        while slot and slot.replace(tzinfo=None) <= wall_clock + max(-skipped, timedelta(0)):
            yield slot
            slot = self.get_next_fire_time(slot, now)

    def key(self, slot: datetime) -> str:
        """Return a slot's name, `2026-11-24T09:00 Europe/Paris`: no two slots of a schedule have the same."""
        return f"{slot:%Y-%m-%dT%H:%M} {self._zone.key}"

    def to_local(self, instant: datetime) -> datetime:
        """Return what the clock on the wall shows at an instant, with the zone."""
        return instant.astimezone(self._zone)

    def slot_of_key(self, key: str) -> datetime | None:
        """Return the slot that a key names; None for one of another zone's."""
        wall_clock, _, zone = key.partition(" ")
        return datetime.fromisoformat(wall_clock).replace(tzinfo=self._zone) if zone == self._zone.key else None

    def _wall_clock(self, instant: datetime) -> datetime:
        return instant.astimezone(self._zone).replace(tzinfo=None)

    def _first_slot_from(self, wall_clock: datetime) -> datetime | None:
        # In UTC no clock ever changes, so there the cron counts wall-clock times; only the result is put into the zone.
        slot: datetime | None = self._cron.get_next_fire_time(None, wall_clock.replace(tzinfo=UTC))
        return slot and slot.replace(tzinfo=self._zone)


def parse_slots(crontab: str, timezone: str) -> Slots:
    """Return the slots of a five-field crontab, with cron's weekdays (0 and 7 are Sunday), in a time zone by name.

    Raises SettingsError, with one line, where the crontab does not parse or never fires, or there is no such time zone.
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


def due_slot(slots: Slots, now: datetime, *, since: datetime, until: time, taken: Collection[str]) -> datetime | None:
    """Return the slot whose digest is to be sent now, the latest of today's (local) day; None when there is none.

    Not one before `since`, the instant from which on this schedule is followed; not one whose key is `taken`, nor one
    before another of the day that is; and, when it is more than an hour late, not after `until`, in local time. Of
    yesterday's only one that is not an hour late yet: midnight came over it.
    """
    slot = slots.latest(now)
    if slot is None or slot.astimezone(UTC) < since or _is_taken(slots, slot, taken):
        return None
    local = slots.to_local(now)
    in_time = slot.date() == local.date() and local.time() <= until
    return slot if in_time or now - slot.astimezone(UTC) <= LATE_TOLERANCE else None


def _is_taken(slots: Slots, slot: datetime, taken: Collection[str]) -> bool:
    """Tell whether a slot, or a later one of its day (a clock may have been put back), is among those taken."""
    same_day = (slots.slot_of_key(key) for key in taken if key.startswith(f"{slot:%Y-%m-%d}"))
    return any(_sort_key(other) >= _sort_key(slot) for other in same_day if other)


def _sort_key(slot: datetime) -> tuple[datetime, datetime]:
    """Return what slots are sorted by: a clock put forward has 02:30 come at 03:30, after 03:00."""
    return slot.astimezone(UTC), slot.replace(tzinfo=UTC)


class Scheduler:
    """Calls `tend` at once, at each slot and every `every`, in a daemon thread, until stopped; never two at a time.

    A call that falls due while one runs is made after it, and several are made once. What `tend` raises is logged, and
    the next call comes all the same. Nothing is lost with a tick: `tend` finds out what there is to do by itself.
    """

    def __init__(
        self, slots: BaseTrigger | None, run_due: Callable[[], None], interval: timedelta = TICK_INTERVAL
    ) -> None:
        self._slots = slots
        self._run_due = run_due
        self._interval = interval
        self._run_requested, self._stopped = threading.Event(), threading.Event()
        # What the scheduler does at a slot is to ask, which its own thread may do: that way it delays no exit.
        self._scheduler = BackgroundScheduler(executors={"default": DebugExecutor()}, timezone=UTC)

    def start(self) -> None:
        """Begin to tend."""
        if self._slots:
            self._scheduler.add_job(
                self._run_requested.set, self._slots, id=_JOB_ID, misfire_grace_time=None, coalesce=True
            )
        self._scheduler.start()
        self._run_requested.set()
        threading.Thread(target=self._run_until_stopped, name="schedule", daemon=True).start()

    def stop(self) -> None:
        """Tend no more, at once and any number of times; a call that is under way is not waited for."""
        self._stopped.set()
        self._run_requested.set()
        with suppress(SchedulerNotRunningError):
            self._scheduler.shutdown(wait=False)

    @property
    def next_slot(self) -> datetime | None:
        """The next slot; None when stopped, or without any."""
        job = self._scheduler.get_job(_JOB_ID) if self._scheduler.running else None
        return job and job.next_run_time

    def _run_until_stopped(self) -> None:
        while not self._stopped.is_set():
            # The scheduler's own intervals go by the machine's clock, and would pause for as long as that is put back.
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
