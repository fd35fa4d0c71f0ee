"""The result of an interaction, and the error for an impossible one."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.socket_mode.server import EnvelopeResult

ControlHandler: TypeAlias = Callable[[Json], Awaitable[object]]
"""Takes the body of a control request and returns the result. Raises InteractionError."""

DISPATCH_FAILED = "dispatch_failed"
"""Slack's error if no connection was open."""
OPERATION_TIMEOUT = "operation_timeout"
"""Slack's error if the app did not acknowledge the payload in time."""
INVALID_RESPONSE = "invalid_response"
"""The app's answer to a submission was invalid: Slack says "We had some trouble connecting. Try again?"."""


class InteractionError(Exception):
    """A user cannot do this in Slack: for example, the channel or the button does not exist."""


@dataclass(frozen=True, slots=True)
class InteractionResult:
    """What the user notices of an interaction, and what the app received to respond with."""

    acknowledged: bool
    seconds: float
    """The time until the acknowledgement or the timeout."""
    payload: Json = field(default_factory=dict)
    """The payload of the acknowledgement."""
    error: str = ""
    """dispatch_failed, operation_timeout, invalid_response, or empty."""
    trigger_id: str = ""
    response_url: str = ""
    request: Json = field(default_factory=dict)
    """What the app received."""

    @classmethod
    def from_envelope_result(cls, result: EnvelopeResult, payload: Json) -> "InteractionResult":
        """Return the result of a payload that was sent in an envelope."""
        error = "" if result.acknowledged else OPERATION_TIMEOUT if result.sent else DISPATCH_FAILED
        return cls(
            result.acknowledged,
            result.seconds,
            result.payload,
            error,
            payload.get("trigger_id", ""),
            payload.get("response_url", ""),
            payload,
        )
