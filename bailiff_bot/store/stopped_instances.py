"""Stores since when each stopped instance without a stop time from EC2 is seen stopped."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Table, Text, bindparam, delete, select, update

from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.inventory import Inventory
from bailiff_bot.domain.stopped_instances import InstanceKey, stop_times
from bailiff_bot.store.schema import metadata, outdated
from bailiff_bot.store.statements import acquire_transaction_lock, insert
from bailiff_bot.store.types import UtcDateTime

stopped_instances = Table(
    "watched",
    metadata,
    Column("account", Text, primary_key=True),
    Column("region", Text, primary_key=True),
    Column("partition", Text, primary_key=True),
    Column("instance", Text, primary_key=True),
    Column("seen", UtcDateTime, nullable=False),
    Column("last", UtcDateTime, nullable=False),
    info=outdated(lambda table, cutoff: table.c.last < cutoff.before),
)
"""When each instance was first (`seen`) and last (`last`) seen stopped."""

_TARGET = ("account", "region", "partition")
_KEY = (*_TARGET, "instance")


def record_stop_times(connection: Connection, inventory: Inventory) -> Inventory:
    """Save and delete what a scan changes in the stop times, and return the inventory with them."""
    acquire_transaction_lock(connection, "watched")
    times = stop_times(inventory, _recorded(connection))
    _save(connection, times.new, inventory.scanned_at)
    _mark_seen(connection, inventory)
    _delete(connection, times.restarted, inventory.scanned_at)
    return times.inventory


def _recorded(connection: Connection) -> dict[InstanceKey, datetime]:
    rows = connection.execute(select(stopped_instances)).all()
    return {(Target(row.account, row.region, row.partition), row.instance): row.seen for row in rows}


def _save(connection: Connection, first_seen: Mapping[InstanceKey, datetime], now: datetime) -> None:
    if not first_seen:
        return
    row = insert(connection, stopped_instances)
    values = {"seen": row.excluded.seen, "last": row.excluded.last}
    upsert = row.on_conflict_do_update(index_elements=[stopped_instances.c[name] for name in _KEY], set_=values)
    connection.execute(upsert, [_columns(*key) | {"seen": seen, "last": now} for key, seen in first_seen.items()])


def _mark_seen(connection: Connection, inventory: Inventory) -> None:
    """Set the last sight of all stored instances in the targets that were read. `_delete` follows."""
    if inventory.read:
        statement = (
            update(stopped_instances)
            .where(*_equals_bound(_TARGET), stopped_instances.c.last < inventory.scanned_at)
            .values(last=inventory.scanned_at)
        )
        connection.execute(statement, [_bound(_target_columns(target)) for target in inventory.read])


def _delete(connection: Connection, keys: Iterable[InstanceKey], scanned_at: datetime) -> None:
    """Delete these instances, unless a later scan saw them stopped."""
    if restarted := [_bound(_columns(*key)) for key in keys]:
        not_seen_later = stopped_instances.c.last <= scanned_at
        connection.execute(delete(stopped_instances).where(*_equals_bound(_KEY), not_seen_later), restarted)


def _equals_bound(names: tuple[str, ...]) -> list[Any]:
    """Return conditions that compare the columns with the parameters of `_bound`."""
    return [stopped_instances.c[name] == bindparam(f"where_{name}") for name in names]


def _bound(columns: Mapping[str, str]) -> dict[str, str]:
    """Return parameters with a prefix: SQLAlchemy reserves the plain column names for the new values."""
    return {f"where_{name}": value for name, value in columns.items()}


def _columns(target: Target, instance: str) -> dict[str, str]:
    return _target_columns(target) | {"instance": instance}


def _target_columns(target: Target) -> dict[str, str]:
    return {"account": target.account, "region": target.region, "partition": target.partition}
