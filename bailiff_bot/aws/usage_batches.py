"""Which instances one call of GetMetricData asks about, and the body of that call.

From the API reference of GetMetricData: at most 500 queries and 100,800 values a call.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from operator import attrgetter
from typing import Any, NamedTuple

import orjson

from bailiff_bot.domain.usage_questions import UsageQuestion

MAX_QUERIES = 500
MAX_VALUES = 100_800
HOUR = 3600
"""Seconds. A value a day would hide that most of its hours are missing."""


class Metric(NamedTuple):
    """A statistic that is asked for."""

    name: str
    statistic: str


METRIC_IDS = {
    "max": Metric("CPUUtilization", "Maximum"),
    "average": Metric("CPUUtilization", "Average"),
    "in": Metric("NetworkIn", "Sum"),
    "out": Metric("NetworkOut", "Sum"),
}
"""What is asked about each instance, by how the id of its query begins."""
METRICS = tuple(METRIC_IDS.values())
BILLED_METRICS = len({metric.name for metric in METRICS})
"""For each instance: CloudWatch bills up to five statistics of a metric as one."""


@dataclass(frozen=True, slots=True)
class UsageBatch:
    """The instances of one call, and the days that it asks for: from the first to the last."""

    instance_ids: tuple[str, ...]
    first: date
    last: date

    @property
    def days(self) -> tuple[date, ...]:
        """The days, the oldest first."""
        return tuple(self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1))

    @property
    def hours(self) -> range:
        """The start of each hour, in seconds since 1970."""
        return range(_midnight(self.first), _midnight(self.last + timedelta(days=1)), HOUR)


def batches(questions: Iterable[UsageQuestion]) -> list[UsageBatch]:
    """Return the calls that ask all questions of a target, as few as the limits allow.

    Those that need the most days come first, so that few calls ask for days that are known.
    """
    ordered = sorted(questions, key=attrgetter("first", "instance_id"))
    last = max((one.last for one in ordered), default=date.min)
    found: list[UsageBatch] = []
    while ordered:
        count = _fitting(ordered, last)
        found.append(UsageBatch(tuple(one.instance_id for one in ordered[:count]), ordered[0].first, last))
        ordered = ordered[count:]
    return found


def _fitting(ordered: Sequence[UsageQuestion], last: date) -> int:
    """Return how many of the questions fit into a call, one at least."""
    most = ordered[: MAX_QUERIES // len(METRICS)]
    values = accumulate(len(METRICS) * one.expected_hours(ordered[0].first, last) for one in most)
    return max(1, sum(total <= MAX_VALUES for total in values))


def request_body(batch: UsageBatch, next_token: str | None = None) -> bytes:
    """Return the body of the call, or of the call for its next page."""
    hours = batch.hours
    document: dict[str, Any] = {
        "MetricDataQueries": [
            _query(number, instance_id, metric_id)
            for number, instance_id in enumerate(batch.instance_ids)
            for metric_id in METRIC_IDS
        ],
        "StartTime": hours.start,
        "EndTime": hours.stop,
        "ScanBy": "TimestampAscending",
        "MaxDatapoints": MAX_VALUES,
    }
    return orjson.dumps(document | ({"NextToken": next_token} if next_token else {}))


def query_id(number: int, metric_id: str) -> str:
    """Return the id of the query for a metric of the instance with this number in the batch."""
    return f"{metric_id}{number}"


def _query(number: int, instance_id: str, metric_id: str) -> dict[str, Any]:
    metric = METRIC_IDS[metric_id]
    dimension = {"Name": "InstanceId", "Value": instance_id}
    named = {"Namespace": "AWS/EC2", "MetricName": metric.name, "Dimensions": [dimension]}
    stat = {"Metric": named, "Period": HOUR, "Stat": metric.statistic}
    return {"Id": query_id(number, metric_id), "MetricStat": stat}


def _midnight(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp())
