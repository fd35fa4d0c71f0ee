"""Work that only one process at a time may do, even when others crash."""

from datetime import datetime, timedelta
from threading import Event

import pytest

from bailiff_bot.errors import StoreError
from bailiff_bot.leases import Leases, LeaseTiming
from tests.fakes.clock import FakeClock
from tests.fakes.stores import FakeLeaseStore

LEASE_DURATION = LeaseTiming().duration
HOUR = timedelta(hours=1)


class UnreleasableLeaseStore(FakeLeaseStore):
    """Gives leases, and cannot release them."""

    def release(self, name: str, holder: str) -> None:
        raise StoreError(f"{holder} cannot release {name}")


class UnansweredLeaseStore(FakeLeaseStore):
    """Saves the first lease, and raises as if the database had not answered."""

    def acquire(self, name: str, holder: str, now: datetime, until: datetime) -> bool:
        first = not self.acquired
        self.acquired.append(name)
        held = super().acquire(name, holder, now, until)
        if first:
            raise StoreError("the database does not answer")
        return held

    def __init__(self) -> None:
        super().__init__()
        self.acquired: list[str] = []


def test_a_lease_is_held_by_one_process_at_a_time() -> None:
    store, clock = FakeLeaseStore(), FakeClock()
    one, two = Leases(store, "one", clock), Leases(store, "two", clock)
    with one.hold("scan") as ours, two.hold("scan") as theirs:
        assert (ours, theirs) == (True, False)
    with two.hold("scan") as theirs:
        assert theirs


def test_leases_with_different_names_are_independent() -> None:
    store, clock = FakeLeaseStore(), FakeClock()
    with Leases(store, "one", clock).hold("scan"), Leases(store, "two", clock).hold("digest") as theirs:
        assert theirs


def test_a_lease_is_released_when_its_work_fails() -> None:
    store = FakeLeaseStore()
    with pytest.raises(OSError, match="no network"), Leases(store, "one", FakeClock()).hold("scan"):
        raise OSError("no network")
    assert store.held == {}


def test_the_lease_of_a_dead_process_is_free_once_it_expires() -> None:
    store, clock = FakeLeaseStore(), FakeClock()
    store.acquire("scan", "dead", clock(), clock() + LEASE_DURATION)
    two = Leases(store, "two", clock)
    with two.hold("scan") as theirs:
        assert not theirs
    clock.advance(LEASE_DURATION)
    with two.hold("scan") as theirs:
        assert theirs


