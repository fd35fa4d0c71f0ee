"""What is newer takes the place of what is older and not settled."""

import pytest

from bailiff_bot.domain.delivery import State
from bailiff_bot.store.store import Store
from tests.integration.store.builders import ADA, BEN, DAY, NOW, edit, key, keys, nudge, plan, reply, send

ONE, TWO = key(1), key(2)
LATER = NOW + 2 * DAY


def open_nudge(store: Store, *, taken: bool, stamped: bool = False) -> str:
    """Plan a nudge that is not settled, and return its key."""
    store.ledger.plan(plan(1, nudge(ADA, ONE)))
    _, found = keys(store.ledger, 1)
    if taken:
        store.ledger.take(found, "one", NOW + DAY, LATER)
    if stamped:
        assert store.ledger.stamp(found, "one", NOW + DAY, LATER)
    return found


@pytest.mark.parametrize("taken", [False, True])
def test_a_nudge_that_is_on_nobodys_wire_gives_way_to_a_later_one(store: Store, *, taken: bool) -> None:
    older = open_nudge(store, taken=taken)
    store.ledger.plan(plan(2, nudge(ADA, ONE, TWO)))
    found = store.ledger.delivery(older)
    assert (found.state, found.reason) == (State.EXPIRED, "a later one takes its place")
    assert not store.ledger.stamp(older, "one", NOW + DAY, LATER)
    assert store.ledger.delivery(keys(store.ledger, 2)[1]).state is State.PENDING


def test_a_nudge_that_may_be_on_its_way_is_marked_as_replaced(store: Store) -> None:
    older = open_nudge(store, taken=True, stamped=True)
    assert not store.ledger.delivery(older).replaced
    store.ledger.plan(plan(2, nudge(ADA, ONE, TWO)))
    found = store.ledger.delivery(older)
    assert (found.state, found.replaced) == (State.SENDING, True)
    again = store.ledger.take(older, "two", LATER, LATER + DAY)
    assert again
    assert again.replaced
    assert not store.ledger.delivery(keys(store.ledger, 2)[1]).replaced


def test_a_nudge_to_somebody_else_and_one_that_is_settled_give_way_to_none(store: Store) -> None:
    store.ledger.plan(plan(0, nudge(ADA, ONE)))
    send(store.ledger, keys(store.ledger, 0)[1], "1.0")
    older = open_nudge(store, taken=False)
    store.ledger.plan(plan(2, nudge(BEN, ONE), reply(1)))
    assert store.ledger.delivery(older).state is State.PENDING
    assert [one.state for one in store.ledger.deliveries("dispatch1")] == [State.PENDING] * 2
    store.ledger.plan(plan(3, nudge(ADA, ONE)))
    assert store.ledger.delivery(keys(store.ledger, 0)[1]).state is State.SENT


@pytest.mark.parametrize("taken", [False, True])
def test_an_open_edit_gives_way_to_a_later_one_of_the_same_message(store: Store, *, taken: bool) -> None:
    store.ledger.plan(plan(1, edit(ADA, "1.0", ONE), edit(ADA, "2.0", ONE), edit(BEN, "1.0", ONE)))
    _, older, *others = keys(store.ledger, 1)
    if taken:
        store.ledger.take(older, "one", NOW + DAY, LATER)
        store.ledger.stamp(older, "one", NOW + DAY, LATER)
    store.ledger.plan(plan(2, edit(ADA, "1.0")))
    found = store.ledger.delivery(older)
    assert (found.state, found.reason) == (State.EXPIRED, "a later one takes its place")
    assert not store.ledger.settle(older, "one", State.SENT)
    assert {store.ledger.delivery(one).state for one in others} == {State.PENDING}


def test_a_plan_whose_slot_is_taken_replaces_nothing(store: Store) -> None:
    older = open_nudge(store, taken=False)
    assert not store.ledger.plan(plan(1, nudge(ADA, TWO)))
    assert store.ledger.delivery(older).state is State.PENDING
