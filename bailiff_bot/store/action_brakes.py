"""Stores what was begun in AWS, and who put the brake on or took it off."""

from collections.abc import Callable
from datetime import datetime
from secrets import token_urlsafe

from sqlalchemy import Boolean, Column, Connection, Integer, Table, Text, select

from bailiff_bot.domain.action import Action
from bailiff_bot.domain.action_brakes import BRAKE_WINDOW, BrakeSwitch, Slot
from bailiff_bot.domain.brake_switching import BrakeChange
from bailiff_bot.store.audit import append
from bailiff_bot.store.database import Database
from bailiff_bot.store.plans import write_plans
from bailiff_bot.store.schema import KEPT_FOR_EVER, metadata, outdated
from bailiff_bot.store.statements import acquire_transaction_lock, insert
from bailiff_bot.store.types import SafeText, UtcDateTime

action_slots = Table(
    "action_slots",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_id", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False, index=True),
    info=outdated(lambda table, cutoff: table.c.at < cutoff.now - BRAKE_WINDOW),
)
"""The fields of `Slot`."""

brake_switches = Table(
    "brake_switches",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("is_on", Boolean, nullable=False),
    Column("user_id", Text, nullable=False),
    Column("name", SafeText, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    info=KEPT_FOR_EVER,
)
"""The fields of `BrakeSwitch`. The latest counts."""


def lock_brakes(connection: Connection) -> None:
    """Let no other process count or take a slot, or switch the brake, until the end of the transaction."""
    acquire_transaction_lock(connection, "action brakes")


def read_slots(connection: Connection, now: datetime) -> tuple[Slot, ...]:
    """Return the slots of the last 24 hours."""
    query = select(action_slots).where(action_slots.c.at > now - BRAKE_WINDOW).order_by(action_slots.c.at)
    return tuple(Slot(row.user_id, Action(row.action), row.at) for row in connection.execute(query).all())


def read_switch(connection: Connection) -> BrakeSwitch | None:
    """Return the latest switch; None if there never was one."""
    row = connection.execute(select(brake_switches).order_by(brake_switches.c.id.desc()).limit(1)).one_or_none()
    return BrakeSwitch(row.is_on, row.user_id, row.name, row.at) if row else None


def take_slot(connection: Connection, slot: Slot) -> None:
    """Save a slot."""
    values = {"id": token_urlsafe(12), "user_id": slot.user_id, "action": slot.action, "at": slot.at}
    connection.execute(insert(connection, action_slots).values(**values))


class SqlBrakeStore:
    """Stores the switch. Each method is one transaction and raises StoreError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def slots(self, now: datetime) -> tuple[Slot, ...]:
        """Return the slots of the last 24 hours."""
        with self._database.reading() as connection:
            return read_slots(connection, now)

    def switch(self) -> BrakeSwitch | None:
        """Return the latest switch; None if there never was one."""
        with self._database.reading() as connection:
            return read_switch(connection)

    def change(
        self, now: datetime, decide: Callable[[tuple[Slot, ...], BrakeSwitch | None], BrakeChange]
    ) -> BrakeChange:
        """Save what `decide` makes of the slots of the last 24 hours and of the latest switch, and return it.

        Until all of it is saved, no process takes a slot or switches the brake. From then on a switch counts on every
        replica. `decide` must not use the store.
        """
        with self._database.writing() as connection:
            lock_brakes(connection)
            change = decide(read_slots(connection, now), read_switch(connection))
            if switch := change.switch:
                values = {"is_on": switch.is_on, "user_id": switch.user_id, "name": switch.name, "at": switch.at}
                connection.execute(insert(connection, brake_switches).values(**values))
            if change.notice:
                write_plans(connection, [change.notice])
            if change.record:
                append(connection, change.record)
            return change
