"""What became of a batch."""

from dataclasses import dataclass

from bailiff_bot.domain.delivery import SETTLED, Delivery, DeliveryState
from bailiff_bot.errors import Ambiguous, Refused


@dataclass(frozen=True, slots=True)
class BatchResult:
    """The deliveries of a batch after it was sent."""

    deliveries: tuple[Delivery, ...]
    """The parent first."""
    edit_error: str = ""
    """Why a message of the batch could not be edited at the end; empty if there is no such error."""

    @property
    def unsettled(self) -> int:
        """The number of deliveries that are not settled yet."""
        return sum(delivery.state not in SETTLED for delivery in self.deliveries)

    @property
    def unsent(self) -> tuple[Delivery, ...]:
        """The deliveries that were not sent, or of which it is not known."""
        return tuple(delivery for delivery in self.deliveries if delivery.state is not DeliveryState.SENT)

    def raise_for_parent(self) -> None:
        """Raise Refused if the parent was not sent and will not be. Raise Ambiguous if it may be, now or later."""
        parent = self.deliveries[0]
        match parent.state:
            case DeliveryState.REFUSED | DeliveryState.EXPIRED:
                raise Refused(f"It was not sent: {parent.reason}")
            case DeliveryState.UNKNOWN:
                raise Ambiguous(f"It may have been sent: {parent.reason}")
            case DeliveryState.PENDING | DeliveryState.SENDING:
                raise Ambiguous("It is not known yet whether it was sent. The running bot continues with it.")
