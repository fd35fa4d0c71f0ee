"""Work that many processes do at the same time."""

import multiprocessing
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from multiprocessing.synchronize import Barrier
from typing import TypeVar

from bailiff_bot.domain.audit import AuditRecord, AuditResult, Person
from bailiff_bot.store.audit import append
from bailiff_bot.store.migrate import revisions
from bailiff_bot.store.store import Store, store_at
from tests.integration.store.builders import CHANNEL, HOUR, NOW, SECOND, new_batch, plan

T = TypeVar("T")
_FORK_SERVER = multiprocessing.get_context("forkserver")
_FORK_SERVER.set_forkserver_preload([__name__])
_barriers: list[Barrier] = []
DAYS = 200
"""The number of days that every process tries to plan."""


def run_concurrently(processes: int, work: Callable[[str, str], T], address: str) -> list[T]:
    """Do the same work in this many processes at once, each with its own name. Returns their results."""
    barrier = _FORK_SERVER.Barrier(processes)
    pool = _FORK_SERVER.Pool(processes, initializer=_set_barrier, initargs=(barrier,))
    try:
        return pool.starmap(work, [(address, f"process {number}") for number in range(processes)], chunksize=1)
    finally:
        pool.close()
        pool.join()


def _set_barrier(barrier: Barrier) -> None:
    _barriers.append(barrier)


def wait_for_all() -> None:
    """Wait until every process has started its share: so each process gets exactly one."""
    _barriers[0].wait(60)


def migrate_and_open(address: str, _name: str) -> str:
    wait_for_all()
    with store_at(address) as store:
        assert store.deliveries.unfinished() == ()
    return revisions()[-1]


def claim_days(address: str, name: str) -> list[int]:
    """Try to plan every day. Returns the days that this process planned."""
    with store_at(address) as store:
        wait_for_all()
        batch_plans = {number: plan(batch=replace(new_batch(number), id=f"{name} {number}")) for number in range(DAYS)}
        return [number for number, batch_plan in batch_plans.items() if store.deliveries.save_plan(batch_plan)]


def claim_all(address: str, name: str) -> list[str]:
    """Try to claim every delivery. Returns the keys that this process claimed."""
    with store_at(address) as store:
        delivery_keys = [delivery.key for delivery in store.deliveries.deliveries("dispatch0")]
        wait_for_all()
        return [key for key in delivery_keys if store.deliveries.claim(key, name, NOW, NOW + HOUR)]


def reserve_send_times(address: str, _name: str) -> list[float]:
    """Reserve 20 send times in one conversation. Returns them as seconds after `NOW`."""
    with store_at(address) as store:
        wait_for_all()
        return [(store.deliveries.reserve_send_time(CHANNEL, NOW, SECOND) - NOW).total_seconds() for _ in range(20)]


def append_records(address: str, name: str) -> list[int]:
    """Append 25 records in a transaction each, every fifth of which is rolled back. Returns the committed numbers."""
    with store_at(address) as store:
        wait_for_all()
        return [number for index in range(25) if (number := append_or_roll_back(store, name, index))]


def append_or_roll_back(store: Store, name: str, index: int) -> int:
    """Append a record by a person of this name. Returns its number; 0 if it was rolled back."""
    record = AuditRecord(NOW, Person(f"U{index % 3}", name), "keep", AuditResult.DONE, why=name)
    with suppress(ZeroDivisionError), store.database.writing() as connection:
        number = append(connection, record)
        if index % 5 == 0:
            raise ZeroDivisionError
        return number
    return 0


def acquire_lease(address: str, name: str) -> bool:
    with store_at(address) as store:
        wait_for_all()
        return store.leases.acquire("scan", name, NOW, NOW + HOUR)
