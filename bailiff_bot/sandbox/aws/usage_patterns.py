"""How instances of the sandbox are used: figures for each hour, always the same for the same instance and hour."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

_MB = 1_000_000.0
_SATURDAY = 5
_LATE = timedelta(hours=30)
"""How late the values of a late instance are: those of the last whole day are missing."""


class UsagePattern(StrEnum):
    """How an instance is used."""

    IDLE = "idle"
    """Nothing happens on it."""
    QUIET = "quiet"
    """It updates its packages at night, and nothing else happens."""
    USED = "used"
    """It works in office hours."""
    FILE_SERVER = "file server"
    """It has traffic and needs no CPU."""
    GPU = "GPU"
    """Its GPU works, of which neither CPU nor network shows anything."""
    STOPPED_AT_NIGHT = "stopped at night"
    """Idle, and without values of the hours from 20:00 to 06:00 UTC."""
    LATE = "late"
    """Idle, and its values come more than a day late."""
    NONE = "no values"


@dataclass(frozen=True, slots=True)
class HourFigures:
    """What CloudWatch has of an hour."""

    cpu_average: float
    """Percent."""
    cpu_max: float
    network_in: float
    """Bytes in the hour."""
    network_out: float


_Figures = Callable[[datetime, float], HourFigures | None]
"""The figures of an hour; None: no values. Arguments: its start in UTC; a number from 0 to 1, by instance and hour."""


def hour_figures(pattern: UsagePattern, instance_id: str, hour: datetime, now: datetime) -> HourFigures | None:
    """Return the figures of an hour in which an instance runs; None if CloudWatch has no values of it by `now`."""
    if pattern is UsagePattern.LATE and hour > now - _LATE:
        return None
    return _PATTERNS[pattern](hour, _fraction(instance_id, hour))


def _fraction(instance_id: str, hour: datetime) -> float:
    digest = hashlib.blake2b(f"{instance_id}/{hour.timestamp():.0f}".encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") / 2**32


def _idle(_: datetime, fraction: float) -> HourFigures:
    return HourFigures(0.2 + 0.3 * fraction, 0.9 + 1.2 * fraction, 0.012 * _MB, (0.008 + 0.01 * fraction) * _MB)


def _quiet(hour: datetime, fraction: float) -> HourFigures:
    updates_hour = 3
    if hour.hour != updates_hour:
        return _idle(hour, fraction)
    return HourFigures(11 + 8 * fraction, 38 + 6 * fraction, (24 + 12 * fraction) * _MB, 0.6 * _MB)


def _used(hour: datetime, fraction: float) -> HourFigures:
    opens, closes = 7, 19
    if hour.weekday() >= _SATURDAY or not opens <= hour.hour < closes:
        return HourFigures(2 + 2 * fraction, 6 + 9 * fraction, 3 * _MB, 5 * _MB)
    return HourFigures(35 + 25 * fraction, 80 + 19 * fraction, (40 + 30 * fraction) * _MB, (90 + 80 * fraction) * _MB)


def _file_server(_: datetime, fraction: float) -> HourFigures:
    return HourFigures(0.8 + 0.4 * fraction, 2 + 2 * fraction, 15 * _MB, (70 + 40 * fraction) * _MB)


def _gpu(_: datetime, fraction: float) -> HourFigures:
    return HourFigures(1.5 + fraction, 3 + 1.5 * fraction, 0.05 * _MB, 0.05 * _MB)


def _by_day(hour: datetime, fraction: float) -> HourFigures | None:
    starts, stops = 6, 20
    return _idle(hour, fraction) if starts <= hour.hour < stops else None


_PATTERNS: Mapping[UsagePattern, _Figures] = MappingProxyType(
    {
        UsagePattern.IDLE: _idle,
        UsagePattern.QUIET: _quiet,
        UsagePattern.USED: _used,
        UsagePattern.FILE_SERVER: _file_server,
        UsagePattern.GPU: _gpu,
        UsagePattern.STOPPED_AT_NIGHT: _by_day,
        UsagePattern.LATE: _idle,
        UsagePattern.NONE: lambda _hour, _fraction: None,
    }
)
