"""What came of a click, which its message says for good."""

from dataclasses import dataclass
from datetime import datetime

from bailiff_bot.domain.action import Action
from bailiff_bot.domain.offer import Offer


@dataclass(frozen=True, slots=True)
class ActionResult:
    """An action that was carried out. Of each offer and action there is at most one."""

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
