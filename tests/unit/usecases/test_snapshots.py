from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event

import pytest

from bailiff_bot.domain.identity import NO_DIRECTORY
from bailiff_bot.domain.inventory import Inventory
from bailiff_bot.domain.snapshot import Snapshot
from bailiff_bot.errors import StoreError
from bailiff_bot.leases import LeaseTiming
from bailiff_bot.usecases.snapshots import Snapshots
from tests.fakes.clock import FakeClock
from tests.fakes.executors import DeferredExecutor, ImmediateExecutor
from tests.fakes.snapshots import MAX_AGE, FakeSnapshotSource, make_snapshots
from tests.fakes.stores import FakeLeaseStore, FakeSnapshotStore

LEASE_DURATION = LeaseTiming().duration

START = FakeClock().now
UNAVAILABLE = StoreError("The database is away")


def snapshot(minutes: int = 0) -> Snapshot:
    return Snapshot(Inventory((), (), (), START + timedelta(minutes=minutes)), NO_DIRECTORY)


FIRST, SECOND = snapshot(), snapshot(20)


def test_there_is_no_snapshot_before_the_first() -> None:
    assert make_snapshots(FakeSnapshotSource(FIRST), ImmediateExecutor(), FakeClock()).latest is None


def test_the_first_caller_waits_for_the_first_snapshot() -> None:
    asked, may_finish = Event(), Event()

    def scan() -> Snapshot:
        asked.set()
        assert may_finish.wait(5)
        return FIRST

    with ThreadPoolExecutor(2) as pool:
        snapshots = make_snapshots(scan, pool, FakeClock())
        answer = pool.submit(snapshots.current)
        assert asked.wait(5)
        assert not answer.done()
        may_finish.set()
        assert answer.result(5) is FIRST


def test_callers_at_the_same_time_share_one_scan() -> None:
    all_ready, all_asked, scans_made = Barrier(8), Event(), []

    def scan() -> Snapshot:
        scans_made.append(1)
        assert all_asked.wait(5)
        return snapshot()

    with ThreadPoolExecutor(1) as scans, ThreadPoolExecutor(8) as askers:
        snapshots = make_snapshots(scan, scans, FakeClock())

        def ask(_number: int) -> object:
            all_ready.wait(5)
            return snapshots.start_scan()

        futures = list(askers.map(ask, range(8)))
        all_asked.set()
    assert len({id(future) for future in futures}) == 1
    assert scans_made == [1]


@pytest.mark.parametrize("age", [timedelta(0), MAX_AGE])
def test_a_fresh_snapshot_is_returned_and_not_renewed(age: timedelta) -> None:
    clock, source, executor = FakeClock(), FakeSnapshotSource(FIRST), DeferredExecutor()
    snapshots = make_snapshots(source, executor, clock)
    snapshots.start_scan()
    executor.run_pending()

    clock.advance(age)

    assert snapshots.current() is FIRST
    assert executor.pending == []


def make_stale_snapshots(source: FakeSnapshotSource) -> tuple[Snapshots, DeferredExecutor]:
    """Return `Snapshots` whose first snapshot is older than `MAX_AGE`, and its executor."""
    clock, executor = FakeClock(), DeferredExecutor()
    snapshots = make_snapshots(source, executor, clock)
    snapshots.start_scan()
    executor.run_pending()
    clock.advance(MAX_AGE + timedelta(seconds=1))
    return snapshots, executor


def test_an_old_snapshot_is_returned_at_once_and_renewed_in_the_background() -> None:
    snapshots, executor = make_stale_snapshots(FakeSnapshotSource(FIRST, SECOND))
    assert snapshots.current() is FIRST
    executor.run_pending()
    assert snapshots.current() is SECOND


def test_an_old_snapshot_is_renewed_once_for_all_callers() -> None:
    snapshots, executor = make_stale_snapshots(FakeSnapshotSource(FIRST, SECOND))
    for _ in range(5):
        assert snapshots.current() is FIRST
    assert len(executor.pending) == 1


def test_a_failed_scan_raises_for_its_callers() -> None:
    snapshots = make_snapshots(FakeSnapshotSource(OSError("no network")), ImmediateExecutor(), FakeClock())
    with pytest.raises(OSError, match="no network"):
        snapshots.current()


def test_a_failed_scan_does_not_affect_the_next() -> None:
    snapshots = make_snapshots(FakeSnapshotSource(OSError("no network"), FIRST), ImmediateExecutor(), FakeClock())
    with pytest.raises(OSError, match="no network"):
        snapshots.scan()
    assert snapshots.current() is FIRST


def test_a_scan_that_fails_in_the_background_keeps_the_old_snapshot_and_is_repeated() -> None:
    snapshots, executor = make_stale_snapshots(FakeSnapshotSource(FIRST, OSError("no network"), SECOND))
    assert snapshots.current() is FIRST
    executor.run_pending()
    assert snapshots.current() is FIRST
    executor.run_pending()
    assert snapshots.current() is SECOND


def test_a_new_scan_can_be_requested_though_the_snapshot_is_fresh() -> None:
    source = FakeSnapshotSource(FIRST, SECOND)
    snapshots = make_snapshots(source, ImmediateExecutor(), FakeClock())
    assert (snapshots.scan(), snapshots.scan(), source.calls) == (FIRST, SECOND, 2)


# --- restarts and other processes ---


