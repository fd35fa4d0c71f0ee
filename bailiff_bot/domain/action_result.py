"""What came of a click, which its message says for good."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bailiff_bot.domain.action import Action
from bailiff_bot.domain.offer import Offer


class Outcome(StrEnum):
    """What came of an action. Only actions in AWS are ever anything but done."""

    PENDING = "pending"
    """It was begun: AWS is asked, or has not finished, or a deletion waits."""
    DONE = "done"
    FAILED = "failed"
    """It was tried or asked for, and certainly not done. The same click may be tried again."""
    UNKNOWN = "unknown"
    """It was tried, and may be done."""
    CANCELLED = "cancelled"
    """Somebody cancelled the deletion that waited."""
    DRY_RUN = "dry-run"
    """AWS only checked the permission, because `BAILIFF_ACTIONS_DRY_RUN` is on."""


@dataclass(frozen=True, slots=True)
class ActionResult:
    """An action that was begun. Of each offer and action there is at most one."""

    offer: Offer
    action: Action
    user_id: str
    name: str
    """The name that Slack showed of this user."""
    at: datetime
    made_id: str = ""
    """The id of what was made or ended, such as an exemption."""
    until: datetime | None = None
    """The first instant at which it does not count any more; None if nothing was made."""
    reason: str = ""
    """What was typed or chosen; for an assignment, the name of the new owner."""
    acted_for: str = ""
    """The name of the owner for whom this user did it as a delegate; else empty."""
    owners: tuple[str, ...] = ()
    """The e-mail addresses of its owners when it was done, case-folded. Those of others are told."""
    outcome: Outcome = Outcome.DONE
    settled_at: datetime | None = None
    """When AWS had done it, such as when the instance was stopped; None if that is not known, or `at` says it."""
    detail: str = ""
    """Why it failed or is not known, without its full stop. As long as it is pending, AWS's id of the request."""
