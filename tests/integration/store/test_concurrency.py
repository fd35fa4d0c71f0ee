"""Whoever else tries at the same time: a thing is done once."""

from itertools import chain

from bailiff_bot.store.store import Store, open_store
from tests.integration.store.builders import plan, reply, slot
from tests.integration.store.concurrency import (
    DAYS,
    claim_all,
    claim_days,
    migrate_and_open,
    reserve_send_times,
    run_concurrently,
    take_lease,
)


def test_sixteen_processes_claim_each_of_200_days_once(address: str) -> None:
    claimed = list(chain(*run_concurrently(16, claim_days, address)))
    assert sorted(claimed) == list(range(DAYS))
    with open_store(address) as store:
        assert {one.slot for one in store.deliveries.unfinished()} == {slot(number) for number in range(DAYS)}


def test_a_delivery_that_eight_processes_want_is_taken_by_one(address: str, store: Store) -> None:
    store.deliveries.save_plan(plan(0, *(reply(number) for number in range(99))))
    taken = list(chain(*run_concurrently(8, claim_all, address)))
    assert sorted(taken) == sorted(delivery.key for delivery in store.deliveries.deliveries("dispatch0"))


def test_eight_processes_share_one_rate_limit(address: str) -> None:
    reserved = list(chain(*run_concurrently(8, reserve_send_times, address)))
    assert sorted(reserved) == list(range(160))


def test_a_lease_that_eight_processes_want_is_had_by_one(address: str) -> None:
    assert sum(run_concurrently(8, take_lease, address)) == 1


def test_six_processes_may_make_the_tables_at_once(empty_database: str) -> None:
    assert len(run_concurrently(6, migrate_and_open, empty_database)) == 6
