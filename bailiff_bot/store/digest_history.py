"""What is remembered of the digests that were seen, and when a schedule's slots were used."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Subquery, case, func, select

from bailiff_bot.domain.delivery import Occasion, Part, State
from bailiff_bot.domain.history import TREND, Memory, Nudged, Point, Sighting
from bailiff_bot.domain.rules import RuleId
from bailiff_bot.store.database import Database
from bailiff_bot.store.finding_keys import load_key, load_keys
from bailiff_bot.store.open_findings import DIGEST
from bailiff_bot.store.statements import insert
from bailiff_bot.store.tables import deliveries, dispatches, points, remembered, schedules, sightings

_MAY_HAVE_ARRIVED = (State.PENDING, State.SENDING, State.SENT, State.UNKNOWN)
UNUSED = timedelta(days=30)
"""A schedule that was not used for so long begins anew."""
_OF_A_NUDGE = [deliveries.c[name] for name in ("key", "recipient", "told", "still", "channel", "ts")]


class History:
    """What was owed at the last digest that was seen, who was told of it, and how much it was at each digest."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def recall(self, points: int = TREND) -> Memory:
        """Return every finding that was owed, the latest nudge of each owner, and so many points of the trend."""
        with self._database.reading() as connection:
            policy = connection.scalar(select(remembered.c.policy).where(remembered.c.name == DIGEST)) or ""
            return Memory(_sightings(connection), _nudged(connection), _points(connection, points), policy)


class Schedules:
    """Since when a schedule stands, and which of its slots were used."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def since(self, schedule: str, now: datetime) -> datetime:
        """Return since when a schedule of this text stands: one that is new, or was not used for long, since now.

        Each text has its own row: replicas whose texts differ do not begin each other's anew at every look.
        """
        with self._database.writing() as connection:
            row = insert(connection, schedules).values(text=schedule, since=now, seen=now)
            since = case((schedules.c.seen < now - UNUSED, row.excluded.since), else_=schedules.c.since)
            seen = case((schedules.c.seen > row.excluded.seen, schedules.c.seen), else_=row.excluded.seen)
            upsert = row.on_conflict_do_update(index_elements=[schedules.c.text], set_={"since": since, "seen": seen})
            found: datetime = connection.execute(upsert.returning(schedules.c.since)).scalar_one()
            return found

    def slots(self, day: str) -> frozenset[str]:
        """Return the used slots of the schedule that begin with a text, such as "2026-11-24"."""
        scheduled = dispatches.c.occasion == Occasion.SCHEDULED
        query = select(dispatches.c.slot).where(scheduled, dispatches.c.slot.startswith(day, autoescape=True))
        with self._database.reading() as connection:
            return frozenset(connection.scalars(query))


def _sightings(connection: Connection) -> tuple[Sighting, ...]:
    table = sightings.c
    query = select(sightings).where(table.rule.in_(list(RuleId)))
    rows = connection.execute(query.order_by(table.account, table.region, table.subject, table.rule)).mappings()
    return tuple(_sighting(**row) for row in rows)


def _sighting(account: str, region: str, partition: str, subject: str, rule: str, **seen: Any) -> Sighting:
    return Sighting(load_key(account, region, partition, subject, rule), **seen)


def latest_nudges() -> Subquery:
    """Return the latest nudge to each recipient that arrived, or may yet arrive."""
    place = func.row_number().over(
        partition_by=deliveries.c.recipient, order_by=[dispatches.c.planned.desc(), deliveries.c.key.desc()]
    )
    nudges = (
        select(*_OF_A_NUDGE, dispatches.c.planned, place.label("place"))
        .join(dispatches, dispatches.c.id == deliveries.c.dispatch)
        .where(deliveries.c.part == Part.NUDGE, deliveries.c.state.in_(_MAY_HAVE_ARRIVED))
        .subquery()
    )
    return select(nudges).where(nudges.c.place == 1).subquery()


def _nudged(connection: Connection) -> dict[str, Nudged]:
    rows = connection.execute(select(latest_nudges())).all()
    return {row.recipient: _nudge(row) for row in rows}


def _nudge(row: Row[Any]) -> Nudged:
    return Nudged(row.recipient, row.planned, load_keys(row.told), load_keys(row.still), row.channel, row.ts)


def _points(connection: Connection, count: int) -> tuple[Point, ...]:
    query = select(points).order_by(points.c.at.desc(), points.c.dispatch.desc()).limit(count)
    rows = connection.execute(query).all()
    return tuple(Point(row.at, row.owing, row.instances, row.complete) for row in reversed(rows))
