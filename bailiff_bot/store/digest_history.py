"""Reads the history of the digests that were seen."""

from typing import Any

from sqlalchemy import Connection, Row, RowMapping, Subquery, func, select

from bailiff_bot.domain.delivery import DeliveryState, MessageKind
from bailiff_bot.domain.history import TREND_LENGTH, DigestHistory, LastNudge, OpenFinding, TrendPoint
from bailiff_bot.domain.rules import RuleId
from bailiff_bot.store.database import Database
from bailiff_bot.store.finding_keys import load_key, load_keys
from bailiff_bot.store.open_findings import DIGEST
from bailiff_bot.store.tables import batches, deliveries, latest_digests, open_findings, trend_points

_MAYBE_SENT = (DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.UNKNOWN)
_NUDGE_COLUMNS = [deliveries.c[name] for name in ("key", "recipient", "told", "still", "channel", "ts")]


class SqlDigestHistoryStore:
    """Implements `DigestHistoryStore`: the open findings of the last digest, the last nudges and the trend."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def load(self, trend_length: int = TREND_LENGTH) -> DigestHistory:
        """Return the open findings, the latest nudge of each owner, and the last `trend_length` points of the trend."""
        with self._database.reading() as connection:
            policy = connection.scalar(select(latest_digests.c.policy).where(latest_digests.c.name == DIGEST)) or ""
            return DigestHistory(
                _open_findings(connection), _last_nudges(connection), _trend_points(connection, trend_length), policy
            )


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
    """Return the latest nudge to each recipient that was sent, or that may still be sent."""
    rank = func.row_number().over(
        partition_by=deliveries.c.recipient, order_by=[batches.c.planned.desc(), deliveries.c.key.desc()]
    )
    nudges = (
        select(*_NUDGE_COLUMNS, batches.c.planned, rank.label("rank"))
        .join(batches, batches.c.id == deliveries.c.dispatch)
        .where(deliveries.c.part == MessageKind.NUDGE, deliveries.c.state.in_(_MAYBE_SENT))
        .subquery()
    )
    return select(nudges).where(nudges.c.rank == 1).subquery()


def _last_nudges(connection: Connection) -> dict[str, LastNudge]:
    rows = connection.execute(select(latest_nudges())).all()
    return {row.recipient: _last_nudge(row) for row in rows}


def _last_nudge(row: Row[Any]) -> LastNudge:
    return LastNudge(row.recipient, row.planned, load_keys(row.told), load_keys(row.still), row.channel, row.ts)


def _trend_points(connection: Connection, count: int) -> tuple[TrendPoint, ...]:
    query = select(trend_points).order_by(trend_points.c.at.desc(), trend_points.c.dispatch.desc()).limit(count)
    rows = connection.execute(query).all()
    return tuple(TrendPoint(row.at, row.owing, row.instances, row.complete) for row in reversed(rows))
