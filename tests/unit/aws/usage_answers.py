"""Builds answers of GetMetricData."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from bailiff_bot.aws.usage_batches import METRIC_IDS, query_id

Values = Mapping[int, Any]
"""By the start of an hour, in seconds since 1970."""


def result(name: str, values: Values, status: str = "Complete") -> dict[str, Any]:
    """Return what is answered to a query."""
    times = sorted(values)
    answered = {"Timestamps": times, "Values": [values[time] for time in times]}
    return {"Id": name, "Label": "a metric", "StatusCode": status, **answered}


def body(results: Sequence[Mapping[str, Any]], token: str | None = None) -> bytes:
    """Return an answer."""
    return orjson.dumps({"Messages": [], "MetricDataResults": results} | ({"NextToken": token} if token else {}))


def every_metric(values: Values) -> dict[str, Values]:
    """Return the same values for each metric."""
    return dict.fromkeys(METRIC_IDS, values)


def results(*instances: Mapping[str, Values]) -> list[dict[str, Any]]:
    """Return what is answered about the instances of a batch."""
    return [
        result(query_id(number, name), metrics[name]) for number, metrics in enumerate(instances) for name in METRIC_IDS
    ]
