"""Stores since when scans have shown each owner of an instance. Each scan writes only what it changes."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta

from sqlalchemy import Boolean, Column, Connection, Integer, Table, Text, bindparam, delete, select

from bailiff_bot.domain.case import Case
from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.owner_change import CHANGES_WINDOW, OwnerChangeCount, owner_change
from bailiff_bot.domain.owner_sightings import Sighting, SightingChanges, Sightings, sighting_changes
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

    def record(self, cases: Sequence[Case], read: AbstractSet[Target], at: datetime) -> None:
        """Save which owners a scan shows that began `at` a time, and which changed. An earlier scan changes nothing."""
        while not self._record(cases, read, at):
            pass

    def _record(self, cases: Sequence[Case], read: AbstractSet[Target], at: datetime) -> bool:
        """Return False, and save nothing, if another process recorded a scan meanwhile.

        To compare 100,000 instances takes seconds. Nobody waits for that, because only the end of it writes.
        """
        with self._database.reading() as connection:
            last = _last_scan(connection)
            is_continuous = last is not None and at - last <= _CONTINUOUS_WITHIN
            recorded = _recorded(connection) if is_continuous else {}
        if last is not None and last >= at:
            return True
        changes = sighting_changes(cases, read, recorded, at)
        with self._database.writing() as connection:
            acquire_transaction_lock(connection, "owner_sightings")
            if _last_scan(connection) != last:
                return False
            if not is_continuous:
                connection.execute(delete(owner_sightings))
            _save(connection, changes, at)
        return True

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
    found: dict[Subject, tuple[Sighting, ...]] = {}
    targets: dict[tuple[str, ...], Target] = {}  # 100,000 instances share few targets
    for account, region, partition, subject_id, address, since, is_former in connection.execute(
        select(owner_sightings)
    ):
        place = (account, region, partition)
        target = targets.get(place) or targets.setdefault(place, Target(*place))
        subject = Subject(target, subject_id)
        found[subject] = (*found.get(subject, ()), Sighting(subject, address, since, is_former))
    return found


def _last_scan(connection: Connection) -> datetime | None:
    return connection.scalar(select(owner_scans.c.at))


def _save(connection: Connection, changes: SightingChanges, at: datetime) -> None:
    _delete(connection, changes.ended)
    _upsert(connection, changes.saved)
    insert_changes(connection, [owner_change(case, former, at) for case, former in changes.displaced])
    row = insert(connection, owner_scans).values(id=1, at=at, owned=changes.owned)
    values = {"at": row.excluded.at, "owned": row.excluded.owned}
    connection.execute(row.on_conflict_do_update(index_elements=[owner_scans.c.id], set_=values))


def _upsert(connection: Connection, sightings: tuple[Sighting, ...]) -> None:
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
