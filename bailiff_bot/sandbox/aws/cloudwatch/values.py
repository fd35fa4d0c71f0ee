"""The values of a metric of an instance: those of the hours in which it ran, by its pattern."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from bailiff_bot.sandbox.aws.cloudwatch.parameters import MetricDataCall, MetricQuery
from bailiff_bot.sandbox.aws.running import Run
from bailiff_bot.sandbox.aws.usage_patterns import HourFigures, UsagePattern, hour_figures

NAMESPACE, DIMENSION = "AWS/EC2", "InstanceId"
_HOUR = timedelta(hours=1)
_HOUR_SECONDS = 3600
_SAMPLE_SECONDS = 300
_SAMPLES = _HOUR_SECONDS // _SAMPLE_SECONDS
"""EC2's basic monitoring has a sample every five minutes."""
_RETENTION = ((timedelta(days=455), 0), (timedelta(days=63), _HOUR_SECONDS), (timedelta(days=15), _SAMPLE_SECONDS))
"""How old the start may be, and by what the period must be divisible for an older one; 0: there is nothing older."""


@dataclass(frozen=True, slots=True)
class MeteredInstance:
    """An instance as CloudWatch knows it."""

    id: str
    pattern: UsagePattern
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class _Samples:
    """The samples of an hour."""

    average: float
    maximum: float
    minimum: float


Hours = Mapping[datetime, HourFigures]
"""The figures of the hours that have values, by their start."""
_METRICS: Mapping[str, tuple[str, Callable[[HourFigures], _Samples]]] = MappingProxyType(
    {
        "CPUUtilization": ("Percent", lambda hour: _Samples(hour.cpu_average, hour.cpu_max, hour.cpu_average / 5)),
        "NetworkIn": ("Bytes", lambda hour: _traffic(hour.network_in)),
        "NetworkOut": ("Bytes", lambda hour: _traffic(hour.network_out)),
    }
)


def metered_hours(instance: MeteredInstance, call: MetricDataCall, now: datetime) -> Hours:
    """Return the figures of the hours that a call asks for, the oldest first."""
    figures = ((hour, _figures(instance, hour, now)) for hour in _hours(call.start, min(call.end, now)))
    return {hour: found for hour, found in figures if found is not None}


def metric_values(query: MetricQuery, hours: Hours, start: datetime, now: datetime) -> list[tuple[float, float]]:
    """Return times in seconds since 1970 and values of a metric, the oldest first.

    `hours` are those of the instance that the query names. There are none for a metric that EC2 does not have.
    """
    unit, samples_of = _METRICS.get(query.metric, ("", None))
    if samples_of is None or query.unit not in {None, unit} or not _is_kept(query.period, start, now):
        return []
    samples = {hour.timestamp(): samples_of(figures) for hour, figures in hours.items()}
    if query.period >= _HOUR_SECONDS:
        return _aggregated(query, samples)
    return list(_divided(query, samples, start.timestamp()))


def _figures(instance: MeteredInstance, hour: datetime, now: datetime) -> HourFigures | None:
    end = min(hour + _HOUR, now)
    if not any(run.covers(hour, end) for run in instance.runs):
        return None
    return hour_figures(instance.pattern, instance.id, hour, now)


def _hours(start: datetime, end: datetime) -> Iterator[datetime]:
    hour = start.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    while hour < end:
        yield hour
        hour += _HOUR


def _traffic(total: float) -> _Samples:
    average = total / _SAMPLES
    return _Samples(average, 2 * average, average / 2)


def _aggregated(query: MetricQuery, samples: Mapping[float, _Samples]) -> list[tuple[float, float]]:
    """Return one value for each period of one or more hours. Periods begin at multiples of themselves."""
    periods: dict[float, list[_Samples]] = {}
    for time, one in samples.items():
        periods.setdefault(time - time % query.period, []).append(one)
    return [(time, _statistic(query.statistic, found, _SAMPLES)) for time, found in periods.items()]


def _divided(query: MetricQuery, samples: Mapping[float, _Samples], start: float) -> Iterator[tuple[float, float]]:
    """Yield a value for each part of an hour, of five minutes at least."""
    step = max(query.period, _SAMPLE_SECONDS)
    for hour, one in samples.items():
        value = _statistic(query.statistic, [one], step // _SAMPLE_SECONDS)
        for offset in range(0, _HOUR_SECONDS, step):
            if hour + offset >= start:
                yield hour + offset, value


def _statistic(name: str, hours: list[_Samples], samples: int) -> float:
    """Return a statistic of some hours, each of which has as many samples."""
    if name == "Maximum":
        return max(one.maximum for one in hours)
    if name == "Minimum":
        return min(one.minimum for one in hours)
    if name == "SampleCount":
        return float(samples * len(hours))
    total = sum(one.average for one in hours)
    return total / len(hours) if name == "Average" else total * samples


def _is_kept(period: int, start: datetime, now: datetime) -> bool:
    """Return True if CloudWatch still has values of a period; of an older start it has only longer ones."""
    return all(now - start <= age or (divisor and period % divisor == 0) for age, divisor in _RETENTION)
