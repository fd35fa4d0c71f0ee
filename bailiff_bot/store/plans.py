"""Saves plans: batches, their deliveries, and what their run remembers."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from bailiff_bot.domain.delivery import Batch, BatchPlan, DeliveryState, MessageKind, OutgoingMessage, delivery_key
from bailiff_bot.domain.offer import Offer
from bailiff_bot.store.batches import batches
from bailiff_bot.store.deliveries import deliveries
from bailiff_bot.store.offers import insert_offers
from bailiff_bot.store.runs import insert_run
from bailiff_bot.store.statements import insert
from bailiff_bot.store.superseded_deliveries import supersede_earlier


def write_plans(connection: Connection, plans: Sequence[BatchPlan]) -> bool:
    """Save plans. Returns False, and saves nothing, if another batch has the slot of one of them."""
    savepoint = connection.begin_nested()
    if not all(_insert_batch(connection, plan) for plan in plans):
        savepoint.rollback()
        return False
    for plan in plans:
        _write_messages(connection, plan)
    return True


def _write_messages(connection: Connection, plan: BatchPlan) -> None:
    if plan.run:
        insert_run(connection, plan.batch.kind, plan.run)
    supersede_earlier(connection, plan.messages)
    connection.execute(insert(connection, deliveries), list(delivery_rows(plan)))
    insert_offers(connection, list(_offers(plan)))


def _offers(plan: BatchPlan) -> Iterator[Offer]:
    for message in plan.messages:
        key = delivery_key(plan.batch, message.name, message.recipient)
        yield from (replace(offer, message=offer.message or key) for offer in message.offers)


def delivery_rows(plan: BatchPlan) -> Iterator[dict[str, Any]]:
    """Yield the deliveries of a plan, in the order of the messages."""
    for position, message in enumerate(plan.messages):
        yield _delivery_row(plan.batch, position, message)


def _insert_batch(connection: Connection, plan: BatchPlan) -> bool:
    batch = plan.batch
    row = insert(connection, batches).values(
        id=batch.id,
        occasion=batch.kind,
        slot=batch.slot,
        recipient=batch.recipient,
        planned=batch.planned_at,
        expires=batch.expires_at,
        context=dict(batch.context),
        run=plan.run.id if plan.run else None,
    )
    statement = row.on_conflict_do_nothing(index_elements=[batches.c.slot]).returning(batches.c.id)
    return connection.execute(statement).first() is not None


def _delivery_row(batch: Batch, position: int, message: OutgoingMessage) -> dict[str, Any]:
    about = list(message.about)
    return {
        "key": delivery_key(batch, message.name, message.recipient),
        "dispatch": batch.id,
        "position": position,
        "part": message.kind,
        "name": message.name,
        "recipient": message.recipient,
        "label": message.label,
        "payload": dict(message.payload),
        "state": DeliveryState.PENDING,
        "ready": batch.planned_at,
        "attempted": None,
        "holder": "",
        "channel": "",
        "ts": "",
        "reason": "",
        "replaced": False,
        "edits": message.edited_ts,
        "told": about if message.kind is MessageKind.DIRECT else [],
        "still": about,
    }
