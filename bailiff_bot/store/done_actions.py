"""Reads which instances Bailiff itself stopped and deleted."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

from bailiff_bot.domain.action import Action
from bailiff_bot.domain.action_result import Outcome
from bailiff_bot.domain.done_action import DoneAction
from bailiff_bot.domain.subject import Subject
from bailiff_bot.store.action_results import action_results
from bailiff_bot.store.deletions import deletions
from bailiff_bot.store.offers import offers
from bailiff_bot.store.subject_columns import subject_of_row

_PLACE = ("account", "region", "partition", "subject")


def read_done_actions(connection: Connection, since: datetime) -> dict[Subject, tuple[DoneAction, ...]]:
    """Return what Bailiff stopped and deleted from a time on, in the order of time."""
    results = action_results.c
    done_at = func.coalesce(results.settled, results.done)
    columns = (*(offers.c[name] for name in _PLACE), results.action, results.name, results.settled, results.done)
    query: Select[Any] = (
        select(*columns, deletions.c.image_name)
        .join(offers, offers.c.key == results.offer)
        .outerjoin(deletions, deletions.c.id == results.granted)
        .where(results.action.in_([Action.STOP, Action.DELETE]), results.outcome == Outcome.DONE, done_at >= since)
        .order_by(done_at)
    )
    found: dict[Subject, list[DoneAction]] = defaultdict(list)
    for row in connection.execute(query).all():
        done = DoneAction(Action(row.action), row.settled or row.done, row.name, bool(row.image_name))
        found[subject_of_row(row)].append(done)
    return {subject: tuple(actions) for subject, actions in found.items()}
