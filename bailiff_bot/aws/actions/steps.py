"""Carries out one step: opens its session, makes the call, and says truly what came of it.

botocore's own retries are off: they would hide that an attempt before the last one may have
reached EC2. A refusal after such an attempt is not known to be the whole truth.
"""

import time
from dataclasses import replace
from typing import Any

import structlog
from botocore.exceptions import ParamValidationError

from bailiff_bot.aws.access import Limits
from bailiff_bot.aws.actions.step_calls import StepCall
from bailiff_bot.aws.actions.step_errors import is_throttled, not_confirmed, not_tried, step_result
from bailiff_bot.aws.actions.step_sessions import ActingRole
from bailiff_bot.aws.deadline import deadline
from bailiff_bot.aws.error_mapping import translate_aws_errors
from bailiff_bot.aws.errors import Unreadable
from bailiff_bot.aws.redacted_line import redacted_line
from bailiff_bot.domain.aws_step import StepOutcome, StepResult

ATTEMPTS = 3
"""How often a step is tried while AWS is throttling or, if it is repeatable, while nobody knows what came of it."""
_PAUSE = 0.4
"""Seconds before the second attempt; twice as long before the third."""

log = structlog.get_logger()


def carry_out(call: StepCall, role: ActingRole) -> StepResult:
    """Return what came of a call, made with a session of its own. Raises nothing for a failure of AWS."""
    try:
        with role.session(call.policy, tries_once=True) as ec2:
            result = _try_repeatedly(ec2, call, role.limits)
    except Unreadable as error:
        result = not_tried(error)
    log.info("step.finished", step=call.step.value, outcome=result.outcome.value, code=result.code)
    return result


def _try_repeatedly(ec2: Any, call: StepCall, limits: Limits) -> StepResult:
    """Return the result of the last attempt. It is unknown if an attempt before may have done the step."""
    may_be_done = False
    for attempt in range(1, ATTEMPTS + 1):
        result = _try_once(ec2, call, limits)
        if attempt == ATTEMPTS or not _is_worth_another(result, call):
            break
        may_be_done |= result.outcome is StepOutcome.UNKNOWN
        time.sleep(_PAUSE * attempt)
    if may_be_done and result.outcome is StepOutcome.REFUSED:
        reason = f"AWS refused it when it was tried again, but may have done it before ({result.reason})"
        return replace(result, outcome=StepOutcome.UNKNOWN, reason=reason)
    return result


def _try_once(ec2: Any, call: StepCall, limits: Limits) -> StepResult:
    try:
        with deadline(limits.target_deadline), translate_aws_errors():
            answer = getattr(ec2, call.method)(**call.parameters)
    except Unreadable as error:
        return step_result(error, call)
    except ParamValidationError as error:  # a name that is too short, for example
        return StepResult(StepOutcome.REFUSED, f"botocore refuses the call: {redacted_line(str(error))}")
    if not call.confirms(answer):
        return not_confirmed(answer)
    request_id = answer.get("ResponseMetadata", {}).get("RequestId", "")
    return StepResult(StepOutcome.DONE, request_id=request_id, image_id=answer.get("ImageId", ""))


def _is_worth_another(result: StepResult, call: StepCall) -> bool:
    return is_throttled(result) or (call.is_repeatable and result.outcome is StepOutcome.UNKNOWN)
