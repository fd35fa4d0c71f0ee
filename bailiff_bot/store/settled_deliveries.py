"""Saves what follows when a delivery is settled."""

from typing import Any

from sqlalchemy import Connection, Row, update

from bailiff_bot.domain.delivery import DeliveryState, MessageKind
from bailiff_bot.store.open_findings import apply_history, discard_history
from bailiff_bot.store.tables import deliveries

SETTLED_COLUMNS = [deliveries.c[name] for name in ("dispatch", "part", "state", "recipient", "edits", "still")]
"""The columns of a delivery that `after_settling` reads."""
_MAYBE_SEEN = (DeliveryState.SENT, DeliveryState.UNKNOWN)


def after_settling(connection: Connection, settled: Row[Any]) -> None:
    """Apply or discard the digest history if a parent is settled. Save what a nudge lists if its edit was sent."""
    if settled.part == MessageKind.PARENT and settled.state in _MAYBE_SEEN:
        apply_history(connection, settled.dispatch)
    elif settled.part == MessageKind.PARENT:
        discard_history(connection, settled.dispatch)
    elif settled.part == MessageKind.EDIT and settled.state == DeliveryState.SENT and settled.edits:
        _update_listed(connection, settled)


def _update_listed(connection: Connection, edit: Row[Any]) -> None:
    """Save which findings an edited nudge lists now."""
    nudge = (deliveries.c.recipient == edit.recipient) & (deliveries.c.ts == edit.edits)
    connection.execute(update(deliveries).where(nudge, deliveries.c.part == MessageKind.NUDGE).values(still=edit.still))
