"""The protocols of AWS's services: how a request names its action and parameters, and how an error is written.

CloudWatch speaks three of them. From https://smithy.io/2.0/aws/protocols/ and
https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html
"""

import json
import uuid
from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Any
from xml.sax.saxutils import escape

from werkzeug.wrappers import Response

from bailiff_bot.sandbox.aws import cbor

JSON_TYPE, CBOR_TYPE = "application/x-amz-json-1.1", "application/cbor"

_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "AccessDenied": "AccessDeniedException",
        "ExpiredToken": "ExpiredTokenException",
        "InternalFailure": "InternalServiceFault",
        "InvalidAction": "UnknownOperationException",
        "InvalidClientTokenId": "UnrecognizedClientException",
        "SignatureDoesNotMatch": "InvalidSignatureException",
        "Throttling": "ThrottlingException",
        "ValidationError": "ValidationException",
    }
)
"""What JSON and CBOR call errors that have other codes in the query protocol."""


class Protocol(Enum):
    """The protocols, with the names of botocore."""

    EC2 = "ec2"
    QUERY = "query"
    JSON = "json"
    CBOR = "smithy-rpc-v2-cbor"


def protocol_of(service: str, headers: Mapping[str, str]) -> Protocol:
    """Return the protocol of a request to a service."""
    if service == "ec2":
        return Protocol.EC2
    if headers.get("smithy-protocol") == "rpc-v2-cbor":
        return Protocol.CBOR
    return Protocol.JSON if "x-amz-target" in headers else Protocol.QUERY


def action_of(protocol: Protocol, headers: Mapping[str, str], path: str, form: Mapping[str, str]) -> str:
    """Return the action of a request: from a header, the path or a parameter."""
    if protocol is Protocol.JSON:
        return headers["x-amz-target"].rpartition(".")[2]
    if protocol is Protocol.CBOR:
        return path.rpartition("/operation/")[2]
    return form.get("Action", "")


def decode_parameters(protocol: Protocol, body: bytes) -> dict[str, Any] | None:
    """Return the parameters in a body of JSON or CBOR; None if it is no document of them."""
    try:
        decoded = json.loads(body) if protocol is Protocol.JSON else cbor.decode(body)
    except ValueError:
        return None
    return decoded if isinstance(decoded, dict) else None


def json_response(value: object, content_type: str = JSON_TYPE) -> Response:
    """Return a response of the JSON protocol."""
    return Response(json.dumps(value), content_type=content_type, headers={"x-amzn-RequestId": str(uuid.uuid4())})


def cbor_response(value: object) -> Response:
    """Return a response of the CBOR protocol."""
    headers = {"smithy-protocol": "rpc-v2-cbor", "x-amzn-RequestId": str(uuid.uuid4())}
    return Response(cbor.encode(value), content_type=CBOR_TYPE, headers=headers)


def error_response(protocol: Protocol, code: str, message: str, status: int) -> Response:
    """Return an error in a protocol. AWS's message is in a field of another name in each."""
    if protocol is Protocol.JSON:
        response = json_response({"__type": _NAMES.get(code, code), "Message": message})
    elif protocol is Protocol.CBOR:
        response = cbor_response({"__type": f"com.amazonaws.cloudwatch#{_NAMES.get(code, code)}", "message": message})
    else:
        error = f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
        response = xml_response('<?xml version="1.0" encoding="UTF-8"?>' + _xml_error(protocol, error))
    response.status_code = status
    return response


def keep_query_code(response: Response, code: str) -> None:
    """Add the code that an error had when its service spoke the query protocol: a client may ask for it."""
    response.headers["x-amzn-query-error"] = f"{code};Sender"


def xml_response(body: str) -> Response:
    """Return an XML response."""
    return Response(body, content_type="text/xml;charset=UTF-8")


def _xml_error(protocol: Protocol, error: str) -> str:
    request_id = uuid.uuid4()
    if protocol is Protocol.EC2:
        return f"<Response><Errors><Error>{error}</Error></Errors><RequestID>{request_id}</RequestID></Response>"
    return (
        '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
        f"<Error><Type>Sender</Type>{error}</Error><RequestId>{request_id}</RequestId></ErrorResponse>"
    )
