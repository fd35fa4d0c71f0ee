from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event

import pytest

from bailiff_bot.domain.identity import NO_DIRECTORY
from bailiff_bot.domain.inventory import Inventory
from bailiff_bot.errors import StoreError
from bailiff_bot.leases import LEASE
from bailiff_bot.usecases.snapshots import Snapshot, Snapshots
from tests.fakes.adapters import FRESH, AtOnce, FakeAlbum, FakeCamera, FakeClock, FakeLeases, OnDemand, snapshots_of

START = FakeClock().at
AWAY = StoreError("The database is away")


def snapshot(minutes: int = 0) -> Snapshot:
    return Snapshot(Inventory((), (), (), START + timedelta(minutes=minutes)), NO_DIRECTORY)


FIRST, SECOND = snapshot(), snapshot(20)


def test_there_is_no_snapshot_before_the_first() -> None:
    assert snapshots_of(FakeCamera(FIRST), AtOnce(), FakeClock()).latest is None


def test_the_first_to_ask_waits_for_the_first_snapshot() -> None:
    asked, seen = Event(), Event()

    def take() -> Snapshot:
        asked.set()
        assert seen.wait(5)
        return FIRST

    with ThreadPoolExecutor(2) as pool:
        snapshots = snapshots_of(take, pool, FakeClock())
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
        snapshots = snapshots_of(take, scans, FakeClock())

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
    snapshots = snapshots_of(camera, executor, clock)
    snapshots.renew()
    executor.run()

    clock.move(age)

    assert snapshots.current() is FIRST
    assert executor.waiting == []


def aged(camera: FakeCamera) -> tuple[Snapshots, OnDemand]:
    """Snapshots of which the first was taken too long ago."""
    clock, executor = FakeClock(), OnDemand()
    snapshots = snapshots_of(camera, executor, clock)
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
    snapshots = snapshots_of(FakeCamera(OSError("no network")), AtOnce(), FakeClock())
    with pytest.raises(OSError, match="no network"):
        snapshots.current()


def test_a_failed_scan_does_not_spoil_the_next() -> None:
    snapshots = snapshots_of(FakeCamera(OSError("no network"), FIRST), AtOnce(), FakeClock())
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
    snapshots = snapshots_of(camera, AtOnce(), FakeClock())
    assert (snapshots.renewed(), snapshots.renewed(), camera.taken) == (FIRST, SECOND, 2)


# --- an earlier life, and other processes ---


def test_after_a_restart_the_earlier_lifes_snapshot_is_given_at_once_and_renewed_behind() -> None:
    album, clock, executor, camera = FakeAlbum(FIRST), FakeClock(SECOND.inventory.at), OnDemand(), FakeCamera(SECOND)
    snapshots = snapshots_of(camera, executor, clock, album)
    assert (snapshots.current(), camera.taken) == (FIRST, 0)
    executor.run()
    assert (snapshots.current(), album.snapshot) == (SECOND, SECOND)


def test_after_a_restart_a_snapshot_that_is_still_fresh_is_not_renewed() -> None:
    executor = OnDemand()
    assert snapshots_of(FakeCamera(SECOND), executor, FakeClock(), FakeAlbum(FIRST)).current() is FIRST
    assert executor.waiting == []


def test_a_newer_snapshot_of_another_process_is_taken_over() -> None:
    album, clock, theirs = FakeAlbum(FIRST), FakeClock(), snapshot(10)
    ours = snapshots_of(FakeCamera(SECOND), AtOnce(), clock, album)
    assert ours.latest is FIRST
    album.keep(theirs)
    assert ours.current() is theirs


def test_an_older_snapshot_of_another_process_is_not() -> None:
    album, ours = FakeAlbum(), snapshots_of(FakeCamera(SECOND), AtOnce(), FakeClock())
    assert ours.renewed() is SECOND
    album.keep(FIRST)
    assert ours.latest is SECOND


