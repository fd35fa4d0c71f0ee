"""DescribeInstances in pages: limits, and tokens that are good for one account and region only.

moto pages by reservation and the seeded fleet has one instance in each, so a page of 5 is 5 instances.
"""

import base64
import binascii
import re

from bailiff_bot.sandbox.aws.errors import AwsApiError
from bailiff_bot.sandbox.aws.signed_request import SignedRequest

MIN_RESULTS, MAX_RESULTS = 5, 1000
"""`MaxResults` of DescribeInstances, from its API reference."""
_UNLIMITED = "1000000"
_MOTO_TOKEN = re.compile(rb"<nextToken>(r-[0-9a-f]+)</nextToken>")


def moto_form(request: SignedRequest, account: str) -> dict[str, str]:
    """Translate the request's paging into moto's; raise a `Refusal` for what EC2 refuses."""
    form = dict(request.form)
    if request.instance_ids:
        if "MaxResults" in form:
            message = "The parameter instancesSet cannot be used with the parameter maxResults"
            raise AwsApiError("InvalidParameterCombination", message)
        return form
    form["MaxResults"] = _page_size(form)
    if "NextToken" in form:
        form["NextToken"] = _decode_token(form["NextToken"], account, request.region)
    return form


def encode_tokens(body: bytes, account: str, region: str) -> bytes:
    """Put our token where moto wrote a reservation's id."""

    def encoded(found: re.Match[bytes]) -> bytes:
        token = base64.urlsafe_b64encode(f"{account}/{region}/".encode() + found[1])
        return b"<nextToken>" + token + b"</nextToken>"

    return _MOTO_TOKEN.sub(encoded, body)


def empty_response(request_id: str) -> str:
    """Answer for a region without any."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">'
        f"<requestId>{request_id}</requestId><reservationSet/></DescribeInstancesResponse>"
    )


def _page_size(form: dict[str, str]) -> str:
    size = form.get("MaxResults", _UNLIMITED)
    if size != _UNLIMITED and not (size.isdecimal() and MIN_RESULTS <= int(size) <= MAX_RESULTS):
        message = f"Value ( {size} ) for parameter maxResults is invalid. Expecting a value between 5 and 1000."
        raise AwsApiError("InvalidParameterValue", message)
    return size


def _decode_token(token: str, account: str, region: str) -> str:
    try:
        found = base64.urlsafe_b64decode(token.encode()).decode().split("/")
    except (binascii.Error, ValueError):
        found = []
    if found[:2] != [account, region]:
        raise AwsApiError("InvalidParameterValue", "Unable to parse pagination token")
    return found[2]
