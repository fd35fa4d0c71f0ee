"""Stores which owners of instances changed, and whether the former ones were told."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Boolean, Column, Connection, Table, Text, func, select, update

from bailiff_bot.domain.delivery import BatchPlan
from bailiff_bot.domain.owner_change import OwnerChange
from bailiff_bot.store.database import Database
from bailiff_bot.store.plans import write_plans
from bailiff_bot.store.schema import metadata, outdated
from bailiff_bot.store.statements import insert
from bailiff_bot.store.subject_columns import subject_columns, subject_of_row, subject_values
from bailiff_bot.store.types import SafeText, UtcDateTime, join_lines, split_lines

owner_changes = Table(
    "owner_changes",
    metadata,
    Column("id", Text, primary_key=True),
    *subject_columns(),
    Column("name", SafeText),
    Column("former", SafeText, nullable=False),
    Column("owners", SafeText, nullable=False),
    Column("addresses", SafeText, nullable=False),
    Column("evidence", SafeText, nullable=False),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("told", Boolean, nullable=False),
    info=outdated(lambda table, cutoff: table.c.at < cutoff.before),
)
"""The fields of `OwnerChange`; `addresses` has a line for each."""

_PLACE = ("account", "region", "partition", "subject")


def insert_changes(connection: Connection, changes: Sequence[OwnerChange]) -> None:
    """Save changes."""
    if changes:
        connection.execute(insert(connection, owner_changes), [_values(one) for one in changes])


def _values(change: OwnerChange) -> dict[str, object]:
    return {
        "id": change.id,
        **subject_values(change.subject),
        "name": change.name,
        "former": change.former,
        "owners": change.owners,
        "addresses": join_lines(change.addresses),
        "evidence": change.evidence,
        "at": change.at,
        "told": change.is_told,
    }


def count_changed(connection: Connection, since: datetime) -> int:
    """Return how many instances changed their owner after a time."""
    places = [owner_changes.c[name] for name in _PLACE]
    changed = select(*places).where(owner_changes.c.at > since).distinct().subquery()
    return connection.execute(select(func.count()).select_from(changed)).scalar_one()


class SqlOwnerChangeStore:
    """Stores changes of owners. Each method is one transaction and raises StoreError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def waiting(self) -> tuple[OwnerChange, ...]:
        """Return the changes of which the former owner is not told yet, in the order of time."""
        order = [owner_changes.c[name] for name in ("at", *_PLACE, "former")]
        query = select(owner_changes).where(~owner_changes.c.told).order_by(*order)
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        return tuple(
            OwnerChange(
                row.id,
                subject_of_row(row),
                row.name,
                row.former,
                row.owners,
                split_lines(row.addresses),
                row.evidence,
                row.at,
            )
            for row in rows
        )

    def tell(self, changes: Sequence[OwnerChange], plans: Sequence[BatchPlan]) -> bool:
        """Save the plans that tell changes. Returns False, and saves nothing, if another process told one of them."""
        waiting = owner_changes.c.id.in_([one.id for one in changes]) & ~owner_changes.c.told
        with self._database.writing() as connection:
            savepoint = connection.begin_nested()
            told = connection.execute(
                update(owner_changes).where(waiting).values(told=True).returning(owner_changes.c.id)
            ).all()
            if len(told) == len(changes) and write_plans(connection, plans):
                return True
            savepoint.rollback()
            return False
