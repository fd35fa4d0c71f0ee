"""Forgets what is old, so that the database does not grow for ever."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Delete, delete, func, select

from bailiff_bot.domain.history import TREND
from bailiff_bot.store.codec import VERSION
from bailiff_bot.store.database import Database
from bailiff_bot.store.history import UNUSED
from bailiff_bot.store.tables import (
    counts,
    dispatches,
    leases,
    paces,
    people,
    points,
    schedules,
    sightings,
    snapshots,
    watched,
)


class Retention:
    """Removes what nobody asks for any more; nothing that is not finished."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def prune(self, now: datetime, keep: timedelta) -> None:
        """Remove what is older than `keep`.

        Whatever its age, this stays: dispatches that are not finished, the latest points of the trend, the latest count
        and the latest snapshot.
        """
        with self._database.writing() as connection:
            for statement in _removals(now, keep):
                connection.execute(statement)


def _removals(now: datetime, keep: timedelta) -> list[Delete]:
    before = now - keep
    trend: Any = select(points.c.dispatch).order_by(points.c.at.desc(), points.c.dispatch.desc()).limit(TREND)
    latest = select(func.max(counts.c.at)).scalar_subquery()
    return [
        delete(dispatches).where(dispatches.c.finished.is_not(None), dispatches.c.planned < before),
        delete(points).where(points.c.at < before, points.c.dispatch.not_in(trend)),
        delete(counts).where(counts.c.at < before, counts.c.at < latest),
        delete(snapshots).where(snapshots.c.at < before, snapshots.c.version != VERSION),
        delete(sightings).where(sightings.c.last < before),
        delete(watched).where(watched.c.last < before),
        delete(schedules).where(schedules.c.seen < now - UNUSED),
        delete(people).where(people.c.found < before),
        delete(leases).where(leases.c.until < before),
        delete(paces).where(paces.c.next < int(before.timestamp() * 1_000_000)),
    ]
