from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from bailiff_bot.domain.identity import NO_DIRECTORY, People, people_from_entries
from bailiff_bot.domain.instance import Instance, InstanceState, Target
from bailiff_bot.domain.inventory import Inventory, UnreadReason, unread_gap
from bailiff_bot.domain.plausibility import ScanCount
from bailiff_bot.domain.snapshot import Snapshot
from bailiff_bot.store.snapshots import SqlSnapshotStore, snapshots
from bailiff_bot.store.store import Store
from bailiff_bot.usecases.snapshots import SnapshotStore
from tests.builders import DIRECTORY, IRELAND, NOW, PARIS, VIRGINIA, instance

HOUR = timedelta(hours=1)


@pytest.fixture
def snapshot_store(store: Store) -> SqlSnapshotStore:
    return store.snapshots


def inventory_of(*instances: Instance, at: datetime = NOW, read: tuple[Target, ...] = (IRELAND,)) -> Inventory:
    unread = tuple(unread_gap(target, UnreadReason.THROTTLED) for target in (IRELAND, PARIS) if target not in read)
    return Inventory(instances, read, unread, at)


def snapshot(*instances: Instance, at: datetime = NOW, people: People = DIRECTORY) -> Snapshot:
    return Snapshot(inventory_of(*instances, at=at, read=(IRELAND, PARIS)), people)


def undated_stop(number: int = 1, target: Target = IRELAND, age: float = 40) -> Instance:
    """Return a stopped instance whose stop AWS does not date."""
    return instance(number, target=target, state=InstanceState.STOPPED, age=age)


def seen_stopped_dates(snapshot_store: SqlSnapshotStore, inventory: Inventory) -> list[datetime | None]:
    return [found.first_seen_stopped for found in snapshot_store.record_stop_times(inventory).instances]


def test_it_implements_the_snapshot_store_protocol(snapshot_store: SqlSnapshotStore) -> None:
    as_protocol: SnapshotStore = snapshot_store
    assert as_protocol


def test_the_store_is_empty_before_the_first_snapshot(snapshot_store: SqlSnapshotStore) -> None:
    assert snapshot_store.latest_at() is None
    assert snapshot_store.latest() is None
    assert snapshot_store.counts(NOW) == ()


def test_the_latest_snapshot_is_loaded_as_it_was_saved(snapshot_store: SqlSnapshotStore) -> None:
    snapshot_store.save(snapshot(instance(1), at=NOW))
    snapshot_store.save(snapshot(instance(2), at=NOW + HOUR))
    assert snapshot_store.latest() == snapshot(instance(2), at=NOW + HOUR)
    assert snapshot_store.latest_at() == NOW + HOUR


def test_an_older_scan_that_ends_late_does_not_replace_a_newer_one(snapshot_store: SqlSnapshotStore) -> None:
    snapshot_store.save(snapshot(instance(2), at=NOW + HOUR))
    snapshot_store.save(snapshot(instance(1), at=NOW))
    assert snapshot_store.latest() == snapshot(instance(2), at=NOW + HOUR)
    assert len(snapshot_store.counts(NOW)) == 2


def test_a_snapshot_of_another_version_is_ignored(store: Store) -> None:
    store.snapshots.save(snapshot())
    with store.database.writing() as connection:
        connection.execute(update(snapshots).values(version=99))
    assert store.snapshots.latest() is None
    assert store.snapshots.latest_at() is None
    store.snapshots.save(snapshot(instance(1)))
    assert store.snapshots.latest() == snapshot(instance(1))


def test_a_damaged_snapshot_is_ignored(store: Store) -> None:
    store.snapshots.save(snapshot())
    with store.database.writing() as connection:
        connection.execute(update(snapshots).values(content=b"oops"))
    assert store.snapshots.latest() is None
    assert store.snapshots.latest_at() is None, "it is not read again"
    store.snapshots.save(snapshot(instance(1)))
    assert store.snapshots.latest() == snapshot(instance(1))


def test_a_scan_counts_the_instances_of_each_target_it_read(snapshot_store: SqlSnapshotStore) -> None:
    inventory = inventory_of(instance(1), instance(2), read=(IRELAND, VIRGINIA))
    snapshot_store.save(Snapshot(inventory, DIRECTORY))
    assert snapshot_store.counts(NOW) == (ScanCount(NOW, {IRELAND: 2, VIRGINIA: 0}, len(DIRECTORY.addresses)),)


@pytest.mark.parametrize(
    "people", [NO_DIRECTORY, replace(DIRECTORY, gaps=people_from_entries([], ["Askbob is down"]).gaps)]
)
def test_people_are_not_counted_without_a_complete_directory(snapshot_store: SqlSnapshotStore, people: People) -> None:
    snapshot_store.save(snapshot(people=people))
    assert snapshot_store.counts(NOW)[0].people is None


