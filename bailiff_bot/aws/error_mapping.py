"""From what botocore raises to why a target is unread."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

from botocore import exceptions as boto

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
"""What AWS lets a clock be wrong by."""


@contextmanager
def translate_aws_errors() -> Iterator[None]:
    """Turn what AWS, the network or the credentials do into `Unreadable`.

    Only calls of botocore belong inside: it raises TypeError and the like for an answer it cannot make sense of, so a
    mistake of ours would look like one of AWS.
    """
    try:
        yield
    except (Unreadable, *PROGRAMMING_ERRORS):
        raise
    except boto.ClientError as error:
        raise Unreadable(_reason_of_response(error.response), _response_detail(error.response)) from error
    except AWS_EXCEPTIONS as error:
        raise Unreadable(reason_of(error), _exception_detail(error)) from error


def reason_of(error: Exception) -> UnreadReason:
    """Return the reason for an error that is not an answer of AWS."""
    return next((reason for reason, kinds in EXCEPTIONS_BY_REASON if isinstance(error, kinds)), UnreadReason.FAILED)


def _exception_detail(error: Exception) -> str:
    if isinstance(error, KeyError):
        return redacted_line(f"the answer has no {error}")
    return redacted_line(f"{type(error).__name__}: {error}")


def _response_detail(response: Mapping[str, Any]) -> str:
    return redacted_line(f"{_code(response) or _status(response)}: {_message(response)}".removesuffix(": "))


def _reason_of_response(response: Mapping[str, Any]) -> UnreadReason:
    reason = REASON_BY_CODE.get(_code(response)) or _reason_of_status(response)
    return UnreadReason.CLOCK_SKEW if reason in CREDENTIAL_REASONS and _has_clock_skew(response) else reason


def _reason_of_status(response: Mapping[str, Any]) -> UnreadReason:
    """For an unknown code, and for an error without one: a proxy's page, most likely."""
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
    """Whether AWS says so in words, or its clock is too far from this machine's.

    EC2 answers both old temporary credentials and a wrong clock with "RequestExpired: Request has expired".
    """
    if _CLOCK_MESSAGE.search(_message(response)):
        return True
    try:
        theirs = parsedate_to_datetime(response["ResponseMetadata"]["HTTPHeaders"]["date"])
    except (KeyError, ValueError):
        return False
    return abs(datetime.now(UTC) - theirs.astimezone(UTC)) > _MAX_CLOCK_SKEW
