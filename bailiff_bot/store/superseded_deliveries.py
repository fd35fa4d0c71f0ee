"""Expires unsettled deliveries that newer ones supersede, so that an old message never arrives after a new one."""

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, or_, update

from bailiff_bot.domain.delivery import DeliveryState, MessageKind, OutgoingMessage
from bailiff_bot.store.deliveries import deliveries
from bailiff_bot.store.statements import acquire_transaction_lock

_REASON = "a later message replaces it"
_UNSETTLED = or_(deliveries.c.state == DeliveryState.PENDING, deliveries.c.state == DeliveryState.SENDING)
_EXPIRED = {"state": DeliveryState.EXPIRED, "reason": _REASON, "holder": "", "payload": {}}


def lock_deliveries(connection: Connection) -> None:
    """Wait for other transactions that change many deliveries. Without this lock, two of them could deadlock."""
    acquire_transaction_lock(connection, "deliveries")


def supersede_earlier(connection: Connection, messages: Sequence[OutgoingMessage]) -> None:
    """Expire unsettled direct messages and edits that `messages` supersede: of the same name, to the same recipient.

    A direct message that was attempted may have arrived. It is marked as superseded: if a look-up does not find it, it
    expires.
    """
    superseding = [
        {"where_part": message.kind, "where_recipient": message.recipient, "where_name": message.name}
        for message in messages
        if message.kind in {MessageKind.DIRECT, MessageKind.EDIT}
    ]
    if not superseding:
        return
    lock_deliveries(connection)
    may_have_arrived = (deliveries.c.part == MessageKind.DIRECT) & deliveries.c.attempted.is_not(None)
    connection.execute(_SUPERSEDED.where(~may_have_arrived).values(**_EXPIRED), superseding)
    connection.execute(_SUPERSEDED.where(may_have_arrived).values(replaced=True), superseding)


_SUPERSEDED = update(deliveries).where(
    deliveries.c.part == bindparam("where_part"),
    deliveries.c.recipient == bindparam("where_recipient"),
    deliveries.c.name == bindparam("where_name"),
    _UNSETTLED,
)
"""An update of the unsettled deliveries with the bound kind, recipient and name."""
