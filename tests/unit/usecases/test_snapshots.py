from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event

import pytest

from bailiff_bot.domain.identity import NO_DIRECTORY
from bailiff_bot.domain.inventory import Inventory
from bailiff_bot.domain.snapshot import Snapshot
from bailiff_bot.errors import StoreError
from bailiff_bot.leases import LEASE_DURATION
from bailiff_bot.usecases.snapshots import Snapshots
from tests.fakes.clock import FakeClock
from tests.fakes.executors import DeferredExecutor, ImmediateExecutor
from tests.fakes.snapshots import MAX_AGE, FakeSnapshotSource, make_snapshots
from tests.fakes.stores import FakeLeaseStore, FakeSnapshotStore

START = FakeClock().now
UNAVAILABLE = StoreError("The database is away")


def snapshot(minutes: int = 0) -> Snapshot:
    return Snapshot(Inventory((), (), (), START + timedelta(minutes=minutes)), NO_DIRECTORY)


FIRST, SECOND = snapshot(), snapshot(20)


def test_there_is_no_snapshot_before_the_first() -> None:
    assert make_snapshots(FakeSnapshotSource(FIRST), ImmediateExecutor(), FakeClock()).latest is None


def test_the_first_to_ask_waits_for_the_first_snapshot() -> None:
    asked, seen = Event(), Event()

    def take() -> Snapshot:
        asked.set()
        assert seen.wait(5)
        return FIRST

    with ThreadPoolExecutor(2) as pool:
        snapshots = make_snapshots(take, pool, FakeClock())
        answer = pool.submit(snapshots.current)
        assert asked.wait(5)
        assert not answer.done()
        seen.set()
        assert answer.result(5) is FIRST


def test_all_who_ask_at_the_same_time_share_one_scan() -> None:
    together, all_asked, taken = Barrier(8), Event(), []

    def take() -> Snapshot:
        taken.append(1)
        assert all_asked.wait(5)
        return snapshot()

    with ThreadPoolExecutor(1) as scans, ThreadPoolExecutor(8) as askers:
        snapshots = make_snapshots(take, scans, FakeClock())

        def ask(_number: int) -> object:
            together.wait(5)
            return snapshots.start_scan()

        futures = list(askers.map(ask, range(8)))
        all_asked.set()
    assert len({id(future) for future in futures}) == 1
    assert taken == [1]


@pytest.mark.parametrize("age", [timedelta(0), MAX_AGE])
def test_a_snapshot_that_is_fresh_is_given_and_not_renewed(age: timedelta) -> None:
    clock, source, executor = FakeClock(), FakeSnapshotSource(FIRST), DeferredExecutor()
    snapshots = make_snapshots(source, executor, clock)
    snapshots.start_scan()
    executor.run_pending()

    clock.advance(age)

    assert snapshots.current() is FIRST
    assert executor.pending == []


def make_stale_snapshots(source: FakeSnapshotSource) -> tuple[Snapshots, DeferredExecutor]:
    """Snapshots of which the first was taken too long ago."""
    clock, executor = FakeClock(), DeferredExecutor()
    snapshots = make_snapshots(source, executor, clock)
    snapshots.start_scan()
    executor.run_pending()
    clock.advance(MAX_AGE + timedelta(seconds=1))
    return snapshots, executor


def test_an_old_snapshot_is_given_at_once_and_renewed_behind() -> None:
    snapshots, executor = make_stale_snapshots(FakeSnapshotSource(FIRST, SECOND))
    assert snapshots.current() is FIRST
    executor.run_pending()
    assert snapshots.current() is SECOND


def test_an_old_snapshot_is_renewed_once_for_all_who_ask() -> None:
    snapshots, executor = make_stale_snapshots(FakeSnapshotSource(FIRST, SECOND))
    for _ in range(5):
        assert snapshots.current() is FIRST
    assert len(executor.pending) == 1


