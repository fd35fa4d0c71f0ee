"""The few statements that SQLAlchemy has for each database apart."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast
from zlib import crc32

from sqlalchemy import Connection, Table, func, select, text
from sqlalchemy.dialects import postgresql, sqlite

from bailiff_bot.store.engines import SQLITE

if TYPE_CHECKING:
    from bailiff_bot.store.timeout_connection import TimeoutConnection  # psycopg is an extra

_LOCK_NAMESPACE = 0x62_61_69_6C << 32
"""Advisory locks are numbers that all who use a database share: ours begin with "bail"."""
_LONG_SECONDS = 11 * 60
"""Seconds; longer than the ten minutes of a statement that may take a while."""


def insert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Return an INSERT that knows ON CONFLICT; whether it did anything is told by RETURNING, not by the row count."""
    return sqlite.insert(table) if connection.dialect.name == SQLITE else postgresql.insert(table)


def acquire_transaction_lock(connection: Connection, name: str) -> None:
    """Wait until no other transaction does this work; SQLite has one writer at a time anyway."""
    if connection.dialect.name != SQLITE:
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK_NAMESPACE + crc32(name.encode()))))


@contextmanager
def long_statement(connection: Connection) -> Iterator[None]:
    """Let the statements of a transaction that ends soon after take a while."""
    if connection.dialect.name == SQLITE:
        yield
        return
    connection.execute(text("SET LOCAL lock_timeout = '5min'; SET LOCAL statement_timeout = '10min'"))
    with cast("TimeoutConnection", connection.connection.driver_connection).longer_silence(_LONG_SECONDS):
        yield
