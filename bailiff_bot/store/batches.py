"""Writes a plan down, in one transaction: the dispatch, its deliveries, and what it may let us remember."""

from typing import Any

from sqlalchemy import Connection

from bailiff_bot.domain.delivery import Dispatch, Draft, Part, Plan, State
from bailiff_bot.store.finding_keys import dump_keys
from bailiff_bot.store.open_findings import pack
from bailiff_bot.store.statements import insert
from bailiff_bot.store.superseded_deliveries import replace_earlier
from bailiff_bot.store.tables import deliveries, dispatches


def write_plan(connection: Connection, plan: Plan) -> bool:
    """Write a plan; False, with nothing written, when its slot is taken."""
    if not _claim(connection, plan):
        return False
    replace_earlier(connection, plan.drafts)
    rows = [_row(plan.dispatch, position, draft) for position, draft in enumerate(plan.drafts)]
    if rows:
        connection.execute(insert(connection, deliveries), rows)
    return True


def _claim(connection: Connection, plan: Plan) -> bool:
    dispatch = plan.dispatch
    row = insert(connection, dispatches).values(
        id=dispatch.id,
        occasion=dispatch.occasion,
        slot=dispatch.slot,
        recipient=dispatch.recipient,
        planned=dispatch.planned,
        expires=dispatch.expires,
        context=dict(dispatch.context),
        memory=pack(plan),
    )
    claim = row.on_conflict_do_nothing(index_elements=[dispatches.c.slot]).returning(dispatches.c.id)
    return connection.execute(claim).first() is not None


def _row(dispatch: Dispatch, position: int, draft: Draft) -> dict[str, Any]:
    listed = dump_keys(draft.findings)
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
        "edits": draft.edits,
        "told": listed if draft.part is Part.NUDGE else [],
        "still": listed,
    }