def test_a_failed_scan_tells_those_who_waited_for_it() -> None:
    snapshots = make_snapshots(FakeSnapshotSource(OSError("no network")), ImmediateExecutor(), FakeClock())
    with pytest.raises(OSError, match="no network"):
        snapshots.current()


def test_a_failed_scan_does_not_spoil_the_next() -> None:
    snapshots = make_snapshots(FakeSnapshotSource(OSError("no network"), FIRST), ImmediateExecutor(), FakeClock())
    with pytest.raises(OSError, match="no network"):
        snapshots.scan()
    assert snapshots.current() is FIRST


def test_a_scan_that_fails_behind_leaves_the_old_snapshot_and_is_tried_again() -> None:
    snapshots, executor = make_stale_snapshots(FakeSnapshotSource(FIRST, OSError("no network"), SECOND))
    assert snapshots.current() is FIRST
    executor.run_pending()
    assert snapshots.current() is FIRST
    executor.run_pending()
    assert snapshots.current() is SECOND


def test_a_renewed_snapshot_is_made_even_where_there_is_a_fresh_one() -> None:
    source = FakeSnapshotSource(FIRST, SECOND)
    snapshots = make_snapshots(source, ImmediateExecutor(), FakeClock())
    assert (snapshots.scan(), snapshots.scan(), source.calls) == (FIRST, SECOND, 2)


# --- an earlier life, and other processes ---


def test_after_a_restart_the_earlier_lifes_snapshot_is_given_at_once_and_renewed_behind() -> None:
    snapshot_store, clock, executor, source = (
        FakeSnapshotStore(FIRST),
        FakeClock(SECOND.inventory.scanned_at),
        DeferredExecutor(),
        FakeSnapshotSource(SECOND),
    )
    snapshots = make_snapshots(source, executor, clock, snapshot_store)
    assert (snapshots.current(), source.calls) == (FIRST, 0)
    executor.run_pending()
    assert (snapshots.current(), snapshot_store.snapshot) == (SECOND, SECOND)


def test_after_a_restart_a_snapshot_that_is_still_fresh_is_not_renewed() -> None:
    executor = DeferredExecutor()
    assert (
        make_snapshots(FakeSnapshotSource(SECOND), executor, FakeClock(), FakeSnapshotStore(FIRST)).current() is FIRST
    )
    assert executor.pending == []


def test_a_newer_snapshot_of_another_process_is_taken_over() -> None:
    snapshot_store, clock, theirs = FakeSnapshotStore(FIRST), FakeClock(), snapshot(10)
    ours = make_snapshots(FakeSnapshotSource(SECOND), ImmediateExecutor(), clock, snapshot_store)
    assert ours.latest is FIRST
    snapshot_store.save(theirs)
    assert ours.current() is theirs


def test_an_older_snapshot_of_another_process_is_not() -> None:
    snapshot_store, ours = (
        FakeSnapshotStore(),
        make_snapshots(FakeSnapshotSource(SECOND), ImmediateExecutor(), FakeClock()),
    )
    assert ours.scan() is SECOND
    snapshot_store.save(FIRST)
    assert ours.latest is SECOND


def test_a_snapshot_is_read_once_and_not_for_every_answer() -> None:
    snapshot_store = FakeSnapshotStore(FIRST)
    snapshots = make_snapshots(FakeSnapshotSource(SECOND), ImmediateExecutor(), FakeClock(), snapshot_store)
    for _ in range(5):
        snapshots.current()
    assert snapshot_store.full_reads == 1


def test_the_snapshot_of_a_process_with_a_newer_one_is_not_read_back() -> None:
    snapshot_store = FakeSnapshotStore()
    snapshots = make_snapshots(FakeSnapshotSource(FIRST), ImmediateExecutor(), FakeClock(), snapshot_store)
    assert (snapshots.scan(), snapshots.current(), snapshot_store.full_reads) == (FIRST, FIRST, 0)


