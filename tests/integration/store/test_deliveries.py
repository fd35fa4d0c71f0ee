import pytest

from bailiff_bot.domain.delivery import SETTLED, Occasion, Part, State
from bailiff_bot.errors import StoreError
from bailiff_bot.outbox.delivery_store import Ledger
from bailiff_bot.store.deliveries import SqlLedger
from bailiff_bot.store.store import Store
from tests.integration.store.builders import (
    ADA,
    CHANNEL,
    DAY,
    HOUR,
    MINUTE,
    NOW,
    SECOND,
    dispatch,
    key,
    keys,
    nudge,
    plan,
    reply,
    slot,
)

LATER = NOW + MINUTE


@pytest.fixture
def ledger(store: Store) -> SqlLedger:
    """A ledger in which one message is to be sent."""
    store.ledger.plan(plan())
    return store.ledger


@pytest.fixture
def only(ledger: SqlLedger) -> str:
    """The key of that message."""
    [found] = keys(ledger)
    return found


def state(ledger: SqlLedger, key: str) -> State:
    return ledger.delivery(key).state


def test_it_is_what_the_courier_asks_for(ledger: SqlLedger) -> None:
    asked: Ledger = ledger
    assert asked


def test_a_dispatch_comes_back_as_it_was_planned(ledger: SqlLedger) -> None:
    assert ledger.unfinished() == (dispatch(),)


def test_a_slot_is_planned_once(ledger: SqlLedger) -> None:
    assert not ledger.plan(plan(0, reply(1)))
    assert len(ledger.deliveries("dispatch0")) == 1


def test_deliveries_come_in_their_order_without_payloads(store: Store) -> None:
    store.ledger.plan(plan(0, reply(10), reply(9), nudge(ADA, key())))
    found = store.ledger.deliveries("dispatch0")
    assert [one.part for one in found] == [Part.PARENT, Part.REPLY, Part.REPLY, Part.NUDGE]
    assert [one.label for one in found[1:3]] == ["Tables 10", "Tables 9"]
    assert {one.state for one in found} == {State.PENDING}
    assert {one.ready for one in found} == {NOW}
    assert not any(one.payload for one in found)


def test_a_key_says_which_message_to_whom_it_is(store: Store) -> None:
    store.ledger.plan(plan(0, nudge(ADA, key())))
    assert keys(store.ledger) == [f"{slot()}/parent/{CHANNEL}", f"{slot()}/nudge/{ADA}"]


def test_a_delivery_that_is_not_there_is_an_error_in_one_line(ledger: SqlLedger) -> None:
    with pytest.raises(StoreError, match=r"no delivery 2026/nudge/U1"):
        ledger.delivery("2026/nudge/U1")


def test_unfinished_dispatches_come_in_the_order_in_which_they_were_planned(store: Store) -> None:
    for number in (3, 1, 2):
        store.ledger.plan(plan(number))
    store.ledger.finish("dispatch2", NOW)
    assert [one.id for one in store.ledger.unfinished()] == ["dispatch1", "dispatch3"]


def test_all_occasions_come_back(store: Store) -> None:
    for number, occasion in enumerate(Occasion):
        store.ledger.plan(plan(of=dispatch(number, occasion)))
    assert [one.occasion for one in store.ledger.unfinished()] == list(Occasion)


def test_who_takes_it_gets_its_payload(ledger: SqlLedger, only: str) -> None:
    taken = ledger.take(only, "one", NOW, LATER)
    assert taken
    assert taken.payload == plan().drafts[0].payload
    assert (taken.state, taken.ready, taken.attempted) == (State.SENDING, LATER, None)


def test_it_is_not_taken_before_it_is_ready(ledger: SqlLedger, only: str) -> None:
    assert ledger.take(only, "one", NOW - SECOND, LATER) is None


def test_while_it_is_held_nobody_takes_it_not_even_who_holds_it(ledger: SqlLedger, only: str) -> None:
    ledger.take(only, "one", NOW, LATER)
    assert ledger.take(only, "two", LATER - SECOND, LATER + HOUR) is None
    assert ledger.take(only, "one", LATER - SECOND, LATER + HOUR) is None


