import pytest

from bailiff_bot.domain.history import Memory
from bailiff_bot.store.database import Database
from bailiff_bot.store.store import Store, open_store
from tests.integration.store.building import CHANNEL, DAY, NOW, SECOND, key, plan, point, post, sighting


def test_what_was_written_down_is_there_after_a_restart(address: str) -> None:
    with open_store(address) as store:
        post(store.ledger, plan(0, sightings=[sighting(key())]))
    with open_store(address) as store:
        assert [one.id for one in store.ledger.unfinished()] == ["dispatch0"]
        assert store.history.recall().sightings == (sighting(key()),)


def test_a_transaction_that_raises_changes_nothing(store: Store) -> None:
    store.ledger.reserve(CHANNEL, NOW, SECOND)
    with pytest.raises(ZeroDivisionError):
        _fail_half_way(store.database)
    assert store.ledger.reserve(CHANNEL, NOW, SECOND) == NOW + SECOND


def _fail_half_way(database: Database) -> None:
    with database.writing() as connection:
        connection.exec_driver_sql("delete from paces")
        raise ZeroDivisionError


def test_who_reads_waits_for_no_writer_and_sees_nothing_half_done(store: Store) -> None:
    store.ledger.plan(plan(0))
    with store.database.writing() as connection:
        connection.exec_driver_sql("delete from dispatches")
        assert len(store.ledger.unfinished()) == 1
    assert store.ledger.unfinished() == ()


def test_who_reads_sees_one_state_whatever_is_written_meanwhile(store: Store) -> None:
    count = "select count(*) from dispatches"
    with store.database.reading() as connection:
        before = connection.exec_driver_sql(count).scalar_one()
        post(store.ledger, plan(1, sightings=[sighting(key())], point=point(NOW + DAY)))
        assert connection.exec_driver_sql(count).scalar_one() == before
    assert store.history.recall() == Memory((sighting(key()),), {}, (point(NOW + DAY),))


def test_a_sqlite_file_does_not_lose_a_claim_when_the_power_fails(store: Store) -> None:
    if store.database.place.startswith("sqlite"):
        with store.database.reading() as connection:
            assert connection.exec_driver_sql("pragma synchronous").scalar_one() == 2, "FULL"
            assert connection.exec_driver_sql("pragma journal_mode").scalar_one() == "wal"
            assert connection.exec_driver_sql("pragma foreign_keys").scalar_one() == 1
    else:
        with store.database.reading() as connection:
            assert connection.exec_driver_sql("show synchronous_commit").scalar_one() == "on"
