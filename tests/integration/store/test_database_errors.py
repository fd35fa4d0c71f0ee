"""Every database error is one line: what happened, where, and what to do. It contains no password."""

import socket
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from time import monotonic

import pytest
from sqlalchemy import Connection

from bailiff_bot.errors import StoreError
from bailiff_bot.store.engines import create_engines
from bailiff_bot.store.store import Store, store_at
from bailiff_bot.store.timeout_connection import TimeoutConnection
from tests.integration.store.builders import NOW, SECOND, new_batch, plan
from tests.integration.store.database_errors import PASSWORD, checked_message, open_error, write_error
from tests.integration.store.postgres import Postgres, database_name


@pytest.fixture(scope="module")
def restartable_server() -> Iterator[Postgres]:
    """Start a server that a test may stop and start again."""
    with Postgres() as server:
        yield server


@pytest.mark.parametrize(
    "address",
    [
        "",
        "bailiff",
        "sqlite://",
        "sqlite:///:memory:",
        "postgresql://",
        f"postgresql://bailiff:{PASSWORD}@db.example",
        f"postgresql://bailiff:{PASSWORD}@db.example:port/bailiff",
        f"mysql://bailiff:{PASSWORD}@db.example/bailiff?password={PASSWORD}",
    ],
)
def test_an_invalid_url_is_reported_with_the_right_form(address: str) -> None:
    assert "should be sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE" in open_error(address)


