"""Stores since when scans have shown each owner of an instance. Each scan writes only what it changes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Boolean, Column, Connection, Integer, Row, Table, Text, bindparam, delete, select

from bailiff_bot.domain.case import Case
from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.owner_change import CHANGES_WINDOW, OwnerChangeCount, owner_change
from bailiff_bot.domain.owner_sightings import Sighting, Sightings, sighting_changes
from bailiff_bot.domain.subject import Subject
from bailiff_bot.store.database import Database
from bailiff_bot.store.owner_changes import count_changed, insert_changes
from bailiff_bot.store.schema import OWN_RETENTION, metadata
from bailiff_bot.store.statements import acquire_transaction_lock, insert
from bailiff_bot.store.subject_columns import is_about, subject_values
from bailiff_bot.store.types import UtcDateTime

owner_sightings = Table(
    "owner_sightings",
    metadata,
    Column("account", Text, primary_key=True),
    Column("region", Text, primary_key=True),
    Column("partition", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("address", Text, primary_key=True),
    Column("since", UtcDateTime, nullable=False),
    Column("is_former", Boolean, nullable=False),
    info=OWN_RETENTION,
)
"""The fields of `Sighting`. A row is deleted when a scan reads the target and shows that it is over."""

owner_scans = Table(
    "owner_scans",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("owned", Integer, nullable=False),
    info=OWN_RETENTION,
)
"""When the last scan began that recorded owners, and how many instances had one. There is one row, with the id 1."""

_KEY = ("account", "region", "partition", "subject", "address")
_CONTINUOUS_WITHIN = timedelta(days=14)
"""After a longer time without a scan nobody can tell who owned an instance in between, so all begin again."""


class SqlOwnerSightingStore:
    """Stores sightings. Each method is one transaction and raises StoreError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, cases: Iterable[Case], read: AbstractSet[Target], at: datetime) -> None:
        """Save which owners a scan shows that began `at` a time, and which changed. An earlier scan changes nothing."""
        with self._database.writing() as connection:
            acquire_transaction_lock(connection, "owner_sightings")
            last = connection.scalar(select(owner_scans.c.at))
            if last is not None and last >= at:
                return
            if last is not None and at - last > _CONTINUOUS_WITHIN:
                connection.execute(delete(owner_sightings))
            changes = sighting_changes(cases, read, _recorded(connection), at)
            _delete(connection, changes.ended)
            _save(connection, changes.saved)
            insert_changes(connection, [owner_change(case, former, at) for case, former in changes.displaced])
            _save_scan(connection, at, changes.owned)

    def since(self, subject: Subject) -> Mapping[str, datetime]:
        """Return by e-mail address since when scans have shown each owner of an instance."""
        is_owner = is_about(owner_sightings, subject) & ~owner_sightings.c.is_former
        with self._database.reading() as connection:
            rows = connection.execute(select(owner_sightings.c.address, owner_sightings.c.since).where(is_owner)).all()
        return {row.address: row.since for row in rows}

    def changed(self, now: datetime) -> OwnerChangeCount:
        """Return how many instances changed their owner in the last 24 hours, and how many have one."""
        with self._database.reading() as connection:
            owned = connection.scalar(select(owner_scans.c.owned)) or 0
            return OwnerChangeCount(count_changed(connection, now - CHANGES_WINDOW), owned)


def _recorded(connection: Connection) -> Sightings:
    found: defaultdict[Subject, tuple[Sighting, ...]] = defaultdict(tuple)
    targets: dict[Target, Target] = {}  # 100,000 instances share few targets
    for row in connection.execute(select(owner_sightings)):
        sighting = _sighting(row, targets)
        found[sighting.subject] += (sighting,)
    return dict(found)


def _sighting(row: Row[Any], targets: dict[Target, Target]) -> Sighting:
    target = Target(row.account, row.region, row.partition)
    subject = Subject(targets.setdefault(target, target), row.subject)
    return Sighting(subject, row.address, row.since, row.is_former)


def _save(connection: Connection, sightings: tuple[Sighting, ...]) -> None:
    if sightings:
        row = insert(connection, owner_sightings)
        values = {"since": row.excluded.since, "is_former": row.excluded.is_former}
        upsert = row.on_conflict_do_update(index_elements=[owner_sightings.c[name] for name in _KEY], set_=values)
        connection.execute(upsert, [{**_key(one), "since": one.since, "is_former": one.is_former} for one in sightings])


def _delete(connection: Connection, sightings: tuple[Sighting, ...]) -> None:
    if sightings:
        same = [owner_sightings.c[name] == bindparam(f"where_{name}") for name in _KEY]
        bound = [{f"where_{name}": value for name, value in _key(one).items()} for one in sightings]
        connection.execute(delete(owner_sightings).where(*same), bound)


def _key(sighting: Sighting) -> dict[str, str]:
    return {**subject_values(sighting.subject), "address": sighting.address}


def _save_scan(connection: Connection, at: datetime, owned: int) -> None:
    row = insert(connection, owner_scans).values(id=1, at=at, owned=owned)
    values = {"at": row.excluded.at, "owned": row.excluded.owned}
    connection.execute(row.on_conflict_do_update(index_elements=[owner_scans.c.id], set_=values))
