"""Stores the latest snapshot, the count of each scan, and since when an instance is seen stopped."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Connection, Row, delete, func, select

from bailiff_bot.domain.history import ScanCount
from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.inventory import Inventory
from bailiff_bot.domain.snapshot import Snapshot
from bailiff_bot.store.database import Database
from bailiff_bot.store.scan_counts import count_to_save
from bailiff_bot.store.snapshot_codec import VERSION, decode, encode
from bailiff_bot.store.statements import insert
from bailiff_bot.store.stopped_instances import record_stop_times
from bailiff_bot.store.tables import scan_counts, snapshots

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

    def save(self, snapshot: Snapshot) -> None:
        """Replace the stored snapshot, unless that one is newer. Save the counts of the scan.

        Whatever the scan could not count keeps its previous count, see `scan_counts`.
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
            _save_count(connection, snapshot)

    def record_stop_times(self, inventory: Inventory) -> Inventory:
        """Return the inventory with `first_seen_stopped` of each stopped instance without a stop time from EC2."""
        with self._database.writing() as connection:
            return record_stop_times(connection, inventory)

    def counts(self, since: datetime) -> tuple[ScanCount, ...]:
        """Return the counts of the scans from `since` on and of the last scan before `since`, oldest first."""
        before = select(func.max(scan_counts.c.at)).where(scan_counts.c.at < since).scalar_subquery()
        query = (
            select(scan_counts)
            .where((scan_counts.c.at >= since) | (scan_counts.c.at == before))
            .order_by(scan_counts.c.at)
        )
        with self._database.reading() as connection:
            return tuple(_scan_count(row) for row in connection.execute(query).all())


def _save_count(connection: Connection, snapshot: Snapshot) -> None:
    previous = (
        select(scan_counts)
        .where(scan_counts.c.at < snapshot.inventory.scanned_at)
        .order_by(scan_counts.c.at.desc())
        .limit(1)
    )
    previous_row = connection.execute(previous).one_or_none()
    count = count_to_save(snapshot, _scan_count(previous_row) if previous_row else None)
    row = insert(connection, scan_counts).values(
        at=count.at, instances=_by_account(count.instances_by_target), people=count.people
    )
    connection.execute(row.on_conflict_do_nothing(index_elements=[scan_counts.c.at]))


def _by_account(instances: Mapping[Target, int]) -> list[Any]:
    """Return the number of instances of each target as JSON, grouped by account."""
    accounts: dict[tuple[str, str], dict[str, int]] = {}
    for target, count in instances.items():
        accounts.setdefault((target.account, target.partition), {})[target.region] = count
    return [[*account, regions] for account, regions in accounts.items()]


def _scan_count(row: Row[Any]) -> ScanCount:
    instances = {
        Target(account, region, partition): count
        for account, partition, regions in row.instances
        for region, count in regions.items()
    }
    return ScanCount(row.at, instances, row.people)
