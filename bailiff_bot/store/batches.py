"""Saves a plan: the batch, its deliveries, and the digest history that is applied once the digest was seen."""

from typing import Any

from sqlalchemy import Connection

from bailiff_bot.domain.delivery import Batch, BatchPlan, DeliveryState, MessageKind, OutgoingMessage
from bailiff_bot.store.finding_keys import dump_keys
from bailiff_bot.store.open_findings import encode_history
from bailiff_bot.store.statements import insert
from bailiff_bot.store.superseded_deliveries import supersede_earlier
from bailiff_bot.store.tables import batches, deliveries


def write_plan(connection: Connection, plan: BatchPlan) -> bool:
    """Save a plan. Returns False, and saves nothing, if another batch has its slot."""
    if not _insert_batch(connection, plan):
        return False
    supersede_earlier(connection, plan.messages)
    rows = [_delivery_row(plan.batch, position, message) for position, message in enumerate(plan.messages)]
    if rows:
        connection.execute(insert(connection, deliveries), rows)
    return True


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
        memory=encode_history(plan),
    )
    statement = row.on_conflict_do_nothing(index_elements=[batches.c.slot]).returning(batches.c.id)
    return connection.execute(statement).first() is not None


def _delivery_row(batch: Batch, position: int, message: OutgoingMessage) -> dict[str, Any]:
    findings = dump_keys(message.findings)
    return {
        "key": f"{batch.slot}/{message.name}/{message.recipient}",
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
        "told": findings if message.kind is MessageKind.NUDGE else [],
        "still": findings,
    }
