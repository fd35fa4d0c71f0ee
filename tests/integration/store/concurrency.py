"""What many processes do at the same time."""

import multiprocessing
from collections.abc import Callable
from dataclasses import replace
from multiprocessing.synchronize import Barrier
from typing import TypeVar

from bailiff_bot.store.migrate import REVISIONS
from bailiff_bot.store.store import open_store
from tests.integration.store.builders import CHANNEL, HOUR, NOW, SECOND, new_batch, plan

T = TypeVar("T")
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload([__name__])
_started: list[Barrier] = []
DAYS = 200
"""To be claimed by every process."""


def run_concurrently(processes: int, work: Callable[[str, str], T], address: str) -> list[T]:
    """Have so many processes do the same work at once, each with a name, and return what each of them got."""
    barrier = _FORKS.Barrier(processes)
    pool = _FORKS.Pool(processes, initializer=_start, initargs=(barrier,))
    try:
        return pool.starmap(work, [(address, f"process {number}") for number in range(processes)], chunksize=1)
    finally:
        pool.close()
        pool.join()


def _start(barrier: Barrier) -> None:
    _started.append(barrier)


def wait_for_all() -> None:
    """Wait until all are: so each process gets exactly one share of the work."""
    _started[0].wait(60)


def migrate_and_open(address: str, _name: str) -> str:
    wait_for_all()
    with open_store(address) as store:
        assert store.deliveries.unfinished() == ()
    return REVISIONS[-1]


def claim_days(address: str, name: str) -> list[int]:
    """Claim every day, and return those that were got."""
    with open_store(address) as store:
        wait_for_all()
        plans = {number: plan(batch=replace(new_batch(number), id=f"{name} {number}")) for number in range(DAYS)}
        return [number for number, planned in plans.items() if store.deliveries.save_plan(planned)]


def claim_all(address: str, name: str) -> list[str]:
    """Take every delivery, and return those that were got."""
    with open_store(address) as store:
        keys = [delivery.key for delivery in store.deliveries.deliveries("dispatch0")]
        wait_for_all()
        return [key for key in keys if store.deliveries.claim(key, name, NOW, NOW + HOUR)]


def reserve_send_times(address: str, _name: str) -> list[float]:
    """Reserve turns in one conversation, and return them as seconds from now on."""
    with open_store(address) as store:
        wait_for_all()
        return [(store.deliveries.reserve_send_time(CHANNEL, NOW, SECOND) - NOW).total_seconds() for _ in range(20)]


def take_lease(address: str, name: str) -> bool:
    with open_store(address) as store:
        wait_for_all()
        return store.leases.acquire("scan", name, NOW, NOW + HOUR)
