"""Stores deletions that were asked for. A step to the next stage is taken once, whichever process takes it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Row, Select, Table, Text, select, update

from bailiff_bot.domain.action import Action, Refusal
from bailiff_bot.domain.action_brakes import Brakes
from bailiff_bot.domain.action_result import ActionResult, Outcome
from bailiff_bot.domain.audit import AuditRecord
from bailiff_bot.domain.deletion import CANCELLABLE, Deletion, DeletionStage
from bailiff_bot.domain.offer import Offer
from bailiff_bot.store.action_brakes import lock_brakes, read_switch
from bailiff_bot.store.action_results import (
    RESULTS,
    action_results,
    begin_action,
    insert_result,
    read_results,
    result_of,
    save_settled,
)
from bailiff_bot.store.audit import append
from bailiff_bot.store.database import Database
from bailiff_bot.store.offers import insert_offers, offers
from bailiff_bot.store.schema import KEPT_FOR_EVER, metadata
from bailiff_bot.store.statements import insert
from bailiff_bot.store.types import SafeText, UtcDateTime

deletions = Table(
    "deletions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("stage", Text, nullable=False, index=True),
    Column("changed", UtcDateTime, nullable=False),
    Column("address", SafeText, nullable=False),
    Column("image_name", Text, nullable=False),
    Column("image_id", Text, nullable=False),
    Column("told", UtcDateTime),
    info=KEPT_FOR_EVER,
)
"""The fields of `Deletion`, but for its result; `changed` is its `changed_at`, `told` its `told_at`."""


class SqlDeletionStore:
    """Stores deletions. Each method is one transaction and raises StoreError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def request(self, deletion: Deletion, brakes: Brakes, record: AuditRecord) -> Refusal | None:
        """Save a request with its slot and its audit record; return why it may not begin, if so."""
        values = {
            "id": deletion.id,
            "stage": deletion.stage,
            "changed": deletion.changed_at,
            "address": deletion.address,
            "image_name": deletion.image_name,
            "image_id": deletion.image_id,
        }
        with self._database.writing() as connection:
            refusal = begin_action(connection, deletion.result, brakes, record)
            if refusal is None:
                _save_new_offer(connection, deletion.result.offer)
                connection.execute(insert(connection, deletions).values(**values))
                append(connection, record)
        return refusal

    def move(self, deletion: Deletion, stage: DeletionStage, at: datetime, record: AuditRecord | None = None) -> bool:
        """Bring a deletion from its stage to another, with its image id. Returns False if it is not in that stage."""
        values = {"stage": stage, "changed": at, "image_id": deletion.image_id}
        with self._database.writing() as connection:
            if not _move(connection, deletion.id, (deletion.stage,), values):
                return False
            if record:
                append(connection, record)
        return True

    def begin_terminating(self, deletion: Deletion, at: datetime, record: AuditRecord) -> bool:
        """Save that AWS is about to be asked. From then on nobody can cancel.

        Returns False, and saves nothing, if the brake is on, or another process changed the deletion.
        """
        values = {"stage": DeletionStage.TERMINATING, "changed": at}
        with self._database.writing() as connection:
            lock_brakes(connection)
            switch = read_switch(connection)
            if (switch and switch.is_on) or not _move(connection, deletion.id, (deletion.stage,), values, deletion):
                return False
            append(connection, record)
        return True

    def mark_told(self, deletion: Deletion, at: datetime) -> bool:
        """Save when the owners were told that a deletion was asked for. Returns False if they were not."""
        columns = action_results.c
        request = (columns.granted == deletion.id, columns.action == Action.DELETE, columns.told)
        told = select(columns.offer).where(*request).exists()
        this = (deletions.c.id == deletion.id, deletions.c.told.is_(None), told)
        with self._database.writing() as connection:
            marked = connection.execute(update(deletions).where(*this).values(told=at).returning(deletions.c.id))
            return marked.first() is not None

    def note_image(self, deletion: Deletion, record: AuditRecord) -> None:
        """Save the image of a deletion that is over by then, so that it is listed."""
        with self._database.writing() as connection:
            this = update(deletions).where(deletions.c.id == deletion.id)
            connection.execute(this.values(image_id=deletion.image_id))
            append(connection, record)

    def settle(self, deletion: Deletion, result: ActionResult, record: AuditRecord) -> bool:
        """Save what came of a deletion, with its audit record. Returns False if it is not in its stage any more."""
        values = {"stage": DeletionStage.OVER, "changed": result.settled_at or result.at}
        with self._database.writing() as connection:
            if not _move(connection, deletion.id, (deletion.stage,), values):
                return False
            save_settled(connection, result)
            append(connection, record)
        return True

    def cancel(self, cancelled: ActionResult, record: AuditRecord) -> bool:
        """Save that somebody cancelled a deletion, with the audit record. Returns False if it is too late."""
        values = {"stage": DeletionStage.OVER, "changed": cancelled.at}
        with self._database.writing() as connection:
            if not _move(connection, cancelled.made_id, CANCELLABLE, values):
                return False
            insert_result(connection, cancelled)
            request = _request(connection, cancelled.made_id)
            over = replace(request, outcome=Outcome.CANCELLED, settled_at=cancelled.at)
            save_settled(connection, over, is_told=True)  # the cancelling is told
            append(connection, record)
        return True

    def open(self) -> tuple[Deletion, ...]:
        """Return the deletions that are not over, in the order in which they were asked for."""
        return self._deletions(deletions.c.stage != DeletionStage.OVER)

    def changed_since(self, at: datetime) -> tuple[Deletion, ...]:
        """Return the deletions that are not over, or came into their stage from `at` on."""
        return self._deletions((deletions.c.stage != DeletionStage.OVER) | (deletions.c.changed >= at))

    def get(self, deletion_id: str) -> Deletion | None:
        """Return the deletion with this id; None if there is none."""
        found = self._deletions(deletions.c.id == deletion_id)
        return found[0] if found else None

    def with_images(self) -> tuple[Deletion, ...]:
        """Return the deletions that are over and of which there may be an image, in the order of time.

        One that was cancelled while AWS was being asked may have an image of which nobody saved the id.
        """
        return self._deletions(deletions.c.stage == DeletionStage.OVER, deletions.c.image_name != "")

    def forget_images(self, ids: Iterable[str]) -> None:
        """Record that the images of deletions are gone."""
        with self._database.writing() as connection:
            gone = update(deletions).where(deletions.c.id.in_(list(ids)))
            connection.execute(gone.values(image_name="", image_id=""))

    def _deletions(self, *conditions: Any) -> tuple[Deletion, ...]:
        query: Select[Any] = RESULTS.add_columns(*_COLUMNS).join(deletions, action_results.c.granted == deletions.c.id)
        found = query.where(action_results.c.action == Action.DELETE, *conditions).order_by(action_results.c.done)
        with self._database.reading() as connection:
            return tuple(map(_deletion, connection.execute(found).all()))


