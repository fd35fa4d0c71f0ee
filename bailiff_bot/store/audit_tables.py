"""The tables of the audit log, and how their rows are read. Triggers of the migration refuse to change `audit`."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Column, Connection, Integer, Row, Select, Table, Text, select

from bailiff_bot.domain.audit_chain import START, AuditRow, Link, Words
from bailiff_bot.domain.audit_verification import StoredRow
from bailiff_bot.store.schema import OWN_RETENTION, metadata
from bailiff_bot.store.types import SafeText, UtcDateTime

audit = Table(
    "audit",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("result", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("partition", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("instance", SafeText, nullable=False),
    Column("reason", SafeText, nullable=False),
    Column("why_digest", Text, nullable=False),
    Column("message", SafeText, nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Column("request_id", SafeText, nullable=False),
    Column("removed_through", Integer, index=True),
    Column("removed_hash", Text, nullable=False),
    Column("previous", Text, nullable=False),
    Column("hash", Text, nullable=False),
    info=OWN_RETENTION,
)
"""The rows of the chain, which name people by their keys: the fields of `AuditRow`."""

audit_people = Table(
    "audit_people",
    metadata,
    Column("key", Text, primary_key=True),
    Column("identity", SafeText, nullable=False, unique=True),
    Column("user_id", SafeText, nullable=False),
    Column("name", SafeText, nullable=False),
    Column("address", SafeText, nullable=False),
    Column("last_number", Integer, nullable=False),
    info=OWN_RETENTION,
)
"""The person of each key. `last_number` is the number of the last row that names them."""

audit_words = Table(
    "audit_words",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("salt", Text, nullable=False),
    Column("text", SafeText, nullable=False),
    info=OWN_RETENTION,
)
"""The actor's own words, by the number of the row, which holds only their digest."""

audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, nullable=False),
    Column("hash", Text, nullable=False),
    info=OWN_RETENTION,
)
"""One row: the number and the hash of the last row that was appended. Who appends holds its lock."""

_STORED = (
    select(audit, audit_words.c.salt, audit_words.c.text, audit_people.c.key)
    .outerjoin(audit_words, audit_words.c.number == audit.c.number)
    .outerjoin(audit_people, audit_people.c.key == audit.c.actor)
    .order_by(audit.c.number)
)
_CHUNK = 1000
"""Rows in memory at once while a chain is verified."""


def rows_where(*conditions: Any) -> Select[Any]:
    """Return the query of the rows that fulfil the conditions, by number, for `stored_row`."""
    return _STORED.where(*conditions)


@contextmanager
def all_rows(connection: Connection) -> Iterator[Iterator[StoredRow]]:
    """Yield an iterator over every row by number. It does not hold all of them in memory."""
    with connection.execution_options(yield_per=_CHUNK).execute(_STORED) as found:
        yield map(stored_row, found)


def stored_row(found: Row[Any]) -> StoredRow:
    """Return a row of `rows_where`."""
    row = AuditRow(**{column.name: found._mapping[column] for column in audit.c})  # noqa: SLF001 - its public name
    words = None if found.salt is None else Words(found.salt, found.text)
    return StoredRow(row, words, actor_known=not row.actor or found.key is not None)


def last_appended(connection: Connection) -> Link:
    """Return the last row that was appended; `START` if there was none."""
    found = connection.execute(select(audit_head)).one_or_none()
    return Link(found.number, found.hash) if found else START