def test_a_snapshot_is_read_once_and_not_for_every_answer() -> None:
    album = FakeAlbum(FIRST)
    snapshots = snapshots_of(FakeCamera(SECOND), AtOnce(), FakeClock(), album)
    for _ in range(5):
        snapshots.current()
    assert album.read == 1


def test_the_snapshot_of_a_process_with_a_newer_one_is_not_read_back() -> None:
    album = FakeAlbum()
    snapshots = snapshots_of(FakeCamera(FIRST), AtOnce(), FakeClock(), album)
    assert (snapshots.renewed(), snapshots.current(), album.read) == (FIRST, FIRST, 0)


def test_two_processes_share_one_scan() -> None:
    album, leases, clock = FakeAlbum(), FakeLeases(), FakeClock()
    begun, seen = Event(), Event()

    def take() -> Snapshot:
        begun.set()
        assert seen.wait(5)
        return FIRST

    def pause(_seconds: float) -> bool:
        seen.set()
        return False

    theirs = FakeCamera(SECOND)
    with ThreadPoolExecutor(2) as pool:
        ours = pool.submit(snapshots_of(take, AtOnce(), clock, album, leases, "one").renewed)
        assert begun.wait(5)
        shared = pool.submit(snapshots_of(theirs, AtOnce(), clock, album, leases, "two", pause).renewed)
        assert (ours.result(5), shared.result(5)) == (FIRST, FIRST)
    assert theirs.taken == 0


def test_a_scan_that_ended_just_before_the_turn_came_is_not_made_again() -> None:
    album, leases, clock = FakeAlbum(), FakeLeases(), FakeClock()
    leases.take("scan", "another", clock(), clock() + LEASE)

    def pause(_seconds: float) -> bool:
        album.keep(FIRST)
        leases.release("scan", "another")
        return False

    camera = FakeCamera(SECOND)
    assert snapshots_of(camera, AtOnce(), clock, album, leases, pause=pause).renewed() is FIRST
    assert camera.taken == 0


def test_a_scan_whose_process_died_is_made_by_another_when_its_lease_has_run_out() -> None:
    leases, clock = FakeLeases(), FakeClock()
    assert leases.take("scan", "dead", clock(), clock() + LEASE)
    assert snapshots_of(FakeCamera(FIRST), AtOnce(), clock, leases=leases).renewed() is FIRST
    assert clock() - START >= LEASE


def test_a_scan_that_failed_gives_its_turn_back() -> None:
    leases, clock = FakeLeases(), FakeClock()
    with pytest.raises(OSError, match="no network"):
        snapshots_of(FakeCamera(OSError("no network")), AtOnce(), clock, leases=leases).renewed()
    assert leases.held == {}


def test_who_waits_for_another_processs_scan_does_not_keep_this_one_from_stopping() -> None:
    leases, clock = FakeLeases(), FakeClock()
    leases.take("scan", "another", clock(), clock() + LEASE)
    snapshots = snapshots_of(FakeCamera(FIRST), AtOnce(), clock, leases=leases, pause=lambda _seconds: True)
    with pytest.raises(StoreError, match="stopping"):
        snapshots.renewed()


# --- the database is away ---


def test_a_database_that_is_away_is_told_to_who_asks() -> None:
    album = FakeAlbum(FIRST)
    snapshots = snapshots_of(FakeCamera(FIRST), AtOnce(), FakeClock(), album)
    album.away = AWAY
    with pytest.raises(StoreError, match="away"):
        snapshots.current()
    with pytest.raises(StoreError, match="away"):
        snapshots.renewed()


def test_once_the_database_is_back_answers_come_again() -> None:
    album = FakeAlbum(FIRST)
    snapshots = snapshots_of(FakeCamera(SECOND), AtOnce(), FakeClock(), album)
    album.away = AWAY
    with pytest.raises(StoreError, match="away"):
        snapshots.renewed()
    album.away = None
    assert (snapshots.current(), snapshots.renewed()) == (FIRST, SECOND)
