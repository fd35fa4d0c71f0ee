"""Stores what was saved. Each scan writes only what it changes, and once, whichever process records it."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Boolean, Column, Connection, Integer, Row, Table, Text, select

from bailiff_bot.domain.saving import COUNTS_FOR, Saving
from bailiff_bot.domain.saving_changes import Followed, SavingState
from bailiff_bot.domain.subject import Subject
from bailiff_bot.store.database import Database
from bailiff_bot.store.done_actions import read_done_actions
from bailiff_bot.store.saving_codec import decode_saving, encode_saving
from bailiff_bot.store.schema import OWN_RETENTION, metadata, outdated
from bailiff_bot.store.statements import acquire_transaction_lock, insert
from bailiff_bot.store.subject_columns import subject_values
from bailiff_bot.store.told_instances import TOLD_WITHIN, read_told, save_told
from bailiff_bot.store.types import JSON_VALUE, SafeText, UtcDateTime

_KEPT_FOR = COUNTS_FOR + timedelta(days=35)
"""A year is listed in full, whatever BAILIFF_KEEP_DAYS says."""
_KEY = ("account", "region", "partition", "subject", "kind", "since")

savings = Table(
    "savings",
    metadata,
    *(Column(name, Text, primary_key=True) for name in _KEY[:3]),
    Column("subject", SafeText, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("since", UtcDateTime, primary_key=True),
    Column("lasted", UtcDateTime, nullable=False, index=True),
    Column("counts_to", UtcDateTime, nullable=False),
    Column("is_over", Boolean, nullable=False),
    Column("content", JSON_VALUE, nullable=False),
    info=outdated(lambda table, cutoff: table.c.lasted < min(cutoff.before, cutoff.now - _KEPT_FOR)),
)
"""The fields of `Saving`: `lasted` is its `lasted_until`."""

saving_scans = Table(
    "saving_scans",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    info=OWN_RETENTION,
)
"""When the last scan began that recorded savings. There is one row, with the id 1."""


class SqlSavingStore:
    """Stores savings. Each method is one transaction and raises StoreError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def state(self, at: datetime) -> SavingState:
        """Return the instances whose savings a scan is about that began `at` a time, and what Bailiff did to them."""
        with self._database.reading() as connection:
            told, found = read_told(connection, at), _followed_savings(connection, at)
            followed = {one: Followed(told.get(one), tuple(found.get(one, ()))) for one in {*told, *found}}
            return SavingState(_last_scan(connection), followed, read_done_actions(connection, at - TOLD_WITHIN))

    def record(self, before: SavingState, after: Mapping[Subject, Followed], at: datetime) -> bool:
        """Save what a scan changes that began `at` a time. `after` has the instances that it is about.

        Returns False, and saves nothing, if another process recorded a scan since `before` was read.
        """
        changed = {one: found for one, found in after.items() if found != before.followed[one]}
        with self._database.writing() as connection:
            acquire_transaction_lock(connection, "savings")
            if _last_scan(connection) != before.last_scan:
                return False
            _save_told(connection, before, changed)
            _save(connection, before, changed)
            row = insert(connection, saving_scans).values(id=1, at=at)
            connection.execute(row.on_conflict_do_update(index_elements=[saving_scans.c.id], set_={"at": at}))
        return True

    def since(self, at: datetime) -> tuple[Saving, ...]:
        """Return what saved something from `at` on, in the order of time; also what did not last for long enough."""
        with self._database.reading() as connection:
            query = select(savings).where(savings.c.lasted >= at).order_by(savings.c.since, savings.c.subject)
            return tuple(map(_saving, connection.execute(query).all()))

    def last_scan(self) -> datetime | None:
        """Return when the last scan began that recorded savings; None before the first."""
        with self._database.reading() as connection:
            return _last_scan(connection)


def _last_scan(connection: Connection) -> datetime | None:
    return connection.scalar(select(saving_scans.c.at))


def _followed_savings(connection: Connection, at: datetime) -> dict[Subject, list[Saving]]:
    """Return what lasts, and what is over since a short time, so that the next of its kind begins after it."""
    is_followed = ~savings.c.is_over | (savings.c.lasted >= at - TOLD_WITHIN)
    found: dict[Subject, list[Saving]] = defaultdict(list)
    for row in connection.execute(select(savings).where(is_followed).order_by(savings.c.since)).all():
        saving = _saving(row)
        found[saving.subject].append(saving)
    return found


def _save_told(connection: Connection, before: SavingState, changed: Mapping[Subject, Followed]) -> None:
    earlier = {one: before.followed[one].told for one in changed}
    gone = [one for one, found in changed.items() if earlier[one] and not found.told]
    others = (found.told for one, found in changed.items() if found.told and found.told != earlier[one])
    save_told(connection, others, gone)


def _save(connection: Connection, before: SavingState, changed: Mapping[Subject, Followed]) -> None:
    rows = [
        _row(saving)
        for subject, found in changed.items()
        for saving in found.savings
        if saving not in before.followed[subject].savings
    ]
    if rows:
        row = insert(connection, savings)
        values = {name: row.excluded[name] for name in ("lasted", "counts_to", "is_over", "content")}
        columns = [savings.c[name] for name in _KEY]
        connection.execute(row.on_conflict_do_update(index_elements=columns, set_=values), rows)


def _row(saving: Saving) -> dict[str, Any]:
    return {
        **subject_values(saving.subject),
        "kind": saving.kind,
        "since": saving.since,
        "lasted": saving.lasted_until,
        "counts_to": saving.counts_to,
        "is_over": saving.is_over,
        "content": encode_saving(saving),
    }


def _saving(row: Row[Any]) -> Saving:
    times = {"since": row.since, "lasted_until": row.lasted, "counts_to": row.counts_to, "is_over": row.is_over}
    return decode_saving(row.content, row.kind, times)
