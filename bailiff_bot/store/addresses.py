"""Reads the address of a database, and refuses invalid ones without showing a password."""

import re
from collections.abc import Callable
from typing import Any

from sqlalchemy import URL, Dialect, make_url
from sqlalchemy.exc import ArgumentError

from bailiff_bot.errors import StoreError

SQLITE, POSTGRESQL = "sqlite", "postgresql"

BAD_VALUE_ERRORS = (ArgumentError, TypeError, ValueError, OverflowError)
"""What SQLAlchemy or a driver raises for an invalid parameter in the address, before it connects."""


def parse_address(address: str) -> URL:
    """Return the URL of an address. Raises StoreError if it is neither SQLite's nor PostgreSQL's."""
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


def bad_value() -> StoreError:
    """Return the error for an invalid parameter in an address. It does not contain the value."""
    return StoreError("BAILIFF_DATABASE_URL: one of its parameters has an invalid value: check the part after the ?.")


def checked_connect(connect: Callable[..., Any]) -> Callable[[Dialect, Any, list[Any], dict[str, Any]], Any]:
    """Return a connect function that raises StoreError for an invalid parameter in the address."""

    def connect_or_explain(_dialect: Dialect, _record: Any, arguments: list[Any], parameters: dict[str, Any]) -> Any:
        try:
            return connect(*arguments, **parameters)
        except BAD_VALUE_ERRORS:
            raise bad_value() from None

    return connect_or_explain
