"""Many processes and threads append to the audit log at once, and the chain never forks."""

from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from threading import Barrier

import pytest
from sqlalchemy import text

from bailiff_bot.domain.audit_chain import Link
from bailiff_bot.errors import StoreError
from bailiff_bot.store.audit import append
from bailiff_bot.store.store import Store, store_at
from tests.integration.store.audit_records import RECORD, fill
from tests.integration.store.builders import DAY, NOW, SECOND
from tests.integration.store.concurrency import append_or_roll_back, append_records, run_concurrently

COMMITTED = 20
"""Records that each worker commits."""


def append_in_threads(store: Store, threads: int) -> list[int]:
    barrier = Barrier(threads)

    def work(thread: int) -> list[int]:
        barrier.wait(60)
        return [number for index in range(25) if (number := append_or_roll_back(store, f"thread {thread}", index))]

    with ThreadPoolExecutor(threads) as pool:
        return list(chain(*pool.map(work, range(threads))))


def assert_one_chain(address: str, numbers: list[int], workers: int) -> None:
    assert sorted(numbers) == list(range(1, workers * COMMITTED + 1))
    with store_at(address) as store:
        found = store.audit.verify()
        assert isinstance(found, Link), found
        assert found.number == workers * COMMITTED
        with store.database.reading() as connection:
            assert connection.execute(text("select count(*) from audit_people")).scalar_one() == 3


@pytest.mark.parametrize("processes", [2, 8])
def test_processes_append_to_one_chain(address: str, processes: int) -> None:
    numbers = list(chain(*run_concurrently(processes, append_records, address)))
    assert_one_chain(address, numbers, processes)


def test_threads_append_to_one_chain(address: str, store: Store) -> None:
    assert_one_chain(address, append_in_threads(store, 4), 4)


def append_after_others(store: Store, others: Store) -> None:
    with store.database.writing() as connection:
        connection.execute(text("select * from audit_head")).all()
        fill(others, 2)
        append(connection, RECORD)


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_a_transaction_with_an_old_view_of_the_log_fails_rather_than_forks_it(address: str, store: Store) -> None:
    isolated = f"{address}{'&' if '?' in address else '?'}options=-c default_transaction_isolation%3Dserializable"
    with store_at(isolated) as other, pytest.raises(StoreError, match="could not serialize"):
        append_after_others(other, store)
    assert isinstance(store.audit.verify(), Link)


def test_two_replicas_remove_old_rows_once(store: Store) -> None:
    fill(store, 5)
    barrier = Barrier(2)

    def prune(_: int) -> None:
        barrier.wait(60)
        store.audit.prune(NOW + 32 * DAY + SECOND, 30 * DAY)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(prune, range(2)))
    assert [entry.number for entry in store.audit.since(NOW)] == [4, 5, 6]
    assert isinstance(store.audit.verify(), Link)
