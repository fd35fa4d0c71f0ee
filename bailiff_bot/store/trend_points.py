"""Stores the trend: one point for each digest that somebody may have seen."""

from sqlalchemy import Boolean, Column, ColumnElement, Connection, Integer, Select, Table, Text, select

from bailiff_bot.domain.history import TREND_LENGTH, TrendPoint
from bailiff_bot.store.schema import Cutoff, metadata, outdated
from bailiff_bot.store.statements import insert
from bailiff_bot.store.types import UtcDateTime


def _outdated(table: Table, cutoff: Cutoff) -> ColumnElement[bool]:
    """Return the condition of old points, without the latest ones."""
    latest = _latest(TREND_LENGTH).with_only_columns(table.c.dispatch)
    return (table.c.at < cutoff.before) & table.c.dispatch.not_in(latest)


trend_points: Table = Table(
    "points",
    metadata,
    Column("dispatch", Text, primary_key=True),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("owing", Integer, nullable=False),
    Column("instances", Integer, nullable=False),
    Column("complete", Boolean, nullable=False),
    info=outdated(_outdated),
)
"""The trend. A point stays when its batch is deleted. `owing` is the number of flagged instances."""


def add_trend_point(connection: Connection, batch_id: str, point: TrendPoint) -> None:
    """Save the point of a digest."""
    values = {
        "at": point.at,
        "owing": point.flagged_count,
        "instances": point.instances,
        "complete": point.complete,
    }
    connection.execute(insert(connection, trend_points).values(dispatch=batch_id, **values))


def read_trend(connection: Connection, length: int) -> tuple[TrendPoint, ...]:
    """Return the latest `length` points, oldest first."""
    rows = connection.execute(_latest(length)).all()
    return tuple(TrendPoint(row.at, row.owing, row.instances, row.complete) for row in reversed(rows))


def _latest(count: int) -> Select[tuple[object, ...]]:
    return select(trend_points).order_by(trend_points.c.at.desc(), trend_points.c.dispatch.desc()).limit(count)
