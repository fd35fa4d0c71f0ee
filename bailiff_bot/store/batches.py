"""The batches of messages."""

from sqlalchemy import Column, ColumnElement, LargeBinary, Select, Table, Text, exists, select

from bailiff_bot.store.schema import Cutoff, metadata, outdated
from bailiff_bot.store.types import JSON_VALUE, UtcDateTime


def old_batches(cutoff: Cutoff) -> Select[tuple[str]]:
    """Return the ids of the batches that are finished and old. An unfinished batch stays at any age."""
    return select(batches.c.id).where(batches.c.finished.is_not(None), batches.c.planned < cutoff.before)


def _outdated(table: Table, cutoff: Cutoff) -> ColumnElement[bool]:
    """Return the condition of old batches without deliveries. Some deliveries stay longer than their batch would."""
    deliveries = metadata.tables["deliveries"]
    return table.c.id.in_(old_batches(cutoff)) & ~exists().where(deliveries.c.dispatch == table.c.id)


batches: Table = Table(
    "dispatches",
    metadata,
    Column("id", Text, primary_key=True),
    Column("occasion", Text, nullable=False),
    Column("slot", Text, nullable=False, unique=True),
    Column("recipient", Text, nullable=False),
    Column("planned", UtcDateTime, nullable=False),
    Column("expires", UtcDateTime, nullable=False),
    Column("context", JSON_VALUE, nullable=False),
    Column("finished", UtcDateTime),
    Column("memory", LargeBinary),
    Column("run", Text),
    info=outdated(_outdated),
)
"""`occasion` is the kind. `run` is the id of the run.

`memory` is what the run remembers, as a version before `runs` stores it. It is not read any more.
"""
