"""Deletes old rows, so that the database does not grow without limit."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Delete, delete, func, select

from bailiff_bot.domain.history import TREND_LENGTH
from bailiff_bot.store.database import Database
from bailiff_bot.store.digest_history import latest_nudges
from bailiff_bot.store.schedules import UNUSED_AFTER
from bailiff_bot.store.snapshot_codec import VERSION
from bailiff_bot.store.tables import (
    batches,
    deliveries,
    leases,
    open_findings,
    rate_limits,
    scan_counts,
    schedules,
    slack_users,
    snapshots,
    stopped_instances,
    trend_points,
)

_DAY = timedelta(days=1)


class Retention:
    """Deletes rows that are no longer needed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def prune(self, now: datetime, keep_for: timedelta) -> None:
        """Delete rows that are older than `keep_for`.

        These stay at any age: unfinished batches, the latest message to each owner, the latest points of the trend,
        the latest scan count and the latest snapshot. A lease is deleted a day after it ended. A schedule is deleted
        when it was not used for `UNUSED_AFTER`.
        """
        with self._database.writing() as connection:
            for statement in _deletions(now, keep_for):
                connection.execute(statement)


def _deletions(now: datetime, keep_for: timedelta) -> list[Delete]:
    before = now - keep_for
    trend: Any = (
        select(trend_points.c.dispatch)
        .order_by(trend_points.c.at.desc(), trend_points.c.dispatch.desc())
        .limit(TREND_LENGTH)
    )
    old_batches = select(batches.c.id).where(batches.c.finished.is_not(None), batches.c.planned < before)
    latest_messages = select(latest_nudges().c.key)
    latest_count = select(func.max(scan_counts.c.at)).scalar_subquery()
    return [
        delete(deliveries).where(deliveries.c.dispatch.in_(old_batches), deliveries.c.key.not_in(latest_messages)),
        delete(batches).where(batches.c.id.in_(old_batches), batches.c.id.not_in(select(deliveries.c.dispatch))),
        delete(trend_points).where(trend_points.c.at < before, trend_points.c.dispatch.not_in(trend)),
        delete(scan_counts).where(scan_counts.c.at < before, scan_counts.c.at < latest_count),
        delete(snapshots).where(snapshots.c.at < before, snapshots.c.version != VERSION),
        delete(open_findings).where(open_findings.c.last < before),
        delete(stopped_instances).where(stopped_instances.c.last < before),
        delete(schedules).where(schedules.c.seen < now - UNUSED_AFTER),
        delete(slack_users).where(slack_users.c.found < before),
        delete(leases).where(leases.c.until < now - _DAY),
        delete(rate_limits).where(rate_limits.c.next < int(before.timestamp() * 1_000_000)),
    ]
