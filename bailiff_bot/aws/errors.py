"""The error of this package. `read_target`, `list_accounts` and `list_targets` turn it into an `Unread`."""

from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.inventory import Unread, UnreadReason
from bailiff_bot.errors import BailiffError


class Unreadable(BailiffError):  # noqa: N818 - it becomes an Unread
    """Something could not be read because of AWS, the network or the credentials.

    Arguments: the reason; the error message of AWS or the network, one line without secrets.
    """

    def __init__(self, reason: UnreadReason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail

    def unread(self, target: Target) -> Unread:
        """Return the reason as a value for the inventory."""
        return Unread(target, self.reason, self.detail)
