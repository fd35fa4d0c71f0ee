"""From a crontab and a time zone to a use case that runs at its slots.

A slot is a local wall-clock time. Once a year a wall clock shows an hour twice: a slot in it runs the first time only.
Once a year it skips an hour: a slot in that runs all the same, 02:30 when the clock shows 03:30.
"""

import calendar
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from apscheduler.executors.base import BaseExecutor
from apscheduler.job import Job
from apscheduler.schedulers import SchedulerNotRunningError
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.cron import CronTrigger

from bailiff_bot.errors import SettingsError

GRACE_SECONDS = 3600
"""How late a slot may still run, when the process was frozen over its time."""
_DAY = timedelta(days=1)
"""No clock was ever put forward by more: Samoa left out a whole day in 2011."""
_JOB = "slots"
_ITEM = re.compile(r"(?P<all>\*)?(?:(?P<low>\w+)(?:-(?P<high>\w+))?)?(?:/(?P<step>\d+))?", re.ASCII)
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_WEEKDAYS = "sun mon tue wed thu fri sat".split()

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Field:
    """One of a crontab's five fields, as crontab(5) has them."""

    name: str
    low: int
    high: int
    names: Sequence[str] = ()
    """Of the values, from `low` on."""
    wraps: bool = False
    """A range may go over the end: fri-mon, and 7 is 0."""

    def values(self, text: str) -> list[int]:
        """Return the values that a field's text selects, in order; raises ValueError with the reason."""
        return sorted({value for item in text.split(",") for value in self._item(item)})

    def _item(self, item: str) -> Iterator[int]:
        parts = _ITEM.fullmatch(item)
        if not parts or bool(parts["all"]) == bool(parts["low"]):
            raise ValueError(f"{item!r} is no {self.name}")
        low, high = self._range(parts)
        step = int(parts["step"] or 1)
        if not step or (parts["step"] and parts["low"] and not parts["high"]):
            raise ValueError(f"the step in {item!r} should be 1 or more, after a range or *")
        period = self.high if self.wraps else self.high + 1
        return (value % period for value in range(low, high + 1, step))

    def _range(self, parts: re.Match[str]) -> tuple[int, int]:
        if parts["all"]:
            return self.low, self.high - self.wraps
        low = self._value(parts["low"])
        high = self._value(parts["high"] or parts["low"])
        if low > high and self.wraps:
            return low, high + self.high
        if low > high:
            raise ValueError(f"the {self.name}s {parts[0]!r} go backwards")
        return low, high

    def _value(self, text: str) -> int:
        if text.lower() in self.names:
            return self.names.index(text.lower()) + self.low
        if text.isdigit() and self.low <= int(text) <= self.high:
            return int(text)
        raise ValueError(f"{text!r} is no {self.name} ({self.low} to {self.high}{', or a name' if self.names else ''})")


_FIELDS = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of the month", 1, 31),
    _Field("month", 1, 12, _MONTHS),
    _Field("weekday", 0, 7, _WEEKDAYS, wraps=True),
)


class Slots(BaseTrigger):  # type: ignore[misc] # APScheduler has no types
    """The slots of a crontab in a time zone, as APScheduler asks for them; `slots_of` makes it."""

    def __init__(self, cron: BaseTrigger, zone: ZoneInfo) -> None:
        self._cron = cron
        self._zone = zone

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime | None:
        """Return the slot after the previous one, though it be past; without one, the first from `now` on."""
        if previous_fire_time:
            return self._from(previous_fire_time.replace(tzinfo=None) + timedelta.resolution)
        wall_clock = self._wall_clock(now)
        skipped = wall_clock - self._wall_clock(now - _DAY) - _DAY  # what is due may be due from an hour just skipped
        slot = self._from(wall_clock - max(skipped, timedelta(0)))
        while slot and slot.astimezone(UTC) < now.astimezone(UTC):
            slot = self.get_next_fire_time(slot, now)
        return slot

    def _wall_clock(self, instant: datetime) -> datetime:
        return instant.astimezone(self._zone).replace(tzinfo=None)

    def _from(self, wall_clock: datetime) -> datetime | None:
        # In UTC no clock ever changes, so there the cron counts wall-clock times; only the result is put into the zone.
        slot: datetime | None = self._cron.get_next_fire_time(None, wall_clock.replace(tzinfo=UTC))
        return slot and slot.replace(tzinfo=self._zone)


