"""Stores what came of clicks. Each is done once: the key and the action of a result are unique."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Column, Connection, Row, Select, Table, Text, delete, or_, select, update

from bailiff_bot.domain.action import Action, Brake, Refusal
from bailiff_bot.domain.action_brakes import Brakes, Slot
from bailiff_bot.domain.action_result import ActionResult, Outcome
from bailiff_bot.domain.audit import AuditRecord, AuditResult
from bailiff_bot.domain.grants import Grant
from bailiff_bot.domain.notice import ENDINGS
from bailiff_bot.domain.ownership import Assignment, Disclaimer
from bailiff_bot.store.action_brakes import lock_brakes, read_slots, read_switch, take_slot
from bailiff_bot.store.audit import append
from bailiff_bot.store.database import Database
from bailiff_bot.store.exemptions import end_exemption, exemptions_of, insert_exemption
from bailiff_bot.store.offers import offer_of, offers
from bailiff_bot.store.ownership import end_disclaimer, insert_assignment, insert_disclaimer, is_assigned
from bailiff_bot.store.schema import metadata, outdated
from bailiff_bot.store.statements import acquire_transaction_lock, insert
from bailiff_bot.store.subject_columns import is_about
from bailiff_bot.store.types import SafeText, UtcDateTime, join_lines, split_lines

action_results = Table(
    "action_results",
    metadata,
    Column("offer", Text, primary_key=True),
    Column("action", Text, primary_key=True),
    Column("user_id", Text, nullable=False),
    Column("name", SafeText, nullable=False),
    Column("done", UtcDateTime, nullable=False, index=True),
    Column("granted", Text, nullable=False),
    Column("until", UtcDateTime),
    Column("reason", SafeText, nullable=False),
    Column("shown", Boolean, nullable=False),
    Column("acted_for", SafeText, nullable=False),
    Column("owners", SafeText, nullable=False),
    Column("told", Boolean, nullable=False),
    Column("outcome", Text, nullable=False, server_default="done"),
    Column("settled", UtcDateTime),
    Column("detail", SafeText, nullable=False, server_default=""),
    info=outdated(lambda table, cutoff: (table.c.done < cutoff.before) & (table.c.action != Action.DELETE)),
)
"""The fields of `ActionResult`: `offer` is the key of its offer, `granted` its `made_id`, `settled` its `settled_at`.

