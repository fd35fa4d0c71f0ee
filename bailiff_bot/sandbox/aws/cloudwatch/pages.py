"""The pages of GetMetricData: as many values as fit, one metric after the other."""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import Any

from bailiff_bot.sandbox.aws.cbor import Times
from bailiff_bot.sandbox.aws.cloudwatch.parameters import MetricDataCall, MetricQuery
from bailiff_bot.sandbox.aws.errors import AwsApiError

Values = list[tuple[float, float]]
"""Times in seconds since 1970 and values, in the order of the answer."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a page begins: at a metric and a value of it."""

    metric: int = 0
    value: int = 0


def page(call: MetricDataCall, values: list[Values], size: int) -> dict[str, Any]:
    """Return the page that a call asks for. Raises InvalidNextToken.

    Arguments: the call; the values of each of its queries; the largest number of values of a page.
    """
    place, left = _place(call), size
    results: list[dict[str, Any]] = []
    following: _Place | None = None
    for number, query in enumerate(call.queries[place.metric :], place.metric):
        first = place.value if number == place.metric else 0
        taken = values[number][first : first + left] if following is None else []
        left -= len(taken)
        is_complete = following is None and first + len(taken) == len(values[number])
        if not is_complete and following is None:
            following = _Place(number, first + len(taken))
        results.append(_result(query, taken, is_complete=is_complete))
    token = {"NextToken": _token(call, following)} if following else {}
    return {"MetricDataResults": results, "Messages": [], **token}


def _result(query: MetricQuery, values: Values, *, is_complete: bool) -> dict[str, Any]:
    return {
        "Id": query.id,
        "Label": query.label,
        "Timestamps": Times(time for time, _ in values),
        "Values": [value for _, value in values],
        "StatusCode": "Complete" if is_complete else "PartialData",
    }


def _token(call: MetricDataCall, place: _Place) -> str:
    return base64.urlsafe_b64encode(f"{_digest(call)}/{place.metric}/{place.value}".encode()).decode()


def _place(call: MetricDataCall) -> _Place:
    if call.token is None:
        return _Place()
    try:
        digest, metric, value = base64.urlsafe_b64decode(call.token).decode().split("/")
    except (binascii.Error, ValueError):
        digest = ""
    if digest != _digest(call):
        raise AwsApiError("InvalidNextToken", "The next token specified is invalid.")
    return _Place(int(metric), int(value))


def _digest(call: MetricDataCall) -> str:
    """Return what makes a call: a token is valid for the same metrics and times only."""
    return hashlib.sha256(repr((call.queries, call.start, call.end, call.is_ascending)).encode()).hexdigest()
