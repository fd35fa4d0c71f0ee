"""Work that one process at a time may do."""

from datetime import datetime

from sqlalchemy import delete, or_

from bailiff_bot.store.database import Database
from bailiff_bot.store.statements import insert
from bailiff_bot.store.tables import leases


class SqlLeaseStore:
    """The `Leases` of `bailiff_bot.leases`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def acquire(self, name: str, holder: str, now: datetime, until: datetime) -> bool:
        """Take or extend a lease; False while somebody else has it."""
        with self._database.writing() as connection:
            row = insert(connection, leases).values(name=name, holder=holder, until=until)
            free = or_(leases.c.holder == holder, leases.c.until <= now)
            taken = row.on_conflict_do_update(
                index_elements=[leases.c.name], set_={"holder": holder, "until": until}, where=free
            )
            return connection.execute(taken.returning(leases.c.name)).first() is not None

    def release(self, name: str, holder: str) -> None:
        """Give it back, if it is still the holder's."""
        with self._database.writing() as connection:
            connection.execute(delete(leases).where(leases.c.name == name, leases.c.holder == holder))