def test_counts_are_those_since_a_time_and_the_one_before(snapshot_store: SqlSnapshotStore) -> None:
    for hour in (3, 0, 2, 1):
        snapshot_store.save(snapshot(at=NOW + hour * HOUR))
    assert [count.at for count in snapshot_store.counts(NOW + 2 * HOUR)] == [NOW + hour * HOUR for hour in (1, 2, 3)]
    assert [count.at for count in snapshot_store.counts(NOW + 9 * HOUR)] == [NOW + 3 * HOUR]


def test_a_stop_that_ec2_does_not_date_is_dated_by_the_first_scan_that_saw_it(snapshot_store: SqlSnapshotStore) -> None:
    assert seen_stopped_dates(snapshot_store, inventory_of(undated_stop(1), instance(2), instance(3, stopped=20))) == [
        NOW,
        None,
        None,
    ]
    later = inventory_of(undated_stop(4), undated_stop(1), at=NOW + HOUR)
    assert seen_stopped_dates(snapshot_store, later) == [NOW + HOUR, NOW]


def test_instances_of_two_targets_are_not_confused(snapshot_store: SqlSnapshotStore) -> None:
    snapshot_store.record_stop_times(inventory_of(undated_stop(1)))
    two_targets = inventory_of(undated_stop(1), undated_stop(1, PARIS), at=NOW + HOUR, read=(IRELAND, PARIS))
    assert seen_stopped_dates(snapshot_store, two_targets) == [NOW, NOW + HOUR]


def test_first_seen_stopped_is_kept_while_a_target_is_unread(snapshot_store: SqlSnapshotStore) -> None:
    snapshot_store.record_stop_times(inventory_of(undated_stop(1, PARIS), read=(IRELAND, PARIS)))
    snapshot_store.record_stop_times(inventory_of(at=NOW + HOUR, read=(IRELAND,)))
    assert seen_stopped_dates(
        snapshot_store, inventory_of(undated_stop(1, PARIS), at=NOW + 2 * HOUR, read=(PARIS,))
    ) == [NOW]


def test_first_seen_stopped_is_deleted_once_the_instance_is_not_stopped(snapshot_store: SqlSnapshotStore) -> None:
    snapshot_store.record_stop_times(inventory_of(undated_stop(1)))
    snapshot_store.record_stop_times(inventory_of(instance(1, state=InstanceState.RUNNING), at=NOW + HOUR))
    assert seen_stopped_dates(snapshot_store, inventory_of(undated_stop(1), at=NOW + 2 * HOUR)) == [NOW + 2 * HOUR]


def test_first_seen_stopped_is_deleted_once_the_instance_is_gone(snapshot_store: SqlSnapshotStore) -> None:
    snapshot_store.record_stop_times(inventory_of(undated_stop(1)))
    snapshot_store.record_stop_times(inventory_of(at=NOW + HOUR))
    assert seen_stopped_dates(snapshot_store, inventory_of(undated_stop(1), at=NOW + 2 * HOUR)) == [NOW + 2 * HOUR]


def test_a_start_between_two_scans_resets_first_seen_stopped(snapshot_store: SqlSnapshotStore) -> None:
    snapshot_store.record_stop_times(inventory_of(undated_stop(1)))
    started = replace(undated_stop(1), launched_at=NOW + HOUR)
    assert seen_stopped_dates(snapshot_store, inventory_of(started, at=NOW + 2 * HOUR)) == [NOW + 2 * HOUR]
    assert seen_stopped_dates(snapshot_store, inventory_of(started, at=NOW + 3 * HOUR)) == [NOW + 2 * HOUR]


def test_first_seen_stopped_is_kept_and_not_used_while_ec2_dates_the_stop(
    snapshot_store: SqlSnapshotStore,
) -> None:
    snapshot_store.record_stop_times(inventory_of(undated_stop(1)))
    dated = replace(undated_stop(1), transitioned_at=NOW)
    assert seen_stopped_dates(snapshot_store, inventory_of(dated, at=NOW + HOUR)) == [None]
    assert seen_stopped_dates(snapshot_store, inventory_of(undated_stop(1), at=NOW + 2 * HOUR)) == [NOW]


def test_an_older_scan_that_ends_late_deletes_nothing_that_a_newer_one_saw(snapshot_store: SqlSnapshotStore) -> None:
    snapshot_store.record_stop_times(inventory_of(undated_stop(1), at=NOW + HOUR))
    snapshot_store.record_stop_times(inventory_of(instance(1, state=InstanceState.RUNNING)))
    assert seen_stopped_dates(snapshot_store, inventory_of(undated_stop(1), at=NOW + 2 * HOUR)) == [NOW + HOUR]
