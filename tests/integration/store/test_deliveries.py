import pytest

from bailiff_bot.domain.delivery import SETTLED, BatchKind, DeliveryState, MessageKind
from bailiff_bot.errors import StoreError
from bailiff_bot.outbox.delivery_store import DeliveryStore
from bailiff_bot.store.deliveries import SqlDeliveryStore
from bailiff_bot.store.store import Store
from tests.integration.store.builders import (
    ADA,
    CHANNEL,
    DAY,
    HOUR,
    MINUTE,
    NOW,
    SECOND,
    key,
    keys,
    new_batch,
    nudge,
    plan,
    reply,
    slot,
)

LATER = NOW + MINUTE


@pytest.fixture
def delivery_store(store: Store) -> SqlDeliveryStore:
    """A ledger in which one message is to be sent."""
    store.deliveries.save_plan(plan())
    return store.deliveries


@pytest.fixture
def only_key(delivery_store: SqlDeliveryStore) -> str:
    """The key of that message."""
    [found] = keys(delivery_store)
    return found


def state(delivery_store: SqlDeliveryStore, key: str) -> DeliveryState:
    return delivery_store.delivery(key).state


def test_it_implements_the_delivery_store_protocol(delivery_store: SqlDeliveryStore) -> None:
    asked: DeliveryStore = delivery_store
    assert asked


def test_a_batch_comes_back_as_it_was_planned(delivery_store: SqlDeliveryStore) -> None:
    assert delivery_store.unfinished() == (new_batch(),)


def test_a_slot_is_planned_once(delivery_store: SqlDeliveryStore) -> None:
    assert not delivery_store.save_plan(plan(0, reply(1)))
    assert len(delivery_store.deliveries("dispatch0")) == 1


def test_deliveries_come_in_their_order_without_payloads(store: Store) -> None:
    store.deliveries.save_plan(plan(0, reply(10), reply(9), nudge(ADA, key())))
    found = store.deliveries.deliveries("dispatch0")
    assert [one.kind for one in found] == [MessageKind.PARENT, MessageKind.REPLY, MessageKind.REPLY, MessageKind.NUDGE]
    assert [one.label for one in found[1:3]] == ["Tables 10", "Tables 9"]
    assert {one.state for one in found} == {DeliveryState.PENDING}
    assert {one.available_at for one in found} == {NOW}
    assert not any(one.payload for one in found)


def test_a_key_says_which_message_to_whom_it_is(store: Store) -> None:
    store.deliveries.save_plan(plan(0, nudge(ADA, key())))
    assert keys(store.deliveries) == [f"{slot()}/parent/{CHANNEL}", f"{slot()}/nudge/{ADA}"]


def test_a_delivery_that_is_not_there_is_an_error_in_one_line(delivery_store: SqlDeliveryStore) -> None:
    with pytest.raises(StoreError, match=r"no delivery 2026/nudge/U1"):
        delivery_store.delivery("2026/nudge/U1")


def test_unfinished_dispatches_come_in_the_order_in_which_they_were_planned(store: Store) -> None:
    for number in (3, 1, 2):
        store.deliveries.save_plan(plan(number))
    store.deliveries.mark_finished("dispatch2", NOW)
    assert [one.id for one in store.deliveries.unfinished()] == ["dispatch1", "dispatch3"]


def test_all_occasions_come_back(store: Store) -> None:
    for number, occasion in enumerate(BatchKind):
        store.deliveries.save_plan(plan(batch=new_batch(number, occasion)))
    assert [one.kind for one in store.deliveries.unfinished()] == list(BatchKind)


def test_who_takes_it_gets_its_payload(delivery_store: SqlDeliveryStore, only_key: str) -> None:
    taken = delivery_store.claim(only_key, "one", NOW, LATER)
    assert taken
    assert taken.payload == plan().messages[0].payload
    assert (taken.state, taken.available_at, taken.attempted_at) == (DeliveryState.SENDING, LATER, None)


def test_it_is_not_taken_before_it_is_ready(delivery_store: SqlDeliveryStore, only_key: str) -> None:
    assert delivery_store.claim(only_key, "one", NOW - SECOND, LATER) is None


def test_while_it_is_held_nobody_takes_it_not_even_who_holds_it(
    delivery_store: SqlDeliveryStore, only_key: str
) -> None:
    delivery_store.claim(only_key, "one", NOW, LATER)
    assert delivery_store.claim(only_key, "two", LATER - SECOND, LATER + HOUR) is None
    assert delivery_store.claim(only_key, "one", LATER - SECOND, LATER + HOUR) is None


def test_once_its_lease_ran_out_anybody_takes_it_and_learns_that_it_may_have_arrived(
    delivery_store: SqlDeliveryStore, only_key: str
) -> None:
    delivery_store.claim(only_key, "one", NOW, LATER)
    delivery_store.mark_attempted(only_key, "one", NOW + SECOND, LATER)
    taken = delivery_store.claim(only_key, "two", LATER, LATER + MINUTE)
    assert taken
    assert taken.attempted_at == NOW + SECOND
    assert taken.payload


