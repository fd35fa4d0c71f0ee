"""Stores what CloudWatch said of each instance and day, so that it is asked only for what is missing."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Column, Date, Float, Integer, Table, Text, select

from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.usage_figures import DayFigures
from bailiff_bot.domain.usage_questions import UsageByTarget
from bailiff_bot.store.bulk import Row, upsert_rows
from bailiff_bot.store.database import Database
from bailiff_bot.store.schema import metadata, outdated

_ENDS_LATER = timedelta(days=1)
"""A day is read some time after its end, so a window of usage can begin a day before the rows that are kept."""

usage_days = Table(
    "usage",
    metadata,
    Column("account", Text, primary_key=True),
    Column("region", Text, primary_key=True),
    Column("partition", Text, primary_key=True),
    Column("instance", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("cpu_max", Float),
    Column("cpu_average", Float),
    Column("network_in", Float),
    Column("network_out", Float),
    Column("hours", Integer, nullable=False),
    info=outdated(lambda table, cutoff: table.c.day < (cutoff.before - _ENDS_LATER).date()),
    sqlite_with_rowid=False,
)
"""The fields of `DayFigures` of a UTC day. A row without a figure says that CloudWatch was asked and had none."""


class SqlUsageStore:
    """Stores the usage of days. Each method is one transaction and raises StoreError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def since(self, first: date) -> UsageByTarget:
        """Return what is known of each instance from a day on."""
        with self._database.reading() as connection:
            rows = connection.execute(select(usage_days).where(usage_days.c.day >= first))
            return _by_target(rows)

    def save(self, usage: UsageByTarget) -> None:
        """Save days, in place of what was known of them."""
        if rows := list(_rows(usage)):
            with self._database.writing() as connection:
                upsert_rows(connection, usage_days, rows)


def _rows(usage: UsageByTarget) -> Iterator[Row]:
    """Yield the rows, each with the columns in their order."""
    for target, instances in usage.items():
        place = target.account, target.region, target.partition
        for instance_id, days in instances.items():
            for day, one in days.items():
                figures = one.cpu_max, one.cpu_average, one.network_in_mb, one.network_out_mb, one.hours
                yield (*place, instance_id, day.isoformat(), *figures)


def _by_target(rows: Iterable[Any]) -> dict[Target, dict[str, dict[date, DayFigures]]]:
    found: dict[tuple[str, str, str], dict[str, dict[date, DayFigures]]] = {}
    for account, region, partition, instance_id, day, *figures in rows:
        instances = found.setdefault((account, region, partition), {})
        instances.setdefault(instance_id, {})[day] = DayFigures(*figures)
    return {Target(*place): instances for place, instances in found.items()}
