"""A step is one call to EC2 that changes something: who has it done, and what came of it."""

from dataclasses import dataclass
from enum import StrEnum


class Step(StrEnum):
    """What a call changes. The values are those of the audit log and of the session policies."""

    STOP = "stop"
    START = "start"
    RENAME = "rename"
    SET_OWNER = "set-owner"
    MAKE_IMAGE = "make-image"
    TERMINATE = "terminate"


class RoleKind(StrEnum):
    """Which role of an account does a step."""

    ACTION = "action"
    """`BAILIFF_ACTION_ROLE_ARNS`: stops, starts and tags."""
    DELETE = "delete"
    """`BAILIFF_DELETE_ROLE_ARNS`: makes images and terminates."""


@dataclass(frozen=True, slots=True)
class Actor:
    """The person for whom a step is done. CloudTrail shows both fields."""

    user_id: str
    """The id of the Slack user: the session is named `bailiff-<id>`."""
    address: str
    """The confirmed e-mail address: the session's `SourceIdentity`."""


class StepOutcome(StrEnum):
    """What came of a step."""

    DONE = "done"
    REFUSED = "refused"
    """AWS refused it, so it is certainly not done."""
    UNKNOWN = "unknown"
    """No answer, or one that does not say it: it may be done."""


@dataclass(frozen=True, slots=True)
class StepResult:
    """What AWS said of a step."""

    outcome: StepOutcome
    reason: str = ""
    """Why it is not done, as a sentence without its full stop; empty if it is done."""
    code: str = ""
    """AWS's error code, such as `UnauthorizedOperation`; empty if it is done or did not answer."""
    request_id: str = ""
    """AWS's id of the request; empty without an answer."""
    image_id: str = ""
    """The id of the image that was made; empty for other steps."""
    is_dry_run: bool = False
    """True if nothing was done because `BAILIFF_ACTIONS_DRY_RUN` is on: AWS only checked the permission."""
