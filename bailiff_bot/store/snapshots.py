"""The latest snapshot, what each scan counted, and since when a stop that EC2 does not date is seen."""

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
from bailiff_bot.store.stopped_instances import date_stops
from bailiff_bot.store.tables import scan_counts, snapshots

log = structlog.get_logger()


class SqlSnapshotStore:
    """The `Album` of `bailiff_bot.usecases.snapshots`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def latest_at(self) -> datetime | None:
        """Return when the latest snapshot's scan began; None before the first that this version can read."""
        with self._database.reading() as connection:
            return connection.scalar(select(snapshots.c.at).where(snapshots.c.version == VERSION))

    def latest(self) -> Snapshot | None:
        """Return the latest snapshot; one that is damaged is forgotten, and not read again and again."""
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
        """Keep a snapshot in the place of the one before, unless that is newer, and what it counted.

        What it could not count is kept as it was before: `counting` says why.
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

    def date_stops(self, inventory: Inventory) -> Inventory:
        """Return the inventory with the first sight of each stopped instance that EC2 does not date."""
        with self._database.writing() as connection:
            return date_stops(connection, inventory)

    def counts(self, since: datetime) -> tuple[ScanCount, ...]:
        """Return what the scans since an instant counted, and the last scan before it, oldest first."""
        before = select(func.max(scan_counts.c.at)).where(scan_counts.c.at < since).scalar_subquery()
        query = (
            select(scan_counts)
            .where((scan_counts.c.at >= since) | (scan_counts.c.at == before))
            .order_by(scan_counts.c.at)
        )
        with self._database.reading() as connection:
            return tuple(_scan_count(row) for row in connection.execute(query).all())


def _save_count(connection: Connection, snapshot: Snapshot) -> None:
    before = (
        select(scan_counts)
        .where(scan_counts.c.at < snapshot.inventory.scanned_at)
        .order_by(scan_counts.c.at.desc())
        .limit(1)
    )
    found = connection.execute(before).one_or_none()
    count = count_to_save(snapshot, _scan_count(found) if found else None)
    row = insert(connection, scan_counts).values(
        at=count.at, instances=_by_account(count.instances_by_target), people=count.people
    )
    connection.execute(row.on_conflict_do_nothing(index_elements=[scan_counts.c.at]))


def _by_account(instances: Mapping[Target, int]) -> list[Any]:
    """Return the instances of each target as JSON, with what targets have in common written once."""
    accounts: dict[tuple[str, str], dict[str, int]] = {}
    for target, number in instances.items():
        accounts.setdefault((target.account, target.partition), {})[target.region] = number
    return [[*account, regions] for account, regions in accounts.items()]


def _scan_count(row: Row[Any]) -> ScanCount:
    instances = {
        Target(account, region, partition): number
        for account, partition, regions in row.instances
        for region, number in regions.items()
    }
    return ScanCount(row.at, instances, row.people)