def test_after_a_restart_the_saved_snapshot_is_returned_and_renewed_in_the_background() -> None:
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


def test_a_newer_snapshot_of_another_process_is_used() -> None:
    snapshot_store, clock, theirs = FakeSnapshotStore(FIRST), FakeClock(), snapshot(10)
    ours = make_snapshots(FakeSnapshotSource(SECOND), ImmediateExecutor(), clock, snapshot_store)
    assert ours.latest is FIRST
    snapshot_store.save(theirs)
    assert ours.current() is theirs


def test_an_older_snapshot_of_another_process_is_not_used() -> None:
    snapshot_store, ours = (
        FakeSnapshotStore(),
        make_snapshots(FakeSnapshotSource(SECOND), ImmediateExecutor(), FakeClock()),
    )
    assert ours.scan() is SECOND
    snapshot_store.save(FIRST)
    assert ours.latest is SECOND


def test_a_snapshot_is_read_from_the_store_once() -> None:
    snapshot_store = FakeSnapshotStore(FIRST)
    snapshots = make_snapshots(FakeSnapshotSource(SECOND), ImmediateExecutor(), FakeClock(), snapshot_store)
    for _ in range(5):
        snapshots.current()
    assert snapshot_store.full_reads == 1


def test_a_process_does_not_read_its_own_snapshot_back() -> None:
    snapshot_store = FakeSnapshotStore()
    snapshots = make_snapshots(FakeSnapshotSource(FIRST), ImmediateExecutor(), FakeClock(), snapshot_store)
    assert (snapshots.scan(), snapshots.current(), snapshot_store.full_reads) == (FIRST, FIRST, 0)


def test_two_processes_share_one_scan() -> None:
    snapshot_store, leases, clock = FakeSnapshotStore(), FakeLeaseStore(), FakeClock()
    started, may_finish = Event(), Event()

    def scan() -> Snapshot:
        started.set()
        assert may_finish.wait(5)
        return FIRST

    def pause(_seconds: float) -> bool:
        may_finish.set()
        return False

    theirs = FakeSnapshotSource(SECOND)
    with ThreadPoolExecutor(2) as pool:
        ours = pool.submit(make_snapshots(scan, ImmediateExecutor(), clock, snapshot_store, leases, "one").scan)
        assert started.wait(5)
        shared = pool.submit(
            make_snapshots(theirs, ImmediateExecutor(), clock, snapshot_store, leases, "two", pause).scan
        )
        assert (ours.result(5), shared.result(5)) == (FIRST, FIRST)
    assert theirs.calls == 0


def test_a_scan_that_ended_before_the_lease_was_acquired_is_not_repeated() -> None:
    snapshot_store, leases, clock = FakeSnapshotStore(), FakeLeaseStore(), FakeClock()
    leases.acquire("scan", "another", clock(), clock() + LEASE_DURATION)

    def pause(_seconds: float) -> bool:
        snapshot_store.save(FIRST)
        leases.release("scan", "another")
        return False

    source = FakeSnapshotSource(SECOND)
    assert make_snapshots(source, ImmediateExecutor(), clock, snapshot_store, leases, pause=pause).scan() is FIRST
    assert source.calls == 0


def test_a_scan_of_a_killed_process_is_repeated_when_its_lease_expires() -> None:
    leases, clock = FakeLeaseStore(), FakeClock()
    assert leases.acquire("scan", "dead", clock(), clock() + LEASE_DURATION)
    assert make_snapshots(FakeSnapshotSource(FIRST), ImmediateExecutor(), clock, lease_store=leases).scan() is FIRST
    assert clock() - START >= LEASE_DURATION


def test_a_scan_that_failed_releases_its_lease() -> None:
    leases, clock = FakeLeaseStore(), FakeClock()
    with pytest.raises(OSError, match="no network"):
        make_snapshots(FakeSnapshotSource(OSError("no network")), ImmediateExecutor(), clock, lease_store=leases).scan()
    assert leases.held == {}


def test_waiting_for_the_scan_of_another_process_ends_when_this_one_stops() -> None:
    leases, clock = FakeLeaseStore(), FakeClock()
    leases.acquire("scan", "another", clock(), clock() + LEASE_DURATION)
    snapshots = make_snapshots(
        FakeSnapshotSource(FIRST), ImmediateExecutor(), clock, lease_store=leases, pause=lambda _seconds: True
    )
    with pytest.raises(StoreError, match="stopping"):
        snapshots.scan()


# --- database outages ---


def test_a_database_outage_raises_for_callers() -> None:
    snapshot_store = FakeSnapshotStore(FIRST)
    snapshots = make_snapshots(FakeSnapshotSource(FIRST), ImmediateExecutor(), FakeClock(), snapshot_store)
    snapshot_store.unavailable = UNAVAILABLE
    with pytest.raises(StoreError, match="away"):
        snapshots.current()
    with pytest.raises(StoreError, match="away"):
        snapshots.scan()


def test_snapshots_are_returned_again_once_the_database_is_back() -> None:
    snapshot_store = FakeSnapshotStore(FIRST)
    snapshots = make_snapshots(FakeSnapshotSource(SECOND), ImmediateExecutor(), FakeClock(), snapshot_store)
    snapshot_store.unavailable = UNAVAILABLE
    with pytest.raises(StoreError, match="away"):
        snapshots.scan()
    snapshot_store.unavailable = None
    assert (snapshots.current(), snapshots.scan()) == (FIRST, SECOND)
