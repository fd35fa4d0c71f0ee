"""Stores what a digest reported. The batch holds this history until somebody may have seen the digest."""

import json
import zlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, select, update

from bailiff_bot.domain.delivery import BatchPlan
from bailiff_bot.domain.history import OpenFinding, TrendPoint
from bailiff_bot.store.statements import insert
from bailiff_bot.store.tables import batches, latest_digests, open_findings, trend_points

DIGEST = "digest"
_COLUMNS = [column.name for column in open_findings.c]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def encode_history(plan: BatchPlan) -> bytes | None:
    """Return the open findings and the trend point of a plan as bytes. Returns None if the plan has neither."""
    if plan.open_findings is None and plan.trend_point is None:
        return None
    findings = None if plan.open_findings is None else [_encode_finding(finding) for finding in plan.open_findings]
    document = {"policy": plan.policy_fingerprint, "point": _encode_point(plan.trend_point), "sightings": findings}
    return zlib.compress(json.dumps(document, separators=(",", ":")).encode(), 1)


def apply_history(connection: Connection, batch_id: str) -> None:
    """Save the trend point of a batch, and replace the open findings with its own unless they are a newer digest's."""
    row = connection.execute(select(batches.c.planned, batches.c.memory).where(batches.c.id == batch_id)).one()
    if row.memory is None:
        return
    document = json.loads(zlib.decompress(row.memory))
    if document["point"]:
        _add_trend_point(connection, batch_id, document["point"])
    if document["sightings"] is not None and _become_latest(connection, row.planned, document["policy"]):
        _replace_findings(connection, document["sightings"])
    discard_history(connection, batch_id)


def discard_history(connection: Connection, batch_id: str) -> None:
    """Delete the history that a batch holds."""
    connection.execute(update(batches).where(batches.c.id == batch_id).values(memory=None))


def _become_latest(connection: Connection, planned_at: datetime, policy: str) -> bool:
    """Record a digest as the latest. Returns False if a newer one is recorded.

    It locks the row, so that another digest that settles at the same time waits for this transaction.
    """
    row = insert(connection, latest_digests).values(name=DIGEST, planned=planned_at, policy=policy)
    upsert = row.on_conflict_do_update(
        index_elements=[latest_digests.c.name],
        set_={"planned": planned_at, "policy": policy},
        where=latest_digests.c.planned <= planned_at,
    )
    return connection.execute(upsert.returning(latest_digests.c.name)).first() is not None


def _replace_findings(connection: Connection, rows: Sequence[Sequence[Any]]) -> None:
    connection.execute(delete(open_findings))
    if rows:
        # SafeText replaces some characters, so two keys can become equal. That must not keep a digest from settling.
        statement = insert(connection, open_findings).on_conflict_do_nothing()
        connection.execute(statement, [_values(row) for row in rows])


def _add_trend_point(connection: Connection, batch_id: str, encoded: Sequence[Any]) -> None:
    at, flagged_count, instances, complete = encoded
    point = {"at": _instant(at), "owing": flagged_count, "instances": instances, "complete": complete}
    connection.execute(insert(connection, trend_points).values(dispatch=batch_id, **point))


def _encode_point(point: TrendPoint | None) -> list[Any] | None:
    return None if point is None else [_microseconds(point.at), point.flagged_count, point.instances, point.complete]


def _encode_finding(finding: OpenFinding) -> list[Any]:
    """Return a finding in the order of the table's columns."""
    subject, target = finding.key.subject, finding.key.subject.target
    key = [target.account, target.region, target.partition, subject.id, finding.key.rule]
    return [
        *key,
        _microseconds(finding.first_seen),
        _microseconds(finding.last_seen),
        finding.title,
        finding.owner_label,
        finding.owner_name,
        finding.count,
    ]


def _values(row: Sequence[Any]) -> dict[str, Any]:
    values = dict(zip(_COLUMNS, row, strict=True))
    return values | {"first": _instant(values["first"]), "last": _instant(values["last"])}


def _microseconds(instant: datetime) -> int:
    return (instant - _EPOCH) // _MICROSECOND


def _instant(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)
