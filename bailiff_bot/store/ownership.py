"""Stores who said "not mine", and the owners that triage assigned."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Index, Row, Table, Text, select, true, update

from bailiff_bot.domain.ownership import Assignment, Disclaimer, OwnershipClaims
from bailiff_bot.domain.subject import Subject
from bailiff_bot.store.database import Database
from bailiff_bot.store.schema import KEPT_FOR_EVER, metadata, outdated
from bailiff_bot.store.statements import insert
from bailiff_bot.store.subject_columns import is_about, subject_columns, subject_of_row, subject_values
from bailiff_bot.store.types import SafeText, UtcDateTime

disclaimers = Table(
    "disclaimers",
    metadata,
    Column("id", Text, primary_key=True),
    *subject_columns(),
    Column("title", SafeText, nullable=False),
    Column("user_id", Text, nullable=False),
    Column("name", SafeText, nullable=False),
    Column("address", SafeText, nullable=False),
    Column("said", UtcDateTime, nullable=False),
    Column("until", UtcDateTime, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Index("disclaimers_by_end", "until"),
    Index("disclaimers_by_subject", "account", "region", "subject"),
    info=outdated(lambda table, cutoff: table.c.until < cutoff.before),
)
"""The fields of `Disclaimer`; `said` is when. One that was undone has that time as `until`."""

assignments = Table(
    "assignments",
    metadata,
    Column("id", Text, primary_key=True),
    *subject_columns(),
    Column("user_id", Text, nullable=False),
    Column("name", SafeText, nullable=False),
    Column("address", SafeText, nullable=False),
    Column("assigned_by", Text, nullable=False),
    Column("assigner", SafeText, nullable=False),
    Column("assigned", UtcDateTime, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Index("assignments_by_subject", "account", "region", "subject"),
    info=KEPT_FOR_EVER,
)
"""The fields of `Assignment`; `assigned` is when. An assignment has no end."""


def insert_disclaimer(connection: Connection, disclaimer: Disclaimer) -> None:
    """Save that somebody said "not mine"."""
    values = {
        "title": disclaimer.title,
        "user_id": disclaimer.user_id,
        "name": disclaimer.name,
        "address": disclaimer.address,
        "said": disclaimer.said_at,
        "until": disclaimer.until,
        "fingerprint": disclaimer.fingerprint,
    }
    row = {"id": disclaimer.id, **subject_values(disclaimer.subject), **values}
    connection.execute(insert(connection, disclaimers).values(**row))


def end_disclaimer(connection: Connection, disclaimer_id: str, at: datetime) -> bool:
    """End a disclaimer at a time. Returns False if it is over by then, or unknown."""
    running = (disclaimers.c.id == disclaimer_id) & (disclaimers.c.until > at)
    ended = update(disclaimers).where(running).values(until=at).returning(disclaimers.c.id)
    return connection.execute(ended).first() is not None


def insert_assignment(connection: Connection, assignment: Assignment) -> None:
    """Save the owner that triage assigned."""
    values = {
        "user_id": assignment.user_id,
        "name": assignment.name,
        "address": assignment.address,
        "assigned_by": assignment.assigned_by,
        "assigner": assignment.assigner,
        "assigned": assignment.assigned_at,
        "fingerprint": assignment.fingerprint,
    }
    row = {"id": assignment.id, **subject_values(assignment.subject), **values}
    connection.execute(insert(connection, assignments).values(**row))


def is_assigned(connection: Connection, subject: Subject, since: datetime) -> bool:
    """Return True if triage assigned an owner of a subject at a time or later."""
    later = select(assignments.c.id).where(is_about(assignments, subject), assignments.c.assigned >= since)
    return connection.execute(later).first() is not None


class SqlOwnershipStore:
    """Stores disclaimers and assignments. Each method is one transaction and raises StoreError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, claims: OwnershipClaims) -> None:
        """Save new disclaimers and assignments."""
        with self._database.writing() as connection:
            for disclaimer in claims.disclaimers:
                insert_disclaimer(connection, disclaimer)
            for assignment in claims.assignments:
                insert_assignment(connection, assignment)

    def live(self, now: datetime) -> OwnershipClaims:
        """Return the disclaimers that are not over, and all assignments, each in the order of time."""
        return self._claims(disclaimers.c.until > now, true())

    def of(self, subject: Subject) -> OwnershipClaims:
        """Return all that was said of a subject, also what is over."""
        return self._claims(is_about(disclaimers, subject), is_about(assignments, subject))

    def disclaimer(self, disclaimer_id: str) -> Disclaimer | None:
        """Return the disclaimer with this id; None if there is none."""
        with self._database.reading() as connection:
            found = _disclaimers(connection, disclaimers.c.id == disclaimer_id)
        return found[0] if found else None

    def assignment(self, assignment_id: str) -> Assignment | None:
        """Return the assignment with this id; None if there is none."""
        with self._database.reading() as connection:
            found = _assignments(connection, assignments.c.id == assignment_id)
        return found[0] if found else None

    def _claims(self, of_disclaimers: ColumnElement[bool], of_assignments: ColumnElement[bool]) -> OwnershipClaims:
        with self._database.reading() as connection:
            return OwnershipClaims(_disclaimers(connection, of_disclaimers), _assignments(connection, of_assignments))


def _disclaimers(connection: Connection, condition: ColumnElement[bool]) -> tuple[Disclaimer, ...]:
    query = select(disclaimers).where(condition).order_by(disclaimers.c.said, disclaimers.c.id)
    return tuple(map(disclaimer_of, connection.execute(query).all()))


def _assignments(connection: Connection, condition: ColumnElement[bool]) -> tuple[Assignment, ...]:
    query = select(assignments).where(condition).order_by(assignments.c.assigned, assignments.c.id)
    return tuple(map(_assignment, connection.execute(query).all()))


def disclaimer_of(row: Row[Any]) -> Disclaimer:
    """Return the disclaimer of a row."""
    said = (row.user_id, row.name, row.address, row.said, row.until, row.fingerprint)
    return Disclaimer(row.id, subject_of_row(row), row.title, *said)


def _assignment(row: Row[Any]) -> Assignment:
    owner = (row.user_id, row.name, row.address)
    return Assignment(row.id, subject_of_row(row), *owner, row.assigned_by, row.assigner, row.assigned, row.fingerprint)
