"""What CloudWatch has of an instance: a few figures for each UTC day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import isfinite

HOURS_A_DAY = 24

_READABLE_AFTER = timedelta(hours=2)
"""CloudWatch may be late: a day counts once it ended this long ago."""
_COUNTS_FOR = timedelta(days=2)
"""Figures that were read count for this long, so that a view between two scans says what the scan said."""


@dataclass(frozen=True, slots=True)
class DayFigures:
    """The figures of one UTC day. A figure that is not known is None; so is one that is no finite, positive number."""

    cpu_max: float | None = None
    """Percent."""
    cpu_average: float | None = None
    """Percent, over the hours that have a value."""
    network_in_mb: float | None = None
    """10^6 bytes, summed over the hours that have a value."""
    network_out_mb: float | None = None
    hours: int = 0
    """The hours of the day that have a value of every metric."""

    @property
    def network_mb(self) -> float | None:
        """In plus out, as far as it is known: the traffic was at least this. None if neither is known."""
        known = [one for one in (self.network_in_mb, self.network_out_mb) if one is not None]
        return sum(known) if known else None

    @property
    def is_whole(self) -> bool:
        """True if each hour has a value of every metric."""
        figures = (self.cpu_max, self.cpu_average, self.network_in_mb, self.network_out_mb)
        return self.hours >= HOURS_A_DAY and None not in figures


NO_FIGURES = DayFigures()


def day_figures(
    cpu_max: float | None,
    cpu_average: float | None,
    network_in_mb: float | None,
    network_out_mb: float | None,
    hours: int,
) -> DayFigures:
    """Return the figures of a day. What is no finite number, or is below zero, is no value."""
    return DayFigures(_value(cpu_max), _value(cpu_average), _value(network_in_mb), _value(network_out_mb), hours)


def _value(figure: float | None) -> float | None:
    return figure if figure is not None and isfinite(figure) and figure >= 0 else None


@dataclass(frozen=True, slots=True)
class UsageFigures:
    """The figures of an instance, as they were known at a time."""

    read_at: datetime
    """The time of the scan, in UTC."""
    days: Mapping[date, DayFigures]
    """By UTC day. A day that is not in it has no values."""

    def window(self, days: int, as_of: datetime) -> dict[date, DayFigures]:
        """Return the figures of the last `days` days that count as of a time, the oldest first.

        For two days after they were read, the same days count as when they were read.
        """
        is_recent = self.read_at <= as_of <= self.read_at + _COUNTS_FOR
        return {day: self.days.get(day, NO_FIGURES) for day in usage_days(days, self.read_at if is_recent else as_of)}


def usage_days(days: int, as_of: datetime) -> list[date]:
    """Return the last `days` UTC days that ended two hours or more before a time, the oldest first."""
    today = (as_of - _READABLE_AFTER).date()
    return [today - timedelta(days=ago) for ago in range(days, 0, -1)]
