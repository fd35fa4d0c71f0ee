"""The error of this package. `read_target`, `list_accounts` and `list_targets` turn it into a `Gap`."""

from bailiff_bot.domain.gap import Gap
from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.inventory import UnreadReason, unread_gap
from bailiff_bot.errors import BailiffError


class Unreadable(BailiffError):  # noqa: N818 - it becomes a Gap
    """Something could not be read because of AWS, the network or the credentials.

    Arguments: the reason; the error message of AWS or the network, one line without secrets; what an administrator can
    do about it, if that is not what helps against every error with this reason.
    """

    def __init__(self, reason: UnreadReason, detail: str, remedy: str = "") -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
        self.remedy = remedy

    def gap(self, target: Target) -> Gap:
        """Return the reason as a value for the inventory."""
        return unread_gap(target, self.reason, self.detail, self.remedy)
