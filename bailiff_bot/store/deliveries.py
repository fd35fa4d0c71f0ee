"""The deliveries of the batches."""

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    Subquery,
    Table,
    Text,
    UniqueConstraint,
    func,
    select,
)

from bailiff_bot.domain.delivery import DeliveryState, MessageKind
from bailiff_bot.store.batches import batches, old_batches
from bailiff_bot.store.schema import Cutoff, metadata, outdated
from bailiff_bot.store.types import JSON_VALUE, SafeText, UtcDateTime

_MAYBE_SENT = (DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.UNKNOWN)


def latest_direct_messages() -> Subquery:
    """Return the latest direct message of each name to each recipient that was sent, or that may still be sent."""
    rank = func.row_number().over(
        partition_by=[deliveries.c.recipient, deliveries.c.name],
        order_by=[batches.c.planned.desc(), deliveries.c.key.desc()],
    )
    columns = [deliveries.c[name] for name in ("key", "name", "recipient", "told", "still", "channel", "ts")]
    direct_messages = (
        select(*columns, batches.c.planned, rank.label("rank"))
        .join(batches, batches.c.id == deliveries.c.dispatch)
        .where(deliveries.c.part == MessageKind.DIRECT, deliveries.c.state.in_(_MAYBE_SENT))
        .subquery()
    )
    return select(direct_messages).where(direct_messages.c.rank == 1).subquery()


def _outdated(table: Table, cutoff: Cutoff) -> ColumnElement[bool]:
    """Return the condition of the deliveries of old batches, without the latest direct messages to each recipient."""
    return table.c.dispatch.in_(old_batches(cutoff)) & table.c.key.not_in(select(latest_direct_messages().c.key))


deliveries: Table = Table(
    "deliveries",
    metadata,
    Column("key", Text, primary_key=True),
    Column("dispatch", Text, ForeignKey("dispatches.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("part", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("label", SafeText, nullable=False),
    Column("payload", JSON_VALUE, nullable=False),
    Column("state", Text, nullable=False),
    Column("ready", UtcDateTime, nullable=False),
    Column("attempted", UtcDateTime),
    Column("holder", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("ts", Text, nullable=False),
    Column("reason", SafeText, nullable=False),
    Column("replaced", Boolean, nullable=False),
    Column("edits", Text, nullable=False),
    Column("told", JSON_VALUE, nullable=False),
    Column("still", JSON_VALUE, nullable=False),
    UniqueConstraint("dispatch", "name", "recipient", name="one_of_a_name"),
    Index("deliveries_by_dispatch", "dispatch", "position"),
    Index("deliveries_by_recipient", "recipient", "part"),
    info=outdated(_outdated),
)
"""`dispatch` is the batch, `part` the kind. `told` is what a direct message was about, `still` what it is about now.

For an edit, `edits` is the timestamp of the edited message, and `still` has what the message lists after the edit.
`ready` is when the delivery is available. `payload` is emptied when the delivery is settled.
"""
