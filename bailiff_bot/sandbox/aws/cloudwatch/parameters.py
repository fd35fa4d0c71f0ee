"""The parameters of GetMetricData, and what CloudWatch refuses of them.

From https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html; the texts on times and
statistics as people report them, the others are assumed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn

from bailiff_bot.sandbox.aws.errors import AwsApiError

MAX_QUERIES, MAX_VALUES = 500, 100_800
STATISTICS = ("Average", "Maximum", "Minimum", "SampleCount", "Sum")
_HIGH_RESOLUTIONS = {1, 5, 10, 20, 30}
"""The periods in seconds that are no whole minutes."""
_ID = re.compile(r"[a-z][a-zA-Z0-9_]{0,254}")
_PARAMETERS = {"MetricDataQueries", "StartTime", "EndTime", "NextToken", "ScanBy", "MaxDatapoints", "LabelOptions"}
_ASCENDING, _DESCENDING = "TimestampAscending", "TimestampDescending"


@dataclass(frozen=True, slots=True)
class MetricQuery:
    """One metric with its statistic."""

    id: str
    label: str
    namespace: str
    metric: str
    dimensions: tuple[tuple[str, str], ...]
    period: int
    """Seconds."""
    statistic: str
    unit: str | None


@dataclass(frozen=True, slots=True)
class MetricDataCall:
    """A checked call of GetMetricData."""

    queries: tuple[MetricQuery, ...]
    start: datetime
    end: datetime
    is_ascending: bool
    max_values: int
    token: str | None


def parse_call(parameters: Mapping[str, Any]) -> MetricDataCall:
    """Return the checked parameters. Raises the `AwsApiError` of GetMetricData."""
    _check_fields("", parameters, _PARAMETERS, {"MetricDataQueries", "StartTime", "EndTime"})
    queries, scan_by = parameters["MetricDataQueries"], parameters.get("ScanBy", _DESCENDING)
    if not isinstance(queries, list) or not 0 < len(queries) <= MAX_QUERIES:
        _refuse(f"The collection MetricDataQueries must have a size between 1 and {MAX_QUERIES}.")
    if scan_by not in {_ASCENDING, _DESCENDING}:
        _refuse(f"The value {scan_by} for parameter ScanBy is not valid.")
    start, end = _time(parameters, "StartTime"), _time(parameters, "EndTime")
    _check_times(start, end)
    token = parameters.get("NextToken")
    if not isinstance(token, str | None):
        _refuse("The value for parameter NextToken must be a string.")
    parsed = tuple(_query(f"MetricDataQueries.member.{number}", one) for number, one in enumerate(queries, 1))
    _check_ids(parsed)
    return MetricDataCall(parsed, start, end, scan_by == _ASCENDING, _max_values(parameters), token)


def _query(where: str, given: Any) -> MetricQuery:
    if isinstance(given, dict) and ("Expression" in given) == ("MetricStat" in given):
        _refuse(f"The parameter {where}.MetricStat is required.")
    _check_fields(where, given, {"Id", "Label", "MetricStat", "ReturnData"}, {"Id", "MetricStat"})
    identifier, stat = given["Id"], given["MetricStat"]
    if not isinstance(identifier, str) or not _ID.fullmatch(identifier):
        _refuse(f'The value "{identifier}" for parameter {where}.Id does not match [a-z][a-zA-Z0-9_]*.')
    if given.get("ReturnData", True) is not True:
        _refuse(f"The parameter {where}.ReturnData can only be false for an expression.")
    _check_fields(f"{where}.MetricStat", stat, {"Metric", "Period", "Stat", "Unit"}, {"Metric", "Period", "Stat"})
    metric = stat["Metric"]
    _check_fields(f"{where}.Metric", metric, {"Namespace", "MetricName", "Dimensions"}, {"Namespace", "MetricName"})
    return MetricQuery(
        identifier,
        given.get("Label", f"{metric['MetricName']} {stat['Stat']}"),
        metric["Namespace"],
        metric["MetricName"],
        _dimensions(f"{where}.Metric.Dimensions", metric.get("Dimensions", [])),
        _period(f"{where}.MetricStat.Period", stat["Period"]),
        _statistic(f"{where}.MetricStat.Stat", stat["Stat"]),
        stat.get("Unit"),
    )


def _dimensions(where: str, given: Any) -> tuple[tuple[str, str], ...]:
    if not isinstance(given, list):
        _refuse(f"The value for parameter {where} must be a list.")
    for number, one in enumerate(given, 1):
        _check_fields(f"{where}.member.{number}", one, {"Name", "Value"}, {"Name", "Value"})
    return tuple(sorted((one["Name"], one["Value"]) for one in given))


def _period(where: str, given: Any) -> int:
    if not _is_integer(given) or given < 1 or (given % 60 and given not in _HIGH_RESOLUTIONS):
        _refuse(f'The value "{given}" for parameter {where} must be 1, 5, 10, 20, 30 or a multiple of 60.')
    return int(given)


def _statistic(where: str, given: Any) -> str:
    if given not in STATISTICS:
        _refuse(f"The value for parameter {where} is not a valid statistic.")
    return str(given)


def _time(parameters: Mapping[str, Any], name: str) -> datetime:
    """Return a time. JSON has it as a number of seconds, CBOR as a time."""
    given = parameters[name]
    if isinstance(given, datetime):
        return given.replace(microsecond=0)
    if isinstance(given, bool) or not isinstance(given, int | float):
        _refuse(f"The value for parameter {name} is no time.")
    return datetime.fromtimestamp(int(given), UTC)


def _check_times(start: datetime, end: datetime) -> None:
    if start == end:
        _refuse("The parameter StartTime must not equal parameter EndTime.")
    if start > end:
        _refuse("The parameter EndTime must be greater than StartTime.")


def _check_ids(queries: tuple[MetricQuery, ...]) -> None:
    identifiers = [query.id for query in queries]
    if len(set(identifiers)) < len(identifiers):
        _refuse("The values for parameter Id in MetricDataQueries are not unique.")


def _max_values(parameters: Mapping[str, Any]) -> int:
    given = parameters.get("MaxDatapoints", MAX_VALUES)
    if not _is_integer(given) or not 1 <= given <= MAX_VALUES:
        _refuse(f"The value for parameter MaxDatapoints must be between 1 and {MAX_VALUES}.")
    return int(given)


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _check_fields(where: str, given: Any, known: set[str], required: set[str]) -> None:
    if not isinstance(given, dict):
        _refuse(f"The value for parameter {where} must be a structure.")
    prefix = f"{where}." if where else ""
    if missing := required - given.keys():
        _refuse(f"The parameter {prefix}{min(missing)} is required.")
    if unknown := given.keys() - known:  # AWS passes over these, which would hide a mistake
        _refuse(f"The parameter {prefix}{min(unknown)} is not known.")


def _refuse(message: str) -> NoReturn:
    raise AwsApiError("ValidationError", message)
