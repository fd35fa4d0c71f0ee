from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from bailiff_bot.domain.history import Count
from bailiff_bot.domain.identity import NO_DIRECTORY, People
from bailiff_bot.domain.instance import Instance, State, Target
from bailiff_bot.domain.inventory import Inventory, Reason, Unread
from bailiff_bot.store.snapshots import SqlAlbum
from bailiff_bot.store.store import Store
from bailiff_bot.store.tables import snapshots
from bailiff_bot.usecases.snapshots import Album, Snapshot
from tests.builders import ABROAD, DIRECTORY, IRELAND, NOW, PARIS, instance

HOUR = timedelta(hours=1)


@pytest.fixture
def album(store: Store) -> SqlAlbum:
    return store.album


def seen(*instances: Instance, at: datetime = NOW, read: tuple[Target, ...] = (IRELAND,)) -> Inventory:
    unread = tuple(Unread(target, Reason.THROTTLED) for target in (IRELAND, PARIS) if target not in read)
    return Inventory(instances, read, unread, at)


def snapshot(*instances: Instance, at: datetime = NOW, people: People = DIRECTORY) -> Snapshot:
    return Snapshot(seen(*instances, at=at, read=(IRELAND, PARIS)), people)


def undated(number: int = 1, target: Target = IRELAND, launched: float = 40) -> Instance:
    """An instance that was stopped nobody knows when."""
    return instance(number, target=target, state=State.STOPPED, age=launched)


def first_sights(album: SqlAlbum, inventory: Inventory) -> list[datetime | None]:
    return [one.seen_stopped for one in album.watch(inventory).instances]


def test_it_is_what_snapshots_asks_for(album: SqlAlbum) -> None:
    asked: Album = album
    assert asked


def test_there_is_nothing_before_the_first_snapshot(album: SqlAlbum) -> None:
    assert album.latest_at() is None
    assert album.latest() is None
    assert album.counts(NOW) == ()


def test_the_latest_snapshot_comes_back_as_it_was(album: SqlAlbum) -> None:
    album.keep(snapshot(instance(1), at=NOW))
    album.keep(snapshot(instance(2), at=NOW + HOUR))
    assert album.latest() == snapshot(instance(2), at=NOW + HOUR)
    assert album.latest_at() == NOW + HOUR


def test_a_scan_that_took_longer_does_not_take_the_place_of_a_newer_one(album: SqlAlbum) -> None:
    album.keep(snapshot(instance(2), at=NOW + HOUR))
    album.keep(snapshot(instance(1), at=NOW))
    assert album.latest() == snapshot(instance(2), at=NOW + HOUR)
    assert len(album.counts(NOW)) == 2


def test_a_snapshot_of_another_version_is_none(store: Store) -> None:
    store.album.keep(snapshot())
    with store.database.writing() as connection:
        connection.execute(update(snapshots).values(version=99))
    assert store.album.latest() is None
    assert store.album.latest_at() is None
    store.album.keep(snapshot(instance(1)))
    assert store.album.latest() == snapshot(instance(1))


def test_a_damaged_snapshot_is_none_until_the_next(store: Store) -> None:
    store.album.keep(snapshot())
    with store.database.writing() as connection:
        connection.execute(update(snapshots).values(content=b"oops"))
    assert store.album.latest() is None
    assert store.album.latest_at() is None, "it is not read again"
    store.album.keep(snapshot(instance(1)))
    assert store.album.latest() == snapshot(instance(1))


def test_a_scan_counts_the_instances_of_each_target_it_read(album: SqlAlbum) -> None:
    inventory = seen(instance(1), instance(2), read=(IRELAND, ABROAD))
    album.keep(Snapshot(inventory, DIRECTORY))
    assert album.counts(NOW) == (Count(NOW, {IRELAND: 2, ABROAD: 0}, len(DIRECTORY.addresses)),)


@pytest.mark.parametrize("people", [NO_DIRECTORY, replace(DIRECTORY, gaps=("Askbob is down",))])
def test_people_are_counted_where_the_directory_is_complete(album: SqlAlbum, people: People) -> None:
    album.keep(snapshot(people=people))
    assert album.counts(NOW)[0].people is None


def test_counts_are_those_since_an_instant_and_the_one_before(album: SqlAlbum) -> None:
    for hour in (3, 0, 2, 1):
        album.keep(snapshot(at=NOW + hour * HOUR))
    assert [count.at for count in album.counts(NOW + 2 * HOUR)] == [NOW + hour * HOUR for hour in (1, 2, 3)]
    assert [count.at for count in album.counts(NOW + 9 * HOUR)] == [NOW + 3 * HOUR]


def test_a_stop_that_ec2_does_not_date_is_dated_by_the_first_sight_of_it(album: SqlAlbum) -> None:
    assert first_sights(album, seen(undated(1), instance(2), instance(3, stopped=20))) == [NOW, None, None]
    later = seen(undated(4), undated(1), at=NOW + HOUR)
    assert first_sights(album, later) == [NOW + HOUR, NOW]


def test_instances_of_two_targets_are_not_confused(album: SqlAlbum) -> None:
    album.watch(seen(undated(1)))
    both = seen(undated(1), undated(1, PARIS), at=NOW + HOUR, read=(IRELAND, PARIS))
    assert first_sights(album, both) == [NOW, NOW + HOUR]


def test_first_sights_outlast_a_target_that_is_not_read(album: SqlAlbum) -> None:
    album.watch(seen(undated(1, PARIS), read=(IRELAND, PARIS)))
    album.watch(seen(at=NOW + HOUR, read=(IRELAND,)))
    assert first_sights(album, seen(undated(1, PARIS), at=NOW + 2 * HOUR, read=(PARIS,))) == [NOW]


def test_a_first_sight_is_forgotten_once_the_instance_is_not_stopped(album: SqlAlbum) -> None:
    album.watch(seen(undated(1)))
    album.watch(seen(instance(1, state=State.RUNNING), at=NOW + HOUR))
    assert first_sights(album, seen(undated(1), at=NOW + 2 * HOUR)) == [NOW + 2 * HOUR]


def test_a_first_sight_is_forgotten_once_the_instance_is_gone(album: SqlAlbum) -> None:
    album.watch(seen(undated(1)))
    album.watch(seen(at=NOW + HOUR))
    assert first_sights(album, seen(undated(1), at=NOW + 2 * HOUR)) == [NOW + 2 * HOUR]


def test_an_instance_that_was_started_between_two_scans_is_watched_anew(album: SqlAlbum) -> None:
    album.watch(seen(undated(1)))
    started = replace(undated(1), launched=NOW + HOUR)
    assert first_sights(album, seen(started, at=NOW + 2 * HOUR)) == [NOW + 2 * HOUR]
    assert first_sights(album, seen(started, at=NOW + 3 * HOUR)) == [NOW + 2 * HOUR]


def test_while_ec2_dates_the_stop_the_first_sight_is_not_needed_and_not_forgotten(album: SqlAlbum) -> None:
    album.watch(seen(undated(1)))
    dated = replace(undated(1), transitioned=NOW)
    assert first_sights(album, seen(dated, at=NOW + HOUR)) == [None]
    assert first_sights(album, seen(undated(1), at=NOW + 2 * HOUR)) == [NOW]


def test_a_scan_that_took_longer_forgets_nothing_that_a_later_one_saw(album: SqlAlbum) -> None:
    album.watch(seen(undated(1), at=NOW + HOUR))
    album.watch(seen(instance(1, state=State.RUNNING)))
    assert first_sights(album, seen(undated(1), at=NOW + 2 * HOUR)) == [NOW + HOUR]
