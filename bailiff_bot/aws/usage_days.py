"""Turns the hourly values of instances into figures for each day."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise

from bailiff_bot.aws.usage_batches import HOUR, METRIC_IDS, UsageBatch, query_id
from bailiff_bot.aws.usage_series import Series, bad_answer
from bailiff_bot.domain.usage_figures import HOURS_A_DAY, DayFigures

_MEGABYTE = 1_000_000

Days = dict[date, DayFigures]


def days_by_instance(batch: UsageBatch, series: Mapping[str, Series]) -> dict[str, Days]:
    """Return the figures of each instance and each day of a batch. Raises Unreadable if a query has no answer."""
    slices = _DaySlices(batch)
    return {
        instance_id: _days(batch.days, _metrics(series, number), slices)
        for number, instance_id in enumerate(batch.instance_ids)
    }


class _DaySlices:
    """Finds where each day of a batch is in a list of times. Most lists are the same one."""

    def __init__(self, batch: UsageBatch) -> None:
        hours = batch.hours
        self._starts = [*hours[::HOURS_A_DAY], hours.stop]
        self._times: Sequence[int] = ()
        self._slices = self._find(())

    def of(self, times: Sequence[int]) -> list[slice]:
        """Return a slice for each day."""
        if times is not self._times:
            self._times, self._slices = times, self._find(times)
        return self._slices

    def _find(self, times: Sequence[int]) -> list[slice]:
        found = [bisect_left(times, start) for start in self._starts]
        return [slice(*both) for both in pairwise(found)]


def _metrics(series: Mapping[str, Series], number: int) -> list[Series]:
    try:
        return [series[query_id(number, metric_id)] for metric_id in METRIC_IDS]
    except KeyError as error:
        raise bad_answer(f"GetMetricData did not answer the query {error}") from error


def _days(days: Sequence[date], metrics: Sequence[Series], slices: _DaySlices) -> Days:
    parts = [slices.of(one.times) for one in metrics]
    share_times = all(one.times is metrics[0].times for one in metrics)
    cpu_max, cpu_average, network_in, network_out = (one.values for one in metrics)
    return {
        day: _figures(
            cpu_max[of_max],
            cpu_average[of_average],
            network_in[of_in],
            network_out[of_out],
            of_max.stop - of_max.start if share_times else _common_hours(metrics, (of_max, of_average, of_in, of_out)),
        )
        for day, of_max, of_average, of_in, of_out in zip(days, *parts, strict=True)
    }


def _common_hours(metrics: Sequence[Series], of_day: Sequence[slice]) -> int:
    """Return of how many hours of a day each metric has a value."""
    first, *others = ({time // HOUR for time in one.times[part]} for one, part in zip(metrics, of_day, strict=True))
    return len(first.intersection(*others))


def _figures(
    cpu_max: Sequence[float],
    cpu_average: Sequence[float],
    network_in: Sequence[float],
    network_out: Sequence[float],
    hours: int,
) -> DayFigures:
    """Return the figures of a day with these values, of which `hours` hours have one of each metric."""
    return DayFigures(
        max(cpu_max) if cpu_max else None,
        sum(cpu_average) / len(cpu_average) if cpu_average else None,
        sum(network_in) / _MEGABYTE if network_in else None,
        sum(network_out) / _MEGABYTE if network_out else None,
        hours,
    )
