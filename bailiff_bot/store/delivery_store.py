"""Stores batches and deliveries.

One statement both checks and changes a delivery. So of several holders that try at the same time, only one succeeds.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, Update, null, select, update

from bailiff_bot.domain.delivery import SETTLED, Batch, BatchPlan, Delivery, DeliveryState, MessageKind
from bailiff_bot.errors import StoreError, UnknownKind
from bailiff_bot.store.batches import batches
from bailiff_bot.store.database import Database
from bailiff_bot.store.deliveries import deliveries
from bailiff_bot.store.plans import write_plans
from bailiff_bot.store.rate_limits import hold_until, reserve_send_time
from bailiff_bot.store.runs import OnSeen
from bailiff_bot.store.settled_deliveries import SETTLED_COLUMNS, after_settling
from bailiff_bot.store.superseded_deliveries import lock_deliveries

_UNSETTLED = (DeliveryState.PENDING, DeliveryState.SENDING)
_COLUMNS_WITHOUT_PAYLOAD = [column for column in deliveries.c if column is not deliveries.c.payload]
"""A file has megabytes: only `claim` reads the payload."""


class SqlDeliveryStore:
    """Implements `bailiff_bot.outbox.delivery_store.DeliveryStore`, which documents the methods in full."""

    def __init__(self, database: Database, on_seen: Mapping[str, OnSeen]) -> None:
        self._database = database
        self._on_seen = on_seen

    def save_plan(self, *plans: BatchPlan) -> bool:
        """Save plans as a whole. Returns False if another batch has the slot of one of them."""
        if forgotten := {plan.batch.kind for plan in plans if plan.run} - self._on_seen.keys():
            raise ValueError(f"no hook on_seen for {forgotten}")
        with self._database.writing() as connection:
            return write_plans(connection, plans)

    def has_slot(self, slot: str) -> bool:
        """Return True if a batch has the slot."""
        return bool(self._rows(select(batches.c.id).where(batches.c.slot == slot)))

    def unfinished(self) -> tuple[Batch, ...]:
        """Return the batches that are not finished, in the order in which they were planned."""
        query = select(batches).where(batches.c.finished.is_(None))
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(batches.c.planned, batches.c.slot)).all()
        return tuple(_batch(row) for row in rows)

    def deliveries(self, batch_id: str) -> tuple[Delivery, ...]:
        """Return the deliveries of a batch in their order, without payloads."""
        query = (
            select(*_COLUMNS_WITHOUT_PAYLOAD).where(deliveries.c.dispatch == batch_id).order_by(deliveries.c.position)
        )
        return tuple(_delivery(row) for row in self._rows(query))

    def delivery(self, key: str) -> Delivery:
        """Return a delivery without its payload. Raises StoreError if there is none."""
        rows = self._rows(select(*_COLUMNS_WITHOUT_PAYLOAD).where(deliveries.c.key == key))
        if not rows:
            raise StoreError(f"The database {self._database.name} has no delivery {key}: it was removed meanwhile.")
        return _delivery(rows[0])

    def claim(self, key: str, holder: str, now: datetime, until: datetime) -> Delivery | None:
        """Claim a delivery and return it with its payload. Returns None if it is settled, or not available yet."""
        available = update(deliveries).where(
            deliveries.c.key == key, deliveries.c.state.in_(_UNSETTLED), deliveries.c.ready <= now
        )
        claim = available.values(state=DeliveryState.SENDING, holder=holder, ready=until).returning(*deliveries.c)
        with self._database.writing() as connection:
            row = connection.execute(claim).one_or_none()
        return _delivery(row, row.payload) if row else None

    def mark_attempted(self, key: str, holder: str, now: datetime, until: datetime) -> bool:
        """Record that the message is sent now. Returns False if the holder lost the claim, or its lease ended."""
        return self._change(_held(key, holder).where(deliveries.c.ready > now).values(attempted=now, ready=until))

    def release(self, key: str, holder: str, available_at: datetime) -> None:
        """Release a delivery that Slack certainly does not have."""
        self._change(
            _held(key, holder).values(state=DeliveryState.PENDING, holder="", attempted=null(), ready=available_at)
        )

    def recheck_at(self, key: str, holder: str, available_at: datetime) -> bool:
        """Release a delivery that Slack may have, until `available_at`. Returns False if the holder lost the claim."""
        return self._change(_held(key, holder).values(holder="", ready=available_at))

    def settle(  # noqa: PLR0913 - everything that is stored about the result
        self, key: str, holder: str, state: DeliveryState, *, channel: str = "", ts: str = "", reason: str = ""
    ) -> bool:
        """Settle a delivery, delete its payload and save what follows. Returns False if the holder lost the claim."""
        if state not in SETTLED:
            raise ValueError(f"{state} is not a settled state")
        values = {"state": state, "channel": channel, "ts": ts, "reason": reason, "holder": "", "payload": {}}
        with self._database.writing() as connection:
            return self._settle_all(connection, _held(key, holder).values(**values))

    def expire_batch(self, batch_id: str, reason: str) -> None:
        """Expire each delivery of a batch that certainly was not sent."""
        with self._database.writing() as connection:
            lock_deliveries(connection)
            self._settle_all(connection, _expire_unsent(deliveries.c.dispatch == batch_id, reason))

    def expire(self, key: str, reason: str) -> bool:
        """Expire a delivery that certainly was not sent. Returns False if it may have been sent, or is settled."""
        with self._database.writing() as connection:
            return self._settle_all(connection, _expire_unsent(deliveries.c.key == key, reason))

    def mark_finished(self, batch_id: str, now: datetime) -> None:
        """Record that nothing is left to do for a batch."""
        with self._database.writing() as connection:
            connection.execute(
                update(batches).where(batches.c.id == batch_id, batches.c.finished.is_(None)).values(finished=now)
            )

    def reserve_send_time(self, recipient: str, now: datetime, interval: timedelta) -> datetime:
        """Reserve the next free send time of a recipient, not before `now`. The one after is `interval` later."""
        with self._database.writing() as connection:
            return reserve_send_time(connection, recipient, now, interval)

    def hold_until(self, recipient: str, until: datetime) -> None:
        """Reserve no send time before `until` for a recipient."""
        with self._database.writing() as connection:
            hold_until(connection, recipient, until)

    def _settle_all(self, connection: Connection, statement: Update) -> bool:
        """Execute an update that settles deliveries, and save what follows. Returns True if it settled any."""
        settled = connection.execute(statement.returning(*SETTLED_COLUMNS)).all()
        for row in settled:
            after_settling(connection, row, self._on_seen)
        return bool(settled)

    def _rows(self, query: Select[Any]) -> list[Row[Any]]:
        with self._database.reading() as connection:
            return list(connection.execute(query).all())

    def _change(self, statement: Update) -> bool:
        """Execute an update. Returns True if it changed a delivery."""
        with self._database.writing() as connection:
            return connection.execute(statement.returning(deliveries.c.key)).first() is not None


def _held(key: str, holder: str) -> Update:
    """Return an update of a delivery that does nothing if the holder lost the claim."""
    return update(deliveries).where(
        deliveries.c.key == key, deliveries.c.state == DeliveryState.SENDING, deliveries.c.holder == holder
    )


def _expire_unsent(condition: ColumnElement[bool], reason: str) -> Update:
    """Return an update that expires the deliveries that certainly were not sent.

    If a holder has claimed one of them, it can no longer mark it as attempted.
    """
    claimed = (deliveries.c.state == DeliveryState.SENDING) & deliveries.c.attempted.is_(None)
    unsent = update(deliveries).where(condition, (deliveries.c.state == DeliveryState.PENDING) | claimed)
    return unsent.values(state=DeliveryState.EXPIRED, reason=reason, payload={})


def _batch(row: Row[Any]) -> Batch:
    return Batch(row.id, row.occasion, row.slot, row.recipient, row.planned, row.expires, row.context)


def _delivery(row: Row[Any], payload: Any = None) -> Delivery:
    return Delivery(
        key=row.key,
        batch_id=row.dispatch,
        kind=_message_kind(row.part),
        recipient=row.recipient,
        name=row.name,
        label=row.label,
        payload=payload or {},
        state=DeliveryState(row.state),
        available_at=row.ready,
        attempted_at=row.attempted,
        channel=row.channel,
        ts=row.ts,
        reason=row.reason,
        superseded=row.replaced,
    )


def _message_kind(stored: str) -> MessageKind:
    try:
        return MessageKind(stored)
    except ValueError as error:
        raise UnknownKind(f"the kind of a message, {stored!r}") from error