`shown` is False until the direct messages that list the instance are rendered again, `told` until the other `owners`,
a line each, are told. Deletions are kept for ever: the images that were made for them may exist as long.
"""


class SqlActionResultStore:
    """Stores results. Each method is one transaction and raises StoreError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, result: ActionResult, grant: Grant, record: AuditRecord) -> ActionResult:
        """Save an exemption, its result and its audit record. Returns the earlier result if it was done before.

        Each rendering of a message has another key, so a click on an older one may come after the instance was kept:
        an exemption that exempts from no further rule and ends no later was done before, too.
        """
        with self._database.writing() as connection:
            acquire_transaction_lock(connection, "exemptions")
            if earlier := _result_that_keeps(connection, grant):
                append(connection, _done_before(record))
                return earlier
            if not insert_result(connection, result):
                return _lost(connection, result, record)
            insert_exemption(connection, grant)
            append(connection, record)
        return result

    def disclaim(self, result: ActionResult, disclaimer: Disclaimer, record: AuditRecord) -> ActionResult:
        """Save a disclaimer, its result and its audit record. Returns the earlier result if it was done before."""
        with self._database.writing() as connection:
            if not insert_result(connection, result):
                return _lost(connection, result, record)
            insert_disclaimer(connection, disclaimer)
            append(connection, record)
        return result

    def end(self, result: ActionResult, record: AuditRecord) -> ActionResult:
        """End what was made, save the result and its audit record. Returns the earlier result if it was ended.

        Each rendering of a message has another key for it, so that its key alone does not tell whether it was ended.
        """
        with self._database.writing() as connection:
            if not (_end(connection, result) and insert_result(connection, result)):
                append(connection, _done_before(record))
                return _ended(connection, result.made_id) or result
            append(connection, record)
        return result

    def assign(
        self, result: ActionResult, assignment: Assignment, since: datetime, record: AuditRecord
    ) -> ActionResult | None:
        """Save an owner, the result and its audit record. Returns the earlier result if it was done before.

        Returns None, and saves nothing, if another owner was assigned from `since` on.
        """
        with self._database.writing() as connection:
            acquire_transaction_lock(connection, "assignments")
            earlier = _result(connection, result.offer.key, result.action)
            if earlier or is_assigned(connection, assignment.subject, since):
                append(connection, _done_before(record))
                return earlier
            insert_result(connection, result)
            insert_assignment(connection, assignment)
            append(connection, record)
        return result

    def begin(self, result: ActionResult, brakes: Brakes | None, record: AuditRecord) -> Refusal | None:
        """Save that an action in AWS is about to be tried, with its slot and its audit record.

        Returns why it may not begin, after only a record of that was saved: it was done before, something else is
        being done to the same instance, or a brake is reached. `brakes` are those that counted at the decision; the
        slots and the switch are read again. None: the action takes no slot.
        """
        with self._database.writing() as connection:
            refusal = begin_action(connection, result, brakes, record)
            if refusal is None:
                append(connection, record)
        return refusal

    def settle(self, result: ActionResult, record: AuditRecord, ends: Iterable[str] = ()) -> bool:
        """Save what came of an action that was begun, with its audit record; end the exemptions with the ids `ends`.

        Returns False, and saves nothing, if that was saved before.
        """
        with self._database.writing() as connection:
            if not save_settled(connection, result):
                return False
            for exemption in ends:
                end_exemption(connection, exemption, result.settled_at or result.at)
            append(connection, record)
        return True

    def note_request(self, result: ActionResult, request_id: str) -> None:
        """Save AWS's id of the request of an action that is still pending, as its `detail`."""
        columns = action_results.c
        this = (columns.offer == result.offer.key, columns.action == result.action, columns.outcome == Outcome.PENDING)
        with self._database.writing() as connection:
            connection.execute(update(action_results).where(*this).values(detail=request_id))

    def pending(self, actions: Iterable[Action]) -> tuple[ActionResult, ...]:
        """Return the actions that were begun, and of which nobody saved what came of them, in the order of time."""
        columns = action_results.c
        begun = (columns.outcome == Outcome.PENDING, columns.action.in_(list(actions)))
        return self._results(RESULTS.where(*begun))

    def made(self, made_id: str, action: Action) -> ActionResult | None:
        """Return the result that made what has an id; None if there is none."""
        found = self._results(RESULTS.where(action_results.c.granted == made_id, action_results.c.action == action))
        return found[0] if found else None

    def get(self, offer_key: str, action: Action) -> ActionResult | None:
        """Return what came of an offer; None if it was not done."""
        with self._database.reading() as connection:
            return _result(connection, offer_key, action)

    def ended(self, exemption_id: str) -> ActionResult | None:
        """Return how an exemption was ended or undone; None if nobody did that."""
        with self._database.reading() as connection:
            return _ended(connection, exemption_id)

    def of_message(self, message: str) -> tuple[ActionResult, ...]:
        """Return what was done in a message, whatever its rendering, and what ended it, in the order of time."""
        made_there = select(action_results.c.granted).join(offers, offers.c.key == action_results.c.offer)
        made_there = made_there.where(offers.c.message == message, action_results.c.action.not_in(ENDINGS))
        ended = action_results.c.action.in_(ENDINGS) & action_results.c.granted.in_(made_there)
        return self._results(RESULTS.where(or_(offers.c.message == message, ended)))

    def of_user(self, user_id: str, since: datetime) -> tuple[ActionResult, ...]:
        """Return what a user did from `since` on, in the order of time."""
        return self._results(RESULTS.where(action_results.c.user_id == user_id, action_results.c.done >= since))

    def since(self, at: datetime) -> tuple[ActionResult, ...]:
        """Return what was done from `at` on, in the order of time."""
        return self._results(RESULTS.where(action_results.c.done >= at))

    def words(self, action: Action, made_ids: Iterable[str]) -> Mapping[str, str]:
        """Return what was written with actions, by the ids of what they made."""
        made = (action_results.c.action == action, action_results.c.granted.in_(list(made_ids)))
        query = select(action_results.c.granted, action_results.c.reason).where(*made)
        with self._database.reading() as connection:
            return {row.granted: row.reason for row in connection.execute(query).all()}

    def not_shown(self) -> tuple[ActionResult, ...]:
        """Return what direct messages do not say yet, in the order of time."""
        return self._results(RESULTS.where(~action_results.c.shown))

    def mark_shown(self, results: Iterable[ActionResult]) -> None:
        """Record that the direct messages say so, unless something else came of a result meanwhile."""
        columns = action_results.c
        with self._database.writing() as connection:
            for one in results:
                this = (columns.offer == one.offer.key, columns.action == one.action, columns.outcome == one.outcome)
                connection.execute(update(action_results).where(*this).values(shown=True))

    def show_again(self, since: datetime) -> None:
        """Record that direct messages do not say yet what was done from `since` on."""
        with self._database.writing() as connection:
            connection.execute(update(action_results).where(action_results.c.done >= since).values(shown=False))

    def _results(self, query: Select[Any]) -> tuple[ActionResult, ...]:
        with self._database.reading() as connection:
            return read_results(connection, query)