def test_a_lease_is_renewed_while_its_work_lasts(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, store, renewed = FakeClock(), FakeLeaseStore(), Event()
    extend, renewed_until = store.extend, clock() + 2 * LEASE_DURATION

    def record(name: str, holder: str, until: datetime) -> bool:
        held = extend(name, holder, until)
        if until >= renewed_until:
            renewed.set()
        return held

    monkeypatch.setattr(store, "extend", record)
    with Leases(store, "one", clock, LeaseTiming(renew_every=timedelta(milliseconds=1))).hold("scan"):
        clock.advance(LEASE_DURATION)
        assert renewed.wait(5)
        assert store.held["scan"][1] == renewed_until


def test_a_lost_lease_is_not_still_held_and_a_held_one_is_renewed() -> None:
    store, clock = FakeLeaseStore(), FakeClock()
    one = Leases(store, "one", clock)
    assert not one.still_held("digest")
    with one.hold("digest"):
        clock.advance(LEASE_DURATION / 2)
        assert one.still_held("digest")
        assert store.held["digest"][1] == clock() + LEASE_DURATION
        clock.advance(2 * LEASE_DURATION)
        assert store.acquire("digest", "two", clock(), clock() + LEASE_DURATION)
        assert not one.still_held("digest")


def test_a_lease_that_another_process_had_in_the_meantime_is_lost() -> None:
    store, clock = FakeLeaseStore(), FakeClock()
    one, two = Leases(store, "one", clock), Leases(store, "two", clock)
    with one.hold("digest"):
        clock.advance(LEASE_DURATION)
        with two.hold("digest") as theirs:
            assert theirs
        assert not one.still_held("digest")
        assert store.held == {}


def test_a_thread_that_lost_its_lease_to_another_thread_leaves_it_alone() -> None:
    store, clock = FakeLeaseStore(), FakeClock()
    leases = Leases(store, "one", clock)
    first, second = leases.once_within("click", HOUR), leases.once_within("click", HOUR)
    assert first.__enter__()
    clock.advance(LEASE_DURATION)
    assert second.__enter__()
    first.__exit__(None, None, None)
    assert leases.still_held("click")
    second.__exit__(None, None, None)
    assert store.held["click"][1] == clock() + HOUR


def test_work_that_is_done_after_its_lease_was_released_is_not_repeated() -> None:
    store, clock = FakeLeaseStore(), FakeClock()
    leases = Leases(store, "one", clock)
    with leases.once_within("click", HOUR):
        leases.release_all()
    assert store.held["click"][1] == clock() + HOUR


def test_work_may_be_repeated_if_the_database_did_not_confirm_its_lease() -> None:
    store, clock = UnansweredLeaseStore(), FakeClock()
    one = Leases(store, "one", clock)
    with pytest.raises(StoreError), one.once_within("click", LEASE_DURATION):
        pass
    with one.once_within("click", LEASE_DURATION) as first:
        assert first


def test_a_process_that_ends_during_its_work_releases_its_leases() -> None:
    store, clock = FakeLeaseStore(), FakeClock()
    one, two = Leases(store, "one", clock), Leases(store, "two", clock)
    with one.hold("scan"), one.hold("digest"):
        one.release_all()
        assert store.held == {}
        with two.hold("scan") as theirs:
            assert theirs
    assert store.held == {}


def test_a_lease_that_another_process_holds_by_now_is_not_released() -> None:
    store, clock = FakeLeaseStore(), FakeClock()
    with Leases(store, "one", clock).hold("scan"):
        clock.advance(LEASE_DURATION)
        assert store.acquire("scan", "two", clock(), clock() + LEASE_DURATION)
    assert store.held["scan"][0] == "two"


def test_a_lease_that_cannot_be_released_breaks_nothing() -> None:
    with Leases(UnreleasableLeaseStore(), "one", FakeClock()).hold("scan") as ours:
        assert ours


def test_two_threads_of_one_process_do_not_hold_the_same_lease() -> None:
    leases = Leases(FakeLeaseStore(), "one", FakeClock())
    with leases.hold("scan") as mine, leases.hold("scan") as also_mine:
        assert (mine, also_mine) == (True, False)


def test_work_within_a_period_is_done_once_among_all_replicas() -> None:
    store, clock = FakeLeaseStore(), FakeClock()
    results = []
    for holder in ("one", "two", "one"):
        with Leases(store, holder, clock).once_within("click", LEASE_DURATION) as first:
            results.append(first)
    assert results == [True, False, False]


def test_failed_work_may_be_repeated() -> None:
    leases = Leases(FakeLeaseStore(), "one", FakeClock())
    with pytest.raises(ValueError, match="failed"), leases.once_within("click", LEASE_DURATION):
        raise ValueError("failed")
    with leases.once_within("click", LEASE_DURATION) as first:
        assert first


def test_work_that_a_dead_process_began_is_done_after_the_lease_and_not_after_the_period() -> None:
    store, clock = FakeLeaseStore(), FakeClock()
    dead = Leases(store, "dead", clock).once_within("click", HOUR)
    assert dead.__enter__()
    with Leases(store, "two", clock).once_within("click", HOUR) as first:
        assert not first
    clock.advance(LEASE_DURATION)
    with Leases(store, "two", clock).once_within("click", HOUR) as first:
        assert first


def test_work_that_was_done_is_not_repeated_within_the_period_and_is_after_it() -> None:
    store, clock = FakeLeaseStore(), FakeClock()
    leases = Leases(store, "one", clock)
    for elapsed, expected in ((timedelta(0), True), (HOUR - LEASE_DURATION, False), (LEASE_DURATION, True)):
        clock.advance(elapsed)
        with leases.once_within("click", HOUR) as first:
            assert first is expected


def test_a_renewal_does_not_shorten_the_period_in_which_work_is_not_repeated() -> None:
    store, clock = FakeLeaseStore(), FakeClock()
    leases = Leases(store, "one", clock, LeaseTiming(renew_every=timedelta(microseconds=1)))
    for number in range(50):
        with leases.once_within(f"click {number}", HOUR):
            pass
    assert {until for _, until in store.held.values()} == {clock() + HOUR}
