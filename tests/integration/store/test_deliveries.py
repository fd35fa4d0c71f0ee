import pytest

from bailiff_bot.domain.delivery import SETTLED, DeliveryState, MessageKind
from bailiff_bot.errors import StoreError, UnknownKind
from bailiff_bot.outbox.delivery_store import DeliveryStore
from bailiff_bot.outbox.worker import BatchStore
from bailiff_bot.store.delivery_store import SqlDeliveryStore
from bailiff_bot.store.store import Store
from bailiff_bot.usecases.batches import PlanStore
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
    """Return a delivery store that has one pending delivery."""
    store.deliveries.save_plan(plan())
    return store.deliveries


@pytest.fixture
def only_key(delivery_store: SqlDeliveryStore) -> str:
    """Return the key of that delivery."""
    [delivery_key] = keys(delivery_store)
    return delivery_key


def state(delivery_store: SqlDeliveryStore, key: str) -> DeliveryState:
    return delivery_store.delivery(key).state


def test_it_implements_the_interfaces_of_planning_and_of_the_outbox(delivery_store: SqlDeliveryStore) -> None:
    planning: PlanStore = delivery_store
    worker: BatchStore = delivery_store
    sender: DeliveryStore = delivery_store
    for interface in (planning, worker, sender):
        assert interface


def test_a_batch_is_loaded_as_it_was_saved(delivery_store: SqlDeliveryStore) -> None:
    assert delivery_store.unfinished() == (new_batch(),)


def test_a_slot_is_planned_once(delivery_store: SqlDeliveryStore) -> None:
    assert not delivery_store.save_plan(plan(0, reply(1)))
    assert len(delivery_store.deliveries("dispatch0")) == 1


def test_deliveries_are_listed_in_their_order_without_payloads(store: Store) -> None:
    store.deliveries.save_plan(plan(0, reply(10), reply(9), nudge(ADA, key())))
    deliveries = store.deliveries.deliveries("dispatch0")
    assert [delivery.kind for delivery in deliveries] == [
        MessageKind.PARENT,
        MessageKind.REPLY,
        MessageKind.REPLY,
        MessageKind.DIRECT,
    ]
    assert [delivery.label for delivery in deliveries[1:3]] == ["Tables 10", "Tables 9"]
    assert {delivery.state for delivery in deliveries} == {DeliveryState.PENDING}
    assert {delivery.available_at for delivery in deliveries} == {NOW}
    assert not any(delivery.payload for delivery in deliveries)


def test_a_key_has_slot_name_and_recipient(store: Store) -> None:
    store.deliveries.save_plan(plan(0, nudge(ADA, key())))
    assert keys(store.deliveries) == [f"{slot()}/parent/{CHANNEL}", f"{slot()}/nudge/{ADA}"]


def test_an_unknown_delivery_is_an_error(delivery_store: SqlDeliveryStore) -> None:
    with pytest.raises(StoreError, match=r"no delivery 2026/nudge/U1"):
        delivery_store.delivery("2026/nudge/U1")


def test_unfinished_batches_are_listed_in_the_order_of_their_planning(store: Store) -> None:
    for number in (3, 1, 2):
        store.deliveries.save_plan(plan(number))
    store.deliveries.mark_finished("dispatch2", NOW)
    assert [batch.id for batch in store.deliveries.unfinished()] == ["dispatch1", "dispatch3"]


def test_a_batch_of_any_kind_can_be_stored(store: Store) -> None:
    kinds = ["scheduled", "full report", "of a later version"]
    for number, kind in enumerate(kinds):
        store.deliveries.save_plan(plan(batch=new_batch(number, kind)))
    assert [batch.kind for batch in store.deliveries.unfinished()] == kinds


def test_the_kind_of_a_reply_of_an_earlier_version_is_read(store: Store) -> None:
    store.deliveries.save_plan(plan(0, reply(1)))
    with store.database.writing() as connection:
        connection.exec_driver_sql("update deliveries set part = 'roll' where part = 'reply'")
    assert [one.kind for one in store.deliveries.deliveries("dispatch0")] == [MessageKind.PARENT, MessageKind.REPLY]