RESULTS = select(offers, action_results).join(offers, offers.c.key == action_results.c.offer)
"""Every result with its offer."""


def read_results(connection: Connection, query: Select[Any]) -> tuple[ActionResult, ...]:
    """Return the results of a query like `RESULTS`, in the order of time."""
    ordered = query.order_by(action_results.c.done, action_results.c.offer)
    return tuple(map(result_of, connection.execute(ordered).all()))


def _end(connection: Connection, result: ActionResult) -> bool:
    """End the exemption or the disclaimer that has the id: no two things have the same. Returns False if it is over."""
    ends = (end_exemption, end_disclaimer)
    return any(end(connection, result.made_id, result.at) for end in ends)


def begin_action(
    connection: Connection, result: ActionResult, brakes: Brakes | None, record: AuditRecord
) -> Refusal | None:
    """Save that an action in AWS is about to be tried, with its slot. The caller then appends `record`.

    Returns why it may not begin, after a record of that was appended.
    """
    lock_brakes(connection)
    if refusal := _not_to_begin(connection, result, brakes):
        append(connection, _refused_record(record, refusal))
        return refusal
    _forget_failed(connection, result)
    insert_result(connection, result)
    if brakes:
        take_slot(connection, Slot(result.user_id, result.action, result.at))
    return None


def save_settled(connection: Connection, result: ActionResult, *, is_told: bool = False) -> bool:
    """Save what came of an action that was begun. Returns False if that was saved before.

    `is_told` is True if the other owners need not be told.
    """
    columns = action_results.c
    this = (columns.offer == result.offer.key, columns.action == result.action, columns.outcome == Outcome.PENDING)
    values = {"outcome": result.outcome, "settled": result.settled_at, "detail": result.detail}
    settled = update(action_results).where(*this).values(**values, shown=False, told=is_told)
    return connection.execute(settled.returning(columns.offer)).first() is not None


def _not_to_begin(connection: Connection, result: ActionResult, brakes: Brakes | None) -> Refusal | None:
    """Return why an action may not begin now."""
    earlier = _result(connection, result.offer.key, result.action)
    if earlier and earlier.outcome is not Outcome.FAILED:
        return Refusal.DONE_ALREADY
    if result.action in ENDINGS and _ended(connection, result.made_id):
        return Refusal.DONE_ALREADY
    if _is_busy(connection, result):
        return Refusal.BUSY
    if brakes is None:
        return None
    current = replace(brakes, slots=read_slots(connection, result.at), switch=read_switch(connection))
    is_braked = current.reached(result.user_id, result.action, result.at) is not Brake.NONE
    return Refusal.BRAKE if is_braked else None


