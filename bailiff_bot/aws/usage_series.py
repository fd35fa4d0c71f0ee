"""The hourly values of a metric, as CloudWatch answers them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from bailiff_bot.aws.errors import Unreadable
from bailiff_bot.aws.redacted_line import redacted_line
from bailiff_bot.domain.inventory import UnreadReason


@dataclass(frozen=True, slots=True)
class Series:
    """The values of a metric, each finite and not negative."""

    times: Sequence[int]
    """The start of each hour, in seconds since 1970, the earliest first. Metrics with equal times share one list."""
    values: Sequence[float]


class SeriesReader:
    """Makes series. Most metrics of a page have the same times, so they are checked once.

    Arguments: False if certainly no value is below zero, so that this needs no check.
    """

    def __init__(self, *, may_be_negative: bool = True) -> None:
        self._may_be_negative = may_be_negative
        self._answered: list[Any] | None = None
        self._times: Sequence[int] = ()

    def read(self, times: Any, values: Any) -> Series:
        """Return the series. A value that is no number is left out. Raises Unreadable for what is no series."""
        if not isinstance(times, list) or not isinstance(values, list) or len(times) != len(values):
            raise bad_answer("GetMetricData answered another number of times than of values")
        if not self._all_valid(values):
            return _series((time, value) for time, value in zip(times, values, strict=True) if _is_valid(value))
        if times != self._answered:
            series = _series(zip(times, values, strict=True))
            if series.values != values:  # they were in another order
                return series
            self._answered, self._times = times, series.times
        return Series(self._times, values)

    def _all_valid(self, values: list[Any]) -> bool:
        """Return True if each value is finite and not negative."""
        try:
            return isfinite(sum(values)) and not (self._may_be_negative and values and min(values) < 0)
        except TypeError:  # JSON has no word for what is not a number, so such a value is a text
            return False


def joined(before: Mapping[str, Series], page: Mapping[str, Series]) -> dict[str, Series]:
    """Return the series of several pages: a metric can begin on one and go on on the next."""
    both = before.keys() & page.keys()
    return {**before, **page, **{one: _series([*_pairs(before[one]), *_pairs(page[one])]) for one in both}}


def bad_answer(detail: str) -> Unreadable:
    """Return the error for something that CloudWatch would not answer."""
    return Unreadable(UnreadReason.BAD_ANSWER, redacted_line(detail))


def _series(pairs: Iterable[tuple[Any, float]]) -> Series:
    try:
        values = {int(time): value for time, value in pairs}
    except (TypeError, ValueError) as error:
        raise bad_answer("GetMetricData answered a time that is no number") from error
    times = sorted(values)
    return Series(times, [values[time] for time in times])


def _pairs(series: Series) -> Iterable[tuple[int, float]]:
    return zip(series.times, series.values, strict=True)


def _is_valid(value: Any) -> bool:
    return isinstance(value, int | float) and isfinite(value) and value >= 0