def test_two_processes_share_one_scan() -> None:
    snapshot_store, leases, clock = FakeSnapshotStore(), FakeLeaseStore(), FakeClock()
    begun, seen = Event(), Event()

    def take() -> Snapshot:
        begun.set()
        assert seen.wait(5)
        return FIRST

    def pause(_seconds: float) -> bool:
        seen.set()
        return False

    theirs = FakeSnapshotSource(SECOND)
    with ThreadPoolExecutor(2) as pool:
        ours = pool.submit(make_snapshots(take, ImmediateExecutor(), clock, snapshot_store, leases, "one").scan)
        assert begun.wait(5)
        shared = pool.submit(
            make_snapshots(theirs, ImmediateExecutor(), clock, snapshot_store, leases, "two", pause).scan
        )
        assert (ours.result(5), shared.result(5)) == (FIRST, FIRST)
    assert theirs.calls == 0


def test_a_scan_that_ended_just_before_the_lease_was_got_is_not_made_again() -> None:
    snapshot_store, leases, clock = FakeSnapshotStore(), FakeLeaseStore(), FakeClock()
    leases.acquire("scan", "another", clock(), clock() + LEASE_DURATION)

    def pause(_seconds: float) -> bool:
        snapshot_store.save(FIRST)
        leases.release("scan", "another")
        return False

    source = FakeSnapshotSource(SECOND)
    assert make_snapshots(source, ImmediateExecutor(), clock, snapshot_store, leases, pause=pause).scan() is FIRST
    assert source.calls == 0


def test_a_scan_whose_process_died_is_made_by_another_when_its_lease_has_run_out() -> None:
    leases, clock = FakeLeaseStore(), FakeClock()
    assert leases.acquire("scan", "dead", clock(), clock() + LEASE_DURATION)
    assert make_snapshots(FakeSnapshotSource(FIRST), ImmediateExecutor(), clock, lease_store=leases).scan() is FIRST
    assert clock() - START >= LEASE_DURATION


def test_a_scan_that_failed_releases_its_lease() -> None:
    leases, clock = FakeLeaseStore(), FakeClock()
    with pytest.raises(OSError, match="no network"):
        make_snapshots(FakeSnapshotSource(OSError("no network")), ImmediateExecutor(), clock, lease_store=leases).scan()
    assert leases.held == {}


def test_who_waits_for_another_processs_scan_does_not_keep_this_one_from_stopping() -> None:
    leases, clock = FakeLeaseStore(), FakeClock()
    leases.acquire("scan", "another", clock(), clock() + LEASE_DURATION)
    snapshots = make_snapshots(
        FakeSnapshotSource(FIRST), ImmediateExecutor(), clock, lease_store=leases, pause=lambda _seconds: True
    )
    with pytest.raises(StoreError, match="stopping"):
        snapshots.scan()


# --- the database is away ---


def test_a_database_that_is_away_is_told_to_who_asks() -> None:
    snapshot_store = FakeSnapshotStore(FIRST)
    snapshots = make_snapshots(FakeSnapshotSource(FIRST), ImmediateExecutor(), FakeClock(), snapshot_store)
    snapshot_store.unavailable = UNAVAILABLE
    with pytest.raises(StoreError, match="away"):
        snapshots.current()
    with pytest.raises(StoreError, match="away"):
        snapshots.scan()


def test_once_the_database_is_back_answers_come_again() -> None:
    snapshot_store = FakeSnapshotStore(FIRST)
    snapshots = make_snapshots(FakeSnapshotSource(SECOND), ImmediateExecutor(), FakeClock(), snapshot_store)
    snapshot_store.unavailable = UNAVAILABLE
    with pytest.raises(StoreError, match="away"):
        snapshots.scan()
    snapshot_store.unavailable = None
    assert (snapshots.current(), snapshots.scan()) == (FIRST, SECOND)