def test_once_its_lease_ran_out_anybody_takes_it_and_learns_that_it_may_have_arrived(
    ledger: SqlLedger, only: str
) -> None:
    ledger.take(only, "one", NOW, LATER)
    ledger.stamp(only, "one", NOW + SECOND, LATER)
    taken = ledger.take(only, "two", LATER, LATER + MINUTE)
    assert taken
    assert taken.attempted == NOW + SECOND
    assert taken.payload


def test_a_stamp_prolongs_the_lease(ledger: SqlLedger, only: str) -> None:
    ledger.take(only, "one", NOW, LATER)
    assert ledger.stamp(only, "one", NOW, LATER + HOUR)
    assert ledger.take(only, "two", LATER, LATER + MINUTE) is None


def test_a_stamp_is_refused_once_the_lease_ran_out_though_nobody_took_it(ledger: SqlLedger, only: str) -> None:
    ledger.take(only, "one", NOW, LATER)
    assert not ledger.stamp(only, "one", LATER, LATER + MINUTE)
    assert ledger.delivery(only).attempted is None


def test_a_stamp_is_refused_once_somebody_else_has_it(ledger: SqlLedger, only: str) -> None:
    ledger.take(only, "one", NOW, LATER)
    ledger.take(only, "two", LATER, LATER + MINUTE)
    assert not ledger.stamp(only, "one", LATER, LATER + MINUTE)
    assert ledger.stamp(only, "two", LATER, LATER + MINUTE)


def test_what_is_not_taken_is_not_stamped(ledger: SqlLedger, only: str) -> None:
    assert not ledger.stamp(only, "", NOW, LATER)


def test_what_is_freed_is_as_if_it_had_never_been_tried(ledger: SqlLedger, only: str) -> None:
    ledger.take(only, "one", NOW, LATER)
    ledger.stamp(only, "one", NOW, LATER)
    ledger.free(only, "one", NOW + SECOND)
    freed = ledger.delivery(only)
    assert (freed.state, freed.attempted, freed.ready) == (State.PENDING, None, NOW + SECOND)
    assert ledger.take(only, "two", NOW + SECOND, LATER)


def test_what_is_postponed_may_still_have_arrived(ledger: SqlLedger, only: str) -> None:
    ledger.take(only, "one", NOW, LATER)
    ledger.stamp(only, "one", NOW, LATER)
    assert ledger.postpone(only, "one", LATER + HOUR)
    postponed = ledger.delivery(only)
    assert (postponed.state, postponed.attempted, postponed.ready) == (State.SENDING, NOW, LATER + HOUR)
    assert not ledger.stamp(only, "one", LATER, LATER + HOUR)
    assert not ledger.settle(only, "one", State.SENT)
    assert ledger.take(only, "two", LATER + HOUR, LATER + 2 * HOUR)


def test_who_lost_it_frees_postpones_and_settles_nothing(ledger: SqlLedger, only: str) -> None:
    ledger.take(only, "one", NOW, LATER)
    ledger.take(only, "two", LATER, LATER + MINUTE)
    before = ledger.delivery(only)
    ledger.free(only, "one", NOW)
    assert not ledger.postpone(only, "one", NOW)
    assert not ledger.settle(only, "one", State.SENT, channel="C1", ts="1.0")
    assert ledger.delivery(only) == before


def test_an_answer_that_comes_late_settles_it_as_long_as_nobody_else_took_it(ledger: SqlLedger, only: str) -> None:
    ledger.take(only, "one", NOW, LATER)
    assert ledger.settle(only, "one", State.SENT, channel="C1", ts="1.0")


@pytest.mark.parametrize("end", sorted(SETTLED))
def test_what_is_settled_is_nobodys_any_more(ledger: SqlLedger, only: str, end: State) -> None:
    ledger.take(only, "one", NOW, LATER)
    assert ledger.settle(only, "one", end, channel="C1", ts="1.0", reason="for this")
    settled = ledger.delivery(only)
    assert (settled.state, settled.channel, settled.ts, settled.reason) == (end, "C1", "1.0", "for this")
    assert ledger.take(only, "two", NOW + DAY, NOW + 2 * DAY) is None
    assert not ledger.settle(only, "one", State.UNKNOWN)
    ledger.free(only, "one", NOW)
    assert state(ledger, only) is end


