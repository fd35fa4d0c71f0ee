"""What an error of a step means: certainly not done, or not known; and why, in one sentence."""

import re
from collections.abc import Mapping
from typing import Any

from botocore import exceptions as boto

from bailiff_bot.aws.actions.step_calls import StepCall
from bailiff_bot.aws.actions.step_denials import denial_reason
from bailiff_bot.aws.actions.step_reasons import refusal_reason
from bailiff_bot.aws.error_codes import REASON_BY_CODE
from bailiff_bot.aws.errors import Unreadable
from bailiff_bot.domain.aws_step import StepOutcome, StepResult
from bailiff_bot.domain.inventory import UnreadReason

DRY_RUN = "DryRunOperation"
"""The code of EC2 for a call that is allowed, if it was only to be checked."""

_UNCERTAIN = frozenset({UnreadReason.TIMED_OUT, UnreadReason.SERVER_ERROR})
_NOT_SENT = (boto.EndpointConnectionError, boto.ConnectTimeoutError, boto.ProxyConnectionError)
_LACK_OF_CAPACITY = re.compile(r"Insufficient\w*Capacity|Unsupported")
"""Codes with a status of 500 which all the same say that nothing was done."""
_UNKNOWN_REASONS = {
    UnreadReason.TIMED_OUT: "AWS did not answer in time",
    UnreadReason.SERVER_ERROR: "AWS had an error of its own",
    UnreadReason.BAD_ANSWER: "the answer did not come from EC2",
}


def is_throttled(result: StepResult) -> bool:
    """Return True if AWS refused a step only because there were too many requests."""
    return REASON_BY_CODE.get(result.code) is UnreadReason.THROTTLED


def step_result(error: Unreadable, call: StepCall) -> StepResult:
    """Return the result of a call that failed."""
    cause = error.__cause__
    if isinstance(cause, boto.ClientError):
        return _result_of_response(cause.response, error, call)
    if isinstance(cause, _NOT_SENT):
        return StepResult(StepOutcome.REFUSED, f"AWS could not be reached, so nothing was done ({error.detail})")
    return _unknown(error)


def not_tried(error: Unreadable) -> StepResult:
    """Return the result of a step for which there was no session, so that it was not tried."""
    reason = "AWS did not let Bailiff assume the role" if error.reason is UnreadReason.ROLE_REFUSED else str(error)
    return StepResult(StepOutcome.REFUSED, f"{reason}: {error.remedy}" if error.remedy else reason)


def not_confirmed(answer: Mapping[str, Any]) -> StepResult:
    """Return the result of a call whose answer does not say that it was done."""
    request_id = answer.get("ResponseMetadata", {}).get("RequestId", "")
    return StepResult(StepOutcome.UNKNOWN, _UNKNOWN_REASONS[UnreadReason.BAD_ANSWER], request_id=request_id)


def _result_of_response(response: Any, error: Unreadable, call: StepCall) -> StepResult:
    code = str(response["Error"].get("Code") or "")
    message = str(response["Error"].get("Message") or "")
    request_id = str(response.get("ResponseMetadata", {}).get("RequestId") or "")
    if code == DRY_RUN:
        return StepResult(StepOutcome.DONE, request_id=request_id, is_dry_run=True)
    if not _is_refusal(code, error):
        return _unknown(error, code, request_id)
    denied = error.reason is UnreadReason.ACCESS_DENIED
    reason = denial_reason(message, call) if denied else refusal_reason(code, message, error, call)
    return StepResult(StepOutcome.REFUSED, reason, code, request_id)


def _is_refusal(code: str, error: Unreadable) -> bool:
    """Return True if AWS certainly did nothing. An error without a code comes from a proxy."""
    if _LACK_OF_CAPACITY.fullmatch(code):
        return True
    return bool(code) and not code.isdecimal() and error.reason not in _UNCERTAIN


def _unknown(error: Unreadable, code: str = "", request_id: str = "") -> StepResult:
    reason = _UNKNOWN_REASONS.get(error.reason, "the connection to AWS broke")
    return StepResult(StepOutcome.UNKNOWN, f"{reason} ({error.detail})", code, request_id)
