"""From what botocore raises to why a target is unread."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

from botocore import exceptions as boto

from bailiff_bot.aws.error_codes import BY_CODE, BY_EXCEPTION, OUR_FAULT, RAISED, UNUSABLE
from bailiff_bot.aws.errors import Unreadable
from bailiff_bot.aws.redacted_line import one_line
from bailiff_bot.domain.inventory import Reason

_CLOCK = re.compile(r"signature (?:not yet current|expired)|is (?:now )?(?:earlier|later) than|skew", re.IGNORECASE)
_SKEW = timedelta(minutes=5)
"""What AWS lets a clock be wrong by."""


@contextmanager
def answered() -> Iterator[None]:
    """Turn what AWS, the network or the credentials do into `Unreadable`.

    Only calls of botocore belong inside: it raises TypeError and the like for an answer it cannot make sense of, so a
    mistake of ours would look like one of AWS.
    """
    try:
        yield
    except (Unreadable, *OUR_FAULT):
        raise
    except boto.ClientError as error:
        raise Unreadable(_reason_of_answer(error.response), _said(error.response)) from error
    except RAISED as error:
        raise Unreadable(reason_of(error), _told(error)) from error


def reason_of(error: Exception) -> Reason:
    """Return the reason for an error that is not an answer of AWS."""
    return next((reason for reason, kinds in BY_EXCEPTION if isinstance(error, kinds)), Reason.FAILED)


def _told(error: Exception) -> str:
    if isinstance(error, KeyError):
        return one_line(f"the answer has no {error}")
    return one_line(f"{type(error).__name__}: {error}")


def _said(response: Mapping[str, Any]) -> str:
    return one_line(f"{_code(response) or _status(response)}: {_message(response)}".removesuffix(": "))


def _reason_of_answer(response: Mapping[str, Any]) -> Reason:
    reason = BY_CODE.get(_code(response)) or _reason_of_status(response)
    return Reason.CLOCK_SKEW if reason in UNUSABLE and _wrong_clock(response) else reason


def _reason_of_status(response: Mapping[str, Any]) -> Reason:
    """For an unknown code, and for an error without one: a proxy's page, most likely."""
    status = _status(response)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Reason.SERVER_ERROR
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Reason.THROTTLED
    return Reason.FAILED if _code(response) else Reason.BAD_ANSWER


def _code(response: Mapping[str, Any]) -> str:
    return str(response.get("Error", {}).get("Code") or "")


def _message(response: Mapping[str, Any]) -> str:
    return str(response.get("Error", {}).get("Message") or "")


def _status(response: Mapping[str, Any]) -> int:
    return int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def _wrong_clock(response: Mapping[str, Any]) -> bool:
    """Whether AWS says so in words, or its clock is too far from this machine's.

    EC2 answers both old temporary credentials and a wrong clock with "RequestExpired: Request has expired".
    """
    if _CLOCK.search(_message(response)):
        return True
    try:
        theirs = parsedate_to_datetime(response["ResponseMetadata"]["HTTPHeaders"]["date"])
    except (KeyError, ValueError):
        return False
    return abs(datetime.now(UTC) - theirs.astimezone(UTC)) > _SKEW
