"""Stores leases."""

from datetime import datetime, timedelta

from sqlalchemy import Column, Table, Text, delete, or_, update

from bailiff_bot.store.database import Database
from bailiff_bot.store.schema import metadata, outdated
from bailiff_bot.store.statements import insert
from bailiff_bot.store.types import UtcDateTime

_DAY = timedelta(days=1)

leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("until", UtcDateTime, nullable=False),
    info=outdated(lambda table, cutoff: table.c.until < cutoff.now - _DAY),
)


class SqlLeaseStore:
    """Implements `bailiff_bot.leases.LeaseStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def acquire(self, name: str, holder: str, now: datetime, until: datetime) -> bool:
        """Acquire or extend a lease. Returns False if another holder has it."""
        with self._database.writing() as connection:
            row = insert(connection, leases).values(name=name, holder=holder, until=until)
            available = or_(leases.c.holder == holder, leases.c.until <= now)
            upsert = row.on_conflict_do_update(
                index_elements=[leases.c.name], set_={"holder": holder, "until": until}, where=available
            )
            return connection.execute(upsert.returning(leases.c.name)).first() is not None

    def extend(self, name: str, holder: str, until: datetime) -> bool:
        """Extend a lease. Returns False if the holder lost it: another one has it, or had it in the meantime."""
        with self._database.writing() as connection:
            own = (leases.c.name == name, leases.c.holder == holder)
            return connection.execute(update(leases).where(*own).values(until=until)).rowcount == 1

    def release(self, name: str, holder: str) -> None:
        """Release a lease, if the holder still has it."""
        with self._database.writing() as connection:
            connection.execute(delete(leases).where(leases.c.name == name, leases.c.holder == holder))
