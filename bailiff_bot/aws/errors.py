"""The one error of this room: it ends at `read_target` and `open_account`, which make an `Unread` of it."""

from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.inventory import Unread, UnreadReason
from bailiff_bot.errors import BailiffError


class Unreadable(BailiffError):  # noqa: N818 - it becomes an Unread
    """AWS, the network or the credentials kept something from being read.

    Arguments: why, in the words a person is told; what AWS or the network said, in one line without secrets.
    """

    def __init__(self, reason: UnreadReason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail

    def unread(self, target: Target) -> Unread:
        """Return it as the value that travels with the inventory."""
        return Unread(target, self.reason, self.detail)
