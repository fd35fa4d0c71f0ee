"""Figures of days, from answers of GetMetricData."""

from contextlib import suppress
from dataclasses import astuple
from datetime import date
from math import fsum
from statistics import mean
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bailiff_bot.aws.errors import Unreadable
from bailiff_bot.aws.usage_batches import METRIC_IDS, UsageBatch
from bailiff_bot.aws.usage_days import days_by_instance
from bailiff_bot.aws.usage_page import parse_usage_page
from bailiff_bot.aws.usage_series import Series, joined
from bailiff_bot.domain.inventory import UnreadReason
from bailiff_bot.domain.usage_figures import NO_FIGURES, DayFigures
from tests.unit.aws.usage_answers import Values, body, every_metric, result, results

FIRST, SECOND = date(2026, 11, 18), date(2026, 11, 19)
BATCH = UsageBatch(("i-1", "i-2"), FIRST, SECOND)
HOURS = list(BATCH.hours)
WHOLE = dict.fromkeys(HOURS, 2.0)
METRICS: dict[str, Values] = {
    "max": WHOLE | {HOURS[5]: 9.5},
    "average": dict.fromkeys(HOURS, 1.0) | {HOURS[5]: 7.0},
    "in": dict.fromkeys(HOURS, 500_000.0),
    "out": dict.fromkeys(HOURS, 1_000_000),
}


def days(*instances: dict[str, Values]) -> dict[str, dict[date, DayFigures]]:
    return days_by_instance(BATCH, parse_usage_page(body(results(*instances))).series)


def test_figures_of_a_day_are_the_highest_peak_the_mean_and_the_sums() -> None:
    found = days(METRICS, every_metric(WHOLE))["i-1"]
    assert found == {
        FIRST: DayFigures(9.5, 1.25, 12.0, 24.0, 24),
        SECOND: DayFigures(2.0, 1.0, 12.0, 24.0, 24),
    }


def test_an_instance_without_values_has_no_figures() -> None:
    found = days(METRICS, every_metric({}))
    assert found["i-2"] == {FIRST: NO_FIGURES, SECOND: NO_FIGURES}
    assert found["i-1"][FIRST].is_whole


def test_only_hours_with_a_value_of_each_metric_count() -> None:
    without_last = {hour: 1.0 for hour in HOURS if hour != HOURS[-1]}
    without_first = {hour: 1.0 for hour in HOURS if hour != HOURS[24]}
    found = days(every_metric(WHOLE) | {"in": without_last, "out": without_first}, every_metric({}))["i-1"]
    assert [found[day].hours for day in (FIRST, SECOND)] == [24, 22]


def test_a_metric_that_is_missing_has_no_figure() -> None:
    found = days(every_metric(WHOLE) | {"in": {}, "out": {}}, every_metric({}))["i-1"]
    assert found[FIRST] == DayFigures(2.0, 2.0, None, None, 0)


@pytest.mark.parametrize("value", ["NaN", "Infinity", -1.0, None, [1]])
def test_what_is_no_number_or_below_zero_is_no_value(value: Any) -> None:
    found = days(every_metric(WHOLE | {HOURS[3]: value}), every_metric(WHOLE))
    assert found["i-1"][FIRST] == DayFigures(2.0, 2.0, 46e-6, 46e-6, 23)
    assert found["i-2"][FIRST].hours == 24


def test_values_can_come_in_any_order() -> None:
    answered = results(METRICS, every_metric(WHOLE))
    for one in answered:
        one["Timestamps"].reverse()
        one["Values"].reverse()
    assert days_by_instance(BATCH, parse_usage_page(body(answered)).series) == days(METRICS, every_metric(WHOLE))


def test_times_can_be_written_with_an_exponent() -> None:
    text = body(results(METRICS, every_metric(WHOLE))).decode()
    for hour in HOURS:
        text = text.replace(str(hour), f"{hour / 1e9!r}E9")
    assert days_by_instance(BATCH, parse_usage_page(text.encode()).series) == days(METRICS, every_metric(WHOLE))


