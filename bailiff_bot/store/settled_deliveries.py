"""What follows from the end of a delivery."""

from typing import Any

from sqlalchemy import Connection, Row, update

from bailiff_bot.domain.delivery import Part, State
from bailiff_bot.store.open_findings import forget, remember
from bailiff_bot.store.tables import deliveries

OF_AN_END = [deliveries.c[name] for name in ("dispatch", "part", "state", "recipient", "edits", "still")]
"""What of a delivery has to be known here."""
_MAY_HAVE_BEEN_SEEN = (State.SENT, State.UNKNOWN)


def follow_up(connection: Connection, ended: Row[Any]) -> None:
    """Write down what a delivery that has ended lets us remember."""
    if ended.part == Part.PARENT and ended.state in _MAY_HAVE_BEEN_SEEN:
        remember(connection, ended.dispatch)
    elif ended.part == Part.PARENT:
        forget(connection, ended.dispatch)
    elif ended.part == Part.EDIT and ended.state == State.SENT and ended.edits:
        _shorten(connection, ended)


def _shorten(connection: Connection, edit: Row[Any]) -> None:
    """Write down what a nudge that was edited lists now."""
    nudge = (deliveries.c.recipient == edit.recipient) & (deliveries.c.ts == edit.edits)
    connection.execute(update(deliveries).where(nudge, deliveries.c.part == Part.NUDGE).values(still=edit.still))
