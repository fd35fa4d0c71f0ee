from dataclasses import replace
from datetime import timedelta

from bailiff_bot.domain.offer import Offer
from bailiff_bot.store.store import Store
from tests.integration.store.builders import ADA, CHANNEL, DAY, HOSTILE, NOW, SECOND, edit, key, new_batch, nudge, plan

OFFER = Offer("opaque", key().subject, HOSTILE, ADA, "", NOW)


def test_an_offer_is_stored_with_the_message_that_has_it(store: Store) -> None:
    store.deliveries.save_plan(plan(0, replace(nudge(ADA, key()), offers=[OFFER])))

    assert store.offers.get("opaque") == replace(OFFER, message=f"{new_batch().slot}/nudge/{ADA}")


def test_an_offer_of_an_edit_belongs_to_the_message_that_is_edited(store: Store) -> None:
    offer = replace(OFFER, message="the edited one")
    store.deliveries.save_plan(plan(0, replace(edit(ADA, "1.0", key()), offers=[offer])))

    assert store.offers.get("opaque") == offer


def test_a_plan_that_is_not_saved_offers_nothing(store: Store) -> None:
    store.deliveries.save_plan(plan(0))

    assert not store.deliveries.save_plan(plan(0, replace(nudge(ADA, key()), offers=[OFFER])))
    assert store.offers.get("opaque") is None


def test_a_forged_key_is_unknown(store: Store) -> None:
    store.offers.save([OFFER])
    assert store.offers.get("' or 1=1 --") is None
    assert store.offers.get(CHANNEL) is None


def test_old_offers_are_deleted(store: Store) -> None:
    store.offers.save([OFFER])
    store.prune(NOW + 30 * DAY, timedelta(days=30))
    assert store.offers.get("opaque") == OFFER
    store.prune(NOW + 30 * DAY + SECOND, timedelta(days=30))
    assert store.offers.get("opaque") is None
