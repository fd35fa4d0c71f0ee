"""Connects to SQLite or PostgreSQL: their durability and their timeouts."""

import os
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from sqlite3 import Connection as SqliteConnection
from sqlite3 import OperationalError
from time import monotonic, sleep
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from sqlalchemy import URL, Connection, Dialect, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from bailiff_bot.errors import StoreError

SQLITE, POSTGRESQL = "sqlite", "postgresql"
_BUSY_SECONDS = 30
"""Seconds to wait for another writer. With 16 processes that wrote at once, the longest wait was 0.6 s."""
_RETRY_SECONDS = 0.02
"""Seconds between two tries where SQLite itself does not wait."""
_WAL_LIMIT = 16 * 2**20
"""The size in bytes to which SQLite truncates its write-ahead log after a large snapshot."""
_TIMEOUTS = {
    "connect_timeout": "5",
    "tcp_user_timeout": "10000",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "2",
    "options": " ".join(
        f"-c {name}={value}"
        for name, value in {
            "timezone": "UTC",
            "statement_timeout": "12s",
            "lock_timeout": "10s",
            "idle_in_transaction_session_timeout": "60s",
        }.items()
    ),
    "application_name": "bailiff",
}
"""A PostgreSQL that is unreachable or locked fails after seconds. Parameters in the address take precedence.

`bailiff_bot.store.timeout_connection` detects a server that is frozen.
"""

_BAD_VALUE_ERRORS = (ArgumentError, TypeError, ValueError, OverflowError)
"""What SQLAlchemy or a driver raises for an invalid parameter in the address, before it connects."""


@dataclass(frozen=True)
class Engines:
    """The engines of one database, for writing and for reading. They share one connection pool."""

    writing: Engine = field(repr=False)
    reading: Engine = field(repr=False)
    name: str
    """The address without its password and its parameters."""


def create_engines(address: str) -> Engines:
    """Return the engines of an address, `sqlite:///FILE` or `postgresql://USER:PASSWORD@HOST/DATABASE`.

    It does not connect yet. Raises StoreError if the address is invalid.
    """
    url = _parse_url(address)
    name = url.set(drivername=url.get_backend_name(), query={}).render_as_string(hide_password=True)
    if url.get_backend_name() == SQLITE:
        engine = _sqlite_engine(url)
        return Engines(engine, engine.execution_options(reading=True), name)
    engine = _postgresql_engine(url)
    return Engines(engine, engine.execution_options(isolation_level="REPEATABLE READ"), name)


def _parse_url(address: str) -> URL:
    if not address.startswith(f"{SQLITE}:///") and address.count("@") > 1:
        # The end of the password is unknown, so the error must not contain any part of the address.
        raise StoreError("BAILIFF_DATABASE_URL: it has more than one @: write @ in the password as %40.")
    try:
        url = make_url(re.sub(r"^postgres://", "postgresql://", address))
    except (ArgumentError, ValueError):
        raise _bad_url("its value") from None
    if url.drivername in {POSTGRESQL, "postgresql+psycopg"} and url.database:
        return url
    if url.drivername == SQLITE and url.database not in {None, "", ":memory:"} and not url.host and not url.username:
        return url
    raise _bad_url(url.set(query={}).render_as_string(hide_password=True))


def _bad_url(what: str) -> StoreError:
    return StoreError(
        f"BAILIFF_DATABASE_URL: {what} is not a database address: it should be sqlite:///FILE or "
        "postgresql://USER:PASSWORD@HOST/DATABASE."
    )


def _bad_value() -> StoreError:
    return StoreError("BAILIFF_DATABASE_URL: one of its parameters has an invalid value: check the part after the ?.")


def _checked_connect(connect: Callable[..., Any]) -> Callable[[Dialect, Any, list[Any], dict[str, Any]], Any]:
    """Return a connect function that raises StoreError for an invalid parameter in the address."""

    def connect_or_explain(_dialect: Dialect, _record: Any, arguments: list[Any], parameters: dict[str, Any]) -> Any:
        try:
            return connect(*arguments, **parameters)
        except _BAD_VALUE_ERRORS:
            raise _bad_value() from None

    return connect_or_explain


def _sqlite_engine(url: URL) -> Engine:
    timeout = {} if "timeout" in url.query else {"timeout": _BUSY_SECONDS}
    try:
        engine = create_engine(url, hide_parameters=True, connect_args=timeout)
    except _BAD_VALUE_ERRORS:
        raise _bad_value() from None
    event.listen(engine, "do_connect", _create_private_file)
    event.listen(engine, "do_connect", _checked_connect(engine.dialect.connect))
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


def _postgresql_engine(url: URL) -> Engine:
    timeouts = {name: value for name, value in _TIMEOUTS.items() if name not in url.query}
    try:
        from bailiff_bot.store.timeout_connection import TimeoutConnection  # noqa: PLC0415 - psycopg is an extra

        engine = create_engine(
            url.set(drivername="postgresql+psycopg"),
            hide_parameters=True,
            pool_pre_ping=True,
            # A replica of a newer version may change the tables, and prepared statements would fail then.
            connect_args={**timeouts, "prepare_threshold": None},
        )
    except _BAD_VALUE_ERRORS:
        raise _bad_value() from None
    except ModuleNotFoundError as error:
        raise StoreError("PostgreSQL needs psycopg: install bailiff-bot[postgres].") from error
    event.listen(engine, "do_connect", _checked_connect(TimeoutConnection.connect))
    return engine
