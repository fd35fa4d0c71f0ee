"""Stores the open findings of the last digest that was seen."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Integer, RowMapping, Table, Text, bindparam, delete, select, update

from bailiff_bot.domain.finding_keys import load_key
from bailiff_bot.domain.history import OpenFinding
from bailiff_bot.domain.rules import RuleId
from bailiff_bot.store.schema import metadata, outdated
from bailiff_bot.store.statements import insert
from bailiff_bot.store.types import SafeText, UtcDateTime, join_lines, safe, split_lines

open_findings = Table(
    "sightings",
    metadata,
    Column("account", Text, primary_key=True),
    Column("region", Text, primary_key=True),
    Column("partition", Text, primary_key=True),
    Column("subject", SafeText, primary_key=True),
    Column("rule", Text, primary_key=True),
    Column("first", UtcDateTime, nullable=False),
    Column("last", UtcDateTime, nullable=False),
    Column("title", SafeText, nullable=False),
    Column("whose", SafeText, nullable=False),
    Column("name", SafeText, nullable=False),
    Column("count", Integer, nullable=False),
    info=outdated(lambda table, cutoff: table.c.last < cutoff.before),
)
"""`whose` is the label of the owners, `name` their names, one a line."""

_KEY = tuple(column.name for column in open_findings.primary_key)
_VALUES = tuple(column.name for column in open_findings.c if not column.primary_key)

_Rows = dict[tuple[Any, ...], dict[str, Any]]
"""Rows by their key."""


def replace_open_findings(connection: Connection, findings: Iterable[OpenFinding]) -> None:
    """Make the table hold exactly these findings. Only rows that differ are written, and the last sight of all."""
    wanted: _Rows = {}
    for finding in findings:
        row = _row(finding)
        wanted.setdefault(_key(row), row)  # `safe` can make two keys equal
    seen_at = max((row["last"] for row in wanted.values()), default=None)
    present = {key: row | {"last": seen_at} for key, row in _present(connection).items()}
    _delete(connection, present.keys() - wanted.keys())
    if seen_at:
        _mark_seen(connection, seen_at)
    _write(connection, [row for key, row in wanted.items() if row != present.get(key)])


def read_open_findings(connection: Connection) -> tuple[OpenFinding, ...]:
    """Return the open findings, without those of rules that no longer exist."""
    table = open_findings.c
    query = select(open_findings).where(table.rule.in_(list(RuleId)))
    rows = connection.execute(query.order_by(table.account, table.region, table.subject, table.rule)).mappings().all()
    return tuple(map(_open_finding, rows))


def _present(connection: Connection) -> _Rows:
    return {_key(row): dict(row) for row in connection.execute(select(open_findings)).mappings()}


def _delete(connection: Connection, keys: Iterable[tuple[Any, ...]]) -> None:
    parameters = [{f"where_{name}": part for name, part in zip(_KEY, key, strict=True)} for key in keys]
    if parameters:
        same_key = (open_findings.c[name] == bindparam(f"where_{name}") for name in _KEY)
        connection.execute(delete(open_findings).where(*same_key), parameters)


def _mark_seen(connection: Connection, seen_at: datetime) -> None:
    """Set the last sight of all rows. `_write` corrects those that were not seen now."""
    connection.execute(update(open_findings).where(open_findings.c.last != seen_at).values(last=seen_at))


def _write(connection: Connection, rows: list[dict[str, Any]]) -> None:
    if rows:
        row = insert(connection, open_findings)
        values = {name: row.excluded[name] for name in _VALUES}
        columns = [open_findings.c[name] for name in _KEY]
        connection.execute(row.on_conflict_do_update(index_elements=columns, set_=values), rows)


def _key(row: Mapping[Any, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in _KEY)


def _row(finding: OpenFinding) -> dict[str, Any]:
    """Return the columns of a finding, as the database returns them."""
    subject, target = finding.key.subject, finding.key.subject.target
    return {
        "account": target.account,
        "region": target.region,
        "partition": target.partition,
        "subject": safe(subject.id),
        "rule": finding.key.rule.value,
        "first": finding.first_seen,
        "last": finding.last_seen,
        "title": safe(finding.title),
        "whose": safe(finding.owner_label),
        "name": safe(join_lines(finding.owner_names)),
        "count": finding.count,
    }


def _open_finding(row: RowMapping) -> OpenFinding:
    return OpenFinding(
        key=load_key(*_key(row)),
        first_seen=row["first"],
        last_seen=row["last"],
        title=row["title"],
        owner_label=row["whose"],
        owner_names=split_lines(row["name"]),
        count=row["count"],
    )