def test_marking_an_attempt_prolongs_the_claim(delivery_store: SqlDeliveryStore, only_key: str) -> None:
    delivery_store.claim(only_key, "one", NOW, LATER)
    assert delivery_store.mark_attempted(only_key, "one", NOW, LATER + HOUR)
    assert delivery_store.claim(only_key, "two", LATER, LATER + MINUTE) is None


def test_an_attempt_is_refused_once_the_claim_expired(delivery_store: SqlDeliveryStore, only_key: str) -> None:
    delivery_store.claim(only_key, "one", NOW, LATER)
    assert not delivery_store.mark_attempted(only_key, "one", LATER, LATER + MINUTE)
    assert delivery_store.delivery(only_key).attempted_at is None


def test_an_attempt_is_refused_once_another_process_holds_the_claim(
    delivery_store: SqlDeliveryStore, only_key: str
) -> None:
    delivery_store.claim(only_key, "one", NOW, LATER)
    delivery_store.claim(only_key, "two", LATER, LATER + MINUTE)
    assert not delivery_store.mark_attempted(only_key, "one", LATER, LATER + MINUTE)
    assert delivery_store.mark_attempted(only_key, "two", LATER, LATER + MINUTE)


def test_an_attempt_needs_a_claim(delivery_store: SqlDeliveryStore, only_key: str) -> None:
    assert not delivery_store.mark_attempted(only_key, "", NOW, LATER)


def test_what_is_freed_is_as_if_it_had_never_been_tried(delivery_store: SqlDeliveryStore, only_key: str) -> None:
    delivery_store.claim(only_key, "one", NOW, LATER)
    delivery_store.mark_attempted(only_key, "one", NOW, LATER)
    delivery_store.release(only_key, "one", NOW + SECOND)
    freed = delivery_store.delivery(only_key)
    assert (freed.state, freed.attempted_at, freed.available_at) == (DeliveryState.PENDING, None, NOW + SECOND)
    assert delivery_store.claim(only_key, "two", NOW + SECOND, LATER)


def test_a_delivery_to_recheck_may_have_arrived(delivery_store: SqlDeliveryStore, only_key: str) -> None:
    delivery_store.claim(only_key, "one", NOW, LATER)
    delivery_store.mark_attempted(only_key, "one", NOW, LATER)
    assert delivery_store.recheck_at(only_key, "one", LATER + HOUR)
    postponed = delivery_store.delivery(only_key)
    assert (postponed.state, postponed.attempted_at, postponed.available_at) == (
        DeliveryState.SENDING,
        NOW,
        LATER + HOUR,
    )
    assert not delivery_store.mark_attempted(only_key, "one", LATER, LATER + HOUR)
    assert not delivery_store.settle(only_key, "one", DeliveryState.SENT)
    assert delivery_store.claim(only_key, "two", LATER + HOUR, LATER + 2 * HOUR)


def test_who_lost_it_frees_postpones_and_settles_nothing(delivery_store: SqlDeliveryStore, only_key: str) -> None:
    delivery_store.claim(only_key, "one", NOW, LATER)
    delivery_store.claim(only_key, "two", LATER, LATER + MINUTE)
    before = delivery_store.delivery(only_key)
    delivery_store.release(only_key, "one", NOW)
    assert not delivery_store.recheck_at(only_key, "one", NOW)
    assert not delivery_store.settle(only_key, "one", DeliveryState.SENT, channel="C1", ts="1.0")
    assert delivery_store.delivery(only_key) == before


def test_an_answer_that_comes_late_settles_it_as_long_as_nobody_else_took_it(
    delivery_store: SqlDeliveryStore, only_key: str
) -> None:
    delivery_store.claim(only_key, "one", NOW, LATER)
    assert delivery_store.settle(only_key, "one", DeliveryState.SENT, channel="C1", ts="1.0")


@pytest.mark.parametrize("end", sorted(SETTLED))
def test_what_is_settled_is_nobodys_any_more(
    delivery_store: SqlDeliveryStore, only_key: str, end: DeliveryState
) -> None:
    delivery_store.claim(only_key, "one", NOW, LATER)
    assert delivery_store.settle(only_key, "one", end, channel="C1", ts="1.0", reason="for this")
    settled = delivery_store.delivery(only_key)
    assert (settled.state, settled.channel, settled.ts, settled.reason) == (end, "C1", "1.0", "for this")
    assert delivery_store.claim(only_key, "two", NOW + DAY, NOW + 2 * DAY) is None
    assert not delivery_store.settle(only_key, "one", DeliveryState.UNKNOWN)
    delivery_store.release(only_key, "one", NOW)
    assert state(delivery_store, only_key) is end


