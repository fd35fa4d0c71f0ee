"""Expires unsettled deliveries that newer ones supersede, so that an old message never arrives after a new one."""

from collections.abc import Sequence

from sqlalchemy import Connection, Update, bindparam, or_, update

from bailiff_bot.domain.delivery import DeliveryState, MessageKind, OutgoingMessage
from bailiff_bot.store.statements import acquire_transaction_lock
from bailiff_bot.store.tables import deliveries

_REASON = "a later one takes its place"
_UNSETTLED = or_(deliveries.c.state == DeliveryState.PENDING, deliveries.c.state == DeliveryState.SENDING)
_EXPIRED = {"state": DeliveryState.EXPIRED, "reason": _REASON, "holder": "", "payload": {}}


def lock_deliveries(connection: Connection) -> None:
    """Wait for other transactions that change many deliveries. Without this lock, two of them could deadlock."""
    acquire_transaction_lock(connection, "deliveries")


def supersede_earlier(connection: Connection, messages: Sequence[OutgoingMessage]) -> None:
    """Expire unsettled edits of the messages that `messages` edit, and unsettled nudges to the same recipients.

    A nudge that was attempted may have arrived. It is marked as superseded: if a look-up does not find it, it expires.
    """
    edits = [
        {"where_recipient": message.recipient, "where_edits": message.edited_ts}
        for message in messages
        if message.kind is MessageKind.EDIT and message.edited_ts
    ]
    nudges = [{"where_recipient": message.recipient} for message in messages if message.kind is MessageKind.NUDGE]
    if edits or nudges:
        lock_deliveries(connection)
    if edits:
        same_message = deliveries.c.edits == bindparam("where_edits")
        connection.execute(_unsettled(MessageKind.EDIT).where(same_message).values(**_EXPIRED), edits)
    if nudges:
        attempted = deliveries.c.attempted
        connection.execute(_unsettled(MessageKind.NUDGE).where(attempted.is_(None)).values(**_EXPIRED), nudges)
        connection.execute(_unsettled(MessageKind.NUDGE).where(attempted.is_not(None)).values(replaced=True), nudges)


def _unsettled(kind: MessageKind) -> Update:
    """Return an update of the unsettled deliveries of a kind to the bound recipient."""
    return update(deliveries).where(
        deliveries.c.recipient == bindparam("where_recipient"), deliveries.c.part == kind, _UNSETTLED
    )
