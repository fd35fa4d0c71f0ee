"""The latest snapshot, what each scan counted, and since when a stop that EC2 does not date is seen."""

from collections import Counter
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from bailiff_bot.domain.history import Count
from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.inventory import Inventory
from bailiff_bot.snapshots import Snapshot
from bailiff_bot.store.codec import VERSION, decode, encode
from bailiff_bot.store.database import Database
from bailiff_bot.store.statements import insert
from bailiff_bot.store.tables import counts, snapshots
from bailiff_bot.store.watching import watch


class SqlAlbum:
    """The `Album` of `bailiff_bot.snapshots`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def latest_at(self) -> datetime | None:
        """Return when the latest snapshot's scan began; None before the first that this version can read."""
        with self._database.reading() as connection:
            return connection.scalar(select(snapshots.c.at).where(snapshots.c.version == VERSION))

    def latest(self) -> Snapshot | None:
        """Return the latest snapshot."""
        with self._database.reading() as connection:
            content = connection.scalar(select(snapshots.c.content).where(snapshots.c.version == VERSION))
        return None if content is None else decode(content)

    def keep(self, snapshot: Snapshot) -> None:
        """Keep a snapshot in the place of the one before, unless that is newer, and what it counted."""
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
    inventory, people = snapshot.inventory, snapshot.people
    row = insert(connection, counts).values(
        at=inventory.at, instances=_by_account(inventory), people=len(people.addresses) if people.complete else None
    )
    connection.execute(row.on_conflict_do_nothing(index_elements=[counts.c.at]))


def _by_account(inventory: Inventory) -> list[Any]:
    """Return the instances of each target that was read, with what targets have in common written once."""
    found = Counter(instance.target for instance in inventory.instances)
    accounts: dict[tuple[str, str], dict[str, int]] = {}
    for target in inventory.read:
        accounts.setdefault((target.account, target.partition), {})[target.region] = found[target]
    return [[*account, regions] for account, regions in accounts.items()]


def _loaded(row: Row[Any]) -> Count:
    instances = {
        Target(account, region, partition): number
        for account, partition, regions in row.instances
        for region, number in regions.items()
    }
    return Count(row.at, instances, row.people)
