"""The brake: a switch is saved with its record and its notice, or not at all, and after what others saved before."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bailiff_bot.domain.action import Action
from bailiff_bot.domain.action_brakes import BrakeLimits, Brakes, BrakeSwitch, Slot
from bailiff_bot.domain.audit import AuditRecord, AuditResult, Person
from bailiff_bot.domain.brake_switching import BrakeChange, SwitchVerdict
from bailiff_bot.store.action_brakes import lock_brakes, take_slot
from bailiff_bot.store.store import Store
from tests.integration.store.builders import ADA, BEN, DAY, HOSTILE, HOUR, NOW, SECOND, new_batch, plan

Decide = Callable[[tuple[Slot, ...], BrakeSwitch | None], BrakeChange]
RECORD = AuditRecord(NOW, Person(ADA, "Ada"), "brake", AuditResult.DONE)


def slot(user_id: str = ADA, action: Action = Action.STOP, at: datetime = NOW) -> Slot:
    return Slot(user_id, action, at)


def take(store: Store, *slots: Slot) -> None:
    with store.database.writing() as connection:
        lock_brakes(connection)
        for one in slots:
            take_slot(connection, one)


def switching(switch: BrakeSwitch | None, record: AuditRecord | None = RECORD, number: int = 1) -> Decide:
    """Return what decides for a switch, a record and a notice, whatever was read."""
    brakes = Brakes(BrakeLimits())
    notice = plan(batch=new_batch(number, "brake", NOW)) if switch else None
    return lambda _slots, _latest: BrakeChange(brakes, SwitchVerdict.SWITCH, switch, record, notice)


def on(by: str = ADA, at: datetime = NOW) -> BrakeSwitch:
    return BrakeSwitch(is_on=True, user_id=by, name=HOSTILE, at=at)


def test_there_is_no_switch_at_first(store: Store) -> None:
    assert store.brakes.switch() is None
    assert store.brakes.slots(NOW) == ()


def test_a_switch_is_saved_with_its_notice_and_its_record(store: Store) -> None:
    store.brakes.change(NOW, switching(on()))
    assert store.brakes.switch() == on()
    assert [batch.id for batch in store.deliveries.unfinished()] == ["dispatch1"]
    assert [entry.record for entry in store.audit.since(NOW)] == [RECORD]


def test_the_latest_switch_counts(store: Store) -> None:
    off = replace(on(BEN, NOW - HOUR), is_on=False)  # the clock of another replica is behind
    store.brakes.change(NOW, switching(on(), number=1))
    store.brakes.change(NOW, switching(off, number=2))
    assert store.brakes.switch() == off


def test_a_refusal_leaves_its_record_alone(store: Store) -> None:
    store.brakes.change(NOW, switching(None))
    assert store.brakes.switch() is None
    assert store.deliveries.unfinished() == ()
    assert len(store.audit.since(NOW)) == 1


def test_what_is_so_already_leaves_nothing(store: Store) -> None:
    store.brakes.change(NOW, switching(None, None))
    assert store.brakes.switch() is None
    assert store.audit.since(NOW) == ()


def test_nothing_is_saved_if_the_record_cannot_be(store: Store) -> None:
    with pytest.raises(ValueError, match="a person"):
        store.brakes.change(NOW, switching(on(), replace(RECORD, actor=Person("", ""))))
    assert store.brakes.switch() is None
    assert store.deliveries.unfinished() == ()


def test_the_slots_of_24_hours_are_read_oldest_first(store: Store) -> None:
    slots = slot(BEN, Action.DELETE, NOW - DAY + SECOND), slot(ADA, Action.RENAME, NOW - HOUR), slot()
    take(store, slots[2], slots[0], slots[1], slot(at=NOW - DAY))
    assert store.brakes.slots(NOW) == slots
    read: list[tuple[Slot, ...]] = []

    def decide(found: tuple[Slot, ...], _latest: BrakeSwitch | None) -> BrakeChange:
        read.append(found)
        return BrakeChange(Brakes(BrakeLimits()), SwitchVerdict.UNCHANGED)

    store.brakes.change(NOW, decide)
    assert read == [slots]


def test_of_many_switches_at_once_each_sees_the_one_before(store: Store) -> None:
    seen: list[BrakeSwitch | None] = []

    def switch(number: int) -> None:
        def decide(_slots: tuple[Slot, ...], latest: BrakeSwitch | None) -> BrakeChange:
            seen.append(latest)
            return switching(on(f"U{number}"), number=number)((), None)

        store.brakes.change(NOW, decide)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(switch, range(8)))
    found = [one.user_id if one else "" for one in [*seen, store.brakes.switch()]]
    assert found[0] == ""
    assert sorted(found[1:]) == [f"U{number}" for number in range(8)]
    assert len(store.audit.since(NOW)) == 8


def test_slots_that_do_not_count_any_more_are_deleted_and_switches_are_kept(store: Store) -> None:
    take(store, slot(at=NOW - DAY - SECOND), slot(at=NOW - HOUR))
    store.brakes.change(NOW, switching(on()))
    store.prune(NOW, timedelta(days=30))
    assert store.brakes.slots(NOW - DAY) == (slot(at=NOW - HOUR),)
    store.prune(NOW + 400 * DAY, timedelta(days=30))
    assert store.brakes.switch() == on()
