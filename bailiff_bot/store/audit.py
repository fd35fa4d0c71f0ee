"""Appends to the audit log, reads and verifies it, forgets a person, and removes old rows."""

from datetime import datetime, timedelta
from functools import partial
from secrets import token_hex

import structlog
from sqlalchemy import ColumnElement, Connection, delete, func, or_, select, update

from bailiff_bot.domain.audit import FORGOTTEN, AuditEntry, AuditRecord, Person
from bailiff_bot.domain.audit_chain import START, AuditRow, Link, Words, chained, hashed_fields
from bailiff_bot.domain.audit_verification import Break, first_break
from bailiff_bot.store.audit_codec import entry_of, retention_row, row_of
from bailiff_bot.store.audit_tables import (
    all_rows,
    audit,
    audit_head,
    audit_people,
    audit_words,
    last_appended,
    rows_where,
    stored_row,
)
from bailiff_bot.store.database import Database, after_commit
from bailiff_bot.store.statements import insert, long_statement
from bailiff_bot.store.types import safe

log = structlog.get_logger()


def append(connection: Connection, record: AuditRecord) -> int:
    """Append a record in a transaction of `Database.writing`, and return its number. Once committed, it is logged.

    It locks the log until the transaction ends, so that no two rows follow the same one: call it last. Raises
    ValueError for a person without user id, address and name.
    """
    head = _locked_head(connection)
    number = head.number + 1
    words = Words(token_hex(16), safe(record.why)) if record.why else None
    _append_row(connection, row_of(record, words, partial(_key_of, connection, number)), head)
    if words:
        connection.execute(insert(connection, audit_words).values(number=number, salt=words.salt, text=words.text))
    return number


class SqlAuditStore:
    """The audit log of one database. Methods raise StoreError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(self, record: AuditRecord) -> int:
        """Append a record in a transaction of its own, and return its number."""
        with self._database.writing() as connection:
            return append(connection, record)

    def since(self, at: datetime) -> tuple[AuditEntry, ...]:
        """Return the entries from `at` on, in the order in which they were appended."""
        with self._database.reading() as connection:
            return _entries(connection, audit.c.at >= at)

    def latest(self, count: int) -> tuple[AuditEntry, ...]:
        """Return the last `count` entries, in the order in which they were appended."""
        with self._database.reading() as connection:
            return _entries(connection, audit.c.number > last_appended(connection).number - count)

    def verify(self) -> Break | Link:
        """Return the first row at which the chain is broken; the last row if it is not."""
        with self._database.reading() as connection, all_rows(connection) as rows:
            head = last_appended(connection)
            return first_break(rows, head) or head

    def forget(self, identity: str) -> None:
        """Remove the person with this user id or address, and their own words. The chain stays verifiable.

        Raises ValueError if it is empty, which would mean everybody of whom one of the two is not known.
        """
        if not identity:
            raise ValueError("a person to forget needs a user id or an address")
        with self._database.writing() as connection:
            _locked_head(connection)
            known = (audit_people.c.identity, audit_people.c.user_id, audit_people.c.address)
            person = or_(*(column == identity for column in known))
            keys = connection.scalars(delete(audit_people).where(person).returning(_KEY)).all()
            theirs = select(audit.c.number).where(audit.c.actor.in_(keys))
            connection.execute(delete(audit_words).where(audit_words.c.number.in_(theirs)))

    def prune(self, now: datetime, keep_for: timedelta) -> None:
        """Remove the oldest rows, up to the first that is not older than `keep_for`. A new row says so."""
        with self._database.writing() as connection:
            head = _locked_head(connection)
            if last := _last_outdated(connection, now - keep_for, head):
                _append_row(connection, retention_row(last, now), head)
                with long_statement(connection):
                    _delete_through(connection, last.number)


_KEY = audit_people.c.key


def _locked_head(connection: Connection) -> Link:
    """Return the last row of the log, and hold its lock until the transaction ends."""
    first = insert(connection, audit_head).values(id=1, number=START.number, hash=START.hash)
    connection.execute(first.on_conflict_do_nothing(index_elements=[audit_head.c.id]))
    found = connection.execute(select(audit_head).with_for_update()).one()
    return Link(found.number, found.hash)


def _append_row(connection: Connection, unlinked: AuditRow, head: Link) -> None:
    row = chained(unlinked, head)
    values = hashed_fields(row) | {"at": row.at, "hash": row.hash}
    connection.execute(insert(connection, audit).values(_BLANK | values))
    connection.execute(update(audit_head).values(number=row.number, hash=row.hash))
    after_commit(connection, partial(log.info, "audit.recorded", **hashed_fields(row), hash=row.hash))


_BLANK = {column.name: "" for column in audit.c if not column.primary_key and not column.nullable}


def _key_of(connection: Connection, number: int, person: Person) -> str:
    """Return the key of a person, a new one if the log does not know them. Row `number` names them."""
    if not person.identity:
        raise ValueError("a person in an audit record needs a user id, an address or a name")
    values = {"user_id": person.user_id, "name": person.name, "address": person.address}
    row = insert(connection, audit_people).values(
        key=token_hex(8), identity=person.identity, last_number=number, **values
    )
    known = {name: func.coalesce(func.nullif(row.excluded[name], ""), audit_people.c[name]) for name in values}
    upsert = row.on_conflict_do_update(index_elements=[audit_people.c.identity], set_={**known, "last_number": number})
    key: str = connection.execute(upsert.returning(_KEY)).scalar_one()
    return key


def _entries(connection: Connection, condition: ColumnElement[bool]) -> tuple[AuditEntry, ...]:
    people = _people(connection)
    rows = connection.execute(rows_where(condition)).all()
    return tuple(entry_of(stored_row(row), lambda key: people.get(key, FORGOTTEN)) for row in rows)


def _people(connection: Connection) -> dict[str, Person]:
    rows = connection.execute(select(audit_people)).all()
    return {row.key: Person(row.user_id, row.name, row.address) for row in rows}


def _last_outdated(connection: Connection, before: datetime, head: Link) -> Link | None:
    """Return the last of the oldest rows that are older than `before`; None if there is none."""
    first_kept = connection.scalar(select(func.min(audit.c.number)).where(audit.c.at >= before))
    number = head.number if first_kept is None else first_kept - 1
    found = connection.execute(select(audit.c.number, audit.c.hash).where(audit.c.number == number)).one_or_none()
    return Link(found.number, found.hash) if found else None


def _delete_through(connection: Connection, number: int) -> None:
    """Delete the rows up to `number` and what is stored beside them. The row that says so is there already."""
    connection.execute(delete(audit).where(audit.c.number <= number))
    connection.execute(delete(audit_words).where(audit_words.c.number <= number))
    connection.execute(delete(audit_people).where(audit_people.c.last_number <= number))
