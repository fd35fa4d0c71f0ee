"""All that is remembered, behind one address."""

from dataclasses import dataclass
from typing import Self

from bailiff_bot.store.database import Database, open_database
from bailiff_bot.store.deliveries import SqlLedger
from bailiff_bot.store.digest_history import History, Schedules
from bailiff_bot.store.leases import SqlLeases
from bailiff_bot.store.retention import Retention
from bailiff_bot.store.slack_users import PeopleCache
from bailiff_bot.store.snapshots import SqlAlbum


@dataclass(frozen=True, slots=True)
class Store:
    """What is kept in one database; any thread may use any of it. As a context it closes itself."""

    database: Database
    ledger: SqlLedger
    album: SqlAlbum
    leases: SqlLeases
    history: History
    schedules: Schedules
    people: PeopleCache
    retention: Retention

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections."""
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self.database.close()


def open_store(address: str) -> Store:
    """Return the store at `sqlite:///FILE` or `postgresql://USER:PASSWORD@HOST/DATABASE`, its tables up to date.

    Raises StoreError when the database is away, not ours, or of a newer version.
    """
    database = open_database(address)
    return Store(
        database,
        SqlLedger(database),
        SqlAlbum(database),
        SqlLeases(database),
        History(database),
        Schedules(database),
        PeopleCache(database),
        Retention(database),
    )
