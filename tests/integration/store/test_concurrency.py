"""Work that many processes try at the same time is done once."""

from itertools import chain

from bailiff_bot.store.store import Store, store_at
from tests.integration.store.builders import plan, reply, slot
from tests.integration.store.concurrency import (
    DAYS,
    acquire_lease,
    claim_all,
    claim_days,
    migrate_and_open,
    reserve_send_times,
    run_concurrently,
)


def test_sixteen_processes_plan_each_of_200_days_once(address: str) -> None:
    planned_days = list(chain(*run_concurrently(16, claim_days, address)))
    assert sorted(planned_days) == list(range(DAYS))
    with store_at(address) as store:
        assert {batch.slot for batch in store.deliveries.unfinished()} == {slot(number) for number in range(DAYS)}


def test_of_eight_processes_one_claims_each_delivery(address: str, store: Store) -> None:
    store.deliveries.save_plan(plan(0, *(reply(number) for number in range(99))))
    claimed_keys = list(chain(*run_concurrently(8, claim_all, address)))
    assert sorted(claimed_keys) == sorted(delivery.key for delivery in store.deliveries.deliveries("dispatch0"))


def test_eight_processes_share_one_rate_limit(address: str) -> None:
    send_times = list(chain(*run_concurrently(8, reserve_send_times, address)))
    assert sorted(send_times) == list(range(160))


def test_of_eight_processes_one_acquires_a_lease(address: str) -> None:
    assert sum(run_concurrently(8, acquire_lease, address)) == 1


def test_six_processes_can_migrate_a_database_at_once(empty_database: str) -> None:
    assert len(run_concurrently(6, migrate_and_open, empty_database)) == 6
