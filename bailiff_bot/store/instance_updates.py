"""Stores instances that were read again after a scan, because something was done to them."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Connection, LargeBinary, Row, Table, Text, select

from bailiff_bot.domain.identity import NO_DIRECTORY
from bailiff_bot.domain.inventory import Inventory
from bailiff_bot.domain.snapshot import InstanceUpdate, Snapshot
from bailiff_bot.domain.subject import Subject
from bailiff_bot.store.schema import metadata, outdated
from bailiff_bot.store.snapshot_codec import decode, encode
from bailiff_bot.store.statements import insert
from bailiff_bot.store.subject_columns import subject_columns, subject_of_row, subject_values
from bailiff_bot.store.types import UtcDateTime

_DAY = timedelta(days=1)

instance_updates = Table(
    "instance_updates",
    metadata,
    *subject_columns(),
    Column("id", Text, primary_key=True),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("content", LargeBinary),
    info=outdated(lambda table, cutoff: table.c.at < cutoff.now - _DAY),
)
"""The fields of `InstanceUpdate`. `id` is its account, region and instance; `content` is absent if it is gone."""


def save_update(connection: Connection, update: InstanceUpdate) -> None:
    """Save an update in place of an earlier one of the same instance."""
    target = update.target
    values = {
        **subject_values(Subject(target, update.instance_id)),
        "id": f"{target.account}/{target.region}/{update.instance_id}",
        "at": update.read_at,
        "content": _encode(update),
    }
    row = insert(connection, instance_updates).values(**values)
    newer = {"at": row.excluded.at, "content": row.excluded.content}
    is_newer = instance_updates.c.at <= row.excluded.at
    connection.execute(row.on_conflict_do_update(index_elements=[instance_updates.c.id], set_=newer, where=is_newer))


def read_updates(connection: Connection, since: datetime) -> tuple[InstanceUpdate, ...]:
    """Return the updates from `since` on, in the order of time."""
    query = select(instance_updates).where(instance_updates.c.at >= since)
    rows = connection.execute(query.order_by(instance_updates.c.at, instance_updates.c.id)).all()
    return tuple(update for row in rows if (update := _update(row)))


def _encode(update: InstanceUpdate) -> bytes | None:
    if update.instance is None:
        return None
    return encode(Snapshot(Inventory((update.instance,), (update.target,), (), update.read_at), NO_DIRECTORY))


def _update(row: Row[Any]) -> InstanceUpdate | None:
    """Return the update of a row; None if another version wrote it and this one cannot read it."""
    subject = subject_of_row(row)
    if row.content is None:
        return InstanceUpdate(subject.target, subject.id, row.at, None)
    snapshot = decode(row.content)
    instances = snapshot.inventory.instances if snapshot else ()
    return InstanceUpdate(subject.target, subject.id, row.at, instances[0]) if instances else None