def test_a_message_of_a_kind_of_a_later_version_is_an_error(store: Store) -> None:
    store.deliveries.save_plan(plan(0, reply(1)))
    with store.database.writing() as connection:
        connection.exec_driver_sql("update deliveries set part = 'canvas' where part = 'reply'")
    with pytest.raises(UnknownKind, match="the kind of a message, 'canvas'"):
        store.deliveries.deliveries("dispatch0")


def test_a_claim_returns_the_payload(delivery_store: SqlDeliveryStore, only_key: str) -> None:
    claimed = delivery_store.claim(only_key, "one", NOW, LATER)
    assert claimed
    assert claimed.payload == plan().messages[0].payload
    assert (claimed.state, claimed.available_at, claimed.attempted_at) == (DeliveryState.SENDING, LATER, None)


def test_a_delivery_cannot_be_claimed_before_it_is_available(delivery_store: SqlDeliveryStore, only_key: str) -> None:
    assert delivery_store.claim(only_key, "one", NOW - SECOND, LATER) is None


def test_a_claimed_delivery_cannot_be_claimed_again_even_by_its_holder(
    delivery_store: SqlDeliveryStore, only_key: str
) -> None:
    delivery_store.claim(only_key, "one", NOW, LATER)
    assert delivery_store.claim(only_key, "two", LATER - SECOND, LATER + HOUR) is None
    assert delivery_store.claim(only_key, "one", LATER - SECOND, LATER + HOUR) is None


def test_an_expired_claim_can_be_taken_over_with_the_time_of_the_attempt(
    delivery_store: SqlDeliveryStore, only_key: str
) -> None:
    delivery_store.claim(only_key, "one", NOW, LATER)
    delivery_store.mark_attempted(only_key, "one", NOW + SECOND, LATER)
    claimed = delivery_store.claim(only_key, "two", LATER, LATER + MINUTE)
    assert claimed
    assert claimed.attempted_at == NOW + SECOND
    assert claimed.payload


def test_marking_an_attempt_extends_the_claim(delivery_store: SqlDeliveryStore, only_key: str) -> None:
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


def test_a_released_delivery_is_pending_and_not_attempted(delivery_store: SqlDeliveryStore, only_key: str) -> None:
    delivery_store.claim(only_key, "one", NOW, LATER)
    delivery_store.mark_attempted(only_key, "one", NOW, LATER)
    delivery_store.release(only_key, "one", NOW + SECOND)
    released = delivery_store.delivery(only_key)
    assert (released.state, released.attempted_at, released.available_at) == (DeliveryState.PENDING, None, NOW + SECOND)
    assert delivery_store.claim(only_key, "two", NOW + SECOND, LATER)


def test_a_delivery_to_recheck_stays_attempted_and_unclaimed(delivery_store: SqlDeliveryStore, only_key: str) -> None:
    delivery_store.claim(only_key, "one", NOW, LATER)
    delivery_store.mark_attempted(only_key, "one", NOW, LATER)
    assert delivery_store.recheck_at(only_key, "one", LATER + HOUR)
    rechecked = delivery_store.delivery(only_key)
    assert (rechecked.state, rechecked.attempted_at, rechecked.available_at) == (
        DeliveryState.SENDING,
        NOW,
        LATER + HOUR,
    )
    assert not delivery_store.mark_attempted(only_key, "one", LATER, LATER + HOUR)
    assert not delivery_store.settle(only_key, "one", DeliveryState.SENT)
    assert delivery_store.claim(only_key, "two", LATER + HOUR, LATER + 2 * HOUR)


def test_a_process_that_lost_its_claim_cannot_release_recheck_or_settle(
    delivery_store: SqlDeliveryStore, only_key: str
) -> None:
    delivery_store.claim(only_key, "one", NOW, LATER)
    delivery_store.claim(only_key, "two", LATER, LATER + MINUTE)
    before = delivery_store.delivery(only_key)
    delivery_store.release(only_key, "one", NOW)
    assert not delivery_store.recheck_at(only_key, "one", NOW)
    assert not delivery_store.settle(only_key, "one", DeliveryState.SENT, channel="C1", ts="1.0")
    assert delivery_store.delivery(only_key) == before


