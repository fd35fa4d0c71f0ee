"""Which instances a call of GetMetricData asks about."""

from datetime import UTC, date, datetime, timedelta
from math import ceil

import orjson
import pytest
from botocore.session import Session
from botocore.validate import ParamValidator
from hypothesis import given
from hypothesis import strategies as st

from bailiff_bot.aws.usage_batches import MAX_QUERIES, MAX_VALUES, METRICS, UsageBatch, batches, request_body
from bailiff_bot.domain.usage_figures import NO_FIGURES, DayFigures
from bailiff_bot.domain.usage_questions import UsageQuestion, usage_question

FIRST = date(2026, 11, 6)
WINDOW = [FIRST + timedelta(days=number) for number in range(14)]
LAST = WINDOW[-1]
WHOLE = dict.fromkeys(WINDOW[:-1], DayFigures(1.0, 0.5, 0.1, 0.1, 24))
WITHOUT_DATA = dict.fromkeys(WINDOW[:-1], NO_FIGURES)


def questions(*known: dict[date, DayFigures]) -> list[UsageQuestion]:
    asked = (usage_question(f"i-{number:017x}", WINDOW, one) for number, one in enumerate(known))
    return [one for one in asked if one]


@pytest.mark.parametrize("count", [0, 1, 74, 75, 76, 150, 151, 1000])
def test_on_the_first_day_there_is_a_call_for_75_instances(count: int) -> None:
    assert len(batches(questions(*[{}] * count))) == ceil(count / 75)


@pytest.mark.parametrize("count", [1, 125, 126, 1000])
def test_later_there_is_a_call_for_125_instances(count: int) -> None:
    assert len(batches(questions(*[WHOLE] * count))) == ceil(count / 125)


def test_instances_without_data_take_no_further_call() -> None:
    assert len(batches(questions(*[WHOLE, WITHOUT_DATA] * 50))) == 1


def test_a_call_asks_for_no_day_that_all_its_instances_have() -> None:
    found = batches(questions(*[WHOLE] * 125, *[WITHOUT_DATA] * 125))
    assert [(one.first, one.last, len(one.instance_ids)) for one in found] == [(FIRST, LAST, 125), (LAST, LAST, 125)]


@given(st.lists(st.integers(0, 13), max_size=400), st.integers(0, 24))
def test_each_instance_is_asked_about_once_and_no_call_exceeds_the_limits(missing: list[int], hours: int) -> None:
    found = DayFigures(hours=hours)
    new: list[dict[date, DayFigures]] = [{}] * (len(missing) // 2)
    asked = questions(*new, *(WHOLE | dict.fromkeys(WINDOW[:count], found) for count in missing))
    by_id = {one.instance_id: one for one in asked}
    calls = batches(by_id.values())
    assert sorted(instance_id for call in calls for instance_id in call.instance_ids) == sorted(by_id)
    for call in calls:
        expected = sum(by_id[one].expected_hours(call.first, call.last) for one in call.instance_ids)
        assert len(call.instance_ids) * len(METRICS) <= MAX_QUERIES
        assert expected * len(METRICS) <= MAX_VALUES
        assert all(call.first <= by_id[one].first and by_id[one].last <= call.last for one in call.instance_ids)


def test_a_batch_has_each_hour_of_its_days() -> None:
    batch = UsageBatch(("i-1",), FIRST, LAST)
    hours = batch.hours
    assert (len(batch.days), len(hours)) == (14, 14 * 24)
    assert datetime.fromtimestamp(hours[0], UTC) == datetime(2026, 11, 6, tzinfo=UTC)
    assert datetime.fromtimestamp(hours[-1], UTC) == datetime(2026, 11, 19, 23, tzinfo=UTC)


def test_the_body_is_a_request_that_botocore_knows() -> None:
    body = orjson.loads(request_body(UsageBatch(("i-1", "i-2"), FIRST, LAST), "token"))
    operation = Session().get_service_model("cloudwatch").operation_model("GetMetricData")
    assert not ParamValidator().validate(body, operation.input_shape).has_errors()
    assert body["NextToken"] == "token"
    assert len({query["Id"] for query in body["MetricDataQueries"]}) == 8


def test_no_token_is_sent_for_the_first_page() -> None:
    assert b"NextToken" not in request_body(UsageBatch(("i-1",), FIRST, LAST))
