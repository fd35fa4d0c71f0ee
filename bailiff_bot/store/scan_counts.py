"""Stores the count of each scan, with which later scans are compared for plausibility."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Integer, Row, Table, func, select

from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.plausibility import ScanCount
from bailiff_bot.domain.scan_counts import count_to_save
from bailiff_bot.domain.snapshot import Snapshot
from bailiff_bot.store.schema import Cutoff, metadata, outdated
from bailiff_bot.store.statements import insert
from bailiff_bot.store.types import JSON_VALUE, UtcDateTime


def _outdated(table: Table, cutoff: Cutoff) -> ColumnElement[bool]:
    """Return the condition of old counts, without the latest one: the next scan is compared with it at any age."""
    latest = select(func.max(table.c.at)).scalar_subquery()
    return (table.c.at < cutoff.before) & (table.c.at < latest)


scan_counts = Table(
    "counts",
    metadata,
    Column("at", UtcDateTime, primary_key=True),
    Column("instances", JSON_VALUE, nullable=False),
    Column("people", Integer),
    info=outdated(_outdated),
)


def save_count(connection: Connection, snapshot: Snapshot) -> None:
    """Save the count of a scan, completed with the count of the scan before it."""
    before = scan_counts.c.at < snapshot.inventory.scanned_at
    previous = select(scan_counts).where(before).order_by(scan_counts.c.at.desc()).limit(1)
    previous_row = connection.execute(previous).one_or_none()
    count = count_to_save(snapshot, _scan_count(previous_row) if previous_row else None)
    row = insert(connection, scan_counts).values(
        at=count.at, instances=_by_account(count.instances_by_target), people=count.people
    )
    connection.execute(row.on_conflict_do_nothing(index_elements=[scan_counts.c.at]))


def read_counts(connection: Connection, since: datetime) -> tuple[ScanCount, ...]:
    """Return the counts of the scans from `since` on and of the last scan before `since`, oldest first."""
    before = select(func.max(scan_counts.c.at)).where(scan_counts.c.at < since).scalar_subquery()
    wanted = (scan_counts.c.at >= since) | (scan_counts.c.at == before)
    rows = connection.execute(select(scan_counts).where(wanted).order_by(scan_counts.c.at)).all()
    return tuple(map(_scan_count, rows))


def _by_account(instances: Mapping[Target, int]) -> list[Any]:
    """Return the number of instances of each target as JSON, grouped by account."""
    accounts: dict[tuple[str, str], dict[str, int]] = {}
    for target, count in instances.items():
        accounts.setdefault((target.account, target.partition), {})[target.region] = count
    return [[*account, regions] for account, regions in accounts.items()]


def _scan_count(row: Row[Any]) -> ScanCount:
    instances = {
        Target(account, region, partition): count
        for account, partition, regions in row.instances
        for region, count in regions.items()
    }
    return ScanCount(row.at, instances, row.people)
