"""Stores when each instance was first seen with an exempting tag."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Table, Text, bindparam, delete, select

from bailiff_bot.domain.exempt_instances import exempt_times
from bailiff_bot.domain.instance import FirstExempt, Target
from bailiff_bot.domain.inventory import Inventory
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.stopped_instances import InstanceKey
from bailiff_bot.store.schema import OWN_RETENTION, metadata
from bailiff_bot.store.statements import acquire_transaction_lock, insert
from bailiff_bot.store.types import SafeText, UtcDateTime

first_exempt = Table(
    "first_exempt",
    metadata,
    Column("account", Text, primary_key=True),
    Column("region", Text, primary_key=True),
    Column("partition", Text, primary_key=True),
    Column("instance", Text, primary_key=True),
    Column("tag", SafeText, nullable=False),
    Column("seen", UtcDateTime, nullable=False),
    info=OWN_RETENTION,
)
"""When each instance was first seen (`seen`) with an exempting tag, and the key of the tag.

A row is deleted when a scan reads the target and the instance is gone. A region that is not read forgets nothing.
"""

_KEY = ("account", "region", "partition", "instance")


def record_first_exempt(connection: Connection, inventory: Inventory, policy: Policy) -> Inventory:
    """Save and delete what a scan changes, and return the inventory with the times."""
    acquire_transaction_lock(connection, "first_exempt")
    times = exempt_times(inventory, _recorded(connection), policy)
    _save(connection, times.new)
    _delete(connection, times.gone, inventory.scanned_at)
    return times.inventory


def _recorded(connection: Connection) -> dict[InstanceKey, FirstExempt]:
    rows = connection.execute(select(first_exempt)).all()
    return {
        (Target(row.account, row.region, row.partition), row.instance): FirstExempt(row.tag, row.seen) for row in rows
    }


def _save(connection: Connection, new: Mapping[InstanceKey, FirstExempt]) -> None:
    if new:
        rows = [{**_columns(key), "tag": first.tag, "seen": first.at} for key, first in new.items()]
        connection.execute(insert(connection, first_exempt), rows)


def _delete(connection: Connection, gone: tuple[InstanceKey, ...], scanned_at: datetime) -> None:
    """Delete these instances, unless a scan that began later saw them first."""
    if gone:
        same = [first_exempt.c[name] == bindparam(f"where_{name}") for name in _KEY]
        bound = [{f"where_{name}": value for name, value in _columns(key).items()} for key in gone]
        connection.execute(delete(first_exempt).where(*same, first_exempt.c.seen < scanned_at), bound)


def _columns(key: InstanceKey) -> dict[str, Any]:
    target, instance = key
    return {
        "account": target.account,
        "region": target.region,
        "partition": target.partition,
        "instance": instance,
    }