def test_an_expired_claim_can_settle_if_no_other_process_claimed(
    delivery_store: SqlDeliveryStore, only_key: str
) -> None:
    delivery_store.claim(only_key, "one", NOW, LATER)
    assert delivery_store.settle(only_key, "one", DeliveryState.SENT, channel="C1", ts="1.0")


@pytest.mark.parametrize("end", sorted(SETTLED))
def test_a_settled_delivery_cannot_be_claimed_or_changed(
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


def test_the_payload_of_a_settled_delivery_is_deleted(
    store: Store, delivery_store: SqlDeliveryStore, only_key: str
) -> None:
    delivery_store.claim(only_key, "one", NOW, LATER)
    delivery_store.settle(only_key, "one", DeliveryState.SENT)
    with store.database.reading() as connection:
        assert connection.exec_driver_sql("select cast(payload as text) from deliveries").scalar_one() == "{}"


def test_a_delivery_cannot_be_settled_as_sending(delivery_store: SqlDeliveryStore, only_key: str) -> None:
    delivery_store.claim(only_key, "one", NOW, LATER)
    with pytest.raises(ValueError, match="is not a settled state"):
        delivery_store.settle(only_key, "one", DeliveryState.SENDING)


def test_expiring_a_batch_expires_only_deliveries_that_were_not_attempted(store: Store) -> None:
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


def test_send_times_in_one_conversation_follow_each_other(store: Store) -> None:
    send_times = [store.deliveries.reserve_send_time(CHANNEL, NOW, SECOND) for _ in range(3)]
    assert send_times == [NOW, NOW + SECOND, NOW + 2 * SECOND]


def test_conversations_do_not_wait_for_each_other(store: Store) -> None:
    store.deliveries.reserve_send_time(CHANNEL, NOW, HOUR)
    assert store.deliveries.reserve_send_time(ADA, NOW, HOUR) == NOW


def test_a_reserved_send_time_is_never_before_now(store: Store) -> None:
    store.deliveries.reserve_send_time(CHANNEL, NOW, SECOND)
    assert store.deliveries.reserve_send_time(CHANNEL, NOW + HOUR, SECOND) == NOW + HOUR


def test_no_send_time_is_before_hold_until(store: Store) -> None:
    store.deliveries.hold_until(CHANNEL, LATER)
    assert store.deliveries.reserve_send_time(CHANNEL, NOW, SECOND) == LATER
    assert store.deliveries.reserve_send_time(CHANNEL, NOW, SECOND) == LATER + SECOND


def test_an_earlier_hold_until_does_not_shorten_a_later_one(store: Store) -> None:
    store.deliveries.hold_until(CHANNEL, LATER)
    store.deliveries.hold_until(CHANNEL, NOW)
    assert store.deliveries.reserve_send_time(CHANNEL, NOW, SECOND) == LATER


def test_an_expired_delivery_has_a_reason(store: Store) -> None:
    store.deliveries.save_plan(plan(0, reply(1), reply(2)))
    parent, first, second = keys(store.deliveries)
    assert store.deliveries.expire(first, "nobody needs it any more")
    expired = store.deliveries.delivery(first)
    assert (expired.state, expired.reason) == (DeliveryState.EXPIRED, "nobody needs it any more")
    assert [state(store.deliveries, delivery_key) for delivery_key in (parent, second)] == [DeliveryState.PENDING] * 2
    assert store.deliveries.claim(first, "one", NOW, LATER) is None


def test_a_delivery_that_was_attempted_cannot_be_expired(delivery_store: SqlDeliveryStore, only_key: str) -> None:
    delivery_store.claim(only_key, "one", NOW, LATER)
    delivery_store.mark_attempted(only_key, "one", NOW, LATER)
    assert not delivery_store.expire(only_key, "nobody needs it any more")
    assert state(delivery_store, only_key) is DeliveryState.SENDING
    delivery_store.settle(only_key, "one", DeliveryState.SENT)
    assert not delivery_store.expire(only_key, "nobody needs it any more")
    assert state(delivery_store, only_key) is DeliveryState.SENT


def test_a_planned_slot_is_in_use(delivery_store: SqlDeliveryStore) -> None:
    assert delivery_store.has_slot(slot(0))
    assert not delivery_store.has_slot(slot(1))
    delivery_store.mark_finished("dispatch0", NOW)
    assert delivery_store.has_slot(slot(0))
