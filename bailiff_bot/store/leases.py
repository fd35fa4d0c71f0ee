"""Stores leases."""

from datetime import datetime

from sqlalchemy import delete, or_

from bailiff_bot.store.database import Database
from bailiff_bot.store.statements import insert
from bailiff_bot.store.tables import leases


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

    def release(self, name: str, holder: str) -> None:
        """Release a lease, if the holder still has it."""
        with self._database.writing() as connection:
            connection.execute(delete(leases).where(leases.c.name == name, leases.c.holder == holder))
