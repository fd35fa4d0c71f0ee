"""An outage does not take away what tells whether that which comes after it is plausible."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bailiff_bot.domain.identity import NO_DIRECTORY, People
from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.inventory import WHOLE_ACCOUNT, Inventory, Reason, Unread
from bailiff_bot.store.snapshots import SqlAlbum
from bailiff_bot.store.store import Store
from bailiff_bot.usecases.snapshots import LOOK_BACK, developed
from tests.builders import ABROAD, IRELAND, NOW, OURS, PARIS, instance

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DOWN = People({}, ("Askbob is down",))
ALL_OF_OURS = Target(OURS, WHOLE_ACCOUNT)


@pytest.fixture
def album(store: Store) -> SqlAlbum:
    return store.album


def people(count: int) -> People:
    return People({f"P{number}": frozenset({f"p{number}@octo.example"}) for number in range(count)})


def look(
    album: SqlAlbum,
    at: datetime,
    directory: People = NO_DIRECTORY,
    *,
    unread: Iterable[Target] = (),
    **found: int,
) -> tuple[str, ...]:
    """Look at the tenant and keep what was seen, as the bot does; return why it is not plausible."""
    regions = {IRELAND: found.get("ireland", 0), PARIS: found.get("paris", 0)}
    missed = set(unread) | (set(regions) if ALL_OF_OURS in set(unread) else set())
    read = tuple(target for target in regions if target not in missed)
    instances = tuple(instance(number, target=target) for target in read for number in range(regions[target]))
    gaps = tuple(Unread(target, Reason.ACCESS_DENIED) for target in unread)
    seen = developed(Inventory(instances, read, gaps, at), directory, album.counts(at - LOOK_BACK))
    album.keep(seen)
    return seen.doubts


def test_a_directory_that_comes_back_from_a_weekend_with_a_third_of_its_people_is_doubted(album: SqlAlbum) -> None:
    assert not look(album, NOW, people(100))
    for hour in range(1, 60, 3):
        assert not look(album, NOW + hour * HOUR, DOWN)
    assert look(album, NOW + 60 * HOUR, people(30)) == ("the directory knows 30 people, and knew 100",)


def test_people_that_really_left_are_believed_after_a_day(album: SqlAlbum) -> None:
    look(album, NOW, people(100))
    shrunk = [bool(look(album, NOW + hour * HOUR, people(30))) for hour in range(1, 30)]
    assert shrunk == [True] * 25 + [False] * 4, "until the hundred are not among the counts of a day and the one before"


def test_people_that_left_during_an_outage_are_believed_a_day_after_it(album: SqlAlbum) -> None:
    look(album, NOW, people(100))
    look(album, NOW + 2 * DAY, DOWN)
    assert look(album, NOW + 3 * DAY, people(30))
    assert not look(album, NOW + 4 * DAY + 2 * HOUR, people(30))


def test_a_doubted_directory_that_is_down_next_is_doubted_no_longer_than_a_day(album: SqlAlbum) -> None:
    look(album, NOW, people(100))
    assert look(album, NOW + HOUR, people(30))
    look(album, NOW + 2 * HOUR, DOWN)
    assert not look(album, NOW + 2 * DAY, people(30))
    assert album.counts(NOW + 2 * HOUR)[0].people == 30


def test_a_directory_that_is_in_part_away_is_not_counted(album: SqlAlbum) -> None:
    look(album, NOW, people(100))
    look(album, NOW + HOUR, replace(people(60), gaps=("one team of Askbob's is away",)))
    assert album.counts(NOW + HOUR)[-1].people == 100


def test_a_region_that_was_not_read_for_two_days_and_is_back_with_a_tenth_is_doubted(album: SqlAlbum) -> None:
    look(album, NOW, ireland=500, paris=5)
    for hour in range(1, 49, 3):
        assert not look(album, NOW + hour * HOUR, unread=[IRELAND], paris=5)
    assert look(album, NOW + 49 * HOUR, ireland=50, paris=5) == (
        "the fleet shrank from 505 to 55 instances in the regions that were read",
    )


def test_an_account_that_was_not_read_at_all_is_doubted_too(album: SqlAlbum) -> None:
    look(album, NOW, ireland=500)
    for hour in range(1, 49, 3):
        assert not look(album, NOW + hour * HOUR, unread=[ALL_OF_OURS])
    assert look(album, NOW + 49 * HOUR, ireland=50)


def test_a_fleet_that_did_shrink_is_believed_after_a_day(album: SqlAlbum) -> None:
    look(album, NOW, ireland=500)
    shrunk = [bool(look(album, NOW + hour * HOUR, ireland=50)) for hour in range(1, 30)]
    assert shrunk == [True] * 25 + [False] * 4


def test_a_region_that_nobody_asks_for_any_more_is_forgotten(album: SqlAlbum) -> None:
    look(album, NOW, ireland=5)
    abroad = Inventory((), (ABROAD,), (), NOW + HOUR)
    album.keep(developed(abroad, NO_DIRECTORY, ()))
    assert album.counts(NOW + HOUR)[-1].instances == {ABROAD: 0}


def test_a_scan_that_took_longer_is_completed_from_what_was_counted_before_it(album: SqlAlbum) -> None:
    look(album, NOW, people(10))
    look(album, NOW + 2 * HOUR, people(30))
    look(album, NOW + HOUR, DOWN)
    assert [count.people for count in album.counts(NOW)] == [10, 10, 30]