@pytest.mark.parametrize(
    "address",
    [
        "sqlite:///nowhere.sqlite?timeout=abc",
        "sqlite:///nowhere.sqlite?timeout=1&timeout=2",
        "sqlite:///nowhere.sqlite?uri=maybe",
        "sqlite:///nowhere.sqlite?cached_statements=99999999999999",
        "sqlite:///no\x00where.sqlite",
        f"postgresql://bailiff:{PASSWORD}@127.0.0.1:1/bailiff?port=abc",
        f"postgresql://bailiff:{PASSWORD}@127.0.0.1:1/bailiff?host=one,two&port=1,2,3",
    ],
)
def test_an_invalid_option_in_the_url_is_reported(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "BAILIFF_DATABASE_URL: one of its parameters has an invalid value" in open_error(address)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_the_password_is_masked_in_name_and_repr(scheme: str) -> None:
    masked = create_engines(f"{scheme}://bailiff:{PASSWORD}@db.example/bailiff?sslpassword={PASSWORD}")
    assert masked.name == "postgresql://bailiff:***@db.example/bailiff"
    assert PASSWORD not in repr(masked)


def test_the_repr_of_a_store_has_its_address(store: Store) -> None:
    assert store.database.name in repr(store)


def test_a_postgresql_that_does_not_run_is_reported_within_seconds() -> None:
    started = monotonic()
    message = open_error(f"postgresql://bailiff:{PASSWORD}@127.0.0.1:1/bailiff")
    assert "postgresql://bailiff:***@127.0.0.1:1/bailiff does not answer" in message
    assert "check that it runs and can be reached from here" in message
    assert monotonic() - started < 10


def test_a_postgresql_that_accepts_connections_and_never_answers_is_reported() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        message = open_error(f"postgresql://bailiff@127.0.0.1:{silent.getsockname()[1]}/bailiff?connect_timeout=2")
    assert "does not answer" in message


def test_a_missing_database_is_reported(postgres: Postgres) -> None:
    assert "/nowhere does not exist: create it" in open_error(postgres.address("nowhere"))


def test_a_user_who_does_not_exist_is_reported(postgres: Postgres) -> None:
    message = open_error(postgres.create().replace("postgres:@", "joe:@"))
    assert 'refuses the login (role "joe" does not exist): correct the user and the password' in message


def test_a_limit_of_connections_is_reported(postgres: Postgres) -> None:
    postgres.execute("create role limited login connection limit 0")
    message = open_error(postgres.create().replace("postgres:@", "limited:@"))
    assert 'has no free connection (too many connections for role "limited"): raise the limit' in message


def test_a_refusal_of_another_kind_is_reported_in_the_words_of_the_server(postgres: Postgres) -> None:
    address = postgres.create()
    postgres.execute(f"alter database {database_name(address)} allow_connections false")
    assert "refuses the connection (database " in open_error(address)


def test_a_postgresql_that_restarts_is_used_again(restartable_server: Postgres) -> None:
    with store_at(restartable_server.create()) as store:
        assert store.deliveries.save_plan(plan(0))
        restartable_server.stop()
        assert "does not answer" in write_error(store, 1)
        assert "does not answer" in write_error(store, 1)
        restartable_server.start()
        assert store.deliveries.save_plan(plan(1))
        assert len(store.deliveries.unfinished()) == 2


def test_a_suspended_postgresql_is_reported_and_used_again_when_it_resumes(
    restartable_server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TimeoutConnection, "silence_timeout", 1.0)
    with store_at(f"{restartable_server.create()}&connect_timeout=2") as store:
        assert store.deliveries.save_plan(plan(0))
        with restartable_server.frozen():
            assert "does not answer" in write_error(store, 1)
            assert "does not answer" in write_error(store, 1)
        assert store.deliveries.save_plan(plan(1))
        assert len(store.deliveries.unfinished()) == 2


def test_a_transaction_during_which_postgresql_is_suspended_changes_nothing(
    restartable_server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TimeoutConnection, "silence_timeout", 1.0)
    with store_at(restartable_server.create()) as store:
        with (
            ExitStack() as frozen_stack,
            pytest.raises(StoreError, match="it said nothing for 1 s"),
            store.database.writing() as connection,
        ):
            _lease_and_freeze(connection, restartable_server, frozen_stack)
        assert store.leases.acquire("scan", "two", NOW, NOW + SECOND)


def test_a_slow_query_with_many_rows_does_not_time_out(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TimeoutConnection, "silence_timeout", 0.5)
    with store_at(postgres.create()) as store, store.database.reading() as connection:
        # Each row is larger than the send buffer of the server, so one is sent every 50 ms.
        rows = connection.exec_driver_sql("select repeat('x', 9000), pg_sleep(0.05) from generate_series(1, 30)")
        assert len(rows.all()) == 30


def test_a_connection_that_was_lost_while_idle_is_replaced(postgres: Postgres) -> None:
    address = postgres.create()
    with store_at(address) as store:
        _end_connections(postgres, address)
        assert store.deliveries.save_plan(plan(0))


def test_a_transaction_whose_connection_is_lost_changes_nothing(postgres: Postgres) -> None:
    address = postgres.create()
    with store_at(address) as store:
        with pytest.raises(StoreError) as caught, store.database.writing() as connection:
            _lose_connection(connection, postgres, address)
        assert "does not answer" in checked_message(caught)
        assert store.leases.acquire("scan", "two", NOW, NOW + SECOND)


def _lose_connection(connection: Connection, postgres: Postgres, address: str) -> None:
    connection.exec_driver_sql("insert into leases values ('scan', 'one', now())")
    _end_connections(postgres, address)
    connection.exec_driver_sql("select 1")


def _lease_and_freeze(connection: Connection, server: Postgres, frozen_stack: ExitStack) -> None:
    connection.exec_driver_sql("insert into leases values ('scan', 'one', now())")
    frozen_stack.enter_context(server.frozen())
    connection.exec_driver_sql("select 1")


def _end_connections(postgres: Postgres, address: str) -> None:
    """End all connections to a database."""
    ended = f"pg_stat_activity where datname = '{database_name(address)}'"
    postgres.execute(f"select pg_terminate_backend(pid) from {ended}")  # noqa: S608 - our own name


def test_a_read_only_postgresql_is_reported(postgres: Postgres) -> None:
    address = postgres.create()
    store_at(address).open().close()
    with store_at(f"{address}&options=-c%20default_transaction_read_only%3Don") as store:
        assert "is read-only" in write_error(store)


def test_a_locked_sqlite_file_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "bailiff.sqlite"
    with store_at(f"sqlite:///{path}?timeout=0.1") as store:
        with closing(sqlite3.connect(path, isolation_level=None)) as other_connection:
            other_connection.execute("begin immediate")
            assert "was locked for too long" in write_error(store)
        assert store.deliveries.save_plan(plan())


def test_a_full_disk_is_reported_and_the_transaction_is_rolled_back(tmp_path: Path) -> None:
    with store_at(f"sqlite:///{tmp_path / 'bailiff.sqlite'}") as store:
        assert store.deliveries.save_plan(plan(0))
        with store.database.reading() as connection:
            connection.exec_driver_sql("pragma max_page_count = 1")  # the number that it has now
        assert "has no space left: free some on its disk" in write_error(store, 1, size=2000)
        with store.database.reading() as connection:
            connection.exec_driver_sql("pragma max_page_count = 1000000")
        assert store.deliveries.unfinished() == (new_batch(0),)
        assert store.deliveries.save_plan(plan(1))


def test_a_read_only_file_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "bailiff.sqlite"
    store_at(f"sqlite:///{path}").open().close()
    with store_at(f"sqlite:///file:{path}?mode=ro&uri=true") as store:
        assert "is read-only: give Bailiff's user write access to it and its folder" in write_error(store)


def test_a_missing_folder_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "bailiff.sqlite"
    assert f"{path} cannot be opened: check that its folder exists" in open_error(f"sqlite:///{path}")


def test_a_file_that_is_no_database_is_reported_and_not_changed(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("Buy milk. " * 1000)
    assert "is not an SQLite database: move that file away, or use another" in open_error(f"sqlite:///{path}")
    assert path.read_text() == "Buy milk. " * 1000


def test_a_damaged_file_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "bailiff.sqlite"
    store_at(f"sqlite:///{path}").open().close()
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
    assert "is damaged: restore it from a backup, or move it away to start with an empty one" in open_error(
        f"sqlite:///{path}"
    )


def test_a_time_without_a_zone_is_refused(store: Store) -> None:
    with pytest.raises(StoreError, match="has no time zone"):
        store.deliveries.claim("a key", "one", NOW.replace(tzinfo=None), NOW)
