"""Dates the stop of an instance without a stop time from EC2 by the first scan that saw it stopped.

The real stop may be older, never younger.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update

from bailiff_bot.domain.instance import Instance, InstanceState, Target
from bailiff_bot.domain.inventory import Inventory
from bailiff_bot.store.statements import acquire_transaction_lock, insert
from bailiff_bot.store.tables import stopped_instances

_Key = tuple[str, str, str, str]
_KEY = ("account", "region", "partition", "instance")
_TARGET = _KEY[:3]


def record_stop_times(connection: Connection, inventory: Inventory) -> Inventory:
    """Return the inventory with `first_seen_stopped` where EC2 gives no stop time.

    It saves new times, and deletes those of instances that are no longer stopped.
    """
    acquire_transaction_lock(connection, "watched")
    known = {
        (row.account, row.region, row.partition, row.instance): row.seen
        for row in connection.execute(select(stopped_instances))
    }
    stopped = {_key(one): one for one in inventory.instances if one.state is InstanceState.STOPPED}
    first_seen = {
        key: _first_seen(one, known.get(key), inventory.scanned_at) for key, one in stopped.items() if _is_undated(one)
    }
    _save(connection, {key: seen for key, seen in first_seen.items() if known.get(key) != seen}, inventory.scanned_at)
    _mark_seen(connection, inventory)
    _delete_restarted(connection, [key for key in known if key not in stopped], inventory)
    if not first_seen:
        return inventory
    return replace(inventory, instances=tuple(_dated(one, first_seen) for one in inventory.instances))


def _key(instance: Instance) -> _Key:
    target = instance.target
    return target.account, target.region, target.partition, instance.id


def _is_undated(instance: Instance) -> bool:
    return instance.state is InstanceState.STOPPED and instance.transitioned_at is None


def _first_seen(instance: Instance, known: datetime | None, now: datetime) -> datetime:
    """Return the known time, or `now` if the instance was started since: then this is another stop."""
    return known if known is not None and known >= instance.launched_at else now


def _dated(instance: Instance, first_seen: Mapping[_Key, datetime]) -> Instance:
    return replace(instance, first_seen_stopped=first_seen[_key(instance)]) if _is_undated(instance) else instance


def _save(connection: Connection, first_seen: Mapping[_Key, datetime], now: datetime) -> None:
    if not first_seen:
        return
    row = insert(connection, stopped_instances)
    values = {"seen": row.excluded.seen, "last": row.excluded.last}
    upsert = row.on_conflict_do_update(index_elements=[stopped_instances.c[name] for name in _KEY], set_=values)
    connection.execute(
        upsert, [dict(zip(_KEY, key, strict=True)) | {"seen": seen, "last": now} for key, seen in first_seen.items()]
    )


def _mark_seen(connection: Connection, inventory: Inventory) -> None:
    """Set the last sight of all stored instances in the targets that were read.

    `_delete_restarted` then deletes the instances that are not stopped any more.
    """
    if inventory.read:
        statement = (
            update(stopped_instances)
            .where(*_equals_bound(_TARGET), stopped_instances.c.last < inventory.scanned_at)
            .values(last=inventory.scanned_at)
        )
        connection.execute(statement, [_bound_target(target) for target in inventory.read])


def _delete_restarted(connection: Connection, keys: list[_Key], inventory: Inventory) -> None:
    """Delete these instances if their target was read, unless a later scan saw them stopped."""
    read = {(target.account, target.region, target.partition) for target in inventory.read}
    restarted = [_bound(_KEY, key) for key in keys if key[:3] in read]
    if restarted:
        connection.execute(
            delete(stopped_instances).where(*_equals_bound(_KEY), stopped_instances.c.last <= inventory.scanned_at),
            restarted,
        )


def _equals_bound(names: tuple[str, ...]) -> list[Any]:
    """Return conditions that compare the columns with the parameters of `_bound`."""
    return [stopped_instances.c[name] == bindparam(f"where_{name}") for name in names]


def _bound_target(target: Target) -> dict[str, str]:
    return _bound(_TARGET, (target.account, target.region, target.partition))


def _bound(names: tuple[str, ...], values: tuple[str, ...]) -> dict[str, str]:
    """Return parameters with a prefix: SQLAlchemy reserves the plain column names for the new values."""
    return {f"where_{name}": value for name, value in zip(names, values, strict=True)}
