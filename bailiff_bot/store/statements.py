"""The few statements that differ between SQLite and PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast
from zlib import crc32

from sqlalchemy import Connection, Table, func, select, text
from sqlalchemy.dialects import sqlite

from bailiff_bot.store.addresses import SQLITE

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

    from bailiff_bot.store.timeout_connection import TimeoutConnection  # psycopg is an extra

_LOCK_NAMESPACE = 0x62_61_69_6C << 32
"""All programs that use a database share its advisory lock numbers. Bailiff's start with the bytes "bail"."""
_LONG_SECONDS = 11 * 60
"""Seconds; longer than the `statement_timeout` of a long statement, which is ten minutes."""


def insert(connection: Connection, table: Table) -> "sqlite.Insert | postgresql.Insert":
    """Return an INSERT that supports ON CONFLICT. To know if it changed a row, use RETURNING, not the row count."""
    if connection.dialect.name == SQLITE:
        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415 - its drivers take 50 ms to import

    return postgresql.insert(table)


def acquire_transaction_lock(connection: Connection, name: str) -> None:
    """Acquire the named lock until the end of the transaction. On SQLite the write lock serves, so it does nothing."""
    if connection.dialect.name != SQLITE:
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK_NAMESPACE + crc32(name.encode()))))


@contextmanager
def long_statement(connection: Connection) -> Iterator[None]:
    """Raise the timeouts of PostgreSQL during the block, to 5 minutes for a lock and 10 minutes for a statement.

    The two timeouts last until the end of the transaction, so it should end soon after the block.
    """
    if connection.dialect.name == SQLITE:
        yield
        return
    connection.execute(text("SET LOCAL lock_timeout = '5min'; SET LOCAL statement_timeout = '10min'"))
    with cast("TimeoutConnection", connection.connection.driver_connection).longer_silence(_LONG_SECONDS):
        yield