def slots_of(crontab: str, timezone: str) -> Slots:
    """Return the slots of a five-field crontab, with cron's weekdays (0 and 7 are Sunday), in a time zone by name.

    Raises SettingsError, with one line, where the crontab does not parse or never fires, or there is no such time zone.
    """
    try:
        return Slots(_cron(crontab), _zone(timezone))
    except ValueError as error:
        hint = "it should be five fields like '0 9 * * 1-5': minute, hour, day of the month, month, weekday"
        raise SettingsError(f"BAILIFF_DIGEST_CRON is {crontab!r}, but {error}; {hint}") from error


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError) as error:
        raise SettingsError(f"BAILIFF_TIMEZONE is {name!r}; it should be a time zone like Europe/Paris") from error


def _cron(crontab: str) -> BaseTrigger:
    texts = crontab.split()
    if len(texts) != len(_FIELDS):
        raise ValueError(f"there are {len(texts)} fields")
    minutes, hours, days, months, weekdays = (field.values(text) for field, text in zip(_FIELDS, texts, strict=True))
    time = {"minute": _list(minutes), "hour": _list(hours), "month": _list(months), "timezone": UTC}
    by_day, by_weekday = {"day": _list(days)}, {"day_of_week": ",".join(_WEEKDAYS[day] for day in weekdays)}
    # crontab(5): when both are restricted, that is, begin with no *, either is enough.
    if not texts[2].startswith("*") and not texts[4].startswith("*"):
        return OrTrigger([CronTrigger(**time, **by_day), CronTrigger(**time, **by_weekday)])
    if not any(min(days) <= _longest(month) for month in months):
        raise ValueError("no such day ever comes")
    return CronTrigger(**time, **by_day, **by_weekday)


def _list(values: Sequence[int]) -> str:
    return ",".join(map(str, values))


def _longest(month: int) -> int:
    """Return the days of a month in a leap year."""
    return calendar.monthrange(2024, month)[1]


class Schedule:
    """Calls `run` with each slot when it comes, in a daemon thread, until stopped.

    A slot that falls due while the last one still runs is left out; of several that were slept through the last one
    runs. What `run` raises is logged, and the next slot comes all the same.
    """

    def __init__(self, slots: BaseTrigger, run: Callable[[datetime], None]) -> None:
        self._slots = slots
        self._run = run
        self._scheduler = BackgroundScheduler(executors={"default": _Thread()}, timezone=UTC)

    def start(self) -> None:
        """Begin to wait for slots."""
        self._scheduler.add_job(
            self._fire, self._slots, id=_JOB, misfire_grace_time=GRACE_SECONDS, coalesce=True, max_instances=1
        )
        self._scheduler.start()

    def stop(self) -> None:
        """Start no slot any more, at once and any number of times; one that runs is not waited for."""
        with suppress(SchedulerNotRunningError):
            self._scheduler.shutdown(wait=False)

    @property
    def next_slot(self) -> datetime | None:
        """The next slot; None when stopped."""
        job = self._scheduler.get_job(_JOB) if self._scheduler.running else None
        return job and job.next_run_time

    def _fire(self, *due: datetime) -> None:
        for slot in due:
            try:
                self._run(slot)
            except Exception as error:  # noqa: BLE001 - whatever it was, the next slot comes
                log.error("slot failed", slot=slot.isoformat(), error=repr(error))


class _Thread(BaseExecutor):  # type: ignore[misc] # APScheduler has no types
    """Runs a job in a daemon thread, which delays no exit, and tells it its slot; APScheduler's own do neither."""

    def _do_submit_job(self, job: Job, run_times: Sequence[datetime]) -> None:
        threading.Thread(target=self._run, args=(job, run_times), name="slot", daemon=True).start()

    def _run(self, job: Job, run_times: Sequence[datetime]) -> None:
        late = datetime.now(UTC) - run_times[-1]
        if late.total_seconds() <= job.misfire_grace_time:
            job.func(*run_times)
        else:
            log.warning("slot missed", slot=run_times[-1].isoformat(), late=str(late))
        self._run_job_success(job.id, ())
