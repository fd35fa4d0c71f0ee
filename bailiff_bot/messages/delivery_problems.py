"""What is said of messages that did not arrive: one line each."""

from bailiff_bot.domain.delivery import Delivery, DeliveryState, MessageKind


def delivery_problem(delivery: Delivery) -> str:
    """Return which delivery was not sent, and why."""
    what, reason = delivery.label, delivery.reason
    direct = delivery.kind is MessageKind.DIRECT
    match delivery.state:
        case DeliveryState.UNKNOWN:
            return f"{what} may have been notified: {reason}" if direct else f"delivery uncertain: {what} ({reason})"
        case DeliveryState.PENDING | DeliveryState.SENDING:
            return f"not sent yet, the running bot continues with it: {what}"
        case _:
            return f"{what} could not be notified: {reason}" if direct else f"not delivered: {what} ({reason})"


def summary_problem(reason: str) -> str:
    """Return that the delivery summary of a digest could not be updated, and why."""
    return f"the list of notified owners could not be updated: {reason}"
