"""Whether a running instance is used, by what CloudWatch says of it.

Peaks alone prove nothing: each Ubuntu machine updates its packages at night. So there are two marks, and *quiet*
between them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum

from bailiff_bot.domain.accelerators import has_accelerator
from bailiff_bot.domain.instance import Instance, InstanceState
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.usage_figures import DayFigures, usage_days


class UsageVerdict(StrEnum):
    """Whether an instance is used."""

    IDLE = "idle"
    """On every day both figures stayed below the lower marks."""
    QUIET = "quiet"
    """Neither idle nor used."""
    USED = "used"
    """On some day a figure reached the upper mark."""
    UNKNOWN = "unknown"
    """A day is not whole, or the figures prove nothing for such an instance."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Whether an instance is used, with the figures that say so."""

    verdict: UsageVerdict
    days: int = 0
    """How many days were looked at."""
    cpu_max: float | None = None
    """Percent, the highest of all days; None if no day has it."""
    cpu_average: float | None = None
    """Percent, the highest average of a day."""
    network_mb: float | None = None
    """10^6 bytes, in plus out, of the day with the most."""
    may_be_idle: bool = False
    """True if it is unknown, and what is missing could show that it is idle."""


NOT_READ = Usage(UsageVerdict.UNKNOWN)
"""Usage is not read, or the instance does not run."""

_PRECEDENCE = (UsageVerdict.USED, UsageVerdict.UNKNOWN, UsageVerdict.QUIET, UsageVerdict.IDLE)


def judge_usage(instance: Instance, policy: Policy, as_of: datetime) -> Usage:
    """Return whether an instance is used, as of a time. One that does not run has no usage."""
    if not policy.reads_usage or instance.state is not InstanceState.RUNNING:
        return NOT_READ
    if instance.usage is None:
        return Usage(UsageVerdict.UNKNOWN, may_be_idle=_can_be_idle(instance, policy, as_of))
    window = instance.usage.window(policy.idle_days, as_of)
    figures = list(window.values())
    verdict = _verdict(instance, window, policy)
    return Usage(
        verdict,
        len(figures),
        _highest(one.cpu_max for one in figures),
        _highest(one.cpu_average for one in figures),
        _highest(one.network_mb for one in figures),
        may_be_idle=verdict is UsageVerdict.UNKNOWN
        and _runs_since(instance, min(window))
        and not has_accelerator(instance.type)
        and not any(_exceeds_idle(one, policy) for one in figures),
    )


def usage_of_controller(members: Iterable[Usage]) -> Usage:
    """Return whether a controller is used: if a member is, else unknown, quiet, idle, in this order.

    `members` are those that run. The figures are the highest of any member.
    """
    members = tuple(members)
    if not members:
        return NOT_READ
    return Usage(
        min((one.verdict for one in members), key=_PRECEDENCE.index),
        max(one.days for one in members),
        _highest(one.cpu_max for one in members),
        _highest(one.cpu_average for one in members),
        _highest(one.network_mb for one in members),
        may_be_idle=all(one.verdict is UsageVerdict.IDLE or one.may_be_idle for one in members)
        and any(one.may_be_idle for one in members),
    )


def _verdict(instance: Instance, window: dict[date, DayFigures], policy: Policy) -> UsageVerdict:
    figures = window.values()
    if any(_is_used(one, policy) for one in figures):
        return UsageVerdict.USED
    is_complete = all(one.is_whole for one in figures) and _runs_since(instance, min(window))
    if not is_complete or has_accelerator(instance.type):
        return UsageVerdict.UNKNOWN
    return UsageVerdict.QUIET if any(_exceeds_idle(one, policy) for one in figures) else UsageVerdict.IDLE


def _is_used(figures: DayFigures, policy: Policy) -> bool:
    return _reaches(figures.cpu_average, policy.used_cpu) or _reaches(figures.network_mb, policy.used_network_mb)


def _exceeds_idle(figures: DayFigures, policy: Policy) -> bool:
    return _reaches(figures.cpu_max, policy.idle_cpu) or _reaches(figures.network_mb, policy.idle_network_mb)


def _reaches(figure: float | None, mark: float) -> bool:
    return figure is not None and figure >= mark


def _runs_since(instance: Instance, day: date) -> bool:
    """Return whether it runs since before a UTC day: what was before its last start proves nothing."""
    return instance.launched_at <= datetime.combine(day, time(), UTC)


def _can_be_idle(instance: Instance, policy: Policy, as_of: datetime) -> bool:
    first = min(usage_days(policy.idle_days, as_of))
    return _runs_since(instance, first) and not has_accelerator(instance.type)


def _highest(figures: Iterable[float | None]) -> float | None:
    return max((one for one in figures if one is not None), default=None)
