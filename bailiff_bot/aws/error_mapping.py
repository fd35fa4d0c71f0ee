"""Translates exceptions of botocore to the reason why a target is unread."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

from botocore import exceptions as boto

from bailiff_bot.aws.denials import denial_remedy
from bailiff_bot.aws.error_codes import (
    AWS_EXCEPTIONS,
    CREDENTIAL_REASONS,
    EXCEPTIONS_BY_REASON,
    PROGRAMMING_ERRORS,
    REASON_BY_CODE,
)
from bailiff_bot.aws.errors import Unreadable
from bailiff_bot.aws.redacted_line import redacted_line
from bailiff_bot.domain.inventory import UnreadReason

_CLOCK_MESSAGE = re.compile(
    r"signature (?:not yet current|expired)|is (?:now )?(?:earlier|later) than|skew", re.IGNORECASE
)
_MAX_CLOCK_SKEW = timedelta(minutes=5)
"""AWS tolerates a clock that is wrong by this much."""


@contextmanager
def translate_aws_errors() -> Iterator[None]:
    """Turn errors of AWS, the network and the credentials into Unreadable during the block.

    Put only calls of botocore into the block. botocore raises TypeError and similar for an answer that it cannot parse,
    so a bug of Bailiff in the block would look like an error of AWS.
    """
    try:
        yield
    except (Unreadable, *PROGRAMMING_ERRORS):
        raise
    except boto.ClientError as error:
        raise _refusal(error.response, error.operation_name) from error
    except AWS_EXCEPTIONS as error:
        raise Unreadable(reason_of(error), detail_of(error)) from error


def reason_of(error: Exception) -> UnreadReason:
    """Return the reason for an exception of botocore."""
    if isinstance(error, boto.ClientError):
        return _reason_of_response(error.response)
    return next((reason for reason, kinds in EXCEPTIONS_BY_REASON if isinstance(error, kinds)), UnreadReason.FAILED)


def detail_of(error: Exception) -> str:
    """Return the message of an exception of botocore, as one line without secrets."""
    if isinstance(error, boto.ClientError):
        return _response_detail(error.response)
    if isinstance(error, KeyError):
        return redacted_line(f"the answer has no {error}")
    return redacted_line(f"{type(error).__name__}: {error}")


def _refusal(response: Mapping[str, Any], operation: str) -> Unreadable:
    reason = _reason_of_response(response)
    denied = reason is UnreadReason.ACCESS_DENIED
    remedy = denial_remedy(_code(response), _message(response), operation) if denied else ""
    return Unreadable(reason, _response_detail(response), remedy)


def _response_detail(response: Mapping[str, Any]) -> str:
    return redacted_line(f"{_code(response) or _status(response)}: {_message(response)}".removesuffix(": "))


def _reason_of_response(response: Mapping[str, Any]) -> UnreadReason:
    reason = REASON_BY_CODE.get(_code(response)) or _reason_of_status(response)
    return UnreadReason.CLOCK_SKEW if reason in CREDENTIAL_REASONS and _has_clock_skew(response) else reason


def _reason_of_status(response: Mapping[str, Any]) -> UnreadReason:
    """Return the reason for an unknown error code, or for an error without a code (most likely a proxy's page)."""
    status = _status(response)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return UnreadReason.SERVER_ERROR
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return UnreadReason.THROTTLED
    return UnreadReason.FAILED if _code(response) else UnreadReason.BAD_ANSWER


def _code(response: Mapping[str, Any]) -> str:
    return str(response.get("Error", {}).get("Code") or "")


def _message(response: Mapping[str, Any]) -> str:
    return str(response.get("Error", {}).get("Message") or "")


def _status(response: Mapping[str, Any]) -> int:
    return int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def _has_clock_skew(response: Mapping[str, Any]) -> bool:
    """Return True if the message says so, or if the `Date` header differs too much from this machine's clock.

    The code is not enough: EC2 answers "RequestExpired: Request has expired" for expired temporary credentials and for
    a wrong clock.
    """
    if _CLOCK_MESSAGE.search(_message(response)):
        return True
    try:
        aws_time = parsedate_to_datetime(response["ResponseMetadata"]["HTTPHeaders"]["date"])
    except (KeyError, ValueError):
        return False
    return abs(datetime.now(UTC) - aws_time.astimezone(UTC)) > _MAX_CLOCK_SKEW
