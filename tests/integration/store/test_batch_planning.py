"""A plan is saved as a whole or not at all, and a digest that was seen updates the digest history."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from bailiff_bot.domain.delivery import DeliveryState
from bailiff_bot.domain.digest import PREVIEW_DIGEST
from bailiff_bot.domain.history import DigestHistory, LastNudge
from bailiff_bot.domain.rules import RuleId
from bailiff_bot.errors import StoreError
from bailiff_bot.store.runs import runs
from bailiff_bot.store.store import Store
from tests.integration.store.builders import (
    ADA,
    BEN,
    DAY,
    NOW,
    PARENT,
    edit,
    key,
    keys,
    new_batch,
    nudge,
    open_finding,
    plan,
    plan_and_settle_parent,
    settle_delivery,
    trend_point,
)

ONE, TWO, THREE = key(1), key(2, RuleId.STOPPED_WHEN_UNUSED), key(3, RuleId.DELETED_WHEN_ABANDONED)
EARLIER_PLAN = plan(
    0, nudge(ADA, ONE, TWO), findings=[open_finding(ONE), open_finding(TWO)], point=trend_point(), policy="strict"
)

LATER_PLAN = plan(1, findings=[open_finding(THREE)], point=trend_point(NOW + DAY), policy="lax")


def pending_history_count(store: Store) -> int:
    """Return how many runs hold history that is not applied yet."""
    with store.database.reading() as connection:
        return len(connection.execute(select(runs.c.id)).all())


def send_nudges(store: Store, number: int, *recipients: str, state: DeliveryState = DeliveryState.SENT) -> None:
    """Save a digest that notifies users of one finding, and settle its nudges."""
    store.deliveries.save_plan(plan(number, *(nudge(user, key(number)) for user in recipients)))
    for delivery_key in keys(store.deliveries, number)[1:]:
        settle_delivery(store.deliveries, delivery_key, f"{number}.0", state)


def test_the_history_is_empty_before_the_first_digest(store: Store) -> None:
    assert store.digest_history.load() == DigestHistory()


def test_the_findings_of_a_digest_are_loaded_as_saved(store: Store) -> None:
    plan_and_settle_parent(store.deliveries, EARLIER_PLAN)
    history = store.digest_history.load()
    assert set(history.open_findings) == {open_finding(ONE), open_finding(TWO)}
    assert history.trend == (trend_point(),)
    assert history.policy_fingerprint == "strict"
    key = f"{EARLIER_PLAN.batch.slot}/nudge/{ADA}"
    assert history.last_nudges == {ADA: LastNudge(ADA, NOW, frozenset({ONE, TWO}), frozenset({ONE, TWO}), "", "", key)}


def test_a_digest_replaces_the_open_findings(store: Store) -> None:
    plan_and_settle_parent(store.deliveries, EARLIER_PLAN)
    seen_again = open_finding(TWO, first=NOW, last=NOW + DAY)
    plan_and_settle_parent(store.deliveries, plan(1, findings=[seen_again, open_finding(THREE)], policy="lax"))
    assert set(store.digest_history.load().open_findings) == {seen_again, open_finding(THREE)}
    assert store.digest_history.load().policy_fingerprint == "lax"


def test_a_digest_that_is_not_settled_does_not_change_the_history(store: Store) -> None:
    plan_and_settle_parent(store.deliveries, EARLIER_PLAN)
    before = store.digest_history.load()
    store.deliveries.save_plan(LATER_PLAN)
    assert store.digest_history.load() == before
    [parent] = keys(store.deliveries, 1)
    store.deliveries.claim(parent, "one", NOW + DAY, NOW + 2 * DAY)
    assert store.digest_history.load() == before


@pytest.mark.parametrize("state", [DeliveryState.SENT, DeliveryState.UNKNOWN])
def test_a_digest_that_users_may_have_seen_changes_the_history(store: Store, state: DeliveryState) -> None:
    plan_and_settle_parent(store.deliveries, EARLIER_PLAN)
    plan_and_settle_parent(store.deliveries, LATER_PLAN, state)
    history = store.digest_history.load()
    assert (history.open_findings, history.policy_fingerprint) == ((open_finding(THREE),), "lax")
    assert history.trend == (trend_point(), trend_point(NOW + DAY))
    assert pending_history_count(store) == 0


@pytest.mark.parametrize("state", [DeliveryState.REFUSED, DeliveryState.EXPIRED])
def test_a_digest_that_nobody_saw_does_not_change_the_history(store: Store, state: DeliveryState) -> None:
    plan_and_settle_parent(store.deliveries, EARLIER_PLAN)
    before = store.digest_history.load()
    plan_and_settle_parent(store.deliveries, LATER_PLAN, state)
    assert store.digest_history.load() == before
    assert pending_history_count(store) == 0


def test_an_expired_digest_does_not_change_the_history(store: Store) -> None:
    plan_and_settle_parent(store.deliveries, EARLIER_PLAN)
    before = store.digest_history.load()
    store.deliveries.save_plan(LATER_PLAN)
    store.deliveries.expire_batch("dispatch1", "it was too late")
    store.deliveries.save_plan(plan(2, findings=[open_finding(THREE)], point=trend_point()))
    store.deliveries.expire(keys(store.deliveries, 2)[0], "it was too late")
    assert store.digest_history.load() == before
    assert pending_history_count(store) == 0


def test_only_the_parent_message_changes_the_history(store: Store) -> None:
    store.deliveries.save_plan(plan(0, nudge(ADA, ONE), findings=[open_finding(ONE)], point=trend_point()))
    settle_delivery(store.deliveries, keys(store.deliveries)[1])
    assert store.digest_history.load().open_findings == ()
    settle_delivery(store.deliveries, keys(store.deliveries)[0])
    assert store.digest_history.load().open_findings == (open_finding(ONE),)


def test_an_older_digest_that_settles_late_does_not_replace_a_newer_one(store: Store) -> None:
    store.deliveries.save_plan(EARLIER_PLAN)
    plan_and_settle_parent(store.deliveries, LATER_PLAN)
    settle_delivery(store.deliveries, keys(store.deliveries)[0])
    history = store.digest_history.load()
    assert (history.open_findings, history.policy_fingerprint) == ((open_finding(THREE),), "lax")
    assert history.trend == (trend_point(), trend_point(NOW + DAY))


def test_a_digest_settles_if_two_findings_have_the_same_key_in_the_database(store: Store) -> None:
    first_key, second_key = (replace(ONE, subject=replace(ONE.subject, id=f"asg {end}")) for end in ("\x00", "\ud83d"))
    plan_and_settle_parent(store.deliveries, plan(0, findings=[open_finding(first_key), open_finding(second_key)]))
    assert len(store.digest_history.load().open_findings) == 1


def test_a_digest_without_findings_leaves_no_open_findings(store: Store) -> None:
    plan_and_settle_parent(store.deliveries, EARLIER_PLAN)
    plan_and_settle_parent(store.deliveries, plan(1, findings=[]))
    assert store.digest_history.load().open_findings == ()


def test_a_preview_does_not_change_the_history(store: Store) -> None:
    plan_and_settle_parent(store.deliveries, EARLIER_PLAN)
    plan_and_settle_parent(store.deliveries, plan(batch=new_batch(1, PREVIEW_DIGEST)))
    assert set(store.digest_history.load().open_findings) == {open_finding(ONE), open_finding(TWO)}
    assert store.digest_history.load().trend == (trend_point(),)


def test_a_plan_whose_slot_is_in_use_changes_nothing(store: Store) -> None:
    plan_and_settle_parent(store.deliveries, EARLIER_PLAN)
    history = store.digest_history.load()
    other_batch = replace(new_batch(), id="another")
    assert not store.deliveries.save_plan(
        plan(0, nudge(BEN, THREE), findings=[], point=trend_point(NOW + DAY), batch=other_batch)
    )
    assert store.digest_history.load() == history
    assert store.deliveries.unfinished() == (new_batch(),)


def test_a_plan_that_fails_while_it_is_saved_changes_nothing(store: Store) -> None:
    plan_and_settle_parent(store.deliveries, EARLIER_PLAN)
    settle_delivery(store.deliveries, keys(store.deliveries)[1], "1.0")
    history = store.digest_history.load()
    duplicates = [nudge(BEN, THREE), nudge(BEN, THREE)]
    with pytest.raises(StoreError):
        store.deliveries.save_plan(plan(1, edit(ADA, "1.0"), *duplicates, findings=[], point=trend_point(NOW + DAY)))
    assert store.digest_history.load() == history
    assert store.deliveries.unfinished() == (new_batch(),)
    assert store.deliveries.deliveries("dispatch1") == ()
    assert store.deliveries.save_plan(plan(1))


def test_a_plan_with_two_messages_of_the_same_name_and_recipient_is_refused(store: Store) -> None:
    with pytest.raises(StoreError):
        store.deliveries.save_plan(plan(0, PARENT))
    assert store.deliveries.unfinished() == ()


def test_a_finding_of_a_removed_rule_is_ignored(store: Store) -> None:
    plan_and_settle_parent(store.deliveries, EARLIER_PLAN)
    with store.database.writing() as connection:
        connection.exec_driver_sql("update sightings set rule = 'repealed' where rule = 'named'")
        connection.exec_driver_sql(
            'update deliveries set still = \'[["1", "eu-west-1", "aws", "i-1", "repealed"]]\' where part = \'nudge\''
        )
    history = store.digest_history.load()
    assert history.open_findings == (open_finding(TWO),)
    assert history.last_nudges[ADA].still_listed == frozenset()


def test_characters_that_a_database_refuses_are_replaced(store: Store) -> None:
    plan_and_settle_parent(
        store.deliveries, plan(findings=[replace(open_finding(ONE), title="a\x00b", owner_label="c\ud83dd")])
    )
    [finding] = store.digest_history.load().open_findings
    assert (finding.title, finding.owner_label) == ("a\ufffdb", "c\ufffdd")


def test_a_batch_context_can_hold_any_text(store: Store) -> None:
    text = "\x00 \u2028 \ud83d 😀 \\u0000 '"
    store.deliveries.save_plan(plan(batch=replace(new_batch(), context={text: text})))
    assert store.deliveries.unfinished()[0].context == {text: text}


def test_the_latest_nudge_of_each_owner_is_loaded(store: Store) -> None:
    send_nudges(store, 1, ADA, BEN)
    send_nudges(store, 2, ADA)
    last_nudges = store.digest_history.load().last_nudges
    assert {user: (nudged.at, nudged.ts, nudged.channel) for user, nudged in last_nudges.items()} == {
        ADA: (NOW + 2 * DAY, "2.0", "D1"),
        BEN: (NOW + DAY, "1.0", "D1"),
    }
    assert last_nudges[ADA].findings == {key(2)}


@pytest.mark.parametrize("state", [DeliveryState.REFUSED, DeliveryState.EXPIRED])
def test_a_nudge_that_did_not_arrive_is_not_the_latest(store: Store, state: DeliveryState) -> None:
    send_nudges(store, 1, ADA)
    send_nudges(store, 2, ADA, state=state)
    assert store.digest_history.load().last_nudges[ADA].ts == "1.0"


def test_a_nudge_that_may_have_arrived_is_the_latest(store: Store) -> None:
    send_nudges(store, 1, ADA)
    send_nudges(store, 2, ADA, state=DeliveryState.UNKNOWN)
    assert store.digest_history.load().last_nudges[ADA].findings == {key(2)}


def test_a_nudge_that_is_not_settled_is_the_latest(store: Store) -> None:
    store.deliveries.save_plan(plan(0, nudge(ADA, ONE), nudge(BEN, ONE)))
    store.deliveries.claim(keys(store.deliveries)[1], "one", NOW, NOW + DAY)
    assert set(store.digest_history.load().last_nudges) == {ADA, BEN}


def test_a_sent_edit_updates_what_the_earlier_message_still_lists(store: Store) -> None:
    store.deliveries.save_plan(plan(1, nudge(ADA, ONE, TWO), nudge(BEN, ONE, TWO)))
    for number, delivery_key in enumerate(keys(store.deliveries, 1)[1:]):
        settle_delivery(store.deliveries, delivery_key, f"{number}.0")
    store.deliveries.save_plan(plan(2, edit(ADA, "0.0", TWO)))
    assert store.digest_history.load().last_nudges[ADA].still_listed == {ONE, TWO}
    settle_delivery(store.deliveries, keys(store.deliveries, 2)[1], "0.0")
    last_nudges = store.digest_history.load().last_nudges
    assert last_nudges[ADA].findings == {ONE, TWO}
    assert last_nudges[ADA].still_listed == {TWO}
    assert last_nudges[BEN].still_listed == {ONE, TWO}


@pytest.mark.parametrize("state", [DeliveryState.REFUSED, DeliveryState.EXPIRED, DeliveryState.UNKNOWN])
def test_an_edit_that_may_have_failed_does_not_update_what_the_message_lists(
    store: Store, state: DeliveryState
) -> None:
    send_nudges(store, 1, ADA)
    store.deliveries.save_plan(plan(2, edit(ADA, "1.0")))
    settle_delivery(store.deliveries, keys(store.deliveries, 2)[1], "1.0", state)
    assert store.digest_history.load().last_nudges[ADA].still_listed == {key(1)}


def test_the_trend_has_the_latest_digests_in_order_of_time(store: Store) -> None:
    for number in (4, 2, 0, 1, 3):
        plan_and_settle_parent(store.deliveries, plan(number, point=trend_point(NOW + number * DAY, flagged=number)))
    assert [point.flagged_count for point in store.digest_history.load(trend_length=3).trend] == [2, 3, 4]
