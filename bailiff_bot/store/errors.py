"""Translates database errors into one line: what happened, where, and what to do."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bailiff_bot.errors import StoreError
from bailiff_bot.store.explanations import explain, first_line

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
    # Base classes too, because psycopg has subclasses such as ConnectionTimeout.
    is_operational = "OperationalError" in {base.__name__ for base in type(origin).__mro__}
    if known := explain(code, str(origin) if is_operational else ""):
        return known
    line = first_line(str(origin))
    if code.startswith(_UNREACHABLE_CODES) or (not code and is_operational):
        return f"does not answer ({line}): check that it runs and can be reached from here"
    return f"failed unexpectedly ({type(origin).__name__}: {line}): check that it is Bailiff's own database"