def test_a_payload_is_forgotten_once_it_is_settled(store: Store, ledger: SqlLedger, only: str) -> None:
    ledger.take(only, "one", NOW, LATER)
    ledger.settle(only, "one", State.SENT)
    with store.database.reading() as connection:
        assert connection.exec_driver_sql("select cast(payload as text) from deliveries").scalar_one() == "{}"


def test_sending_is_no_end(ledger: SqlLedger, only: str) -> None:
    ledger.take(only, "one", NOW, LATER)
    with pytest.raises(ValueError, match="no end"):
        ledger.settle(only, "one", State.SENDING)


def test_a_dispatch_that_is_dropped_lets_only_those_expire_that_certainly_were_not_sent(store: Store) -> None:
    store.ledger.plan(plan(0, reply(1), reply(2), reply(3)))
    store.ledger.plan(plan(1))
    _, first, second, third = keys(store.ledger)
    store.ledger.take(first, "one", NOW, LATER)
    store.ledger.stamp(first, "one", NOW, LATER)
    store.ledger.take(third, "one", NOW, LATER)
    store.ledger.drop("dispatch0", "it was too late")
    assert state(store.ledger, third) is State.EXPIRED
    assert not store.ledger.stamp(third, "one", NOW, LATER)
    assert state(store.ledger, first) is State.SENDING
    assert store.ledger.delivery(second).reason == "it was too late"
    assert state(store.ledger, second) is State.EXPIRED
    assert state(store.ledger, keys(store.ledger, 1)[0]) is State.PENDING


def test_posts_in_a_conversation_stand_in_line(store: Store) -> None:
    got = [store.ledger.reserve(CHANNEL, NOW, SECOND) for _ in range(3)]
    assert got == [NOW, NOW + SECOND, NOW + 2 * SECOND]


def test_conversations_do_not_wait_for_each_other(store: Store) -> None:
    store.ledger.reserve(CHANNEL, NOW, HOUR)
    assert store.ledger.reserve(ADA, NOW, HOUR) == NOW


def test_a_turn_is_never_before_now(store: Store) -> None:
    store.ledger.reserve(CHANNEL, NOW, SECOND)
    assert store.ledger.reserve(CHANNEL, NOW + HOUR, SECOND) == NOW + HOUR


def test_a_conversation_that_is_held_back_waits(store: Store) -> None:
    store.ledger.hold_back(CHANNEL, LATER)
    assert store.ledger.reserve(CHANNEL, NOW, SECOND) == LATER
    assert store.ledger.reserve(CHANNEL, NOW, SECOND) == LATER + SECOND


def test_to_hold_back_never_lets_anybody_speak_earlier(store: Store) -> None:
    store.ledger.hold_back(CHANNEL, LATER)
    store.ledger.hold_back(CHANNEL, NOW)
    assert store.ledger.reserve(CHANNEL, NOW, SECOND) == LATER


def test_what_is_skipped_expires_with_a_reason(store: Store) -> None:
    store.ledger.plan(plan(0, reply(1), reply(2)))
    parent, first, second = keys(store.ledger)
    assert store.ledger.skip(first, "nobody needs it any more")
    skipped = store.ledger.delivery(first)
    assert (skipped.state, skipped.reason) == (State.EXPIRED, "nobody needs it any more")
    assert [state(store.ledger, one) for one in (parent, second)] == [State.PENDING] * 2
    assert store.ledger.take(first, "one", NOW, LATER) is None


def test_only_what_certainly_was_not_sent_is_skipped(ledger: SqlLedger, only: str) -> None:
    ledger.take(only, "one", NOW, LATER)
    ledger.stamp(only, "one", NOW, LATER)
    assert not ledger.skip(only, "nobody needs it any more")
    assert state(ledger, only) is State.SENDING
    ledger.settle(only, "one", State.SENT)
    assert not ledger.skip(only, "nobody needs it any more")
    assert state(ledger, only) is State.SENT


def test_a_slot_is_taken_once_it_is_planned(ledger: SqlLedger) -> None:
    assert ledger.has(slot(0))
    assert not ledger.has(slot(1))
    ledger.finish("dispatch0", NOW)
    assert ledger.has(slot(0))
