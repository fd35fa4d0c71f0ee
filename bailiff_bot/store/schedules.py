"""Stores since when a schedule is in use, and reads its used slots."""

from datetime import datetime, timedelta

from sqlalchemy import Column, Table, Text, case, select

from bailiff_bot.domain.digest import SCHEDULED_DIGEST
from bailiff_bot.store.batches import batches
from bailiff_bot.store.database import Database
from bailiff_bot.store.schema import metadata, outdated
from bailiff_bot.store.statements import insert
from bailiff_bot.store.types import UtcDateTime

UNUSED_AFTER = timedelta(days=30)
"""A schedule that was not used for this time counts as new."""

schedules = Table(
    "schedules",
    metadata,
    Column("text", Text, primary_key=True),
    Column("since", UtcDateTime, nullable=False),
    Column("seen", UtcDateTime, nullable=False),
    info=outdated(lambda table, cutoff: table.c.seen < cutoff.now - UNUSED_AFTER),
)
"""Since when each schedule is in use, and when it was last used (`seen`)."""


class SqlScheduleStore:
    """Stores since when a schedule is in use, and returns its used slots."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record_use(self, schedule: str, now: datetime) -> datetime:
        """Return since when the schedule with this text is in use, and record that it is used now.

        Returns `now` if the schedule is new, or was not used for `UNUSED_AFTER`. Each text has its own row, so that
        replicas with different schedules do not reset each other's.
        """
        with self._database.writing() as connection:
            row = insert(connection, schedules).values(text=schedule, since=now, seen=now)
            since = case((schedules.c.seen < now - UNUSED_AFTER, row.excluded.since), else_=schedules.c.since)
            seen = case((schedules.c.seen > row.excluded.seen, schedules.c.seen), else_=row.excluded.seen)
            upsert = row.on_conflict_do_update(index_elements=[schedules.c.text], set_={"since": since, "seen": seen})
            in_use_since: datetime = connection.execute(upsert.returning(schedules.c.since)).scalar_one()
            return in_use_since

    def used_slots(self, day: str) -> frozenset[str]:
        """Return the scheduled slots of a day, such as "2026-11-24", that a batch has."""
        scheduled = batches.c.occasion == SCHEDULED_DIGEST
        query = select(batches.c.slot).where(scheduled, batches.c.slot.startswith(day, autoescape=True))
        with self._database.reading() as connection:
            return frozenset(connection.scalars(query))
