"""Parses a crontab's five fields as crontab(5) defines them. APScheduler's own parser counts weekdays from Monday."""

import calendar
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.cron import CronTrigger

_ITEM = re.compile(r"(?P<all>\*)?(?:(?P<low>\w+)(?:-(?P<high>\w+))?)?(?:/(?P<step>\d+))?", re.ASCII)
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_WEEKDAYS = "sun mon tue wed thu fri sat".split()


@dataclass(frozen=True, slots=True)
class _Field:
    """One of the five fields of a crontab."""

    name: str
    low: int
    high: int
    names: Sequence[str] = ()
    """Names of the values, starting with that of `low`."""
    wraps: bool = False
    """True if a range may pass the end (fri-mon), and the highest value means the lowest (7 is 0)."""

    def values(self, text: str) -> list[int]:
        """Return the values that a field's text selects, in ascending order; raises ValueError with the reason."""
        return sorted({value for item in text.split(",") for value in self._item(item)})

    def _item(self, item: str) -> Iterator[int]:
        parts = _ITEM.fullmatch(item)
        if not parts or bool(parts["all"]) == bool(parts["low"]):
            raise ValueError(f"{item!r} is not a valid {self.name}")
        low, high = self._range(parts)
        step = int(parts["step"] or 1)
        if not step:
            raise ValueError(f"the step in {item!r} should be 1 or more")
        if parts["step"] and parts["low"] and not parts["high"]:
            raise ValueError(f"the step in {item!r} should follow a range or *")
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
            raise ValueError(f"the range {parts[0]!r} ({self.name}) goes backwards")
        return low, high

    def _value(self, text: str) -> int:
        if text.lower() in self.names:
            return self.names.index(text.lower()) + self.low
        if text.isdigit() and self.low <= int(text) <= self.high:
            return int(text)
        valid = f"{self.low} to {self.high}{', or a name' if self.names else ''}"
        raise ValueError(f"{text!r} is not a valid {self.name} ({valid})")


_FIELDS = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of the month", 1, 31),
    _Field("month", 1, 12, _MONTHS),
    _Field("weekday", 0, 7, _WEEKDAYS, wraps=True),
)


def cron_trigger(crontab: str) -> BaseTrigger:
    """Return a trigger, in UTC, for five crontab fields; raises ValueError with the reason if they are not valid."""
    texts = crontab.split()
    if len(texts) != len(_FIELDS):
        raise ValueError(f"there are {len(texts)} fields")
    minutes, hours, days, months, weekdays = (field.values(text) for field, text in zip(_FIELDS, texts, strict=True))
    time = {"minute": _list(minutes), "hour": _list(hours), "month": _list(months), "timezone": UTC}
    by_day, by_weekday = {"day": _list(days)}, {"day_of_week": ",".join(_WEEKDAYS[day] for day in weekdays)}
    # crontab(5): if neither the day nor the weekday starts with *, the trigger fires when either matches.
    if not texts[2].startswith("*") and not texts[4].startswith("*"):
        return OrTrigger([CronTrigger(**time, **by_day), CronTrigger(**time, **by_weekday)])
    if not any(min(days) <= _max_days(month) for month in months):
        raise ValueError("no such day exists")
    return CronTrigger(**time, **by_day, **by_weekday)


def _list(values: Sequence[int]) -> str:
    return ",".join(map(str, values))


def _max_days(month: int) -> int:
    """Return the number of days of a month in a leap year."""
    return calendar.monthrange(2024, month)[1]
