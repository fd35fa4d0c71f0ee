"""Why EC2 refused a step, by its error code. From the EC2 API reference, "Error codes"."""

import re

from bailiff_bot.aws.actions.step_calls import StepCall
from bailiff_bot.aws.error_codes import CREDENTIAL_REASONS
from bailiff_bot.aws.errors import Unreadable
from bailiff_bot.aws.redacted_line import redacted_line
from bailiff_bot.domain.aws_step import Step
from bailiff_bot.domain.inventory import UnreadReason

_VERBS = {
    Step.STOP: "stop",
    Step.START: "start",
    Step.RENAME: "rename",
    Step.SET_OWNER: "tag",
    Step.MAKE_IMAGE: "make an image of",
    Step.TERMINATE: "delete",
}
_BY_CODE = (
    (r"IncorrectInstanceState|IncorrectState", "EC2 cannot {verb} the instance in the state in which it is now"),
    (r"InvalidInstanceID\.(?:NotFound|Malformed)|InvalidInstanceID", "the instance does not exist any more"),
    (r"Insufficient\w*Capacity", "AWS has no capacity for this instance type in its zone now: try again later"),
    (
        r"InstanceLimitExceeded|VcpuLimitExceeded|MaxSpotInstanceCountExceeded",
        "the account's limit of instances is reached: raise it under Service Quotas, or stop another one",
    ),
    (r"TagLimitExceeded", "the instance has as many tags as EC2 allows: remove one first"),
)
_STOP_PROTECTED = "the instance is protected against stopping and deleting: remove its stop protection first"
_TERMINATION_PROTECTED = "the instance is protected against deleting: remove its termination protection first"
_NOT_STOPPABLE = (
    "EC2 cannot stop this kind of instance: a one-time spot instance and one with an instance-store root can only run "
    "or be deleted"
)
_THROTTLED = "AWS got too many requests: try again in a few minutes"
_BAD_CREDENTIALS = "AWS did not accept the credentials: check the bot's keys and its clock"


def refusal_reason(code: str, message: str, error: Unreadable, call: StepCall) -> str:
    """Return why EC2 refused a call, and what helps, for any reason but a missing permission."""
    if error.reason is UnreadReason.THROTTLED:
        return _THROTTLED
    if error.reason in CREDENTIAL_REASONS:
        return f"{_BAD_CREDENTIALS} ({code})"
    if found := next((sentence for pattern, sentence in _BY_CODE if re.fullmatch(pattern, code)), ""):
        return found.format(verb=_VERBS[call.step])
    return _reason_of_message(code, message, call) or f"AWS answered {redacted_line(f'{code}: {message}').rstrip('.')}"


def _reason_of_message(code: str, message: str, call: StepCall) -> str:
    """Return the reason for a code that has several meanings; empty for an unknown one."""
    if code == "OperationNotPermitted" and "disableApiStop" in message:
        return _STOP_PROTECTED
    if code == "OperationNotPermitted" and "disableApiTermination" in message:
        return _TERMINATION_PROTECTED
    if code in {"UnsupportedOperation", "Unsupported"} and call.step is Step.STOP:
        return _NOT_STOPPABLE
    return ""
