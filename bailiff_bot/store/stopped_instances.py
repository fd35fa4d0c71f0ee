"""Dates a stop that EC2 does not date by our own first sight of it: it may be older, never younger."""

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


def date_stops(connection: Connection, inventory: Inventory) -> Inventory:
    """Return the inventory with first sights, and remember those that are new; forget whoever is stopped no more."""
    acquire_transaction_lock(connection, "watched")
    known = {
        (row.account, row.region, row.partition, row.instance): row.seen
        for row in connection.execute(select(stopped_instances))
    }
    stopped = {_key(one): one for one in inventory.instances if one.state is InstanceState.STOPPED}
    sights = {
        key: _first_seen(one, known.get(key), inventory.scanned_at) for key, one in stopped.items() if _is_undated(one)
    }
    _save(connection, {key: seen for key, seen in sights.items() if known.get(key) != seen}, inventory.scanned_at)
    _mark_seen(connection, inventory)
    _delete_restarted(connection, [key for key in known if key not in stopped], inventory)
    if not sights:
        return inventory
    return replace(inventory, instances=tuple(_dated(one, sights) for one in inventory.instances))


def _key(instance: Instance) -> _Key:
    target = instance.target
    return target.account, target.region, target.partition, instance.id


def _is_undated(instance: Instance) -> bool:
    return instance.state is InstanceState.STOPPED and instance.transitioned_at is None


def _first_seen(instance: Instance, known: datetime | None, now: datetime) -> datetime:
    """Return what is known, unless the instance was started since: this is another stop then."""
    return known if known is not None and known >= instance.launched_at else now


def _dated(instance: Instance, sights: Mapping[_Key, datetime]) -> Instance:
    return replace(instance, first_seen_stopped=sights[_key(instance)]) if _is_undated(instance) else instance


def _save(connection: Connection, sights: Mapping[_Key, datetime], now: datetime) -> None:
    if not sights:
        return
    row = insert(connection, stopped_instances)
    newer = {"seen": row.excluded.seen, "last": row.excluded.last}
    upsert = row.on_conflict_do_update(index_elements=[stopped_instances.c[name] for name in _KEY], set_=newer)
    connection.execute(
        upsert, [dict(zip(_KEY, key, strict=True)) | {"seen": seen, "last": now} for key, seen in sights.items()]
    )


def _mark_seen(connection: Connection, inventory: Inventory) -> None:
    """Write down that what is watched in these targets was seen now."""
    if inventory.read:
        statement = (
            update(stopped_instances)
            .where(*_matches(_TARGET), stopped_instances.c.last < inventory.scanned_at)
            .values(last=inventory.scanned_at)
        )
        connection.execute(statement, [_target(target) for target in inventory.read])


def _delete_restarted(connection: Connection, keys: list[_Key], inventory: Inventory) -> None:
    """Forget these where their target was read: unless a later scan than this one saw them stopped."""
    read = {tuple(_target(target).values()) for target in inventory.read}
    gone = [_bound(_KEY, key) for key in keys if key[:3] in read]
    if gone:
        connection.execute(
            delete(stopped_instances).where(*_matches(_KEY), stopped_instances.c.last <= inventory.scanned_at), gone
        )


def _matches(names: tuple[str, ...]) -> list[Any]:
    return [stopped_instances.c[name] == bindparam(f"the_{name}") for name in names]


def _target(target: Target) -> dict[str, str]:
    return _bound(_TARGET, (target.account, target.region, target.partition))


def _bound(names: tuple[str, ...], values: tuple[str, ...]) -> dict[str, str]:
    return {f"the_{name}": value for name, value in zip(names, values, strict=True)}