hourly = st.dictionaries(st.sampled_from(HOURS), st.floats(0, 1e9) | st.integers(0, 100) | st.just(-1.0), max_size=48)
instances = st.fixed_dictionaries(dict.fromkeys(METRIC_IDS, hourly | st.just(WHOLE)))


@given(instances, instances)
def test_figures_are_those_of_the_plain_definition(first: dict[str, Values], second: dict[str, Values]) -> None:
    found = days(first, second)
    for instance_id, metrics in zip(BATCH.instance_ids, (first, second), strict=True):
        for number, day in enumerate((FIRST, SECOND)):
            hours = HOURS[24 * number : 24 * number + 24]
            valid = {name: [hour for hour in hours if metrics[name].get(hour, -1) >= 0] for name in METRIC_IDS}
            values = {name: [metrics[name][hour] for hour in valid[name]] for name in METRIC_IDS}
            figures = (
                max(values["max"], default=None),
                mean(values["average"]) if values["average"] else None,
                fsum(values["in"]) / 1e6 if values["in"] else None,
                fsum(values["out"]) / 1e6 if values["out"] else None,
                len(set.intersection(*map(set, valid.values()))),
            )
            assert astuple(found[instance_id][day]) == pytest.approx(figures)


@given(st.lists(st.tuples(hourly, st.integers(1, 3)), min_size=8, max_size=8))
def test_pages_together_say_what_one_page_says(parts: list[tuple[dict[int, float], int]]) -> None:
    answered = [result(one["Id"], values) for one, (values, _) in zip(results(METRICS, METRICS), parts, strict=True)]
    series: dict[str, Series] = {}
    for number in (1, 2, 3):
        page = [
            {**one, "Timestamps": one["Timestamps"][number - 1 :: count], "Values": one["Values"][number - 1 :: count]}
            for one, (_, count) in zip(answered, parts, strict=True)
            if number <= count
        ]
        series = joined(series, parse_usage_page(body(page, "more")).series)
    assert days_by_instance(BATCH, series) == days_by_instance(BATCH, parse_usage_page(body(answered)).series)


def test_a_query_without_an_answer_is_an_error() -> None:
    page = parse_usage_page(body(results(METRICS)))
    with pytest.raises(Unreadable, match="did not answer the query 'max1'"):
        days_by_instance(BATCH, page.series)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"<html>Please sign in.</html>",
        b"[]",
        b"{}",
        b'{"MetricDataResults": null}',
        b'{"MetricDataResults": [1]}',
        b'{"MetricDataResults": [{"Id": "max0", "Timestamps": [1], "Values": []}]}',
        b'{"MetricDataResults": [{"Id": "max0", "Timestamps": ["soon"], "Values": [1]}]}',
        b'{"MetricDataResults": [{"Id": "max0", "Timestamps": [null], "Values": [1]}]}',
        b'{"MetricDataResults": [{"Id": "max0", "Timestamps": "1", "Values": "1"}]}',
        b'{"MetricDataResults": [{"Id": "max0", "Timestamps": [1], "Values": {"1": 1}}]}',
        b'{"MetricDataResults": [], "NextToken": 1}',
        orjson.dumps({"MetricDataResults": [result("max0", WHOLE)] * 2}),
        body(results(METRICS))[:-20],
    ],
)
def test_what_is_no_answer_of_cloudwatch_is_an_error(text: bytes) -> None:
    with pytest.raises(Unreadable) as raised:
        parse_usage_page(text)
    assert raised.value.reason is UnreadReason.BAD_ANSWER
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("status", "reason"), [("InternalError", UnreadReason.SERVER_ERROR), ("Forbidden", UnreadReason.ACCESS_DENIED)]
)
def test_a_metric_that_failed_is_an_error(status: str, reason: UnreadReason) -> None:
    with pytest.raises(Unreadable) as raised:
        parse_usage_page(body([result("max0", {}, status)]))
    assert raised.value.reason is reason


@given(st.binary(max_size=300))
def test_nothing_else_is_raised_for_any_body(text: bytes) -> None:
    with suppress(Unreadable):
        parse_usage_page(text)
