"""What comes of an act, and why one is impossible."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.socket_mode.server import EnvelopeResult

ControlHandler: TypeAlias = Callable[[Json], Awaitable[object]]
"""Something the control endpoint does: from the request's body to the result; raises Impossible."""

DISPATCH_FAILED = "dispatch_failed"
"""No socket took the payload."""
OPERATION_TIMEOUT = "operation_timeout"
"""Nobody acknowledged it in time."""


class InteractionError(Exception):
    """Nobody can do this in Slack: the channel is not there, the button is not on the message."""


@dataclass(frozen=True, slots=True)
class InteractionResult:
    """What the person who acted can notice, and what the app was given to answer with."""

    acknowledged: bool
    seconds: float
    """Until the acknowledgement, or until Slack stopped waiting."""
    payload: Json = field(default_factory=dict)
    """What came with the acknowledgement."""
    error: str = ""
    """dispatch_failed, operation_timeout, or nothing."""
    trigger_id: str = ""
    response_url: str = ""

    @classmethod
    def from_envelope_result(cls, result: EnvelopeResult, payload: Json) -> "InteractionResult":
        """Return the outcome of a payload that was to be delivered."""
        error = "" if result.acknowledged else OPERATION_TIMEOUT if result.sent else DISPATCH_FAILED
        return cls(
            result.acknowledged,
            result.seconds,
            result.payload,
            error,
            payload.get("trigger_id", ""),
            payload.get("response_url", ""),
        )
