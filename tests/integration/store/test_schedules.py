"""Since when a schedule stands, and which of its slots were used."""

from dataclasses import replace

from sqlalchemy import select

from bailiff_bot.domain.delivery import BatchKind
from bailiff_bot.store.store import Store
from bailiff_bot.store.tables import schedules
from tests.integration.store.builders import DAY, MINUTE, NOW, SECOND, new_batch, plan, slot

NINE, NINE_IN_PARIS = "0 9 * * * UTC", "0 9 * * * Europe/Paris"


def test_a_schedule_stands_since_it_was_first_seen(store: Store) -> None:
    assert store.schedules.record_use(NINE, NOW) == NOW
    assert store.schedules.record_use(NINE, NOW + DAY) == NOW


def test_a_schedule_that_is_changed_stands_since_then(store: Store) -> None:
    store.schedules.record_use(NINE, NOW)
    assert store.schedules.record_use(NINE_IN_PARIS, NOW + DAY) == NOW + DAY


def test_a_schedule_that_comes_back_stands_as_before_unless_it_was_not_used_for_a_month(store: Store) -> None:
    store.schedules.record_use(NINE, NOW)
    assert store.schedules.record_use(NINE, NOW + 30 * DAY) == NOW
    assert store.schedules.record_use(NINE, NOW + 61 * DAY) == NOW + 61 * DAY


def test_replicas_whose_schedules_differ_do_not_begin_each_others_anew(store: Store) -> None:
    texts = [NINE, NINE_IN_PARIS]
    for tick in range(8):
        for number, text in enumerate(texts):
            at = NOW - MINUTE + (tick + number / 2) * 30 * SECOND
            assert store.schedules.record_use(text, at) == NOW - MINUTE + number * 15 * SECOND


def test_a_look_of_a_clock_that_is_behind_takes_nothing_back(store: Store) -> None:
    store.schedules.record_use(NINE, NOW)
    store.schedules.record_use(NINE, NOW + 20 * DAY)
    store.schedules.record_use(NINE, NOW)
    assert store.schedules.record_use(NINE, NOW + 45 * DAY) == NOW


def test_a_schedule_that_was_not_used_for_a_month_is_forgotten(store: Store) -> None:
    store.schedules.record_use(NINE, NOW)
    store.schedules.record_use(NINE_IN_PARIS, NOW + 10 * DAY)
    store.retention.prune(NOW + 31 * DAY, 900 * DAY)
    with store.database.reading() as connection:
        assert connection.scalars(select(schedules.c.text)).all() == [NINE_IN_PARIS]


def test_the_slots_of_a_day_are_those_of_the_schedule(store: Store) -> None:
    store.deliveries.save_plan(plan(0))
    store.deliveries.save_plan(plan(1))
    by_hand = replace(new_batch(2, BatchKind.MANUAL), slot="2026-11-23T10:00 by hand")
    store.deliveries.save_plan(plan(batch=by_hand))
    assert store.schedules.used_slots("2026-11-23") == {slot(0)}
    assert store.schedules.used_slots("2026-11") == {slot(0), slot(1)}
    assert store.schedules.used_slots("%") == frozenset()
