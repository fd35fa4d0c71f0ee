"""Translates database errors into one line: what happened, where, and what to do."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bailiff_bot.errors import StoreError

_EXPLANATIONS = (
    (("SQLITE_FULL", "53100"), "has no space left: free some on its disk"),
    (("SQLITE_READONLY", "25006"), "is read-only: give Bailiff's user write access to it and its folder"),
    (
        ("SQLITE_BUSY", "SQLITE_LOCKED", "55P03"),
        "was locked for too long: check what else uses it, and try again",
    ),
    (("57014",), "took too long: check the load of its server, and try again"),
    (("SQLITE_CANTOPEN",), "cannot be opened: check that its folder exists and that Bailiff may write there"),
    (("SQLITE_NOTADB",), "is not an SQLite database: move that file away, or use another"),
    (("SQLITE_CORRUPT",), "is damaged: restore it from a backup, or move it away to start with an empty one"),
    (("SQLITE_IOERR",), "cannot be read or written: check its disk"),
    (("28",), "refuses the login: check its user and password"),
    (("3D000",), "does not exist: create it"),
    (("42501",), "refuses access: allow Bailiff's user to create and change tables"),
    (("53300",), "has no free connection: raise its limit, or stop other programs that use it"),
)
"""By prefixes of SQLite's error name or of PostgreSQL's SQLSTATE."""

_UNREACHABLE_CODES = ("08", "57P")
"""The connection was lost, or PostgreSQL is being shut down."""


@contextmanager
def translate_database_errors(database_name: str) -> Iterator[None]:
    """Raise StoreError for each error of SQLAlchemy. `database_name` is the address without secrets."""
    try:
        yield
    except SQLAlchemyError as error:
        raise StoreError(f"The database {database_name} {explanation(error)}.") from error


def explanation(error: SQLAlchemyError) -> str:
    """Return what an error means, as the end of a sentence that starts with the database's name."""
    if isinstance(error, PoolTimeout):
        return "is too busy: all of Bailiff's connections to it are in use; try again"
    origin = error.orig if isinstance(error, StatementError) else error
    code = getattr(origin, "sqlite_errorname", None) or getattr(origin, "sqlstate", None) or ""
    for prefixes, text in _EXPLANATIONS:
        if code.startswith(prefixes):
            return text
    # Base classes too, because psycopg has subclasses such as ConnectionTimeout.
    class_names = {base.__name__ for base in type(origin).__mro__}
    if code.startswith(_UNREACHABLE_CODES) or (not code and "OperationalError" in class_names):
        return f"does not answer ({_first_line(origin)}): check that it runs and can be reached from here"
    details = f"{type(origin).__name__}: {_first_line(origin)}"
    return f"failed unexpectedly ({details}): check that it is Bailiff's own database"


def _first_line(origin: BaseException | None) -> str:
    return " ".join(str(origin).partition("\n")[0].split()).rstrip(".:")