def _is_busy(connection: Connection, result: ActionResult) -> bool:
    """Return True if something else is being done to the same instance. A deletion that waits hinders nothing else."""
    pending = [action_results.c.outcome == Outcome.PENDING, is_about(offers, result.offer.subject)]
    if result.action is not Action.DELETE:
        pending.append(action_results.c.action != Action.DELETE)
    return bool(read_results(connection, RESULTS.where(*pending)))


def _forget_failed(connection: Connection, result: ActionResult) -> None:
    """Delete the result of the same click that failed, so that it can be tried again. The audit log keeps it."""
    columns = action_results.c
    connection.execute(delete(action_results).where(columns.offer == result.offer.key, columns.action == result.action))


def _refused_record(record: AuditRecord, refusal: Refusal) -> AuditRecord:
    return replace(record, result=AuditResult.REFUSED, reason=str(refusal), why="", before={}, after={})


def insert_result(connection: Connection, result: ActionResult) -> bool:
    """Save a result. Returns False, and saves nothing, if its offer and action have one."""
    row = insert(connection, action_results).values(
        offer=result.offer.key,
        action=result.action,
        user_id=result.user_id,
        name=result.name,
        done=result.at,
        granted=result.made_id,
        until=result.until,
        reason=result.reason,
        acted_for=result.acted_for,
        shown=False,
        owners=join_lines(result.owners),
        told=False,
        outcome=result.outcome,
        settled=result.settled_at,
        detail=result.detail,
    )
    unique = [action_results.c.offer, action_results.c.action]
    first = row.on_conflict_do_nothing(index_elements=unique).returning(action_results.c.offer)
    return connection.execute(first).first() is not None


def _result(connection: Connection, offer_key: str, action: Action) -> ActionResult | None:
    query = RESULTS.where(action_results.c.offer == offer_key, action_results.c.action == action)
    row = connection.execute(query).one_or_none()
    return result_of(row) if row else None


def _result_that_keeps(connection: Connection, grant: Grant) -> ActionResult | None:
    """Return the result of a live exemption that covers all of another one; None if there is none."""
    covering = (
        one.id
        for one in exemptions_of(connection, grant.subject)
        if grant.granted_at < grant.until <= one.until and grant.rules <= one.rules
    )
    made = RESULTS.where(action_results.c.granted.in_(list(covering)), action_results.c.action == Action.KEEP)
    return next(iter(read_results(connection, made)), None)


def _lost(connection: Connection, result: ActionResult, record: AuditRecord) -> ActionResult:
    """Return the result of the click that came first, after the record of the other is saved."""
    append(connection, _done_before(record))
    return _result(connection, result.offer.key, result.action) or result


def _ended(connection: Connection, exemption_id: str) -> ActionResult | None:
    ending = (action_results.c.action.in_(ENDINGS), action_results.c.outcome != Outcome.FAILED)
    found = read_results(connection, RESULTS.where(action_results.c.granted == exemption_id, *ending))
    return found[0] if found else None


def _done_before(record: AuditRecord) -> AuditRecord:
    """Return the record of a click that another one preceded, after both were decided."""
    return _refused_record(record, Refusal.DONE_ALREADY)


def result_of(row: Row[Any]) -> ActionResult:
    """Return the result of a row of a query like `RESULTS`."""
    return ActionResult(
        offer_of(row),
        Action(row.action),
        row.user_id,
        row.name,
        row.done,
        row.granted,
        row.until,
        row.reason,
        row.acted_for,
        split_lines(row.owners),
        Outcome(row.outcome),
        row.settled,
        row.detail,
    )
