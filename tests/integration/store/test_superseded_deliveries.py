"""A newer nudge or edit replaces an older one that is not settled."""

import pytest

from bailiff_bot.domain.delivery import DeliveryState
from bailiff_bot.store.store import Store
from tests.integration.store.builders import ADA, BEN, DAY, NOW, edit, key, keys, nudge, plan, reply, settle_delivery

ONE, TWO = key(1), key(2)
LATER = NOW + 2 * DAY


def save_open_nudge(store: Store, *, claimed: bool, attempted: bool = False) -> str:
    """Save a nudge that is not settled. Returns its key."""
    store.deliveries.save_plan(plan(1, nudge(ADA, ONE)))
    _, nudge_key = keys(store.deliveries, 1)
    if claimed:
        store.deliveries.claim(nudge_key, "one", NOW + DAY, LATER)
    if attempted:
        assert store.deliveries.mark_attempted(nudge_key, "one", NOW + DAY, LATER)
    return nudge_key


@pytest.mark.parametrize("claimed", [False, True])
def test_a_nudge_that_was_not_attempted_is_replaced_by_a_later_one(store: Store, *, claimed: bool) -> None:
    older_key = save_open_nudge(store, claimed=claimed)
    store.deliveries.save_plan(plan(2, nudge(ADA, ONE, TWO)))
    delivery = store.deliveries.delivery(older_key)
    assert (delivery.state, delivery.reason) == (DeliveryState.EXPIRED, "a later message replaces it")
    assert not store.deliveries.mark_attempted(older_key, "one", NOW + DAY, LATER)
    assert store.deliveries.delivery(keys(store.deliveries, 2)[1]).state is DeliveryState.PENDING


def test_a_nudge_that_was_attempted_is_marked_as_superseded(store: Store) -> None:
    older_key = save_open_nudge(store, claimed=True, attempted=True)
    assert not store.deliveries.delivery(older_key).superseded
    store.deliveries.save_plan(plan(2, nudge(ADA, ONE, TWO)))
    delivery = store.deliveries.delivery(older_key)
    assert (delivery.state, delivery.superseded) == (DeliveryState.SENDING, True)
    claimed_again = store.deliveries.claim(older_key, "two", LATER, LATER + DAY)
    assert claimed_again
    assert claimed_again.superseded
    assert not store.deliveries.delivery(keys(store.deliveries, 2)[1]).superseded


def test_a_nudge_to_another_owner_and_a_settled_one_are_not_replaced(store: Store) -> None:
    store.deliveries.save_plan(plan(0, nudge(ADA, ONE)))
    settle_delivery(store.deliveries, keys(store.deliveries, 0)[1], "1.0")
    older_key = save_open_nudge(store, claimed=False)
    store.deliveries.save_plan(plan(2, nudge(BEN, ONE), reply(1)))
    assert store.deliveries.delivery(older_key).state is DeliveryState.PENDING
    assert [planned.state for planned in store.deliveries.deliveries("dispatch1")] == [DeliveryState.PENDING] * 2
    store.deliveries.save_plan(plan(3, nudge(ADA, ONE)))
    assert store.deliveries.delivery(keys(store.deliveries, 0)[1]).state is DeliveryState.SENT


@pytest.mark.parametrize("attempted", [False, True])
def test_an_unsettled_edit_is_replaced_by_a_later_one_of_the_same_message(store: Store, *, attempted: bool) -> None:
    store.deliveries.save_plan(plan(1, edit(ADA, "1.0", ONE), edit(ADA, "2.0", ONE), edit(BEN, "1.0", ONE)))
    _, older_key, *other_keys = keys(store.deliveries, 1)
    if attempted:
        store.deliveries.claim(older_key, "one", NOW + DAY, LATER)
        store.deliveries.mark_attempted(older_key, "one", NOW + DAY, LATER)
    store.deliveries.save_plan(plan(2, edit(ADA, "1.0")))
    delivery = store.deliveries.delivery(older_key)
    assert (delivery.state, delivery.reason) == (DeliveryState.EXPIRED, "a later message replaces it")
    assert not store.deliveries.settle(older_key, "one", DeliveryState.SENT)
    assert {store.deliveries.delivery(other_key).state for other_key in other_keys} == {DeliveryState.PENDING}


def test_a_plan_whose_slot_is_in_use_replaces_nothing(store: Store) -> None:
    older_key = save_open_nudge(store, claimed=False)
    assert not store.deliveries.save_plan(plan(1, nudge(ADA, TWO)))
    assert store.deliveries.delivery(older_key).state is DeliveryState.PENDING
