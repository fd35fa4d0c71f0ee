"""Stores the latest snapshot. With it go the count of each scan, and since when an instance is seen stopped."""

from datetime import datetime

import structlog
from sqlalchemy import Column, Integer, LargeBinary, Table, delete, select

from bailiff_bot.domain.inventory import Inventory
from bailiff_bot.domain.plausibility import ScanCount
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.snapshot import InstanceUpdate, Snapshot
from bailiff_bot.store.database import Database
from bailiff_bot.store.first_exempt import record_first_exempt
from bailiff_bot.store.instance_updates import read_updates, save_update
from bailiff_bot.store.scan_counts import read_counts, save_count
from bailiff_bot.store.schema import metadata, outdated
from bailiff_bot.store.snapshot_codec import VERSION, decode, encode
from bailiff_bot.store.statements import insert
from bailiff_bot.store.stopped_instances import record_stop_times
from bailiff_bot.store.types import UtcDateTime

snapshots = Table(
    "snapshots",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("content", LargeBinary, nullable=False),
    info=outdated(lambda table, cutoff: (table.c.at < cutoff.before) & (table.c.version != VERSION)),
)
"""The latest snapshot for each version of the codec, so that replicas of two versions do not replace each other's."""

log = structlog.get_logger()


class SqlSnapshotStore:
    """Implements `bailiff_bot.usecases.snapshots.SnapshotStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def latest_at(self) -> datetime | None:
        """Return when the scan of the latest snapshot began. Returns None if this version can read no snapshot."""
        with self._database.reading() as connection:
            return connection.scalar(select(snapshots.c.at).where(snapshots.c.version == VERSION))

    def latest(self) -> Snapshot | None:
        """Return the latest snapshot, or None. A damaged one is deleted, so that it is read only once."""
        with self._database.reading() as connection:
            row = connection.execute(select(snapshots).where(snapshots.c.version == VERSION)).one_or_none()
        if row is None:
            return None
        snapshot = decode(row.content)
        if snapshot is None:
            log.warning("snapshot.discarded", reason="damaged")
            self._delete(row.at)
        return snapshot

    def _delete(self, at: datetime) -> None:
        with self._database.writing() as connection:
            connection.execute(delete(snapshots).where(snapshots.c.version == VERSION, snapshots.c.at == at))

    def updates(self, since: datetime) -> tuple[InstanceUpdate, ...]:
        """Return the instances that were read again from `since` on, in the order of time."""
        with self._database.reading() as connection:
            return read_updates(connection, since)

    def update(self, update: InstanceUpdate) -> None:
        """Save an instance that was read again."""
        with self._database.writing() as connection:
            save_update(connection, update)

    def save(self, snapshot: Snapshot) -> None:
        """Replace the stored snapshot, unless that one is newer. Save the counts of the scan.

        Whatever the scan could not count keeps its previous count.
        """
        at, content = snapshot.inventory.scanned_at, encode(snapshot)
        with self._database.writing() as connection:
            row = insert(connection, snapshots).values(version=VERSION, at=at, content=content)
            connection.execute(
                row.on_conflict_do_update(
                    index_elements=[snapshots.c.version],
                    set_={"at": row.excluded.at, "content": row.excluded.content},
                    where=snapshots.c.at <= row.excluded.at,
                )
            )
            save_count(connection, snapshot)

    def record_stop_times(self, inventory: Inventory) -> Inventory:
        """Return the inventory with `first_seen_stopped` of each stopped instance without a stop time from EC2."""
        with self._database.writing() as connection:
            return record_stop_times(connection, inventory)

    def record_first_exempt(self, inventory: Inventory, policy: Policy) -> Inventory:
        """Return the inventory with `first_exempt` of each instance that a scan saw exempted by a tag."""
        with self._database.writing() as connection:
            return record_first_exempt(connection, inventory, policy)

    def counts(self, since: datetime) -> tuple[ScanCount, ...]:
        """Return the counts of the scans from `since` on and of the last scan before `since`, oldest first."""
        with self._database.reading() as connection:
            return read_counts(connection, since)
