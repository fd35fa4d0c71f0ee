"""Stores since when a schedule is in use, and reads its used slots."""

from datetime import datetime, timedelta

from sqlalchemy import case, select

from bailiff_bot.domain.delivery import BatchKind
from bailiff_bot.store.database import Database
from bailiff_bot.store.statements import insert
from bailiff_bot.store.tables import batches, schedules

UNUSED_AFTER = timedelta(days=30)
"""A schedule that was not used for this time counts as new."""


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
        scheduled = batches.c.occasion == BatchKind.SCHEDULED
        query = select(batches.c.slot).where(scheduled, batches.c.slot.startswith(day, autoescape=True))
        with self._database.reading() as connection:
            return frozenset(connection.scalars(query))
