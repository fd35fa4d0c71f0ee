"""Who was told of an instance, as the deliveries say."""

import pytest

from bailiff_bot.domain.delivery import DeliveryState, OutgoingMessage
from bailiff_bot.domain.history import FindingKey
from bailiff_bot.domain.rules import RuleId
from bailiff_bot.domain.subject import Subject
from bailiff_bot.store.store import Store
from tests.integration.store.builders import (
    ADA,
    BEN,
    DAY,
    IRELAND,
    NOW,
    edit,
    key,
    keys,
    nudge,
    plan,
    settle_delivery,
)

ONE, TWO = key(1), key(2)
BOTH = (ONE, key(1, RuleId.STOPPED_WHEN_UNUSED))


def send(store: Store, number: int, *messages: OutgoingMessage, state: DeliveryState = DeliveryState.SENT) -> None:
    """Plan a digest of the day with this number, and settle its messages after the parent."""
    assert store.deliveries.save_plan(plan(number, *messages))
    for delivery_key in keys(store.deliveries, number)[1:]:
        settle_delivery(store.deliveries, delivery_key, f"{number}.0" if state is DeliveryState.SENT else "", state)


def test_a_message_is_found_by_the_instance_that_it_lists(store: Store) -> None:
    send(store, 0, nudge(ADA, *BOTH, TWO), nudge(BEN, TWO))
    [told] = store.notifications.listing(ONE.subject)
    assert (told.recipient, told.label, told.state) == (ADA, f"{ADA}: 3 instances", DeliveryState.SENT)
    assert told.rules == told.still_listed == {RuleId.NAMED, RuleId.STOPPED_WHEN_UNUSED}
    assert (told.channel, told.ts) == ("D1", "0.0")
    assert {one.recipient for one in store.notifications.listing(TWO.subject)} == {ADA, BEN}
    assert store.notifications.listing(key(3).subject) == ()


def test_the_latest_message_that_lists_it_counts_though_a_later_one_does_not(store: Store) -> None:
    send(store, 0, nudge(ADA, ONE))
    send(store, 1, nudge(ADA, ONE))
    send(store, 2, nudge(ADA, TWO))
    [told] = store.notifications.listing(ONE.subject)
    assert told.ts == "1.0"


def test_a_message_says_what_it_still_lists_after_an_edit(store: Store) -> None:
    send(store, 0, nudge(ADA, ONE, TWO))
    send(store, 1, edit(ADA, "0.0", TWO))
    [told] = store.notifications.listing(ONE.subject)
    assert told.rules == {RuleId.NAMED}
    assert told.still_listed == frozenset()


@pytest.mark.parametrize("state", [DeliveryState.REFUSED, DeliveryState.EXPIRED])
def test_a_message_that_was_not_sent_counts_only_if_no_other_was(store: Store, state: DeliveryState) -> None:
    send(store, 0, nudge(BEN, ONE), state=state)
    assert [told.state for told in store.notifications.listing(ONE.subject)] == [state]
    send(store, 1, nudge(ADA, ONE))
    send(store, 2, nudge(ADA, ONE), state=state)
    assert [(one.recipient, one.state) for one in store.notifications.listing(ONE.subject)] == [
        (BEN, state),
        (ADA, DeliveryState.SENT),
    ]


def test_a_message_that_is_being_sent_is_dated_by_its_plan(store: Store) -> None:
    store.deliveries.save_plan(plan(1, nudge(ADA, ONE)))
    [told] = store.notifications.listing(ONE.subject)
    assert (told.state, told.at) == (DeliveryState.PENDING, NOW + DAY)
    delivery_key = keys(store.deliveries, 1)[1]
    store.deliveries.claim(delivery_key, "one", NOW + 2 * DAY, NOW + 4 * DAY)
    store.deliveries.mark_attempted(delivery_key, "one", NOW + 3 * DAY, NOW + 4 * DAY)
    [told] = store.notifications.listing(ONE.subject)
    assert (told.state, told.at) == (DeliveryState.SENDING, NOW + 3 * DAY)


@pytest.mark.parametrize("name", ["auto-scaling group web", 'EKS cluster é%_\\"', "日本語", "", "i-1/../x"])
def test_a_controller_is_found_whatever_its_name_is(store: Store, name: str) -> None:
    subject, other = Subject(IRELAND, name), Subject(IRELAND, f"{name}x")
    send(store, 0, nudge(ADA, FindingKey(subject, RuleId.OWNED)), nudge(BEN, FindingKey(other, RuleId.OWNED)))
    assert [told.recipient for told in store.notifications.listing(subject)] == [ADA]
