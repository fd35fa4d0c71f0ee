"""Parses the body of GetMetricData."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from bailiff_bot.aws.errors import Unreadable
from bailiff_bot.aws.usage_series import Series, SeriesReader, bad_answer
from bailiff_bot.domain.inventory import UnreadReason

_FAILURES = {"InternalError": UnreadReason.SERVER_ERROR, "Forbidden": UnreadReason.ACCESS_DENIED}
"""By the status of a single metric."""


@dataclass(frozen=True, slots=True)
class UsagePage:
    """One answer of GetMetricData."""

    series: Mapping[str, Series]
    """By the id of the query."""
    next_token: str | None
    """The token of the next page; None for the last page."""


def parse_usage_page(body: bytes) -> UsagePage:
    """Return the page. Raises Unreadable if it is no answer of GetMetricData, or says that a metric failed."""
    reader = SeriesReader(may_be_negative=b"-" in body)  # this takes no time, and saves a look at each value
    try:
        document = orjson.loads(body)
        results = document["MetricDataResults"]
        series = {result["Id"]: _series(result, reader) for result in results}
        token = document.get("NextToken")
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise bad_answer(f"the answer of GetMetricData: {type(error).__name__}: {error}") from error
    if len(series) < len(results) or not isinstance(token, str | None):
        raise bad_answer("GetMetricData answered an id twice, or has an invalid token")
    return UsagePage(series, token or None)


def _series(result: Mapping[str, Any], reader: SeriesReader) -> Series:
    status = result.get("StatusCode")
    if status in _FAILURES:
        raise Unreadable(_FAILURES[status], f"GetMetricData: {status} for {result.get('Label')}")
    return reader.read(result["Timestamps"], result["Values"])
