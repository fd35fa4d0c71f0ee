"""When an instance ran: CloudWatch has values of these times only."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

_RESTART = timedelta(hours=1)
"""An instance that was created before its last start was stopped for this long before it, as far as is known."""
_SHORTEST = timedelta(minutes=5)
"""EC2 sends its metrics every five minutes: what runs for less has no values."""


@dataclass(frozen=True, slots=True)
class Run:
    """A time during which an instance ran; `end` is None while it runs."""

    start: datetime
    end: datetime | None = None

    def covers(self, start: datetime, end: datetime) -> bool:
        """Return True if the instance sent a metric between two times."""
        own_end = end if self.end is None else min(self.end, end)
        return own_end - max(self.start, start) >= _SHORTEST


def first_runs(created: datetime, launched: datetime) -> tuple[Run, ...]:
    """Return when an instance ran that is only known by its creation and its last start."""
    stopped = launched - _RESTART
    return (Run(created, stopped), Run(launched)) if created < stopped else (Run(launched),)


def set_runs(instance: Any, runs: Iterable[Run]) -> None:
    """Set when one of moto's instances ran."""
    instance.sandbox_runs = tuple(runs)


def runs_of(instance: Any) -> tuple[Run, ...]:
    """Return when one of moto's instances ran, the earliest run first; nothing if nobody said so."""
    runs: tuple[Run, ...] = getattr(instance, "sandbox_runs", ())
    return runs


def record_start(instance: Any, now: datetime) -> None:
    """Note that an instance starts. One that runs goes on running."""
    runs = runs_of(instance)
    if not runs or runs[-1].end is not None:
        set_runs(instance, (*runs, Run(now)))


def record_stop(instance: Any, now: datetime) -> None:
    """Note that an instance stops. One that is stopped stays so."""
    *earlier, last = runs_of(instance) or (Run(now, now),)
    if last.end is None:
        set_runs(instance, (*earlier, replace(last, end=now)))
