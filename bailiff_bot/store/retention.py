"""Forgets what is old, so that the database does not grow for ever."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Delete, delete, func, select

from bailiff_bot.domain.history import TREND
from bailiff_bot.store.database import Database
from bailiff_bot.store.digest_history import UNUSED, latest_nudges
from bailiff_bot.store.snapshot_codec import VERSION
from bailiff_bot.store.tables import (
    counts,
    deliveries,
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

_DAY = timedelta(days=1)


class Retention:
    """Removes what nobody asks for any more; nothing that is not finished."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def prune(self, now: datetime, keep: timedelta) -> None:
        """Remove what is older than `keep`.

        Whatever its age, this stays: dispatches that are not finished, the latest message to each owner, the latest
        points of the trend, the latest count and the latest snapshot. A lease is of no use a day after its end.
        """
        with self._database.writing() as connection:
            for statement in _removals(now, keep):
                connection.execute(statement)


def _removals(now: datetime, keep: timedelta) -> list[Delete]:
    before = now - keep
    trend: Any = select(points.c.dispatch).order_by(points.c.at.desc(), points.c.dispatch.desc()).limit(TREND)
    old = select(dispatches.c.id).where(dispatches.c.finished.is_not(None), dispatches.c.planned < before)
    latest_messages = select(latest_nudges().c.key)
    latest = select(func.max(counts.c.at)).scalar_subquery()
    return [
        delete(deliveries).where(deliveries.c.dispatch.in_(old), deliveries.c.key.not_in(latest_messages)),
        delete(dispatches).where(dispatches.c.id.in_(old), dispatches.c.id.not_in(select(deliveries.c.dispatch))),
        delete(points).where(points.c.at < before, points.c.dispatch.not_in(trend)),
        delete(counts).where(counts.c.at < before, counts.c.at < latest),
        delete(snapshots).where(snapshots.c.at < before, snapshots.c.version != VERSION),
        delete(sightings).where(sightings.c.last < before),
        delete(watched).where(watched.c.last < before),
        delete(schedules).where(schedules.c.seen < now - UNUSED),
        delete(people).where(people.c.found < before),
        delete(leases).where(leases.c.until < now - _DAY),
        delete(paces).where(paces.c.next < int(before.timestamp() * 1_000_000)),
    ]
