"""Lets what is newer take the place of what is older and not settled, so that no old word comes after a new one."""

from collections.abc import Sequence

from sqlalchemy import Connection, Update, bindparam, or_, update

from bailiff_bot.domain.delivery import DeliveryState, MessageKind, OutgoingMessage
from bailiff_bot.store.statements import acquire_transaction_lock
from bailiff_bot.store.tables import deliveries

_REASON = "a later one takes its place"
_OPEN = or_(deliveries.c.state == DeliveryState.PENDING, deliveries.c.state == DeliveryState.SENDING)
_EXPIRED = {"state": DeliveryState.EXPIRED, "reason": _REASON, "holder": "", "payload": {}}


def lock_deliveries(connection: Connection) -> None:
    """Wait for others that change many deliveries at once: in two orders they would wait for each other for ever."""
    acquire_transaction_lock(connection, "deliveries")


def supersede_earlier(connection: Connection, messages: Sequence[OutgoingMessage]) -> None:
    """End the open edits of messages that these edit, and the open nudges to whom these nudge.

    A nudge that was put on the wire may have arrived: it is marked, and not sent again by who looks for it in vain.
    """
    edits = [
        {"the_recipient": one.recipient, "the_message": one.edited_ts}
        for one in messages
        if one.kind is MessageKind.EDIT and one.edited_ts
    ]
    nudges = [{"the_recipient": one.recipient} for one in messages if one.kind is MessageKind.NUDGE]
    if edits or nudges:
        lock_deliveries(connection)
    if edits:
        same = deliveries.c.edits == bindparam("the_message")
        connection.execute(_open_deliveries(MessageKind.EDIT).where(same).values(**_EXPIRED), edits)
    if nudges:
        attempted = deliveries.c.attempted
        connection.execute(_open_deliveries(MessageKind.NUDGE).where(attempted.is_(None)).values(**_EXPIRED), nudges)
        connection.execute(
            _open_deliveries(MessageKind.NUDGE).where(attempted.is_not(None)).values(replaced=True), nudges
        )


def _open_deliveries(part: MessageKind) -> Update:
    return update(deliveries).where(
        deliveries.c.recipient == bindparam("the_recipient"), deliveries.c.part == part, _OPEN
    )
