"""No part of a password is in an error or a repr, whatever characters it has."""

import traceback
from contextlib import suppress
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bailiff_bot.errors import StoreError
from bailiff_bot.store.database import Database
from bailiff_bot.store.engines import create_engines
from bailiff_bot.store.store import store_at

PASSWORD_PARTS = ("hunter2", "swordfish")
ANY_TEXT = st.text(st.characters(exclude_categories=["C", "Z"]), max_size=5) | st.text("@:/?#%[]&= ", max_size=5)
PASSWORDS = st.tuples(ANY_TEXT, ANY_TEXT, ANY_TEXT).map(
    lambda separators: PASSWORD_PARTS[0].join(separators[:2]) + PASSWORD_PARTS[1] + separators[2]
)
SCHEMES = st.sampled_from(["postgresql", "postgres", "postgresql+psycopg", "mysql", "sqlite", "sqlite+x"])


def error_text(address: str) -> str:
    """Return every text about an address that has no database: reprs and the traceback."""
    message = ""
    with suppress(StoreError):
        message = repr(create_engines(address)) + repr(Database(create_engines(address)))
    with pytest.raises(StoreError) as caught:
        store_at(address).open()
    assert "\n" not in str(caught.value)
    return message + "".join(traceback.format_exception(caught.value))


@settings(max_examples=150)
@given(SCHEMES, PASSWORDS, st.booleans())
def test_no_part_of_a_password_is_shown(scheme: str, password: str, encoded: bool) -> None:  # noqa: FBT001
    quoted = quote(password, safe="") if encoded else password
    message = error_text(f"{scheme}://bailiff:{quoted}@127.0.0.1:1/bailiff?sslmode=disable")
    assert not [part for part in PASSWORD_PARTS if part in message]


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://bailiff:hunter@secret2@host/db",
        "postgresql://bailiff:hunter@secret2/x@host/db",
        "postgresql://bailiff:hunter@secret2?x@host/db",
        "sqlite://bailiff:hunter@secret2@host/db",
    ],
)
def test_an_unencoded_at_sign_in_a_password_is_refused_without_showing_it(address: str) -> None:
    with pytest.raises(StoreError) as caught:
        create_engines(address)
    message = str(caught.value)
    assert message == "BAILIFF_DATABASE_URL: it has more than one @: write @ in the password as %40."


def test_an_encoded_at_sign_in_a_password_is_decoded() -> None:
    database_engines = create_engines("postgresql://bailiff:hunter%40secret2@host/db")
    assert database_engines.writing.url.password == "hunter@secret2"
    assert database_engines.name == "postgresql://bailiff:***@host/db"


def test_a_file_name_may_have_an_at_sign() -> None:
    assert create_engines("sqlite:///me@home/you@home.sqlite").writing.url.database == "me@home/you@home.sqlite"
