"""Writes a plan down, in one transaction: the dispatch, its deliveries, and what it lets us remember."""

from typing import Any

from sqlalchemy import Connection, delete, update

from bailiff_bot.domain.delivery import Dispatch, Draft, Part, Plan, State
from bailiff_bot.domain.history import Point, Sighting
from bailiff_bot.store.keys import dump_keys
from bailiff_bot.store.statements import insert, stand_in_line
from bailiff_bot.store.tables import deliveries, dispatches, points, sightings


def write_plan(connection: Connection, plan: Plan) -> bool:
    """Write a plan; False, with nothing written, when its slot is taken."""
    if not _claim(connection, plan.dispatch):
        return False
    rows = [_row(plan.dispatch, position, draft) for position, draft in enumerate(plan.drafts)]
    if rows:
        connection.execute(insert(connection, deliveries), rows)
    _shorten(connection, plan.drafts)
    if plan.sightings is not None:
        _replace(connection, plan.sightings)
    if plan.point:
        _add(connection, plan.dispatch.id, plan.point)
    return True


def _claim(connection: Connection, dispatch: Dispatch) -> bool:
    row = insert(connection, dispatches).values(
        id=dispatch.id,
        occasion=dispatch.occasion,
        slot=dispatch.slot,
        recipient=dispatch.recipient,
        planned=dispatch.planned,
        expires=dispatch.expires,
        context=dict(dispatch.context),
    )
    claim = row.on_conflict_do_nothing(index_elements=[dispatches.c.slot]).returning(dispatches.c.id)
    return connection.execute(claim).first() is not None


def _row(dispatch: Dispatch, position: int, draft: Draft) -> dict[str, Any]:
    told = dump_keys(draft.findings) if draft.part is Part.NUDGE else []
    return {
        "key": f"{dispatch.slot}/{draft.name}/{draft.recipient}",
        "dispatch": dispatch.id,
        "position": position,
        "part": draft.part,
        "name": draft.name,
        "recipient": draft.recipient,
        "label": draft.label,
        "payload": dict(draft.payload),
        "state": State.PENDING,
        "ready": dispatch.planned,
        "attempted": None,
        "holder": "",
        "channel": "",
        "ts": "",
        "reason": "",
        "replaced": False,
        "told": told,
        "still": told,
    }


def _shorten(connection: Connection, drafts: tuple[Draft, ...]) -> None:
    """Write down what the nudges that are edited list afterwards."""
    for draft in drafts:
        if draft.part is Part.EDIT and draft.edits:
            connection.execute(
                update(deliveries)
                .where(
                    deliveries.c.recipient == draft.recipient,
                    deliveries.c.part == Part.NUDGE,
                    deliveries.c.ts == draft.edits,
                )
                .values(still=dump_keys(draft.findings))
            )


def _replace(connection: Connection, owed: tuple[Sighting, ...]) -> None:
    stand_in_line(connection, "sightings")
    connection.execute(delete(sightings))
    if owed:
        connection.execute(insert(connection, sightings), [_sighting(one) for one in owed])


def _sighting(sighting: Sighting) -> dict[str, Any]:
    subject = sighting.key.subject
    return {
        "account": subject.target.account,
        "region": subject.target.region,
        "partition": subject.target.partition,
        "subject": subject.id,
        "rule": sighting.key.rule,
        "first": sighting.first,
        "last": sighting.last,
        "title": sighting.title,
        "whose": sighting.whose,
        "name": sighting.name,
        "count": sighting.count,
    }


def _add(connection: Connection, dispatch: str, point: Point) -> None:
    connection.execute(
        insert(connection, points).values(
            dispatch=dispatch, at=point.at, owing=point.owing, instances=point.instances, complete=point.complete
        )
    )
