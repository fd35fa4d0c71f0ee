"""Stores the exemptions that were granted in Slack."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Index, Integer, Row, Select, Table, Text, select, update

from bailiff_bot.domain.grants import Grant
from bailiff_bot.domain.rules import RuleId
from bailiff_bot.domain.subject import Subject
from bailiff_bot.store.database import Database
from bailiff_bot.store.schema import metadata, outdated
from bailiff_bot.store.statements import insert
from bailiff_bot.store.subject_columns import is_about, subject_columns, subject_of_row, subject_values
from bailiff_bot.store.types import JSON_VALUE, SafeText, UtcDateTime

exemptions = Table(
    "exemptions",
    metadata,
    Column("id", Text, primary_key=True),
    *subject_columns(),
    Column("rules", JSON_VALUE, nullable=False),
    Column("until", UtcDateTime, nullable=False),
    Column("reason", SafeText, nullable=False),
    Column("granted_by", Text, nullable=False),
    Column("granter", SafeText, nullable=False),
    Column("granted", UtcDateTime, nullable=False),
    Column("extensions", Integer, nullable=False),
    Index("exemptions_by_end", "until"),
    Index("exemptions_by_subject", "account", "region", "subject"),
    info=outdated(lambda table, cutoff: table.c.until < cutoff.before),
)
"""The fields of `Grant`; `granted` is when. An exemption that somebody ended has that time as `until`."""

_RULES = frozenset(RuleId)


def insert_exemption(connection: Connection, grant: Grant) -> None:
    """Save a new exemption. An extension is a new one too: the longest counts."""
    connection.execute(insert(connection, exemptions).values(**_values(grant)))


def end_exemption(connection: Connection, exemption_id: str, at: datetime) -> bool:
    """End an exemption at a time. Returns False if it is over by then, or unknown."""
    running = (exemptions.c.id == exemption_id) & (exemptions.c.until > at)
    ended = update(exemptions).where(running).values(until=at).returning(exemptions.c.id)
    return connection.execute(ended).first() is not None


def exemptions_of(connection: Connection, subject: Subject) -> tuple[Grant, ...]:
    """Return every stored exemption of a subject, also those that are over, in the order in which they were granted."""
    return _grants(connection, select(exemptions).where(is_about(exemptions, subject)))


class SqlExemptionStore:
    """Stores exemptions. Each method is one transaction and raises StoreError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, grant: Grant) -> None:
        """Save a new exemption."""
        with self._database.writing() as connection:
            insert_exemption(connection, grant)

    def end(self, exemption_id: str, at: datetime) -> bool:
        """End an exemption at a time. Returns False if it is over by then, or unknown."""
        with self._database.writing() as connection:
            return end_exemption(connection, exemption_id, at)

    def live(self, now: datetime) -> tuple[Grant, ...]:
        """Return the exemptions that are not over, in the order in which they were granted."""
        with self._database.reading() as connection:
            return _grants(connection, select(exemptions).where(exemptions.c.until > now))

    def get(self, exemption_id: str) -> Grant | None:
        """Return the exemption with this id; None if there is none."""
        with self._database.reading() as connection:
            found = _grants(connection, select(exemptions).where(exemptions.c.id == exemption_id))
        return found[0] if found else None

    def of(self, subject: Subject) -> tuple[Grant, ...]:
        """Return every stored exemption of a subject, also those that are over."""
        with self._database.reading() as connection:
            return exemptions_of(connection, subject)


def _grants(connection: Connection, query: Select[Any]) -> tuple[Grant, ...]:
    ordered = query.order_by(exemptions.c.granted, exemptions.c.id)
    return tuple(map(_grant, connection.execute(ordered).all()))


def _values(grant: Grant) -> dict[str, Any]:
    return {
        "id": grant.id,
        **subject_values(grant.subject),
        "rules": sorted(grant.rules),
        "until": grant.until,
        "reason": grant.reason,
        "granted_by": grant.granted_by,
        "granter": grant.granter,
        "granted": grant.granted_at,
        "extensions": grant.extensions,
    }


def _grant(row: Row[Any]) -> Grant:
    """Return the exemption of a row, without rules that no longer exist."""
    return Grant(
        id=row.id,
        subject=subject_of_row(row),
        rules=frozenset(RuleId(rule) for rule in row.rules if rule in _RULES),
        until=row.until,
        reason=row.reason,
        granted_by=row.granted_by,
        granter=row.granter,
        granted_at=row.granted,
        extensions=row.extensions,
    )
