"""What is newer takes the place of what is older and not settled."""

import pytest

from bailiff_bot.domain.delivery import DeliveryState
from bailiff_bot.store.store import Store
from tests.integration.store.builders import ADA, BEN, DAY, NOW, edit, key, keys, nudge, plan, reply, settle_delivery

ONE, TWO = key(1), key(2)
LATER = NOW + 2 * DAY


def open_nudge(store: Store, *, claimed: bool, attempted: bool = False) -> str:
    """Plan a nudge that is not settled, and return its key."""
    store.deliveries.save_plan(plan(1, nudge(ADA, ONE)))
    _, found = keys(store.deliveries, 1)
    if claimed:
        store.deliveries.claim(found, "one", NOW + DAY, LATER)
    if attempted:
        assert store.deliveries.mark_attempted(found, "one", NOW + DAY, LATER)
    return found


@pytest.mark.parametrize("taken", [False, True])
def test_a_nudge_that_is_on_nobodys_wire_gives_way_to_a_later_one(store: Store, *, taken: bool) -> None:
    older = open_nudge(store, claimed=taken)
    store.deliveries.save_plan(plan(2, nudge(ADA, ONE, TWO)))
    found = store.deliveries.delivery(older)
    assert (found.state, found.reason) == (DeliveryState.EXPIRED, "a later one takes its place")
    assert not store.deliveries.mark_attempted(older, "one", NOW + DAY, LATER)
    assert store.deliveries.delivery(keys(store.deliveries, 2)[1]).state is DeliveryState.PENDING


def test_a_nudge_that_may_be_on_its_way_is_marked_as_replaced(store: Store) -> None:
    older = open_nudge(store, claimed=True, attempted=True)
    assert not store.deliveries.delivery(older).superseded
    store.deliveries.save_plan(plan(2, nudge(ADA, ONE, TWO)))
    found = store.deliveries.delivery(older)
    assert (found.state, found.superseded) == (DeliveryState.SENDING, True)
    again = store.deliveries.claim(older, "two", LATER, LATER + DAY)
    assert again
    assert again.superseded
    assert not store.deliveries.delivery(keys(store.deliveries, 2)[1]).superseded


def test_a_nudge_to_somebody_else_and_one_that_is_settled_give_way_to_none(store: Store) -> None:
    store.deliveries.save_plan(plan(0, nudge(ADA, ONE)))
    settle_delivery(store.deliveries, keys(store.deliveries, 0)[1], "1.0")
    older = open_nudge(store, claimed=False)
    store.deliveries.save_plan(plan(2, nudge(BEN, ONE), reply(1)))
    assert store.deliveries.delivery(older).state is DeliveryState.PENDING
    assert [one.state for one in store.deliveries.deliveries("dispatch1")] == [DeliveryState.PENDING] * 2
    store.deliveries.save_plan(plan(3, nudge(ADA, ONE)))
    assert store.deliveries.delivery(keys(store.deliveries, 0)[1]).state is DeliveryState.SENT


@pytest.mark.parametrize("taken", [False, True])
def test_an_open_edit_gives_way_to_a_later_one_of_the_same_message(store: Store, *, taken: bool) -> None:
    store.deliveries.save_plan(plan(1, edit(ADA, "1.0", ONE), edit(ADA, "2.0", ONE), edit(BEN, "1.0", ONE)))
    _, older, *others = keys(store.deliveries, 1)
    if taken:
        store.deliveries.claim(older, "one", NOW + DAY, LATER)
        store.deliveries.mark_attempted(older, "one", NOW + DAY, LATER)
    store.deliveries.save_plan(plan(2, edit(ADA, "1.0")))
    found = store.deliveries.delivery(older)
    assert (found.state, found.reason) == (DeliveryState.EXPIRED, "a later one takes its place")
    assert not store.deliveries.settle(older, "one", DeliveryState.SENT)
    assert {store.deliveries.delivery(one).state for one in others} == {DeliveryState.PENDING}


def test_a_plan_whose_slot_is_taken_replaces_nothing(store: Store) -> None:
    older = open_nudge(store, claimed=False)
    assert not store.deliveries.save_plan(plan(1, nudge(ADA, TWO)))
    assert store.deliveries.delivery(older).state is DeliveryState.PENDING
