"""What a digest lets us remember: it waits beside its dispatch until somebody can have seen the digest."""

import json
import zlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, select, update

from bailiff_bot.domain.delivery import Plan
from bailiff_bot.domain.history import Point, Sighting
from bailiff_bot.store.statements import insert
from bailiff_bot.store.tables import dispatches, points, remembered, sightings

DIGEST = "digest"
_COLUMNS = [column.name for column in sightings.c]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def pack(plan: Plan) -> bytes | None:
    """Return what a plan lets us remember as bytes; None where that is nothing."""
    if plan.sightings is None and plan.point is None:
        return None
    owed = None if plan.sightings is None else [_row(one) for one in plan.sightings]
    document = {"policy": plan.policy, "point": _numbers(plan.point), "sightings": owed}
    return zlib.compress(json.dumps(document, separators=(",", ":")).encode(), 1)


def remember(connection: Connection, dispatch: str) -> None:
    """Put what waits beside a dispatch in the place of what was remembered before, unless that is of a newer digest."""
    found = connection.execute(
        select(dispatches.c.planned, dispatches.c.memory).where(dispatches.c.id == dispatch)
    ).one()
    if found.memory is None:
        return
    document = json.loads(zlib.decompress(found.memory))
    if document["point"]:
        _add(connection, dispatch, document["point"])
    if document["sightings"] is not None and _is_latest(connection, found.planned, document["policy"]):
        _replace(connection, document["sightings"])
    forget(connection, dispatch)


def forget(connection: Connection, dispatch: str) -> None:
    """Forget what waits beside a dispatch."""
    connection.execute(update(dispatches).where(dispatches.c.id == dispatch).values(memory=None))


def _is_latest(connection: Connection, planned: datetime, policy: str) -> bool:
    """Claim to be the digest that is remembered; whoever claims it at the same time waits for this transaction."""
    row = insert(connection, remembered).values(name=DIGEST, planned=planned, policy=policy)
    claim = row.on_conflict_do_update(
        index_elements=[remembered.c.name],
        set_={"planned": planned, "policy": policy},
        where=remembered.c.planned <= planned,
    )
    return connection.execute(claim.returning(remembered.c.name)).first() is not None


def _replace(connection: Connection, rows: Sequence[Sequence[Any]]) -> None:
    connection.execute(delete(sightings))
    if rows:
        # Two that became one for want of characters that a database takes shall keep no digest from being settled.
        anew = insert(connection, sightings).on_conflict_do_nothing()
        connection.execute(anew, [_loaded(row) for row in rows])


def _add(connection: Connection, dispatch: str, numbers: Sequence[Any]) -> None:
    at, owing, instances, complete = numbers
    point = {"at": _instant(at), "owing": owing, "instances": instances, "complete": complete}
    connection.execute(insert(connection, points).values(dispatch=dispatch, **point))


def _numbers(point: Point | None) -> list[Any] | None:
    return None if point is None else [_micros(point.at), point.owing, point.instances, point.complete]


def _row(one: Sighting) -> list[Any]:
    """Return a sighting in the order of the table's columns."""
    subject, target = one.key.subject, one.key.subject.target
    key = [target.account, target.region, target.partition, subject.id, one.key.rule]
    return [*key, _micros(one.first), _micros(one.last), one.title, one.whose, one.name, one.count]


def _loaded(row: Sequence[Any]) -> dict[str, Any]:
    values = dict(zip(_COLUMNS, row, strict=True))
    return values | {"first": _instant(values["first"]), "last": _instant(values["last"])}


def _micros(instant: datetime) -> int:
    return (instant - _EPOCH) // _MICROSECOND


def _instant(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)
