"""What is old is forgotten, and the file does not grow for ever."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

from bailiff_bot.domain.owner import NoOwner, Owner
from bailiff_bot.domain.snapshot import Snapshot
from bailiff_bot.store.store import Store, open_store
from bailiff_bot.store.tables import deliveries, leases, metadata
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

KEEP = timedelta(days=30)


def digest(store: Store, number: int, *to: str) -> None:
    """Plan, send and finish the digest of a day."""
    store.deliveries.save_plan(
        plan(number, *(nudge(user, key(number)) for user in to), point=trend_point(NOW + number * DAY, number))
    )
    for one in keys(store.deliveries, number):
        settle_delivery(store.deliveries, one, f"{number}.0")
    store.deliveries.mark_finished(f"dispatch{number}", NOW + number * DAY)


def slots(store: Store) -> int:
    return len(store.schedules.used_slots("20"))


def test_what_is_finished_and_old_is_forgotten_with_its_deliveries(store: Store) -> None:
    digest(store, 0)
    digest(store, 31)
    store.retention.prune(NOW + 31 * DAY, KEEP)
    assert slots(store) == 1
    assert store.deliveries.deliveries("dispatch0") == ()
    assert len(store.deliveries.deliveries("dispatch31")) == 1


def test_what_is_not_finished_is_kept_however_old_it_is(store: Store) -> None:
    store.deliveries.save_plan(plan(0))
    store.retention.prune(NOW + 900 * DAY, KEEP)
    assert store.deliveries.unfinished() == (new_batch(0),)
    assert len(store.deliveries.deliveries("dispatch0")) == 1


def test_the_latest_twenty_points_of_the_trend_are_kept_however_old_they_are(store: Store) -> None:
    for number in range(25):
        digest(store, number)
    store.retention.prune(NOW + 900 * DAY, KEEP)
    assert slots(store) == 0
    assert [one.flagged_count for one in store.digest_history.load(100).trend] == list(range(5, 25))


def test_points_that_are_not_old_are_kept_however_many_there_are(store: Store) -> None:
    for number in range(25):
        digest(store, number)
    store.retention.prune(NOW + 25 * DAY, KEEP)
    assert len(store.digest_history.load(100).trend) == 25


def test_the_latest_message_to_each_owner_is_kept_however_old_it_is(store: Store) -> None:
    digest(store, 0, ADA, BEN)
    digest(store, 1, ADA)
    digest(store, 2)
    before = store.digest_history.load().last_nudges
    store.retention.prune(NOW + 900 * DAY, KEEP)
    assert store.digest_history.load().last_nudges == before
    assert {one.ts for one in before.values()} == {"0.0", "1.0"}
    assert [len(store.deliveries.deliveries(f"dispatch{number}")) for number in range(3)] == [1, 1, 0]
    assert slots(store) == 2


def test_a_message_that_never_came_does_not_keep_the_one_before_from_being_kept(store: Store) -> None:
    digest(store, 0, ADA)
    store.deliveries.save_plan(plan(1, nudge(ADA, key())))
    store.deliveries.expire_batch("dispatch1", "it was too late")
    store.deliveries.mark_finished("dispatch1", NOW + DAY)
    store.retention.prune(NOW + 900 * DAY, KEEP)
    assert store.digest_history.load().last_nudges[ADA].ts == "0.0"
    assert slots(store) == 1


def test_a_message_that_was_kept_can_still_be_edited(store: Store) -> None:
    digest(store, 0, ADA)
    store.retention.prune(NOW + 400 * DAY, KEEP)
    store.deliveries.save_plan(plan(400, edit(ADA, "0.0")))
    settle_delivery(store.deliveries, keys(store.deliveries, 400)[1], "0.0")
    assert store.digest_history.load().last_nudges[ADA].still_listed == frozenset()


def test_a_lease_is_removed_a_day_after_its_end(store: Store) -> None:
    store.leases.acquire("scan", "one", NOW, NOW + SECOND)
    store.leases.acquire("digest", "one", NOW + DAY, NOW + DAY + SECOND)
    store.retention.prune(NOW + DAY + 2 * SECOND, KEEP)
    with store.database.reading() as connection:
        assert connection.scalars(select(leases.c.name)).all() == ["digest"]


def test_a_finding_that_was_not_seen_for_long_is_forgotten(store: Store) -> None:
    unseen, seen = open_finding(key(1)), open_finding(key(2), last=NOW + 10 * DAY)
    plan_and_settle_parent(store.deliveries, plan(0, findings=[unseen, seen]))
    store.retention.prune(NOW + 31 * DAY, KEEP)
    assert store.digest_history.load().open_findings == (seen,)


def test_old_counts_are_forgotten_but_for_the_latest(store: Store) -> None:
    for day in range(3):
        scan = replace(inventory([instance()]), scanned_at=NOW + day * DAY)
        store.snapshots.save(Snapshot(scan, DIRECTORY))
    store.retention.prune(NOW + 900 * DAY, KEEP)
    assert [count.at for count in store.snapshots.counts(NOW)] == [NOW + 2 * DAY]
    assert store.snapshots.latest()


def test_people_are_forgotten_and_asked_for_again(store: Store) -> None:
    store.users.save({"ada@octo.example": Owner(ADA, "Ada")}, NOW)
    store.users.save({"ben@octo.example": NoOwner("a guest")}, NOW + 10 * DAY)
    store.retention.prune(NOW + 31 * DAY, KEEP)
    assert set(store.users.load(frozenset({"ada@octo.example", "ben@octo.example"}), NOW)) == {"ben@octo.example"}


def test_rate_limits_hold_also_when_they_are_pruned(store: Store) -> None:
    store.deliveries.reserve_send_time(CHANNEL, NOW, SECOND)
    store.retention.prune(NOW, KEEP)
    assert store.deliveries.reserve_send_time(CHANNEL, NOW, SECOND) == NOW + SECOND


def test_nothing_that_is_old_is_left_but_what_has_to_be(store: Store) -> None:
    digest(store, 0, ADA)
    plan_and_settle_parent(store.deliveries, plan(1, findings=[open_finding(key())], policy="strict"))
    store.deliveries.mark_finished("dispatch1", NOW + DAY)
    store.snapshots.save(Snapshot(inventory([instance()]), DIRECTORY))
    store.deliveries.reserve_send_time(CHANNEL, NOW, SECOND)
    store.leases.acquire("scan", "one", NOW, NOW + SECOND)
    store.schedules.record_use("0 9 * * * UTC", NOW)
    store.retention.prune(NOW + 900 * DAY, KEEP)
    with store.database.reading() as connection:
        left = {
            name
            for name, table in metadata.tables.items()
            if connection.scalar(select(func.count()).select_from(table))
        }
    assert left == {"snapshots", "counts", "points", "dispatches", "deliveries", "remembered"}


def test_a_file_of_2000_digests_is_not_larger_than_one_of_100(tmp_path: Path) -> None:
    sizes = []
    with open_store(f"sqlite:///{tmp_path / 'bailiff.sqlite'}") as store:
        _hurry(store)
        for number in range(2000):
            owed = [open_finding(key(user), last=NOW + number * DAY) for user in range(5)]
            nudges = [nudge(f"U{user}", key(user)) for user in range(5)]
            plan_and_settle_parent(
                store.deliveries, plan(number, *nudges, findings=owed, point=trend_point(NOW + number * DAY))
            )
            store.deliveries.mark_finished(f"dispatch{number}", NOW)
            if number % 10 == 0:
                store.retention.prune(NOW + number * DAY, KEEP)
                sizes.append(sum(one.stat().st_size for one in tmp_path.iterdir()))
        with store.database.reading() as connection:
            assert connection.execute(select(func.count()).select_from(deliveries)).scalar_one() < 50 * 6
    assert max(sizes) <= 1.2 * max(sizes[:10])


def _hurry(store: Store) -> None:
    """Do not wait for the disk, which is not what is tested."""
    with store.database.reading() as connection:
        for statement in ("commit", "pragma synchronous = off", "begin"):
            connection.exec_driver_sql(statement)
