"""Dispatches and deliveries: what may be done is decided by one statement, whoever else tries at the same time."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, Update, case, null, select, update

from bailiff_bot.domain.delivery import SETTLED, Batch, BatchKind, BatchPlan, Delivery, DeliveryState, MessageKind
from bailiff_bot.errors import StoreError
from bailiff_bot.store.batches import write_plan
from bailiff_bot.store.database import Database
from bailiff_bot.store.settled_deliveries import SETTLED_COLUMNS, after_settling
from bailiff_bot.store.statements import insert
from bailiff_bot.store.superseded_deliveries import lock_deliveries
from bailiff_bot.store.tables import batches, deliveries, rate_limits

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_OPEN = (DeliveryState.PENDING, DeliveryState.SENDING)
_COLUMNS_WITHOUT_PAYLOAD = [column for column in deliveries.c if column is not deliveries.c.payload]
"""A file is megabytes: only who takes a delivery gets its payload."""
_BATCH_COLUMNS = [column for column in batches.c if column is not batches.c.memory]


class SqlDeliveryStore:
    """The `Ledger` of `bailiff_bot.outbox`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save_plan(self, plan: BatchPlan) -> bool:
        """Write a plan as a whole; False when its slot is taken."""
        with self._database.writing() as connection:
            return write_plan(connection, plan)

    def has_slot(self, slot: str) -> bool:
        """Return whether a slot is taken."""
        return bool(self._rows(select(batches.c.id).where(batches.c.slot == slot)))

    def unfinished(self) -> tuple[Batch, ...]:
        """Return the dispatches that are not finished, in the order in which they were planned."""
        query = select(*_BATCH_COLUMNS).where(batches.c.finished.is_(None))
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(batches.c.planned, batches.c.slot)).all()
        return tuple(_batch(row) for row in rows)

    def deliveries(self, batch_id: str) -> tuple[Delivery, ...]:
        """Return a dispatch's deliveries in their order, without payloads."""
        query = (
            select(*_COLUMNS_WITHOUT_PAYLOAD).where(deliveries.c.dispatch == batch_id).order_by(deliveries.c.position)
        )
        return tuple(_delivery(row) for row in self._rows(query))

    def delivery(self, key: str) -> Delivery:
        """Return one, without its payload."""
        rows = self._rows(select(*_COLUMNS_WITHOUT_PAYLOAD).where(deliveries.c.key == key))
        if not rows:
            raise StoreError(f"The database {self._database.name} has no delivery {key}: it was removed meanwhile.")
        return _delivery(rows[0])

    def claim(self, key: str, holder: str, now: datetime, until: datetime) -> Delivery | None:
        """Take one that is open and ready, with its payload; None when it is not."""
        query = update(deliveries).where(
            deliveries.c.key == key, deliveries.c.state.in_(_OPEN), deliveries.c.ready <= now
        )
        taken = query.values(state=DeliveryState.SENDING, holder=holder, ready=until).returning(*deliveries.c)
        with self._database.writing() as connection:
            row = connection.execute(taken).one_or_none()
        return _delivery(row, row.payload) if row else None

    def mark_attempted(self, key: str, holder: str, now: datetime, until: datetime) -> bool:
        """Write down that it goes onto the wire now; False when the holder has lost it, or its lease ran out."""
        return self._change(_held(key, holder).where(deliveries.c.ready > now).values(attempted=now, ready=until))

    def release(self, key: str, holder: str, available_at: datetime) -> None:
        """Give back one of which it is certain that Slack does not have it."""
        self._change(
            _held(key, holder).values(state=DeliveryState.PENDING, holder="", attempted=null(), ready=available_at)
        )

    def recheck_at(self, key: str, holder: str, available_at: datetime) -> bool:
        """Give back one of which it is not certain, for anybody from `ready` on; False when the holder has lost it."""
        return self._change(_held(key, holder).values(holder="", ready=available_at))

    def settle(  # noqa: PLR0913 - what there is to say of its end
        self, key: str, holder: str, state: DeliveryState, *, channel: str = "", ts: str = "", reason: str = ""
    ) -> bool:
        """End one, forget its payload and remember what follows; False when the holder has lost it."""
        if state not in SETTLED:
            raise ValueError(f"{state} is no end of a delivery")
        end = {"state": state, "channel": channel, "ts": ts, "reason": reason, "holder": "", "payload": {}}
        with self._database.writing() as connection:
            return _settle_all(connection, _held(key, holder).values(**end))

    def expire_batch(self, batch_id: str, reason: str) -> None:
        """Let every delivery of a dispatch expire that certainly was not sent."""
        with self._database.writing() as connection:
            lock_deliveries(connection)
            _settle_all(connection, _expired(deliveries.c.dispatch == batch_id, reason))

    def expire(self, key: str, reason: str) -> bool:
        """Let one expire that certainly was not sent; False when it may have been, or has ended."""
        with self._database.writing() as connection:
            return _settle_all(connection, _expired(deliveries.c.key == key, reason))

    def mark_finished(self, batch_id: str, now: datetime) -> None:
        """Write down that a dispatch needs nothing more."""
        with self._database.writing() as connection:
            connection.execute(
                update(batches).where(batches.c.id == batch_id, batches.c.finished.is_(None)).values(finished=now)
            )

    def reserve_send_time(self, recipient: str, now: datetime, interval: timedelta) -> datetime:
        """Return the instant, not before `now`, from which on one post may be made there; the next is `pace` later."""
        since, step = (now - _EPOCH) // _MICROSECOND, interval // _MICROSECOND
        later = case((rate_limits.c.next > since, rate_limits.c.next), else_=since) + step
        with self._database.writing() as connection:
            row = insert(connection, rate_limits).values(conversation=recipient, next=since + step)
            upsert = row.on_conflict_do_update(index_elements=[rate_limits.c.conversation], set_={"next": later})
            following: int = connection.execute(upsert.returning(rate_limits.c.next)).scalar_one()
        return _EPOCH + _MICROSECOND * (following - step)

    def hold_until(self, recipient: str, until: datetime) -> None:
        """Let nobody post there before an instant."""
        moment = (until - _EPOCH) // _MICROSECOND
        with self._database.writing() as connection:
            row = insert(connection, rate_limits).values(conversation=recipient, next=moment)
            connection.execute(
                row.on_conflict_do_update(
                    index_elements=[rate_limits.c.conversation],
                    set_={"next": moment},
                    where=rate_limits.c.next < moment,
                )
            )

    def _rows(self, query: Select[Any]) -> list[Row[Any]]:
        with self._database.reading() as connection:
            return list(connection.execute(query).all())

    def _change(self, statement: Update) -> bool:
        """Return whether it changed anything."""
        with self._database.writing() as connection:
            return connection.execute(statement.returning(deliveries.c.key)).first() is not None


