"""The latest snapshot, what each scan counted, and since when a stop that EC2 does not date is seen."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Connection, Row, delete, func, select

from bailiff_bot.domain.history import Count
from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.inventory import Inventory
from bailiff_bot.store.database import Database
from bailiff_bot.store.scan_counts import counted
from bailiff_bot.store.snapshot_codec import VERSION, decode, encode
from bailiff_bot.store.statements import insert
from bailiff_bot.store.stopped_instances import watch
from bailiff_bot.store.tables import counts, snapshots
from bailiff_bot.usecases.snapshots import Snapshot

log = structlog.get_logger()


class SqlAlbum:
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
            log.warning("the snapshot in the database is damaged: it is forgotten, and the next scan makes another")
            self._forget(row.at)
        return snapshot

    def _forget(self, at: datetime) -> None:
        with self._database.writing() as connection:
            connection.execute(delete(snapshots).where(snapshots.c.version == VERSION, snapshots.c.at == at))

    def keep(self, snapshot: Snapshot) -> None:
        """Keep a snapshot in the place of the one before, unless that is newer, and what it counted.

        What it could not count is kept as it was before: `counting` says why.
        """
        at, content = snapshot.inventory.at, encode(snapshot)
        with self._database.writing() as connection:
            row = insert(connection, snapshots).values(version=VERSION, at=at, content=content)
            connection.execute(
                row.on_conflict_do_update(
                    index_elements=[snapshots.c.version],
                    set_={"at": row.excluded.at, "content": row.excluded.content},
                    where=snapshots.c.at <= row.excluded.at,
                )
            )
            _count(connection, snapshot)

    def watch(self, inventory: Inventory) -> Inventory:
        """Return the inventory with the first sight of each stopped instance that EC2 does not date."""
        with self._database.writing() as connection:
            return watch(connection, inventory)

    def counts(self, since: datetime) -> tuple[Count, ...]:
        """Return what the scans since an instant counted, and the last scan before it, oldest first."""
        before = select(func.max(counts.c.at)).where(counts.c.at < since).scalar_subquery()
        query = select(counts).where((counts.c.at >= since) | (counts.c.at == before)).order_by(counts.c.at)
        with self._database.reading() as connection:
            return tuple(_loaded(row) for row in connection.execute(query).all())


def _count(connection: Connection, snapshot: Snapshot) -> None:
    before = select(counts).where(counts.c.at < snapshot.inventory.at).order_by(counts.c.at.desc()).limit(1)
    found = connection.execute(before).one_or_none()
    count = counted(snapshot, _loaded(found) if found else None)
    row = insert(connection, counts).values(at=count.at, instances=_by_account(count.instances), people=count.people)
    connection.execute(row.on_conflict_do_nothing(index_elements=[counts.c.at]))


def _by_account(instances: Mapping[Target, int]) -> list[Any]:
    """Return the instances of each target as JSON, with what targets have in common written once."""
    accounts: dict[tuple[str, str], dict[str, int]] = {}
    for target, number in instances.items():
        accounts.setdefault((target.account, target.partition), {})[target.region] = number
    return [[*account, regions] for account, regions in accounts.items()]


def _loaded(row: Row[Any]) -> Count:
    instances = {
        Target(account, region, partition): number
        for account, partition, regions in row.instances
        for region, number in regions.items()
    }
    return Count(row.at, instances, row.people)
