"""Of a password nothing is told, however it is written."""

import traceback
from contextlib import suppress
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bailiff_bot.errors import StoreError
from bailiff_bot.store.database import Database
from bailiff_bot.store.engines import create_engines
from bailiff_bot.store.store import open_store

PARTS = ("hunter2", "swordfish")
ANY = st.text(st.characters(exclude_categories=["C", "Z"]), max_size=5) | st.text("@:/?#%[]&= ", max_size=5)
PASSWORDS = st.tuples(ANY, ANY, ANY).map(lambda between: PARTS[0].join(between[:2]) + PARTS[1] + between[2])
SCHEMES = st.sampled_from(["postgresql", "postgres", "postgresql+psycopg", "mysql", "sqlite", "sqlite+x"])


def error_text(address: str) -> str:
    """Return all that is told of an address at which there is no database."""
    said = ""
    with suppress(StoreError):
        said = repr(create_engines(address)) + repr(Database(create_engines(address)))
    with pytest.raises(StoreError) as raised:
        open_store(address)
    assert "\n" not in str(raised.value)
    return said + "".join(traceback.format_exception(raised.value))


@settings(max_examples=150)
@given(SCHEMES, PASSWORDS, st.booleans())
def test_no_part_of_a_password_is_told(scheme: str, password: str, encoded: bool) -> None:  # noqa: FBT001
    written = quote(password, safe="") if encoded else password
    said = error_text(f"{scheme}://bailiff:{written}@127.0.0.1:1/bailiff?sslmode=disable")
    assert not [part for part in PARTS if part in said]


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://bailiff:hunter@secret2@host/db",
        "postgresql://bailiff:hunter@secret2/x@host/db",
        "postgresql://bailiff:hunter@secret2?x@host/db",
        "sqlite://bailiff:hunter@secret2@host/db",
    ],
)
def test_an_at_in_a_password_is_to_be_encoded_and_nothing_is_repeated(address: str) -> None:
    with pytest.raises(StoreError) as raised:
        create_engines(address)
    said = str(raised.value)
    assert said == "BAILIFF_DATABASE_URL: it has more than one @: write @ in the password as %40."


def test_an_at_that_is_encoded_is_one() -> None:
    found = create_engines("postgresql://bailiff:hunter%40secret2@host/db")
    assert found.writing.url.password == "hunter@secret2"
    assert found.name == "postgresql://bailiff:***@host/db"


def test_a_file_may_have_an_at_in_its_name() -> None:
    assert create_engines("sqlite:///me@home/you@home.sqlite").writing.url.database == "me@home/you@home.sqlite"
