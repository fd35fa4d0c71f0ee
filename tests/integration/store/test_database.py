import sqlite3
from pathlib import Path

import psycopg
import pytest

from bailiff_bot.domain.history import DigestHistory
from bailiff_bot.errors import StoreError
from bailiff_bot.store.database import Database
from bailiff_bot.store.store import Store, store_at
from tests.integration.store.builders import (
    CHANNEL,
    DAY,
    NOW,
    SECOND,
    key,
    open_finding,
    plan,
    plan_and_settle_parent,
    trend_point,
)


def test_saved_data_is_there_after_a_restart(address: str) -> None:
    with store_at(address) as store:
        plan_and_settle_parent(store.deliveries, plan(0, findings=[open_finding(key())]))
    with store_at(address) as store:
        assert [batch.id for batch in store.deliveries.unfinished()] == ["dispatch0"]
        assert store.digest_history.load().open_findings == (open_finding(key()),)


def test_a_transaction_that_raises_changes_nothing(store: Store) -> None:
    store.deliveries.reserve_send_time(CHANNEL, NOW, SECOND)
    with pytest.raises(ZeroDivisionError):
        _delete_and_raise(store.database)
    assert store.deliveries.reserve_send_time(CHANNEL, NOW, SECOND) == NOW + SECOND


def _delete_and_raise(database: Database) -> None:
    with database.writing() as connection:
        connection.exec_driver_sql("delete from paces")
        raise ZeroDivisionError


def test_a_reader_does_not_wait_for_a_writer_and_sees_no_uncommitted_change(store: Store) -> None:
    store.deliveries.save_plan(plan(0))
    with store.database.writing() as connection:
        connection.exec_driver_sql("delete from dispatches")
        assert len(store.deliveries.unfinished()) == 1
    assert store.deliveries.unfinished() == ()


def test_a_reader_sees_one_state_during_its_transaction(store: Store) -> None:
    count = "select count(*) from dispatches"
    with store.database.reading() as connection:
        before = connection.exec_driver_sql(count).scalar_one()
        plan_and_settle_parent(store.deliveries, plan(1, findings=[open_finding(key())], point=trend_point(NOW + DAY)))
        assert connection.exec_driver_sql(count).scalar_one() == before
    assert store.digest_history.load() == DigestHistory(
        (open_finding(key()),), {}, (trend_point(NOW + DAY),), planned_at=NOW + DAY
    )


def test_a_connection_that_is_in_use_when_the_database_is_closed_is_closed_at_the_end(database: Database) -> None:
    with database.reading() as connection:
        database.close()
        connection.exec_driver_sql("select 1")
        in_use = connection.connection.driver_connection
    assert in_use
    with pytest.raises((sqlite3.ProgrammingError, psycopg.OperationalError), match="closed"):
        in_use.cursor().execute("select 1")


def test_a_committed_claim_survives_a_power_failure(store: Store) -> None:
    if store.database.name.startswith("sqlite"):
        with store.database.reading() as connection:
            assert connection.exec_driver_sql("pragma synchronous").scalar_one() == 2, "FULL"
            assert connection.exec_driver_sql("pragma journal_mode").scalar_one() == "wal"
            assert connection.exec_driver_sql("pragma foreign_keys").scalar_one() == 1
    else:
        with store.database.reading() as connection:
            assert connection.exec_driver_sql("show synchronous_commit").scalar_one() == "on"


@pytest.mark.parametrize(
    "url_template", ["sqlite:///{}", "sqlite:///file:{}?uri=true", "sqlite:///file:{}?mode=rwc&uri=true"]
)
def test_only_the_owner_can_read_a_new_sqlite_file(tmp_path: Path, url_template: str) -> None:
    with store_at(url_template.format(tmp_path / "bailiff.sqlite")) as store:
        store.deliveries.save_plan(plan())
        modes = {file.name: file.stat().st_mode & 0o777 for file in tmp_path.iterdir()}
    assert modes == dict.fromkeys(["bailiff.sqlite", "bailiff.sqlite-wal", "bailiff.sqlite-shm"], 0o600)


def test_an_existing_sqlite_file_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "bailiff.sqlite"
    path.touch()
    path.chmod(0o640)
    store_at(f"sqlite:///{path}").open().close()
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_missing_sqlite_file_is_not_created_with_mode_rw(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be opened"):
        store_at(f"sqlite:///file:{tmp_path / 'bailiff.sqlite'}?mode=rw&uri=true").open()
    assert not list(tmp_path.iterdir())
