"""Connects to SQLite: its durability, and how it waits for another writer."""

import os
from contextlib import suppress
from sqlite3 import Connection as SqliteConnection
from sqlite3 import OperationalError
from time import monotonic, sleep
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from sqlalchemy import URL, Connection, Dialect, Engine, create_engine, event

from bailiff_bot.store.addresses import BAD_VALUE_ERRORS, bad_value, checked_connect

_BUSY_SECONDS = 30
"""Seconds to wait for another writer. With 16 processes that wrote at once, the longest wait was 0.6 s."""
_RETRY_SECONDS = 0.02
"""Seconds between two tries where SQLite itself does not wait."""
_WAL_LIMIT = 16 * 2**20
"""The size in bytes to which SQLite truncates its write-ahead log after a large snapshot."""


def sqlite_engine(url: URL) -> Engine:
    """Return an engine that does not connect yet. Raises StoreError if a parameter is invalid."""
    timeout = {} if "timeout" in url.query else {"timeout": _BUSY_SECONDS}
    try:
        engine = create_engine(url, hide_parameters=True, connect_args=timeout)
    except BAD_VALUE_ERRORS:
        raise bad_value() from None
    event.listen(engine, "do_connect", _create_private_file)
    event.listen(engine, "do_connect", checked_connect(engine.dialect.connect))
    event.listen(engine, "connect", _configure_connection)
    event.listen(engine, "begin", _begin)
    return engine


def _create_private_file(_dialect: Dialect, _record: Any, arguments: list[str], parameters: dict[str, Any]) -> None:
    """Create a missing file that only its user can read, because it holds names and addresses.

    It ignores errors: SQLite reports them when it opens the file.
    """
    [file] = arguments
    if parameters.get("uri"):
        address = urlsplit(file)
        if parse_qs(address.query).get("mode", ["rwc"]) != ["rwc"] or address.path == ":memory:":
            return
        file = unquote(address.path)
    with suppress(OSError, ValueError):
        os.close(os.open(file, os.O_CREAT | os.O_EXCL, 0o600))


def _configure_connection(connection: SqliteConnection, _record: Any) -> None:
    connection.isolation_level = None  # otherwise sqlite3 begins transactions itself, and too late
    _enable_wal(connection)
    connection.execute("PRAGMA synchronous = FULL")  # NORMAL may lose a committed claim when the power fails
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA journal_size_limit = {_WAL_LIMIT}")


def _enable_wal(connection: SqliteConnection) -> None:
    """Switch to the write-ahead log. SQLite does not wait if another process is switching the same file: try again."""
    deadline = monotonic() + _BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except OperationalError as error:
            if not error.sqlite_errorname.startswith("SQLITE_BUSY") or monotonic() > deadline:
                raise
            sleep(_RETRY_SECONDS)
        else:
            return


def _begin(connection: Connection) -> None:
    """Take the write lock at the start: a transaction that reads first cannot wait for another writer later."""
    reading = connection.get_execution_options().get("reading")
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
