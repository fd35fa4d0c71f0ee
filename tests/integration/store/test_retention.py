"""Old data is deleted, and the database file does not grow without limit."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

from bailiff_bot.domain.owner import NoOwner, Owner
from bailiff_bot.domain.snapshot import Snapshot
from bailiff_bot.store.deliveries import deliveries
from bailiff_bot.store.leases import leases
from bailiff_bot.store.schema import metadata, retention
from bailiff_bot.store.store import Store, store_at
from tests.builders import DIRECTORY, instance, inventory
from tests.integration.store.builders import (
    ADA,
    BEN,
    CHANNEL,
    DAY,
    NOW,
    SECOND,
    edit,
    key,
    keys,
    new_batch,
    nudge,
    open_finding,
    plan,
    plan_and_settle_parent,
    settle_delivery,
    trend_point,
)

RETENTION = timedelta(days=30)


def save_finished_digest(store: Store, number: int, *recipients: str) -> None:
    """Save, settle and finish the digest of a day."""
    store.deliveries.save_plan(
        plan(number, *(nudge(user, key(number)) for user in recipients), point=trend_point(NOW + number * DAY, number))
    )
    for delivery_key in keys(store.deliveries, number):
        settle_delivery(store.deliveries, delivery_key, f"{number}.0")
    store.deliveries.mark_finished(f"dispatch{number}", NOW + number * DAY)


def used_slot_count(store: Store) -> int:
    return len(store.schedules.used_slots("20"))


def test_an_old_finished_batch_is_deleted_with_its_deliveries(store: Store) -> None:
    save_finished_digest(store, 0)
    save_finished_digest(store, 31)
    store.prune(NOW + 31 * DAY, RETENTION)
    assert used_slot_count(store) == 1
    assert store.deliveries.deliveries("dispatch0") == ()
    assert len(store.deliveries.deliveries("dispatch31")) == 1


def test_an_unfinished_batch_is_kept_at_any_age(store: Store) -> None:
    store.deliveries.save_plan(plan(0))
    store.prune(NOW + 900 * DAY, RETENTION)
    assert store.deliveries.unfinished() == (new_batch(0),)
    assert len(store.deliveries.deliveries("dispatch0")) == 1


def test_the_latest_twenty_points_of_the_trend_are_kept_at_any_age(store: Store) -> None:
    for number in range(25):
        save_finished_digest(store, number)
    store.prune(NOW + 900 * DAY, RETENTION)
    assert used_slot_count(store) == 0
    assert [point.flagged_count for point in store.digest_history.load(100).trend] == list(range(5, 25))


def test_recent_points_of_the_trend_are_kept_in_any_number(store: Store) -> None:
    for number in range(25):
        save_finished_digest(store, number)
    store.prune(NOW + 25 * DAY, RETENTION)
    assert len(store.digest_history.load(100).trend) == 25


def test_the_latest_nudge_of_each_owner_is_kept_at_any_age(store: Store) -> None:
    save_finished_digest(store, 0, ADA, BEN)
    save_finished_digest(store, 1, ADA)
    save_finished_digest(store, 2)
    last_nudges = store.digest_history.load().last_nudges
    store.prune(NOW + 900 * DAY, RETENTION)
    assert store.digest_history.load().last_nudges == last_nudges
    assert {nudged.ts for nudged in last_nudges.values()} == {"0.0", "1.0"}
    assert [len(store.deliveries.deliveries(f"dispatch{number}")) for number in range(3)] == [1, 1, 0]
    assert used_slot_count(store) == 2


def test_an_earlier_nudge_is_kept_if_the_later_one_expired(store: Store) -> None:
    save_finished_digest(store, 0, ADA)
    store.deliveries.save_plan(plan(1, nudge(ADA, key())))
    store.deliveries.expire_batch("dispatch1", "it was too late")
    store.deliveries.mark_finished("dispatch1", NOW + DAY)
    store.prune(NOW + 900 * DAY, RETENTION)
    assert store.digest_history.load().last_nudges[ADA].ts == "0.0"
    assert used_slot_count(store) == 1


def test_a_kept_nudge_can_still_be_edited(store: Store) -> None:
    save_finished_digest(store, 0, ADA)
    store.prune(NOW + 400 * DAY, RETENTION)
    store.deliveries.save_plan(plan(400, edit(ADA, "0.0")))
    settle_delivery(store.deliveries, keys(store.deliveries, 400)[1], "0.0")
    assert store.digest_history.load().last_nudges[ADA].still_listed == frozenset()


def test_a_lease_is_deleted_a_day_after_it_expired(store: Store) -> None:
    store.leases.acquire("scan", "one", NOW, NOW + SECOND)
    store.leases.acquire("digest", "one", NOW + DAY, NOW + DAY + SECOND)
    store.prune(NOW + DAY + 2 * SECOND, RETENTION)
    with store.database.reading() as connection:
        assert connection.scalars(select(leases.c.name)).all() == ["digest"]


def test_a_finding_that_was_not_seen_for_a_long_time_is_deleted(store: Store) -> None:
    unseen, seen = open_finding(key(1)), open_finding(key(2), last=NOW + 10 * DAY)
    plan_and_settle_parent(store.deliveries, plan(0, findings=[unseen, seen]))
    store.prune(NOW + 31 * DAY, RETENTION)
    assert store.digest_history.load().open_findings == (seen,)


def test_old_scan_counts_are_deleted_except_the_latest(store: Store) -> None:
    for day in range(3):
        scan = replace(inventory([instance()]), scanned_at=NOW + day * DAY)
        store.snapshots.save(Snapshot(scan, DIRECTORY))
    store.prune(NOW + 900 * DAY, RETENTION)
    assert [count.at for count in store.snapshots.counts(NOW)] == [NOW + 2 * DAY]
    assert store.snapshots.latest()


def test_cached_slack_users_are_deleted(store: Store) -> None:
    store.users.save({"ada@octo.example": Owner(ADA, "Ada")}, NOW)
    store.users.save({"ben@octo.example": NoOwner("a guest")}, NOW + 10 * DAY)
    store.prune(NOW + 31 * DAY, RETENTION)
    assert set(store.users.load(frozenset({"ada@octo.example", "ben@octo.example"}), NOW)) == {"ben@octo.example"}


def test_pruning_does_not_break_a_rate_limit(store: Store) -> None:
    store.deliveries.reserve_send_time(CHANNEL, NOW, SECOND)
    store.prune(NOW, RETENTION)
    assert store.deliveries.reserve_send_time(CHANNEL, NOW, SECOND) == NOW + SECOND


def test_of_old_data_only_what_is_still_needed_is_kept(store: Store) -> None:
    save_finished_digest(store, 0, ADA)
    plan_and_settle_parent(store.deliveries, plan(1, findings=[open_finding(key())], policy="strict"))
    store.deliveries.mark_finished("dispatch1", NOW + DAY)
    store.snapshots.save(Snapshot(inventory([instance()]), DIRECTORY))
    store.deliveries.reserve_send_time(CHANNEL, NOW, SECOND)
    store.leases.acquire("scan", "one", NOW, NOW + SECOND)
    store.schedules.record_use("0 9 * * * UTC", NOW)
    store.prune(NOW + 900 * DAY, RETENTION)
    with store.database.reading() as connection:
        nonempty = {
            name
            for name, table in metadata.tables.items()
            if connection.scalar(select(func.count()).select_from(table))
        }
    assert nonempty == {"snapshots", "counts", "points", "dispatches", "deliveries", "remembered"}


def test_every_table_says_which_rows_are_deleted_or_that_it_is_kept_for_ever() -> None:
    retentions = {name: retention(table) for name, table in metadata.tables.items()}
    own = {name for name in metadata.tables if name.startswith("audit")}
    kept = {name for name, condition in retentions.items() if condition is None}
    owners = {"owner_scans", "owner_sightings", "saving_scans"}
    assert kept == {"assignments", "brake_switches", "deletions", "first_exempt", "remembered", *own, *owners}


def test_a_file_after_2000_digests_is_not_larger_than_after_100(tmp_path: Path) -> None:
    sizes = []
    with store_at(f"sqlite:///{tmp_path / 'bailiff.sqlite'}") as store:
        _do_not_wait_for_disk(store)
        for number in range(2000):
            findings = [open_finding(key(user), last=NOW + number * DAY) for user in range(5)]
            nudges = [nudge(f"U{user}", key(user)) for user in range(5)]
            plan_and_settle_parent(
                store.deliveries, plan(number, *nudges, findings=findings, point=trend_point(NOW + number * DAY))
            )
            store.deliveries.mark_finished(f"dispatch{number}", NOW)
            if number % 10 == 0:
                store.prune(NOW + number * DAY, RETENTION)
                sizes.append(sum(file.stat().st_size for file in tmp_path.iterdir()))
        with store.database.reading() as connection:
            assert connection.execute(select(func.count()).select_from(deliveries)).scalar_one() < 50 * 6
    assert max(sizes) <= 1.2 * max(sizes[:10])


def _do_not_wait_for_disk(store: Store) -> None:
    """Turn off synchronous writes, which this test is not about."""
    with store.database.reading() as connection:
        for statement in ("commit", "pragma synchronous = off", "begin"):
            connection.exec_driver_sql(statement)
