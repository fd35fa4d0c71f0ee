from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event

import pytest

from bailiff_bot.domain.identity import NO_DIRECTORY
from bailiff_bot.domain.inventory import Inventory
from bailiff_bot.snapshots import Snapshot, Snapshots
from tests.fakes import AtOnce, FakeCamera, FakeClock, OnDemand

FRESH = timedelta(minutes=15)
START = FakeClock().at


def snapshot(minutes: int = 0) -> Snapshot:
    return Snapshot(Inventory((), (), (), START + timedelta(minutes=minutes)), NO_DIRECTORY)


FIRST, SECOND = snapshot(), snapshot(20)


def test_there_is_no_snapshot_before_the_first() -> None:
    assert Snapshots(FakeCamera(FIRST), AtOnce(), FRESH, FakeClock()).latest is None


def test_the_first_to_ask_waits_for_the_first_snapshot() -> None:
    asked, seen = Event(), Event()

    def take() -> Snapshot:
        asked.set()
        assert seen.wait(5)
        return FIRST

    with ThreadPoolExecutor(2) as pool:
        snapshots = Snapshots(take, pool, FRESH, FakeClock())
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
        snapshots = Snapshots(take, scans, FRESH, FakeClock())

        def ask(_number: int) -> object:
            together.wait(5)
            return snapshots.renew()

        futures = list(askers.map(ask, range(8)))
        all_asked.set()
    assert len({id(future) for future in futures}) == 1
    assert taken == [1]


@pytest.mark.parametrize("age", [timedelta(0), FRESH])
def test_a_snapshot_that_is_fresh_is_given_and_not_renewed(age: timedelta) -> None:
    clock, camera, executor = FakeClock(), FakeCamera(FIRST), OnDemand()
    snapshots = Snapshots(camera, executor, FRESH, clock)
    snapshots.renew()
    executor.run()

    clock.move(age)

    assert snapshots.current() is FIRST
    assert executor.waiting == []


def aged(camera: FakeCamera) -> tuple[Snapshots, OnDemand]:
    """Snapshots of which the first was taken too long ago."""
    clock, executor = FakeClock(), OnDemand()
    snapshots = Snapshots(camera, executor, FRESH, clock)
    snapshots.renew()
    executor.run()
    clock.move(FRESH + timedelta(seconds=1))
    return snapshots, executor


def test_an_old_snapshot_is_given_at_once_and_renewed_behind() -> None:
    snapshots, executor = aged(FakeCamera(FIRST, SECOND))
    assert snapshots.current() is FIRST
    executor.run()
    assert snapshots.current() is SECOND


def test_an_old_snapshot_is_renewed_once_for_all_who_ask() -> None:
    snapshots, executor = aged(FakeCamera(FIRST, SECOND))
    for _ in range(5):
        assert snapshots.current() is FIRST
    assert len(executor.waiting) == 1


def test_a_failed_scan_tells_those_who_waited_for_it() -> None:
    snapshots = Snapshots(FakeCamera(OSError("no network")), AtOnce(), FRESH, FakeClock())
    with pytest.raises(OSError, match="no network"):
        snapshots.current()


def test_a_failed_scan_does_not_spoil_the_next() -> None:
    snapshots = Snapshots(FakeCamera(OSError("no network"), FIRST), AtOnce(), FRESH, FakeClock())
    with pytest.raises(OSError, match="no network"):
        snapshots.renewed()
    assert snapshots.current() is FIRST


def test_a_scan_that_fails_behind_leaves_the_old_snapshot_and_is_tried_again() -> None:
    snapshots, executor = aged(FakeCamera(FIRST, OSError("no network"), SECOND))
    assert snapshots.current() is FIRST
    executor.run()
    assert snapshots.current() is FIRST
    executor.run()
    assert snapshots.current() is SECOND


def test_a_renewed_snapshot_is_made_even_where_there_is_a_fresh_one() -> None:
    camera = FakeCamera(FIRST, SECOND)
    snapshots = Snapshots(camera, AtOnce(), FRESH, FakeClock())
    assert (snapshots.renewed(), snapshots.renewed(), camera.taken) == (FIRST, SECOND, 2)