def test_a_payload_is_forgotten_once_it_is_settled(
    store: Store, delivery_store: SqlDeliveryStore, only_key: str
) -> None:
    delivery_store.claim(only_key, "one", NOW, LATER)
    delivery_store.settle(only_key, "one", DeliveryState.SENT)
    with store.database.reading() as connection:
        assert connection.exec_driver_sql("select cast(payload as text) from deliveries").scalar_one() == "{}"


def test_sending_is_no_end(delivery_store: SqlDeliveryStore, only_key: str) -> None:
    delivery_store.claim(only_key, "one", NOW, LATER)
    with pytest.raises(ValueError, match="no end"):
        delivery_store.settle(only_key, "one", DeliveryState.SENDING)


def test_expiring_a_batch_expires_only_what_certainly_was_not_sent(store: Store) -> None:
    store.deliveries.save_plan(plan(0, reply(1), reply(2), reply(3)))
    store.deliveries.save_plan(plan(1))
    _, first, second, third = keys(store.deliveries)
    store.deliveries.claim(first, "one", NOW, LATER)
    store.deliveries.mark_attempted(first, "one", NOW, LATER)
    store.deliveries.claim(third, "one", NOW, LATER)
    store.deliveries.expire_batch("dispatch0", "it was too late")
    assert state(store.deliveries, third) is DeliveryState.EXPIRED
    assert not store.deliveries.mark_attempted(third, "one", NOW, LATER)
    assert state(store.deliveries, first) is DeliveryState.SENDING
    assert store.deliveries.delivery(second).reason == "it was too late"
    assert state(store.deliveries, second) is DeliveryState.EXPIRED
    assert state(store.deliveries, keys(store.deliveries, 1)[0]) is DeliveryState.PENDING


def test_posts_in_a_conversation_stand_in_line(store: Store) -> None:
    got = [store.deliveries.reserve_send_time(CHANNEL, NOW, SECOND) for _ in range(3)]
    assert got == [NOW, NOW + SECOND, NOW + 2 * SECOND]


def test_conversations_do_not_wait_for_each_other(store: Store) -> None:
    store.deliveries.reserve_send_time(CHANNEL, NOW, HOUR)
    assert store.deliveries.reserve_send_time(ADA, NOW, HOUR) == NOW


def test_a_reserved_send_time_is_never_before_now(store: Store) -> None:
    store.deliveries.reserve_send_time(CHANNEL, NOW, SECOND)
    assert store.deliveries.reserve_send_time(CHANNEL, NOW + HOUR, SECOND) == NOW + HOUR


def test_a_conversation_that_is_held_back_waits(store: Store) -> None:
    store.deliveries.hold_until(CHANNEL, LATER)
    assert store.deliveries.reserve_send_time(CHANNEL, NOW, SECOND) == LATER
    assert store.deliveries.reserve_send_time(CHANNEL, NOW, SECOND) == LATER + SECOND


def test_to_hold_back_never_lets_anybody_speak_earlier(store: Store) -> None:
    store.deliveries.hold_until(CHANNEL, LATER)
    store.deliveries.hold_until(CHANNEL, NOW)
    assert store.deliveries.reserve_send_time(CHANNEL, NOW, SECOND) == LATER


def test_what_is_skipped_expires_with_a_reason(store: Store) -> None:
    store.deliveries.save_plan(plan(0, reply(1), reply(2)))
    parent, first, second = keys(store.deliveries)
    assert store.deliveries.expire(first, "nobody needs it any more")
    skipped = store.deliveries.delivery(first)
    assert (skipped.state, skipped.reason) == (DeliveryState.EXPIRED, "nobody needs it any more")
    assert [state(store.deliveries, one) for one in (parent, second)] == [DeliveryState.PENDING] * 2
    assert store.deliveries.claim(first, "one", NOW, LATER) is None


def test_only_what_certainly_was_not_sent_is_skipped(delivery_store: SqlDeliveryStore, only_key: str) -> None:
    delivery_store.claim(only_key, "one", NOW, LATER)
    delivery_store.mark_attempted(only_key, "one", NOW, LATER)
    assert not delivery_store.expire(only_key, "nobody needs it any more")
    assert state(delivery_store, only_key) is DeliveryState.SENDING
    delivery_store.settle(only_key, "one", DeliveryState.SENT)
    assert not delivery_store.expire(only_key, "nobody needs it any more")
    assert state(delivery_store, only_key) is DeliveryState.SENT


def test_a_slot_is_taken_once_it_is_planned(delivery_store: SqlDeliveryStore) -> None:
    assert delivery_store.has_slot(slot(0))
    assert not delivery_store.has_slot(slot(1))
    delivery_store.mark_finished("dispatch0", NOW)
    assert delivery_store.has_slot(slot(0))
