"""Stores the instances of which a digest told, as they were then."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Connection, Table, Text, bindparam, case, delete, func, select, update

from bailiff_bot.domain.delivery import MessageKind, Run
from bailiff_bot.domain.subject import Subject
from bailiff_bot.domain.told_instance import ToldInstance
from bailiff_bot.store.batches import batches
from bailiff_bot.store.deliveries import deliveries
from bailiff_bot.store.saving_codec import decode_told, encode_told
from bailiff_bot.store.schema import metadata, outdated
from bailiff_bot.store.statements import insert
from bailiff_bot.store.subject_columns import subject_values
from bailiff_bot.store.types import JSON_VALUE, SafeText, UtcDateTime

TOLD_WITHIN = timedelta(days=30)
"""What is done to an instance later than this after a digest listed it is not done because of the digest."""
_KEY = ("account", "region", "partition", "subject")

told_instances = Table(
    "told_instances",
    metadata,
    *(Column(name, Text, primary_key=True) for name in _KEY[:-1]),
    Column("subject", SafeText, primary_key=True),
    Column("told", UtcDateTime, nullable=False),
    Column("listed", UtcDateTime, nullable=False),
    Column("seen", UtcDateTime, nullable=False),
    Column("content", JSON_VALUE, nullable=False),
    info=outdated(lambda table, cutoff: table.c.listed < cutoff.now - TOLD_WITHIN),
)
"""The fields of `ToldInstance`: `told` and `seen` are its `told_at` and `seen_at`.

`listed` is when a digest listed it last.
"""


def remember_told(connection: Connection, run: Run, told: Iterable[ToldInstance]) -> None:
    """Save what a digest told of, once somebody can have seen it. Of each instance, the newest state stays."""
    at = _sent_at(connection, run)
    rows = [{**_row(one), "told": at, "listed": at} for one in told]
    if not rows:
        return
    row, table = insert(connection, told_instances), told_instances.c
    is_newer = row.excluded.seen >= table.seen
    values = {
        # What was not listed for so long is told of anew.
        "told": case((table.listed < at - TOLD_WITHIN, row.excluded.told), else_=table.told),
        "listed": case((row.excluded.listed > table.listed, row.excluded.listed), else_=table.listed),
        "content": case((is_newer, row.excluded.content), else_=table.content),
        "seen": case((is_newer, row.excluded.seen), else_=table.seen),
    }
    connection.execute(row.on_conflict_do_update(index_elements=[table[name] for name in _KEY], set_=values), rows)


def _sent_at(connection: Connection, run: Run) -> datetime:
    """Return when the last message of a run was sent that starts a thread."""
    query = select(func.max(deliveries.c.attempted)).join(batches, batches.c.id == deliveries.c.dispatch)
    parents = (batches.c.run == run.id, deliveries.c.part == MessageKind.PARENT)
    return connection.scalar(query.where(*parents)) or run.planned_at


def read_told(connection: Connection, at: datetime) -> dict[Subject, ToldInstance]:
    """Return what digests listed in the 30 days before a time."""
    columns = (told_instances.c.content, told_instances.c.told)
    rows = connection.execute(select(*columns).where(told_instances.c.listed >= at - TOLD_WITHIN)).all()
    found = (decode_told(row.content, row.told) for row in rows)
    return {one.subject: one for one in found}


def save_told(connection: Connection, changed: Iterable[ToldInstance], gone: Iterable[Subject]) -> None:
    """Save instances as a scan changed them, unless a newer scan did; delete those that are gone."""
    same = [told_instances.c[name] == bindparam(f"where_{name}") for name in _KEY]
    for one in changed:
        values = {"content": encode_told(one), "seen": one.seen_at}
        older = update(told_instances).where(*same, told_instances.c.seen <= one.seen_at).values(**values)
        connection.execute(older, _where(one.subject))
    if keys := [_where(subject) for subject in gone]:
        connection.execute(delete(told_instances).where(*same), keys)


def _row(told: ToldInstance) -> dict[str, Any]:
    return {**subject_values(told.subject), "seen": told.seen_at, "content": encode_told(told)}


def _where(subject: Subject) -> dict[str, str]:
    return {f"where_{name}": value for name, value in subject_values(subject).items()}
