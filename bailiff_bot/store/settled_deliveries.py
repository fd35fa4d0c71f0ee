"""Saves what follows when a delivery is settled."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, update

from bailiff_bot.domain.delivery import DeliveryState, MessageKind
from bailiff_bot.store.deliveries import deliveries
from bailiff_bot.store.runs import OnSeen, settle_run

SETTLED_COLUMNS = [deliveries.c[name] for name in ("dispatch", "part", "state", "recipient", "edits", "still")]
"""The columns of a delivery that `after_settling` reads."""


def after_settling(connection: Connection, settled: Row[Any], on_seen: Mapping[str, OnSeen]) -> None:
    """Settle the run of a parent. Save what an edited message is about."""
    if settled.part == MessageKind.PARENT:
        settle_run(connection, settled.dispatch, on_seen)
    elif settled.part == MessageKind.EDIT and settled.state == DeliveryState.SENT and settled.edits:
        _update_about(connection, settled)


def _update_about(connection: Connection, edit: Row[Any]) -> None:
    """Save what an edited direct message is about now."""
    edited = (
        deliveries.c.recipient == edit.recipient,
        deliveries.c.ts == edit.edits,
        deliveries.c.part == MessageKind.DIRECT,
    )
    connection.execute(update(deliveries).where(*edited).values(still=edit.still))
