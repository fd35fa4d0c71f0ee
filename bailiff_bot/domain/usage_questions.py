"""Which days of which instances are asked for, and what was answered."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from bailiff_bot.domain.gap import Gap
from bailiff_bot.domain.instance import Instance, Target
from bailiff_bot.domain.usage_figures import HOURS_A_DAY, DayFigures

DaysOfInstance = Mapping[date, DayFigures]
UsageOfTarget = Mapping[str, DaysOfInstance]
"""By instance id."""
UsageByTarget = Mapping[Target, UsageOfTarget]

_NOTHING: DaysOfInstance = {}


@dataclass(frozen=True, slots=True)
class UsageQuestion:
    """A running instance, and the days that are asked for: from the first to the last."""

    instance_id: str
    first: date
    last: date
    known: DaysOfInstance = field(default_factory=dict)
    """What was answered before. It says how many hours an answer may have."""

    def expected_hours(self, first: date, last: date) -> int:
        """Return of how many hours an answer for these days has values.

        A day that was asked for before has as many as then, mostly. The last one may only have been late.
        """
        days = [first + timedelta(days=number) for number in range((last - first).days)]
        return HOURS_A_DAY + sum(self.known[day].hours if day in self.known else HOURS_A_DAY for day in days)


def usage_question(instance_id: str, window: Iterable[date], known: DaysOfInstance) -> UsageQuestion | None:
    """Return what is asked about an instance; None if each day of the window was asked for before.

    A day that is not whole is asked for again, once a new day has joined the window: so each instance is asked about
    once a day, however often there is a scan.
    """
    window = tuple(window)
    if all(day in known for day in window):
        return None
    wanted = [day for day in window if day not in known or not known[day].is_whole]
    return UsageQuestion(instance_id, wanted[0], wanted[-1], known)


def usage_questions(
    instances: Iterable[Instance], window: Iterable[date], known: UsageByTarget
) -> dict[Target, list[UsageQuestion]]:
    """Return by target what is asked about instances."""
    window = tuple(window)
    found: dict[Target, list[UsageQuestion]] = {}
    for instance in instances:
        question = usage_question(instance.id, window, days_of(known, instance))
        if question:
            found.setdefault(instance.target, []).append(question)
    return found


def days_of(usage: UsageByTarget, instance: Instance) -> DaysOfInstance:
    """Return the days of an instance; none if nothing is known of it."""
    return usage.get(instance.target, {}).get(instance.id, _NOTHING)


def better_days(answered: DaysOfInstance, known: DaysOfInstance) -> dict[date, DayFigures]:
    """Return the days of an answer that say more than what was known, or something else of as many hours."""
    return {day: figures for day, figures in answered.items() if _is_better(figures, known.get(day))}


def _is_better(answered: DayFigures, known: DayFigures | None) -> bool:
    return known is None or (answered.hours >= known.hours and answered != known)


@dataclass(frozen=True, slots=True)
class UsageAnswers:
    """What CloudWatch answered. Each day that was asked for is in it, with no figures if there are none."""

    days: UsageByTarget
    gaps: tuple[Gap, ...] = ()
    """One for each target of which not all was answered."""
    calls: int = 0
    metrics: int = 0
    """As CloudWatch bills them: several statistics of a metric are one."""

    @property
    def usd(self) -> float:
        """What the calls cost, at the list price of USD 0.01 for 1,000 metrics."""
        return self.metrics * _USD_A_METRIC


_USD_A_METRIC = 0.01 / 1000
"""https://aws.amazon.com/cloudwatch/pricing/, in the regions of the US and Europe."""
