"""Whatever happens to a database is told in one line: what, where, and what to do. No password is in it."""

import socket
import sqlite3
import traceback
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from time import monotonic

import psycopg
import pytest
from sqlalchemy import Connection

from bailiff_bot.errors import StoreError
from bailiff_bot.store.engines import create_engines
from bailiff_bot.store.store import Store, open_store
from bailiff_bot.store.timeout_connection import TimeoutConnection
from tests.integration.store.builders import NOW, SECOND, new_batch, plan, reply
from tests.integration.store.postgres import Postgres

PASSWORD = "hunter2"


@pytest.fixture(scope="module")
def own_server() -> Iterator[Postgres]:
    """Start a server that a test may stop, if it starts it again."""
    with Postgres() as server:
        yield server


def line(raised: pytest.ExceptionInfo[StoreError]) -> str:
    """Return the message, once it is seen to be one line, and that no secret is in it nor in what led to it."""
    message = str(raised.value)
    assert "\n" not in message
    assert message.endswith(".")
    assert PASSWORD not in "".join(traceback.format_exception(raised.value))
    return message


def opening(address: str) -> str:
    with pytest.raises(StoreError) as raised:
        open_store(address)
    return line(raised)


def writing(store: Store, number: int = 0, size: int = 1) -> str:
    """Return what is said when a plan cannot be written."""
    with pytest.raises(StoreError) as raised:
        store.deliveries.save_plan(plan(number, *(reply(part) for part in range(size))))
    return line(raised)


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
def test_what_is_no_address_is_told_with_what_it_should_be(address: str) -> None:
    assert "should be sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE" in opening(address)


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
def test_a_value_that_it_cannot_have_is_told(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "BAILIFF_DATABASE_URL: a part of it has a value that it cannot have" in opening(address)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_a_password_is_nowhere(scheme: str) -> None:
    found = create_engines(f"{scheme}://bailiff:{PASSWORD}@db.example/bailiff?sslpassword={PASSWORD}")
    assert found.name == "postgresql://bailiff:***@db.example/bailiff"
    assert PASSWORD not in repr(found)


def test_a_store_says_where_it_is(store: Store) -> None:
    assert store.database.name in repr(store)


def test_a_postgresql_that_nobody_runs_is_told_within_seconds() -> None:
    began = monotonic()
    said = opening(f"postgresql://bailiff:{PASSWORD}@127.0.0.1:1/bailiff")
    assert "postgresql://bailiff:***@127.0.0.1:1/bailiff does not answer" in said
    assert "see that it runs and can be reached from here" in said
    assert monotonic() - began < 10


def test_a_postgresql_that_takes_connections_and_says_nothing_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        said = opening(f"postgresql://bailiff@127.0.0.1:{silent.getsockname()[1]}/bailiff?connect_timeout=2")
    assert "does not answer" in said


def test_a_database_that_is_not_there_is_told(postgres: Postgres) -> None:
    assert 'database "nowhere" does not exist' in opening(postgres.address("nowhere"))


def test_a_postgresql_that_stops_and_comes_back_is_used_again(own_server: Postgres) -> None:
    with open_store(own_server.create()) as store:
        assert store.deliveries.save_plan(plan(0))
        own_server.stop()
        assert "does not answer" in writing(store, 1)
        assert "does not answer" in writing(store, 1)
        own_server.start()
        assert store.deliveries.save_plan(plan(1))
        assert len(store.deliveries.unfinished()) == 2


def test_a_postgresql_that_is_frozen_is_told_and_used_again_when_it_wakes(
    own_server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TimeoutConnection, "silence_timeout", 1.0)
    with open_store(f"{own_server.create()}&connect_timeout=2") as store:
        assert store.deliveries.save_plan(plan(0))
        with own_server.frozen():
            assert "does not answer" in writing(store, 1)
            assert "does not answer" in writing(store, 1)
        assert store.deliveries.save_plan(plan(1))
        assert len(store.deliveries.unfinished()) == 2


def test_a_postgresql_that_freezes_within_a_transaction_leaves_nothing_behind(
    own_server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TimeoutConnection, "silence_timeout", 1.0)
    with open_store(own_server.create()) as store:
        with (
            ExitStack() as frozen,
            pytest.raises(StoreError, match="it said nothing for 1 s"),
            store.database.writing() as connection,
        ):
            _lease_and_freeze(connection, own_server, frozen)
        assert store.leases.acquire("scan", "two", NOW, NOW + SECOND)


def test_a_postgresql_that_works_for_long_at_many_rows_is_not_taken_for_frozen(
    postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TimeoutConnection, "silence_timeout", 0.5)
    with open_store(postgres.create()) as store, store.database.reading() as connection:
        # More than a server gathers before it sends, every 50 ms.
        rows = connection.exec_driver_sql("select repeat('x', 9000), pg_sleep(0.05) from generate_series(1, 30)")
        assert len(rows.all()) == 30


def test_a_connection_that_was_lost_while_nobody_used_it_is_made_anew(postgres: Postgres) -> None:
    address = postgres.create()
    with open_store(address) as store:
        _cut(postgres, address)
        assert store.deliveries.save_plan(plan(0))


def test_a_connection_that_is_lost_in_the_middle_leaves_nothing_behind(postgres: Postgres) -> None:
    address = postgres.create()
    with open_store(address) as store:
        with pytest.raises(StoreError) as raised, store.database.writing() as connection:
            _lose(connection, postgres, address)
        assert "does not answer" in line(raised)
        assert store.leases.acquire("scan", "two", NOW, NOW + SECOND)


def _lose(connection: Connection, postgres: Postgres, address: str) -> None:
    connection.exec_driver_sql("insert into leases values ('scan', 'one', now())")
    _cut(postgres, address)
    connection.exec_driver_sql("select 1")


def _lease_and_freeze(connection: Connection, server: Postgres, frozen: ExitStack) -> None:
    connection.exec_driver_sql("insert into leases values ('scan', 'one', now())")
    frozen.enter_context(server.frozen())
    connection.exec_driver_sql("select 1")


def _cut(postgres: Postgres, address: str) -> None:
    """End all connections to a database."""
    name = address.partition("?")[0].rpartition("/")[2]
    postgres.execute(f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'")  # noqa: S608


def test_a_postgresql_table_that_somebody_locks_is_told(postgres: Postgres) -> None:
    address = postgres.create()
    open_store(address).close()
    with (
        psycopg.connect(address) as other,
        open_store(f"{address}&options=-c%20lock_timeout%3D100ms") as store,
    ):
        other.execute("lock table dispatches in exclusive mode")
        assert "was locked for too long" in writing(store)


def test_a_postgresql_that_only_reads_is_told(postgres: Postgres) -> None:
    address = postgres.create()
    open_store(address).close()
    with open_store(f"{address}&options=-c%20default_transaction_read_only%3Don") as store:
        assert "is read-only" in writing(store)


def test_a_sqlite_file_that_somebody_locks_is_told(tmp_path: Path) -> None:
    sqlite_template = tmp_path / "bailiff.sqlite"
    with open_store(f"sqlite:///{sqlite_template}?timeout=0.1") as store:
        other = sqlite3.connect(sqlite_template, isolation_level=None)
        other.execute("begin immediate")
        assert "was locked for too long" in writing(store)
        other.close()
        assert store.deliveries.save_plan(plan())


def test_a_full_disk_is_told_and_what_was_begun_is_undone(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path / 'bailiff.sqlite'}") as store:
        assert store.deliveries.save_plan(plan(0))
        with store.database.reading() as connection:
            connection.exec_driver_sql("pragma max_page_count = 1")  # as many as it has now
        assert "has no room left: make some on its disk" in writing(store, 1, size=2000)
        with store.database.reading() as connection:
            connection.exec_driver_sql("pragma max_page_count = 1000000")
        assert store.deliveries.unfinished() == (new_batch(0),)
        assert store.deliveries.save_plan(plan(1))


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    sqlite_template = tmp_path / "bailiff.sqlite"
    open_store(f"sqlite:///{sqlite_template}").close()
    with open_store(f"sqlite:///file:{sqlite_template}?mode=ro&uri=true") as store:
        assert "is read-only: let the user that Bailiff runs as write it, and its folder" in writing(store)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    sqlite_template = tmp_path / "nowhere" / "bailiff.sqlite"
    assert f"{sqlite_template} cannot be opened: see that its folder exists" in opening(f"sqlite:///{sqlite_template}")


def test_a_file_that_is_no_database_is_told_and_left_as_it_is(tmp_path: Path) -> None:
    sqlite_template = tmp_path / "notes.txt"
    sqlite_template.write_text("Buy milk. " * 1000)
    assert "is no SQLite database: move that file away, or name another" in opening(f"sqlite:///{sqlite_template}")
    assert sqlite_template.read_text() == "Buy milk. " * 1000


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    sqlite_template = tmp_path / "bailiff.sqlite"
    open_store(f"sqlite:///{sqlite_template}").close()
    content = sqlite_template.read_bytes()
    sqlite_template.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
    assert "is damaged: restore it from a backup, or move it away to begin anew" in opening(
        f"sqlite:///{sqlite_template}"
    )


def test_an_instant_without_a_zone_is_a_mistake_of_ours(store: Store) -> None:
    with pytest.raises(StoreError, match="has no time zone"):
        store.deliveries.claim("a key", "one", NOW.replace(tzinfo=None), NOW)
