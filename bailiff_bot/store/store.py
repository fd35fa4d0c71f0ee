"""Opens all stores of one database."""

from dataclasses import dataclass
from typing import Self

from bailiff_bot.store.database import Database, open_database
from bailiff_bot.store.deliveries import SqlDeliveryStore
from bailiff_bot.store.digest_history import SqlDigestHistoryStore
from bailiff_bot.store.leases import SqlLeaseStore
from bailiff_bot.store.retention import Retention
from bailiff_bot.store.schedules import SqlScheduleStore
from bailiff_bot.store.slack_users import SqlUserCache
from bailiff_bot.store.snapshots import SqlSnapshotStore


@dataclass(frozen=True, slots=True)
class Store:
    """The stores of one database. Any thread may use them. As a context manager it closes the connections."""

    database: Database
    deliveries: SqlDeliveryStore
    snapshots: SqlSnapshotStore
    leases: SqlLeaseStore
    digest_history: SqlDigestHistoryStore
    schedules: SqlScheduleStore
    users: SqlUserCache
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
    """Return the store at `sqlite:///FILE` or `postgresql://USER:PASSWORD@HOST/DATABASE`, with its tables migrated.

    Raises StoreError if the database does not answer, is not Bailiff's, or is of a newer version.
    """
    database = open_database(address)
    return Store(
        database,
        SqlDeliveryStore(database),
        SqlSnapshotStore(database),
        SqlLeaseStore(database),
        SqlDigestHistoryStore(database),
        SqlScheduleStore(database),
        SqlUserCache(database),
        Retention(database),
    )
