"""Pages of EC2: the limits, and tokens that are valid for one account and region only.

moto pages DescribeInstances by reservation. Each reservation of the seeded fleet has one instance, so a page of 5 is 5
instances.
"""

import base64
import binascii
import re

from bailiff_bot.sandbox.aws.errors import AwsApiError
from bailiff_bot.sandbox.aws.signed_request import SignedRequest

MIN_RESULTS, MAX_RESULTS = 5, 1000
"""The range of `MaxResults`, from the API reference of DescribeInstances."""
_UNLIMITED = 1_000_000
_MOTO_TOKEN = re.compile(rb"<nextToken>(r-[0-9a-f]+)</nextToken>")


def moto_form(request: SignedRequest, account: str) -> dict[str, str]:
    """Return the request's parameters with moto's paging. Raises `AwsApiError` for what EC2 rejects."""
    form = dict(request.form)
    if request.instance_ids:
        if "MaxResults" in form:
            message = "The parameter instancesSet cannot be used with the parameter maxResults"
            raise AwsApiError("InvalidParameterCombination", message)
        return form
    form["MaxResults"] = str(page_size(form))
    if "NextToken" in form:
        form["NextToken"] = decode_token(form["NextToken"], account, request.region)
    return form


def encode_tokens(body: bytes, account: str, region: str) -> bytes:
    """Return the response with an opaque token in place of moto's, which is the id of a reservation."""

    def encode(match: re.Match[bytes]) -> bytes:
        return f"<nextToken>{encode_token(account, region, match[1].decode())}</nextToken>".encode()

    return _MOTO_TOKEN.sub(encode, body)


def empty_response(request_id: str) -> str:
    """Return the response for a region without instances."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">'
        f"<requestId>{request_id}</requestId><reservationSet/></DescribeInstancesResponse>"
    )


def page_size(form: dict[str, str]) -> int:
    """Return how many results a call asks for. Raises `AwsApiError`."""
    if "MaxResults" not in form:
        return _UNLIMITED
    size = form["MaxResults"]
    if not (size.isdecimal() and MIN_RESULTS <= int(size) <= MAX_RESULTS):
        message = f"Value ( {size} ) for parameter maxResults is invalid. Expecting a value between 5 and 1000."
        raise AwsApiError("InvalidParameterValue", message)
    return int(size)


def encode_token(account: str, region: str, place: str) -> str:
    """Return an opaque token for a place in the results of an account and region."""
    return base64.urlsafe_b64encode(f"{account}/{region}/{place}".encode()).decode()


def decode_token(token: str, account: str, region: str) -> str:
    """Return the place of a token. Raises `AwsApiError` if it is none of this account and region."""
    try:
        parts = base64.urlsafe_b64decode(token.encode()).decode().split("/")
    except (binascii.Error, ValueError):
        parts = []
    if parts[:2] != [account, region]:
        raise AwsApiError("InvalidParameterValue", "Unable to parse pagination token")
    return parts[2]
