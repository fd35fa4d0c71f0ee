import pytest

from bailiff_bot.leases import LeaseStore
from bailiff_bot.store.leases import SqlLeaseStore
from bailiff_bot.store.store import Store
from tests.integration.store.builders import HOUR, MINUTE, NOW

LATER = NOW + MINUTE


@pytest.fixture
def lease_store(store: Store) -> SqlLeaseStore:
    return store.leases


def test_it_implements_the_lease_store_protocol(lease_store: SqlLeaseStore) -> None:
    as_protocol: LeaseStore = lease_store
    assert as_protocol


def test_one_process_at_a_time_holds_a_lease(lease_store: SqlLeaseStore) -> None:
    assert lease_store.acquire("scan", "one", NOW, LATER)
    assert not lease_store.acquire("scan", "two", NOW, LATER)
    assert lease_store.acquire("digest", "two", NOW, LATER)


def test_the_holder_can_extend_its_lease(lease_store: SqlLeaseStore) -> None:
    lease_store.acquire("scan", "one", NOW, LATER)
    assert lease_store.acquire("scan", "one", NOW, LATER + HOUR)
    assert not lease_store.acquire("scan", "two", LATER, LATER + HOUR)


def test_a_lease_that_another_process_had_in_the_meantime_cannot_be_extended(lease_store: SqlLeaseStore) -> None:
    lease_store.acquire("scan", "one", NOW, LATER)
    assert lease_store.extend("scan", "one", LATER + HOUR)
    assert lease_store.acquire("scan", "two", LATER + HOUR, LATER + 2 * HOUR)
    assert not lease_store.extend("scan", "one", LATER + 3 * HOUR)
    lease_store.release("scan", "two")
    assert not lease_store.extend("scan", "one", LATER + 3 * HOUR)
    assert lease_store.acquire("scan", "three", NOW, LATER)


def test_any_process_can_acquire_an_expired_lease(lease_store: SqlLeaseStore) -> None:
    lease_store.acquire("scan", "one", NOW, LATER)
    assert lease_store.acquire("scan", "two", LATER, LATER + HOUR)
    assert not lease_store.acquire("scan", "one", LATER, LATER + HOUR)


def test_any_process_can_acquire_a_released_lease(lease_store: SqlLeaseStore) -> None:
    lease_store.acquire("scan", "one", NOW, LATER)
    lease_store.release("scan", "one")
    assert lease_store.acquire("scan", "two", NOW, LATER)


def test_a_process_that_lost_its_lease_releases_nothing(lease_store: SqlLeaseStore) -> None:
    lease_store.acquire("scan", "one", NOW, LATER)
    lease_store.acquire("scan", "two", LATER, LATER + HOUR)
    lease_store.release("scan", "one")
    assert not lease_store.acquire("scan", "three", LATER, LATER + HOUR)
