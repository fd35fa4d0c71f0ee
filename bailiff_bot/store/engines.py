"""How either database is connected to: what it keeps when the power fails, and how long anything may wait."""

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
"""Seconds to wait for another writer: of 16 processes that race the slowest waited 0.6 s."""
_RETRY_SECONDS = 0.02
"""Seconds between two attempts where SQLite does not wait by itself."""
_WAL_LIMIT = 16 * 2**20
"""Bytes to which the log beside the SQLite file is cut after a large snapshot."""
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
"""A PostgreSQL that is away or locked costs seconds; an address whose parameters say otherwise has its way.

One that is frozen is told by its silence, see `attentive`.
"""

_BAD_VALUE_ERRORS = (ArgumentError, TypeError, ValueError, OverflowError)
"""What is raised for a parameter's value before there is a connection: by SQLAlchemy, or by a driver as it is."""


@dataclass(frozen=True)
class Engines:
    """An engine for each kind of transaction, over one pool, and where they lead to."""

    writing: Engine = field(repr=False)
    reading: Engine = field(repr=False)
    name: str
    """The address without its password and its parameters."""


def create_engines(address: str) -> Engines:
    """Return the engines of an address, `sqlite:///FILE` or `postgresql://USER:PASSWORD@HOST/DATABASE`.

    Connects nowhere yet. Raises StoreError when it is no such address.
    """
    url = _url(address)
    place = url.set(drivername=url.get_backend_name(), query={}).render_as_string(hide_password=True)
    if url.get_backend_name() == SQLITE:
        engine = _sqlite(url)
        return Engines(engine, engine.execution_options(reading=True), place)
    engine = _postgresql(url)
    return Engines(engine, engine.execution_options(isolation_level="REPEATABLE READ"), place)


def _url(address: str) -> URL:
    if not address.startswith(f"{SQLITE}:///") and address.count("@") > 1:
        # It is not known where the password ends: no part of such an address is repeated.
        raise StoreError("BAILIFF_DATABASE_URL: it has more than one @: write @ in the password as %40.")
    try:
        url = make_url(re.sub(r"^postgres://", "postgresql://", address))
    except (ArgumentError, ValueError):
        raise _bad_url("what it holds") from None
    if url.drivername in {POSTGRESQL, "postgresql+psycopg"} and url.database:
        return url
    if url.drivername == SQLITE and url.database not in {None, "", ":memory:"} and not url.host and not url.username:
        return url
    raise _bad_url(url.set(query={}).render_as_string(hide_password=True))


def _bad_url(what: str) -> StoreError:
    return StoreError(
        f"BAILIFF_DATABASE_URL: {what} is no address of a database: it should be sqlite:///FILE or "
        "postgresql://USER:PASSWORD@HOST/DATABASE."
    )


def _bad_value() -> StoreError:
    return StoreError("BAILIFF_DATABASE_URL: a part of it has a value that it cannot have: see what follows its ?.")


def _checked_connect(connect: Callable[..., Any]) -> Callable[[Dialect, Any, list[Any], dict[str, Any]], Any]:
    """Return a connect of whose errors what is said of a parameter's value is no error of a database."""

    def connected(_dialect: Dialect, _record: Any, arguments: list[Any], parameters: dict[str, Any]) -> Any:
        try:
            return connect(*arguments, **parameters)
        except _BAD_VALUE_ERRORS:
            raise _bad_value() from None

    return connected


def _sqlite(url: URL) -> Engine:
    waits = {} if "timeout" in url.query else {"timeout": _BUSY_SECONDS}
    try:
        engine = create_engine(url, hide_parameters=True, connect_args=waits)
    except _BAD_VALUE_ERRORS:
        raise _bad_value() from None
    event.listen(engine, "do_connect", _create_private_file)
    event.listen(engine, "do_connect", _checked_connect(engine.dialect.connect))
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _create_private_file(_dialect: Dialect, _record: Any, arguments: list[str], parameters: dict[str, Any]) -> None:
    """Make a new file that only its owner reads: names and addresses are in it. What stands in the way SQLite tells."""
    [file] = arguments
    if parameters.get("uri"):
        address = urlsplit(file)
        if parse_qs(address.query).get("mode", ["rwc"]) != ["rwc"] or address.path == ":memory:":
            return
        file = unquote(address.path)
    with suppress(OSError, ValueError):
        os.close(os.open(file, os.O_CREAT | os.O_EXCL, 0o600))


def _prepare(connection: SqliteConnection, _record: Any) -> None:
    connection.isolation_level = None  # sqlite3 would begin transactions of its own, and those too late
    _enable_wal(connection)
    connection.execute("PRAGMA synchronous = FULL")  # NORMAL may lose a committed claim when the power fails
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA journal_size_limit = {_WAL_LIMIT}")


def _enable_wal(connection: SqliteConnection) -> None:
    """Use WAL: whoever opens a new file has to switch it, and SQLite waits for no other that does so just now."""
    until = monotonic() + _BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except OperationalError as error:
            if not error.sqlite_errorname.startswith("SQLITE_BUSY") or monotonic() > until:
                raise
            sleep(_RETRY_SECONDS)
        else:
            return


def _begin(connection: Connection) -> None:
    """Ask for the write lock at once: who reads first and writes then cannot wait for another writer."""
    reading = connection.get_execution_options().get("reading")
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _postgresql(url: URL) -> Engine:
    waits = {name: value for name, value in _TIMEOUTS.items() if name not in url.query}
    try:
        from bailiff_bot.store.timeout_connection import TimeoutConnection  # noqa: PLC0415 - psycopg is an extra

        engine = create_engine(
            url.set(drivername="postgresql+psycopg"),
            hide_parameters=True,
            pool_pre_ping=True,
            # A replica of a newer version may change tables under statements that are prepared.
            connect_args={**waits, "prepare_threshold": None},
        )
    except _BAD_VALUE_ERRORS:
        raise _bad_value() from None
    except ModuleNotFoundError as error:
        raise StoreError("PostgreSQL needs psycopg: install bailiff-bot[postgres].") from error
    event.listen(engine, "do_connect", _checked_connect(TimeoutConnection.connect))
    return engine
