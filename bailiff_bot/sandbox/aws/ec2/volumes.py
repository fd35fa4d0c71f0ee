"""DescribeVolumes: its limits and pages, which moto does not have.

From https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVolumes.html
"""

import re
import uuid
from dataclasses import dataclass
from typing import Any

from bailiff_bot.sandbox.aws import paging
from bailiff_bot.sandbox.aws.errors import AwsApiError
from bailiff_bot.sandbox.aws.signed_request import SignedRequest

MAX_FILTER_VALUES = 200
"""Of all filters of a call together; EC2 does not document it."""
_FILTER_NAME, _FILTER_VALUE = re.compile(r"Filter\.(\d+)\.Name"), re.compile(r"Filter\.(\d+)\.Value\.\d+")
_END = b"</DescribeVolumesResponse>"


@dataclass(frozen=True, slots=True)
class VolumePage:
    """The volumes of a page, and where the next begins."""

    ids: tuple[str, ...]
    next_token: str | None

    def form(self, call: SignedRequest) -> dict[str, str]:
        """Return the parameters that ask moto for this page."""
        named = {f"VolumeId.{number}": volume_id for number, volume_id in enumerate(self.ids, 1)}
        return {name: call.form[name] for name in ("Action", "Version") if name in call.form} | named

    def with_token(self, body: bytes) -> bytes:
        """Return moto's response with the token of the next page."""
        if self.next_token is None:
            return body
        return body.replace(_END, f"<nextToken>{self.next_token}</nextToken>".encode() + _END)


def is_paged(call: SignedRequest) -> bool:
    """Return True unless a call names volumes by their ids, all of which moto returns at once."""
    return "MaxResults" in call.form or not call.values("VolumeId")


def volume_page(call: SignedRequest, account: str, backend: Any) -> VolumePage:
    """Return the page that a call asks for. Raises the `AwsApiError` of DescribeVolumes.

    Arguments: the call; its account; moto's object of the region, None for a region without instances.
    """
    _check_filters(call)
    if call.values("VolumeId"):
        message = "The parameter volumeSet cannot be used with the parameter maxResults"
        raise AwsApiError("InvalidParameterCombination", message)
    size = paging.page_size(call.form)
    start = int(paging.decode_token(call.form["NextToken"], account, call.region)) if "NextToken" in call.form else 0
    ids = _matching_ids(call, backend)
    token = paging.encode_token(account, call.region, str(start + size)) if start + size < len(ids) else None
    return VolumePage(tuple(ids[start : start + size]), token)


def empty_response() -> str:
    """Return the response of a page without volumes."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><DescribeVolumesResponse '
        f'xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>{uuid.uuid4()}</requestId><volumeSet/>'
        "</DescribeVolumesResponse>"
    )


def _check_filters(call: SignedRequest) -> None:
    """Raise FilterLimitExceeded if the filters of a call have too many values."""
    if sum(_FILTER_VALUE.fullmatch(key) is not None for key in call.form) > MAX_FILTER_VALUES:
        message = f"The maximum number of filter values specified on a single call is {MAX_FILTER_VALUES}"
        raise AwsApiError("FilterLimitExceeded", message)


def _matching_ids(call: SignedRequest, backend: Any) -> list[str]:
    if backend is None:
        return []
    return [volume.id for volume in backend.describe_volumes(filters=_filters(call))]


def _filters(call: SignedRequest) -> dict[str, list[str]]:
    """Return the values by the name of a filter. moto takes brackets for a class of characters."""
    names = {match[1]: value for key, value in call.form.items() if (match := _FILTER_NAME.fullmatch(key))}
    return {
        name: [
            value.replace("[", "[[]")
            for key, value in call.form.items()
            if (match := _FILTER_VALUE.fullmatch(key)) and match[1] == number
        ]
        for number, name in names.items()
    }
