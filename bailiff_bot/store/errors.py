"""Translates database errors into one line: what happened, where, and what to do."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bailiff_bot.errors import StoreError

_EXPLANATIONS = (
    (("SQLITE_FULL", "53100"), "has no room left: make some on its disk"),
    (("SQLITE_READONLY", "25006"), "is read-only: let the user that Bailiff runs as write it, and its folder"),
    (
        ("SQLITE_BUSY", "SQLITE_LOCKED", "55P03"),
        "was locked for too long: look who else holds it, and try again",
    ),
    (("57014",), "took too long: see how busy its server is, and try again"),
    (("SQLITE_CANTOPEN",), "cannot be opened: see that its folder exists, and that Bailiff may write there"),
    (("SQLITE_NOTADB",), "is no SQLite database: move that file away, or name another"),
    (("SQLITE_CORRUPT",), "is damaged: restore it from a backup, or move it away to begin anew"),
    (("SQLITE_IOERR",), "cannot be read or written: see to its disk"),
    (("28",), "refuses the login: check its user and password"),
    (("3D000",), "does not exist: create it"),
    (("42501",), "allows too little: let Bailiff's user create and change tables there"),
    (("53300",), "has no connection left: raise its limit, or stop who else uses them"),
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
        return f"does not answer ({_first_line(origin)}): see that it runs and can be reached from here"
    details = f"{type(origin).__name__}: {_first_line(origin)}"
    return f"failed in a way that should not be ({details}): see that it is Bailiff's own"


def _first_line(origin: BaseException | None) -> str:
    return " ".join(str(origin).partition("\n")[0].split()).rstrip(".:")
