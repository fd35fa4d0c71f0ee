"""What a digest lets us remember: it waits beside its dispatch until somebody can have seen the digest."""

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
    """Return what a plan lets us remember as bytes; None where that is nothing."""
    if plan.open_findings is None and plan.trend_point is None:
        return None
    owed = None if plan.open_findings is None else [_encoded(one) for one in plan.open_findings]
    document = {"policy": plan.policy_fingerprint, "point": _encoded_point(plan.trend_point), "sightings": owed}
    return zlib.compress(json.dumps(document, separators=(",", ":")).encode(), 1)


def apply_history(connection: Connection, batch: str) -> None:
    """Put what waits beside a dispatch in the place of what was remembered before, unless that is of a newer digest."""
    found = connection.execute(select(batches.c.planned, batches.c.memory).where(batches.c.id == batch)).one()
    if found.memory is None:
        return
    document = json.loads(zlib.decompress(found.memory))
    if document["point"]:
        _add_trend_point(connection, batch, document["point"])
    if document["sightings"] is not None and _is_latest(connection, found.planned, document["policy"]):
        _replace(connection, document["sightings"])
    discard_history(connection, batch)


def discard_history(connection: Connection, batch: str) -> None:
    """Forget what waits beside a dispatch."""
    connection.execute(update(batches).where(batches.c.id == batch).values(memory=None))


def _is_latest(connection: Connection, planned: datetime, policy: str) -> bool:
    """Claim to be the digest that is remembered; whoever claims it at the same time waits for this transaction."""
    row = insert(connection, latest_digests).values(name=DIGEST, planned=planned, policy=policy)
    claim = row.on_conflict_do_update(
        index_elements=[latest_digests.c.name],
        set_={"planned": planned, "policy": policy},
        where=latest_digests.c.planned <= planned,
    )
    return connection.execute(claim.returning(latest_digests.c.name)).first() is not None


def _replace(connection: Connection, rows: Sequence[Sequence[Any]]) -> None:
    connection.execute(delete(open_findings))
    if rows:
        # Two that became one for want of characters that a database takes shall keep no digest from being settled.
        anew = insert(connection, open_findings).on_conflict_do_nothing()
        connection.execute(anew, [_values(row) for row in rows])


def _add_trend_point(connection: Connection, batch: str, numbers: Sequence[Any]) -> None:
    at, owing, instances, complete = numbers
    point = {"at": _instant(at), "owing": owing, "instances": instances, "complete": complete}
    connection.execute(insert(connection, trend_points).values(dispatch=batch, **point))


def _encoded_point(point: TrendPoint | None) -> list[Any] | None:
    return None if point is None else [_microseconds(point.at), point.flagged_count, point.instances, point.complete]


def _encoded(one: OpenFinding) -> list[Any]:
    """Return a sighting in the order of the table's columns."""
    subject, target = one.key.subject, one.key.subject.target
    key = [target.account, target.region, target.partition, subject.id, one.key.rule]
    return [
        *key,
        _microseconds(one.first_seen),
        _microseconds(one.last_seen),
        one.title,
        one.owner_label,
        one.owner_name,
        one.count,
    ]


def _values(row: Sequence[Any]) -> dict[str, Any]:
    values = dict(zip(_COLUMNS, row, strict=True))
    return values | {"first": _instant(values["first"]), "last": _instant(values["last"])}


def _microseconds(instant: datetime) -> int:
    return (instant - _EPOCH) // _MICROSECOND


def _instant(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)