def _settle_all(connection: Connection, statement: Update) -> bool:
    """Return whether it ended any delivery, with what follows from its end done too."""
    ended = connection.execute(statement.returning(*SETTLED_COLUMNS)).all()
    for row in ended:
        after_settling(connection, row)
    return bool(ended)


def _held(key: str, holder: str) -> Update:
    return update(deliveries).where(
        deliveries.c.key == key, deliveries.c.state == DeliveryState.SENDING, deliveries.c.holder == holder
    )


def _expired(those: ColumnElement[bool], reason: str) -> Update:
    """Let expire what was not stamped, or certainly did not arrive; who has it just now cannot stamp it any more."""
    taken = (deliveries.c.state == DeliveryState.SENDING) & deliveries.c.attempted.is_(None)
    unsent = update(deliveries).where(those, (deliveries.c.state == DeliveryState.PENDING) | taken)
    return unsent.values(state=DeliveryState.EXPIRED, reason=reason, payload={})


def _batch(row: Row[Any]) -> Batch:
    return Batch(row.id, BatchKind(row.occasion), row.slot, row.recipient, row.planned, row.expires, row.context)


def _delivery(row: Row[Any], payload: Any = None) -> Delivery:
    return Delivery(
        key=row.key,
        batch_id=row.dispatch,
        kind=MessageKind(row.part),
        recipient=row.recipient,
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
