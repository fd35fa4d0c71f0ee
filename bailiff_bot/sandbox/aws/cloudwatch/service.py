"""GetMetricData, in the protocols JSON and CBOR. Every other call is refused."""

from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit

from werkzeug.wrappers import Response

from bailiff_bot.sandbox.aws.cloudwatch.pages import Values, page
from bailiff_bot.sandbox.aws.cloudwatch.parameters import MAX_VALUES, MetricDataCall, MetricQuery, parse_call
from bailiff_bot.sandbox.aws.cloudwatch.values import (
    DIMENSION,
    NAMESPACE,
    Hours,
    MeteredInstance,
    metered_hours,
    metric_values,
)
from bailiff_bot.sandbox.aws.errors import AwsApiError
from bailiff_bot.sandbox.aws.protocols import Protocol, cbor_response, json_response
from bailiff_bot.sandbox.aws.signed_request import SignedRequest

_SERVICE = "GraniteServiceVersion20100801"
_JSON_TYPE = "application/x-amz-json-1.0"
FindInstance = Callable[[str, str, str], MeteredInstance | None]
"""Returns an instance by account, region and id; None if CloudWatch does not know it."""


class CloudWatch:
    """CloudWatch of both accounts.

    Arguments: finds an instance; the clock until which there are values.
    """

    def __init__(self, find_instance: FindInstance, clock: Callable[[], datetime]) -> None:
        self._find_instance = find_instance
        self._clock = clock
        self.page_size = MAX_VALUES
        """The largest number of values of an answer; CloudWatch may answer fewer than it is asked for."""

    def respond(self, request: SignedRequest, account: str) -> Response:
        """Return the response to a call that is allowed. Raises `AwsApiError`."""
        _check_operation(request)
        if request.parameters is None:
            raise AwsApiError("SerializationException", "")
        call = parse_call(request.parameters)
        answer = page(call, self._values(call, account, request.region), min(call.max_values, self.page_size))
        if request.protocol is Protocol.CBOR:
            return cbor_response(answer)
        return json_response(answer, _JSON_TYPE)

    def _values(self, call: MetricDataCall, account: str, region: str) -> list[Values]:
        """Return the values of each query. The hours of an instance are computed once for all of its metrics."""
        now = self._clock()
        hours: dict[str, Hours] = {}
        found: list[Values] = []
        for query in call.queries:
            instance_id = _instance_id(query)
            if instance_id not in hours:
                instance = self._find_instance(account, region, instance_id)
                hours[instance_id] = metered_hours(instance, call, now) if instance else {}
            values = metric_values(query, hours[instance_id], call.start, now)
            found.append(values if call.is_ascending else values[::-1])
        return found


def _instance_id(query: MetricQuery) -> str:
    """Return the instance that a query names alone; empty if it names anything else, of which there are no values."""
    match query.namespace, query.dimensions:
        case (str(namespace), ((str(name), str(value)),)) if (namespace, name) == (NAMESPACE, DIMENSION):
            return value
    return ""


def _check_operation(request: SignedRequest) -> None:
    wanted = {
        Protocol.JSON: request.headers.get("x-amz-target") == f"{_SERVICE}.GetMetricData",
        Protocol.CBOR: urlsplit(request.url).path == f"/service/{_SERVICE}/operation/GetMetricData",
    }
    if not wanted.get(request.protocol, False):
        raise AwsApiError("InvalidAction", f"Could not find operation {request.action} for version 2010-08-01")
