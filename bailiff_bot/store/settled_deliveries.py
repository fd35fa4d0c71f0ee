"""What follows from the end of a delivery."""

from typing import Any

from sqlalchemy import Connection, Row, update

from bailiff_bot.domain.delivery import DeliveryState, MessageKind
from bailiff_bot.store.open_findings import apply_history, discard_history
from bailiff_bot.store.tables import deliveries

SETTLED_COLUMNS = [deliveries.c[name] for name in ("dispatch", "part", "state", "recipient", "edits", "still")]
"""What of a delivery has to be known here."""
_MAYBE_SEEN = (DeliveryState.SENT, DeliveryState.UNKNOWN)


def after_settling(connection: Connection, settled: Row[Any]) -> None:
    """Write down what a delivery that has ended lets us remember."""
    if settled.part == MessageKind.PARENT and settled.state in _MAYBE_SEEN:
        apply_history(connection, settled.dispatch)
    elif settled.part == MessageKind.PARENT:
        discard_history(connection, settled.dispatch)
    elif settled.part == MessageKind.EDIT and settled.state == DeliveryState.SENT and settled.edits:
        _update_listed(connection, settled)


def _update_listed(connection: Connection, edit: Row[Any]) -> None:
    """Write down what a nudge that was edited lists now."""
    nudge = (deliveries.c.recipient == edit.recipient) & (deliveries.c.ts == edit.edits)
    connection.execute(update(deliveries).where(nudge, deliveries.c.part == MessageKind.NUDGE).values(still=edit.still))
