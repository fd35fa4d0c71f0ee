"""Since when a schedule is followed, and which of its slots are used."""

from dataclasses import replace

from sqlalchemy import select

from bailiff_bot.domain.digest import MANUAL_DIGEST
from bailiff_bot.store.schedules import schedules
from bailiff_bot.store.store import Store
from tests.integration.store.builders import DAY, MINUTE, NOW, SECOND, new_batch, plan, slot

NINE, NINE_IN_PARIS = "0 9 * * * UTC", "0 9 * * * Europe/Paris"


def test_a_schedule_is_followed_since_it_was_first_seen(store: Store) -> None:
    assert store.schedules.record_use(NINE, NOW) == NOW
    assert store.schedules.record_use(NINE, NOW + DAY) == NOW


def test_a_changed_schedule_is_followed_since_the_change(store: Store) -> None:
    store.schedules.record_use(NINE, NOW)
    assert store.schedules.record_use(NINE_IN_PARIS, NOW + DAY) == NOW + DAY


def test_a_schedule_that_was_not_seen_for_a_month_starts_anew(store: Store) -> None:
    store.schedules.record_use(NINE, NOW)
    assert store.schedules.record_use(NINE, NOW + 30 * DAY) == NOW
    assert store.schedules.record_use(NINE, NOW + 61 * DAY) == NOW + 61 * DAY


def test_replicas_with_different_schedules_do_not_restart_each_others(store: Store) -> None:
    schedule_texts = [NINE, NINE_IN_PARIS]
    for tick in range(8):
        for number, text in enumerate(schedule_texts):
            now = NOW - MINUTE + (tick + number / 2) * 30 * SECOND
            assert store.schedules.record_use(text, now) == NOW - MINUTE + number * 15 * SECOND


def test_a_clock_that_is_behind_does_not_move_the_last_seen_time_back(store: Store) -> None:
    store.schedules.record_use(NINE, NOW)
    store.schedules.record_use(NINE, NOW + 20 * DAY)
    store.schedules.record_use(NINE, NOW)
    assert store.schedules.record_use(NINE, NOW + 45 * DAY) == NOW


def test_a_schedule_that_was_not_seen_for_a_month_is_deleted(store: Store) -> None:
    store.schedules.record_use(NINE, NOW)
    store.schedules.record_use(NINE_IN_PARIS, NOW + 10 * DAY)
    store.prune(NOW + 31 * DAY, 900 * DAY)
    with store.database.reading() as connection:
        assert connection.scalars(select(schedules.c.text)).all() == [NINE_IN_PARIS]


def test_the_used_slots_of_a_day_are_those_of_scheduled_batches(store: Store) -> None:
    store.deliveries.save_plan(plan(0))
    store.deliveries.save_plan(plan(1))
    by_hand = replace(new_batch(2, MANUAL_DIGEST), slot="2026-11-23T10:00 by hand")
    store.deliveries.save_plan(plan(batch=by_hand))
    assert store.schedules.used_slots("2026-11-23") == {slot(0)}
    assert store.schedules.used_slots("2026-11") == {slot(0), slot(1)}
    assert store.schedules.used_slots("%") == frozenset()