def _save_new_offer(connection: Connection, offer: Offer) -> None:
    """Save an offer, unless a message has it: a second try of a deletion that failed has one of its own."""
    if connection.execute(select(offers.c.key).where(offers.c.key == offer.key)).first() is None:
        insert_offers(connection, [offer])


_COLUMNS = (*(one for one in deletions.c if one.name != "told"), deletions.c.told.label("deletion_told"))
"""Their names differ from those of a result."""


def _move(
    connection: Connection,
    deletion_id: str,
    stages: Iterable[DeletionStage],
    values: dict[str, Any],
    unchanged: Deletion | None = None,
) -> bool:
    """Change a deletion in one of the stages; if `unchanged` is given, only if it is still as it was read."""
    this = [deletions.c.id == deletion_id, deletions.c.stage.in_(list(stages))]
    if unchanged:
        this.append(deletions.c.changed == unchanged.changed_at)
    moved = update(deletions).where(*this).values(**values).returning(deletions.c.id)
    return connection.execute(moved).first() is not None


def _request(connection: Connection, deletion_id: str) -> ActionResult:
    this = action_results.c.granted == deletion_id, action_results.c.action == Action.DELETE
    return read_results(connection, RESULTS.where(*this))[0]


def _deletion(row: Row[Any]) -> Deletion:
    result = result_of(row)
    return Deletion(
        result.made_id,
        result,
        DeletionStage(row.stage),
        row.changed,
        row.address,
        row.image_name,
        row.image_id,
        row.deletion_told,
    )
