"""Stores who acts for whom."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Index, Row, Table, Text, select, update

from bailiff_bot.domain.audit import AuditRecord
from bailiff_bot.domain.delegation import Delegation
from bailiff_bot.domain.delivery import BatchPlan
from bailiff_bot.store.audit import append
from bailiff_bot.store.database import Database
from bailiff_bot.store.plans import write_plans
from bailiff_bot.store.schema import metadata, outdated
from bailiff_bot.store.statements import acquire_transaction_lock, insert
from bailiff_bot.store.types import SafeText, UtcDateTime

delegations = Table(
    "delegations",
    metadata,
    Column("id", Text, primary_key=True),
    Column("owner_id", Text, nullable=False),
    Column("owner_name", SafeText, nullable=False),
    Column("owner_address", SafeText, nullable=False),
    Column("delegate_id", Text, nullable=False),
    Column("delegate_name", SafeText, nullable=False),
    Column("identifier", Text, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("until", UtcDateTime, nullable=False),
    Index("delegations_by_end", "until"),
    info=outdated(lambda table, cutoff: table.c.until < cutoff.before),
)
"""The fields of `Delegation`."""


class SqlDelegationStore:
    """Stores delegations. Each method is one transaction and raises StoreError.

    `notice` is the message that tells the other person: it is planned if, and only if, the rest is saved.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, delegation: Delegation, notice: BatchPlan, record: AuditRecord) -> None:
        """Save a delegation instead of those that the owner gave to the same person, and its audit record."""
        same = (delegations.c.owner_id == delegation.owner_id, delegations.c.delegate_id == delegation.delegate_id)
        with self._database.writing() as connection:
            acquire_transaction_lock(connection, "delegations")
            earlier = update(delegations).where(*same, delegations.c.until > delegation.since)
            connection.execute(earlier.values(until=delegation.since))
            connection.execute(insert(connection, delegations).values(_values(delegation)))
            write_plans(connection, [notice])
            append(connection, record)

    def end(self, delegation_id: str, at: datetime, notice: BatchPlan, record: AuditRecord) -> bool:
        """End a delegation at a time, and save the audit record. Returns False if it is over by then, or unknown."""
        running = (delegations.c.id == delegation_id) & (delegations.c.until > at)
        ended = update(delegations).where(running).values(until=at).returning(delegations.c.id)
        with self._database.writing() as connection:
            if connection.execute(ended).first() is None:
                return False
            write_plans(connection, [notice])
            append(connection, record)
            return True

    def get(self, delegation_id: str) -> Delegation | None:
        """Return the delegation with this id; None if there is none, as for a forged one."""
        return next(iter(self._read(delegations.c.id == delegation_id)), None)

    def live(self, now: datetime) -> tuple[Delegation, ...]:
        """Return the delegations that are not over, in the order in which they began."""
        return self._read(delegations.c.until > now)

    def of_owner(self, user_id: str, now: datetime) -> tuple[Delegation, ...]:
        """Return those that a user gave and that are not over."""
        return self._read(delegations.c.owner_id == user_id, delegations.c.until > now)

    def of_delegate(self, user_id: str, now: datetime) -> tuple[Delegation, ...]:
        """Return those by which a user acts for somebody now."""
        return self._read(delegations.c.delegate_id == user_id, delegations.c.until > now)

    def _read(self, *conditions: ColumnElement[bool]) -> tuple[Delegation, ...]:
        query = select(delegations).where(*conditions).order_by(delegations.c.since, delegations.c.id)
        with self._database.reading() as connection:
            return tuple(map(_delegation, connection.execute(query).all()))


_FIELDS = tuple(column.name for column in delegations.c)


def _values(delegation: Delegation) -> dict[str, Any]:
    return {name: getattr(delegation, name) for name in _FIELDS}


def _delegation(row: Row[Any]) -> Delegation:
    return Delegation(**{name: getattr(row, name) for name in _FIELDS})
