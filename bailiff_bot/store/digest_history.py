"""What is remembered of the digests that were seen, and when a schedule's slots were used."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, RowMapping, Subquery, case, func, select

from bailiff_bot.domain.delivery import BatchKind, DeliveryState, MessageKind
from bailiff_bot.domain.history import TREND_LENGTH, DigestHistory, LastNudge, OpenFinding, TrendPoint
from bailiff_bot.domain.rules import RuleId
from bailiff_bot.store.database import Database
from bailiff_bot.store.finding_keys import load_key, load_keys
from bailiff_bot.store.open_findings import DIGEST
from bailiff_bot.store.statements import insert
from bailiff_bot.store.tables import batches, deliveries, latest_digests, open_findings, schedules, trend_points

_MAY_HAVE_ARRIVED = (DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.UNKNOWN)
UNUSED_AFTER = timedelta(days=30)
"""A schedule that was not used for so long begins anew."""
_NUDGE_COLUMNS = [deliveries.c[name] for name in ("key", "recipient", "told", "still", "channel", "ts")]


class SqlDigestHistoryStore:
    """What was owed at the last digest that was seen, who was told of it, and how much it was at each digest."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def load(self, points: int = TREND_LENGTH) -> DigestHistory:
        """Return every finding that was owed, the latest nudge of each owner, and so many points of the trend."""
        with self._database.reading() as connection:
            policy = connection.scalar(select(latest_digests.c.policy).where(latest_digests.c.name == DIGEST)) or ""
            return DigestHistory(
                _open_findings(connection), _last_nudges(connection), _trend_points(connection, points), policy
            )


class SqlScheduleStore:
    """Since when a schedule stands, and which of its slots were used."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def followed_since(self, schedule: str, now: datetime) -> datetime:
        """Return since when a schedule of this text stands: one that is new, or was not used for long, since now.

        Each text has its own row: replicas whose texts differ do not begin each other's anew at every look.
        """
        with self._database.writing() as connection:
            row = insert(connection, schedules).values(text=schedule, since=now, seen=now)
            since = case((schedules.c.seen < now - UNUSED_AFTER, row.excluded.since), else_=schedules.c.since)
            seen = case((schedules.c.seen > row.excluded.seen, schedules.c.seen), else_=row.excluded.seen)
            upsert = row.on_conflict_do_update(index_elements=[schedules.c.text], set_={"since": since, "seen": seen})
            found: datetime = connection.execute(upsert.returning(schedules.c.since)).scalar_one()
            return found

    def used_slots(self, day: str) -> frozenset[str]:
        """Return the used slots of the schedule that begin with a text, such as "2026-11-24"."""
        scheduled = batches.c.occasion == BatchKind.SCHEDULED
        query = select(batches.c.slot).where(scheduled, batches.c.slot.startswith(day, autoescape=True))
        with self._database.reading() as connection:
            return frozenset(connection.scalars(query))


def _open_findings(connection: Connection) -> tuple[OpenFinding, ...]:
    table = open_findings.c
    query = select(open_findings).where(table.rule.in_(list(RuleId)))
    rows = connection.execute(query.order_by(table.account, table.region, table.subject, table.rule)).mappings().all()
    return tuple(map(_open_finding, rows))


def _open_finding(row: RowMapping) -> OpenFinding:
    return OpenFinding(
        key=load_key(*(row[name] for name in ("account", "region", "partition", "subject", "rule"))),
        first_seen=row["first"],
        last_seen=row["last"],
        title=row["title"],
        owner_label=row["whose"],
        owner_name=row["name"],
        count=row["count"],
    )


def latest_nudges() -> Subquery:
    """Return the latest nudge to each recipient that arrived, or may yet arrive."""
    place = func.row_number().over(
        partition_by=deliveries.c.recipient, order_by=[batches.c.planned.desc(), deliveries.c.key.desc()]
    )
    nudges = (
        select(*_NUDGE_COLUMNS, batches.c.planned, place.label("place"))
        .join(batches, batches.c.id == deliveries.c.dispatch)
        .where(deliveries.c.part == MessageKind.NUDGE, deliveries.c.state.in_(_MAY_HAVE_ARRIVED))
        .subquery()
    )
    return select(nudges).where(nudges.c.place == 1).subquery()


def _last_nudges(connection: Connection) -> dict[str, LastNudge]:
    rows = connection.execute(select(latest_nudges())).all()
    return {row.recipient: _last_nudge(row) for row in rows}


def _last_nudge(row: Row[Any]) -> LastNudge:
    return LastNudge(row.recipient, row.planned, load_keys(row.told), load_keys(row.still), row.channel, row.ts)


def _trend_points(connection: Connection, count: int) -> tuple[TrendPoint, ...]:
    query = select(trend_points).order_by(trend_points.c.at.desc(), trend_points.c.dispatch.desc()).limit(count)
    rows = connection.execute(query).all()
    return tuple(TrendPoint(row.at, row.owing, row.instances, row.complete) for row in reversed(rows))
