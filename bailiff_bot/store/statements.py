"""The few statements that SQLAlchemy has for each database apart."""

from zlib import crc32

from sqlalchemy import Connection, Table, func, select, text
from sqlalchemy.dialects import postgresql, sqlite

from bailiff_bot.store.engines import SQLITE

_OURS = 0x62_61_69_6C << 32
"""Advisory locks are numbers that all who use a database share: ours begin with "bail"."""


def insert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Return an INSERT that knows ON CONFLICT; whether it did anything is told by RETURNING, not by the row count."""
    return sqlite.insert(table) if connection.dialect.name == SQLITE else postgresql.insert(table)


def stand_in_line(connection: Connection, work: str) -> None:
    """Wait until no other transaction does this work; SQLite has one writer at a time anyway."""
    if connection.dialect.name != SQLITE:
        connection.execute(select(func.pg_advisory_xact_lock(_OURS + crc32(work.encode()))))


def be_patient(connection: Connection) -> None:
    """Let this transaction's statements take a while."""
    if connection.dialect.name != SQLITE:
        connection.execute(text("SET LOCAL lock_timeout = '5min'; SET LOCAL statement_timeout = '10min'"))
