"""Stores what a run remembers, until somebody can have seen one of its parents."""

from collections.abc import Callable, Mapping

from sqlalchemy import Column, ColumnElement, Connection, LargeBinary, Row, Table, Text, delete, select

from bailiff_bot.domain.delivery import DeliveryState, MessageKind, Run, can_be_seen, is_seen
from bailiff_bot.store.batches import batches
from bailiff_bot.store.deliveries import deliveries
from bailiff_bot.store.schema import Cutoff, metadata, outdated
from bailiff_bot.store.statements import insert
from bailiff_bot.store.types import UtcDateTime

OnSeen = Callable[[Connection, Run], None]
"""Saves what a run remembers. Called in the transaction that settles the first parent that can have been seen."""


def _outdated(table: Table, cutoff: Cutoff) -> ColumnElement[bool]:
    """Return the condition of old runs without batches."""
    with_batches = select(batches.c.run).where(batches.c.run.is_not(None))
    return (table.c.planned < cutoff.before) & table.c.id.not_in(with_batches)


runs: Table = Table(
    "runs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("planned", UtcDateTime, nullable=False),
    Column("memory", LargeBinary, nullable=False),
    info=outdated(_outdated),
)
"""The runs of which no parent was seen yet. `kind` is the kind of their batches."""


def insert_run(connection: Connection, kind: str, run: Run) -> None:
    """Save a run, unless another batch of it did."""
    row = insert(connection, runs).values(id=run.id, kind=kind, planned=run.planned_at, memory=run.memory)
    connection.execute(row.on_conflict_do_nothing(index_elements=[runs.c.id]))


def settle_run(connection: Connection, batch_id: str, on_seen: Mapping[str, OnSeen]) -> None:
    """Save what the run of a batch remembers if a parent was seen. Discard it if none can be seen any more."""
    row = _locked_run(connection, batch_id)
    if row is None:
        return  # saved already, or the batch has none
    states = _parent_states(connection, row.id)
    if is_seen(states):
        on_seen[row.kind](connection, Run(row.id, row.planned, row.memory))
    if is_seen(states) or not can_be_seen(states):
        connection.execute(delete(runs).where(runs.c.id == row.id))


def _locked_run(connection: Connection, batch_id: str) -> Row[tuple[object, ...]] | None:
    """Return the run of a batch. Another transaction that settles a parent of it waits for this one."""
    query = select(runs).join(batches, batches.c.run == runs.c.id).where(batches.c.id == batch_id)
    return connection.execute(query.with_for_update(of=runs)).one_or_none()


def _parent_states(connection: Connection, run_id: str) -> frozenset[DeliveryState]:
    query = select(deliveries.c.state).join(batches, batches.c.id == deliveries.c.dispatch)
    parents = query.where(batches.c.run == run_id, deliveries.c.part == MessageKind.PARENT)
    return frozenset(map(DeliveryState, connection.scalars(parents)))
