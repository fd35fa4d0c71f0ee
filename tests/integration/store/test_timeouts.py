"""PostgreSQL's timeouts hold in each transaction, directly and through a pooler."""

import psycopg
import pytest
from sqlalchemy import Connection

from bailiff_bot.errors import StoreError
from bailiff_bot.store.postgresql_engine import TRANSACTION_SETTINGS
from bailiff_bot.store.statements import long_statement
from bailiff_bot.store.store import store_at
from tests.integration.store.database_errors import checked_message, write_error
from tests.integration.store.postgres import Postgres


@pytest.fixture(params=["postgresql", "pgbouncer"])
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def settings(connection: Connection) -> dict[str, str]:
    """Return the values that the server has for Bailiff's settings."""
    query = "select current_setting('{}')"
    return {name: connection.exec_driver_sql(query.format(name)).scalar_one() for name in TRANSACTION_SETTINGS}


def test_every_transaction_has_the_timeouts(address: str) -> None:
    expected = TRANSACTION_SETTINGS | {"idle_in_transaction_session_timeout": "1min"}
    with store_at(address) as store:
        for transaction in (store.database.reading, store.database.writing, store.database.writing):
            with transaction() as connection:
                assert settings(connection) == expected


def test_a_long_statement_has_more_time_in_its_own_transaction_only(address: str) -> None:
    with store_at(address) as store:
        with store.database.writing() as connection, long_statement(connection):
            longer = settings(connection)
        with store.database.writing() as connection:
            after = settings(connection)
    assert (longer["statement_timeout"], longer["lock_timeout"]) == ("10min", "5min")
    assert (after["statement_timeout"], after["lock_timeout"]) == ("12s", "10s")


def test_a_statement_that_hangs_is_reported(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TRANSACTION_SETTINGS, "statement_timeout", "100ms")
    with store_at(address) as store:
        with pytest.raises(StoreError) as caught, store.database.reading() as connection:
            connection.exec_driver_sql("select pg_sleep(60)")
        assert "took too long: check the load of its server" in checked_message(caught)
        assert store.deliveries.unfinished() == ()


def test_a_locked_table_is_reported(address: str, postgres_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TRANSACTION_SETTINGS, "lock_timeout", "100ms")
    with psycopg.connect(postgres_database) as other_connection, store_at(address) as store:
        other_connection.execute("lock table dispatches in exclusive mode")
        assert "was locked for too long" in write_error(store)


def test_a_transaction_that_does_nothing_is_ended_and_changes_nothing(
    address: str, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(TRANSACTION_SETTINGS, "idle_in_transaction_session_timeout", "100ms")
    with store_at(address) as store:
        with pytest.raises(StoreError) as caught, store.database.writing() as connection:
            _write_and_wait(connection, postgres)
        assert "ended a transaction in which Bailiff paused for too long" in checked_message(caught)
        assert store.deliveries.unfinished() == ()


def _write_and_wait(connection: Connection, postgres: Postgres) -> None:
    """Write, wait until the server has ended the session, and write again."""
    connection.exec_driver_sql("delete from leases")
    session = connection.exec_driver_sql("select pg_backend_pid()").scalar_one()
    postgres.wait_until_ended(session)
    connection.exec_driver_sql("delete from leases")


def test_timeouts_in_the_address_take_precedence(postgres_database: str) -> None:
    address = f"{postgres_database}&options=-c%20lock_timeout%3D3s"
    with store_at(address) as store, store.database.writing() as connection:
        found = settings(connection)
    assert (found["lock_timeout"], found["statement_timeout"]) == ("3s", "12s")
