"""All stores of one database."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from bailiff_bot.domain.digest import DIGEST_KINDS
from bailiff_bot.domain.triage import TRIAGE
from bailiff_bot.store.action_brakes import SqlBrakeStore
from bailiff_bot.store.action_results import SqlActionResultStore
from bailiff_bot.store.audit import SqlAuditStore
from bailiff_bot.store.clicks import SqlClickStore
from bailiff_bot.store.database import Database
from bailiff_bot.store.delegations import SqlDelegationStore
from bailiff_bot.store.deletions import SqlDeletionStore
from bailiff_bot.store.delivery_store import SqlDeliveryStore
from bailiff_bot.store.digest_history import SqlDigestHistoryStore, remember_digest
from bailiff_bot.store.engines import create_engines
from bailiff_bot.store.exemptions import SqlExemptionStore
from bailiff_bot.store.leases import SqlLeaseStore
from bailiff_bot.store.notices import SqlNoticeStore
from bailiff_bot.store.notifications import SqlNotificationStore
from bailiff_bot.store.offers import SqlOfferStore
from bailiff_bot.store.owner_changes import SqlOwnerChangeStore
from bailiff_bot.store.owner_sightings import SqlOwnerSightingStore
from bailiff_bot.store.ownership import SqlOwnershipStore
from bailiff_bot.store.prices import SqlPriceStore
from bailiff_bot.store.savings import SqlSavingStore
from bailiff_bot.store.schedules import SqlScheduleStore
from bailiff_bot.store.schema import prune
from bailiff_bot.store.slack_users import SqlUserCache
from bailiff_bot.store.snapshots import SqlSnapshotStore
from bailiff_bot.store.triage import SqlTriageStore, remember_triage
from bailiff_bot.store.usage_days import SqlUsageStore

ON_SEEN = {**dict.fromkeys(DIGEST_KINDS, remember_digest), TRIAGE: remember_triage}
"""How each kind of batch remembers, of those that do."""


@dataclass(frozen=True, slots=True)
class Store:
    """The stores of one database. Any thread may use them. As a context manager it opens and closes the database."""

    database: Database
    deliveries: SqlDeliveryStore
    snapshots: SqlSnapshotStore
    leases: SqlLeaseStore
    digest_history: SqlDigestHistoryStore
    notifications: SqlNotificationStore
    schedules: SqlScheduleStore
    users: SqlUserCache
    audit: SqlAuditStore
    exemptions: SqlExemptionStore
    offers: SqlOfferStore
    clicks: SqlClickStore
    action_results: SqlActionResultStore
    ownership: SqlOwnershipStore
    triage: SqlTriageStore
    delegations: SqlDelegationStore
    notices: SqlNoticeStore
    brakes: SqlBrakeStore
    deletions: SqlDeletionStore
    owner_sightings: SqlOwnerSightingStore
    owner_changes: SqlOwnerChangeStore
    prices: SqlPriceStore
    usage: SqlUsageStore
    savings: SqlSavingStore

    def __enter__(self) -> Self:
        """Open the database."""
        return self.open()

    def __exit__(self, *_: object) -> None:
        """Close the connections."""
        self.close()

    def open(self) -> Self:
        """Migrate the tables to this version of Bailiff, and return itself.

        Raises StoreError if the database does not answer, is not Bailiff's, or is of a newer version.
        """
        self.database.open()
        return self

    def prune(self, now: datetime, keep_for: timedelta) -> None:
        """Delete the rows that are older than `keep_for` and no longer needed."""
        with self.database.writing() as connection:
            prune(connection, now, keep_for)

    def close(self) -> None:
        """Close the connections."""
        self.database.close()


def store_at(address: str) -> Store:
    """Return the store at `sqlite:///FILE` or `postgresql://USER:PASSWORD@HOST/DATABASE`, not opened yet.

    Raises StoreError if the address is invalid.
    """
    database = Database(create_engines(address))
    return Store(
        database,
        SqlDeliveryStore(database, ON_SEEN),
        SqlSnapshotStore(database),
        SqlLeaseStore(database),
        SqlDigestHistoryStore(database),
        SqlNotificationStore(database),
        SqlScheduleStore(database),
        SqlUserCache(database),
        SqlAuditStore(database),
        SqlExemptionStore(database),
        SqlOfferStore(database),
        SqlClickStore(database),
        SqlActionResultStore(database),
        SqlOwnershipStore(database),
        SqlTriageStore(database),
        SqlDelegationStore(database),
        SqlNoticeStore(database),
        SqlBrakeStore(database),
        SqlDeletionStore(database),
        SqlOwnerSightingStore(database),
        SqlOwnerChangeStore(database),
        SqlPriceStore(database),
        SqlUsageStore(database),
        SqlSavingStore(database),
    )
