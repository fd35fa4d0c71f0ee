"""Scan counts from before an outage still show whether a scan after it is plausible."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bailiff_bot.domain.gap import GapSource, gaps_of
from bailiff_bot.domain.identity import NO_DIRECTORY, People, people_from_entries
from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.inventory import ALL_REGIONS, Inventory, UnreadReason, unread_gap
from bailiff_bot.domain.snapshot import COMPARE_WITHIN, Snapshot, with_plausibility
from bailiff_bot.store.snapshots import SqlSnapshotStore
from bailiff_bot.store.store import Store
from tests.builders import IRELAND, NOW, OWN_ACCOUNT, PARIS, VIRGINIA, instance, reasons

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DIRECTORY_DOWN = people_from_entries([], ["Askbob is down"])
ALL_OF_OURS = Target(OWN_ACCOUNT, ALL_REGIONS)


@pytest.fixture
def snapshot_store(store: Store) -> SqlSnapshotStore:
    return store.snapshots


def directory_of(count: int) -> People:
    return People({f"P{number}": frozenset({f"p{number}@octo.example"}) for number in range(count)})


def record_scan(
    snapshot_store: SqlSnapshotStore,
    at: datetime,
    directory: People = NO_DIRECTORY,
    *,
    unread: Iterable[Target] = (),
    **found: int,
) -> tuple[str, ...]:
    """Save the snapshot of a scan as the bot does. Returns why its counts are not plausible."""
    regions = {IRELAND: found.get("ireland", 0), PARIS: found.get("paris", 0)}
    unread_targets = set(unread) | (set(regions) if ALL_OF_OURS in set(unread) else set())
    read = tuple(target for target in regions if target not in unread_targets)
    instances = tuple(instance(number, target=target) for target in read for number in range(regions[target]))
    unread_rows = tuple(unread_gap(target, UnreadReason.ACCESS_DENIED) for target in unread)
    snapshot = with_plausibility(
        Snapshot(Inventory(instances, read, unread_rows, at), directory), snapshot_store.counts(at - COMPARE_WITHIN)
    )
    snapshot_store.save(snapshot)
    return reasons(gaps_of(GapSource.COUNT, snapshot.gaps))


def test_a_directory_that_lost_two_thirds_of_its_people_during_a_weekend_is_implausible(
    snapshot_store: SqlSnapshotStore,
) -> None:
    assert not record_scan(snapshot_store, NOW, directory_of(100))
    for hour in range(1, 60, 3):
        assert not record_scan(snapshot_store, NOW + hour * HOUR, DIRECTORY_DOWN)
    assert record_scan(snapshot_store, NOW + 60 * HOUR, directory_of(30)) == (
        "the directory knows 30 people, and knew 100",
    )


def test_a_smaller_directory_is_plausible_after_a_day(snapshot_store: SqlSnapshotStore) -> None:
    record_scan(snapshot_store, NOW, directory_of(100))
    shrunk = [bool(record_scan(snapshot_store, NOW + hour * HOUR, directory_of(30))) for hour in range(1, 30)]
    assert shrunk == [True] * 25 + [False] * 4, "until the count of 100 is older than those that are compared"


def test_a_smaller_directory_after_an_outage_is_plausible_after_a_day(snapshot_store: SqlSnapshotStore) -> None:
    record_scan(snapshot_store, NOW, directory_of(100))
    record_scan(snapshot_store, NOW + 2 * DAY, DIRECTORY_DOWN)
    assert record_scan(snapshot_store, NOW + 3 * DAY, directory_of(30))
    assert not record_scan(snapshot_store, NOW + 4 * DAY + 2 * HOUR, directory_of(30))


def test_a_directory_that_is_down_afterwards_is_implausible_for_at_most_a_day(snapshot_store: SqlSnapshotStore) -> None:
    record_scan(snapshot_store, NOW, directory_of(100))
    assert record_scan(snapshot_store, NOW + HOUR, directory_of(30))
    record_scan(snapshot_store, NOW + 2 * HOUR, DIRECTORY_DOWN)
    assert not record_scan(snapshot_store, NOW + 2 * DAY, directory_of(30))
    assert snapshot_store.counts(NOW + 2 * HOUR)[0].people == 30


def test_an_incomplete_directory_is_not_counted(snapshot_store: SqlSnapshotStore) -> None:
    record_scan(snapshot_store, NOW, directory_of(100))
    record_scan(snapshot_store, NOW + HOUR, replace(directory_of(60), gaps=DIRECTORY_DOWN.gaps))
    assert snapshot_store.counts(NOW + HOUR)[-1].people == 100


def test_a_region_with_a_tenth_of_its_instances_after_two_unread_days_is_implausible(
    snapshot_store: SqlSnapshotStore,
) -> None:
    record_scan(snapshot_store, NOW, ireland=500, paris=5)
    for hour in range(1, 49, 3):
        assert not record_scan(snapshot_store, NOW + hour * HOUR, unread=[IRELAND], paris=5)
    assert record_scan(snapshot_store, NOW + 49 * HOUR, ireland=50, paris=5) == (
        "the fleet shrank from 505 to 55 instances in the regions that were read",
    )


def test_an_account_that_was_not_read_at_all_is_implausible_too(snapshot_store: SqlSnapshotStore) -> None:
    record_scan(snapshot_store, NOW, ireland=500)
    for hour in range(1, 49, 3):
        assert not record_scan(snapshot_store, NOW + hour * HOUR, unread=[ALL_OF_OURS])
    assert record_scan(snapshot_store, NOW + 49 * HOUR, ireland=50)


def test_a_smaller_fleet_is_plausible_after_a_day(snapshot_store: SqlSnapshotStore) -> None:
    record_scan(snapshot_store, NOW, ireland=500)
    shrunk = [bool(record_scan(snapshot_store, NOW + hour * HOUR, ireland=50)) for hour in range(1, 30)]
    assert shrunk == [True] * 25 + [False] * 4


def test_a_region_that_is_not_scanned_any_more_is_not_counted(snapshot_store: SqlSnapshotStore) -> None:
    record_scan(snapshot_store, NOW, ireland=5)
    empty_inventory = Inventory((), (VIRGINIA,), (), NOW + HOUR)
    snapshot_store.save(with_plausibility(Snapshot(empty_inventory, NO_DIRECTORY), ()))
    assert snapshot_store.counts(NOW + HOUR)[-1].instances_by_target == {VIRGINIA: 0}


def test_a_scan_that_ends_late_is_completed_with_the_counts_of_earlier_scans(snapshot_store: SqlSnapshotStore) -> None:
    record_scan(snapshot_store, NOW, directory_of(10))
    record_scan(snapshot_store, NOW + 2 * HOUR, directory_of(30))
    record_scan(snapshot_store, NOW + HOUR, DIRECTORY_DOWN)
    assert [count.people for count in snapshot_store.counts(NOW)] == [10, 10, 30]
