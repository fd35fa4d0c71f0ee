"""A plan is written down as a whole, or not at all, and what a digest that was seen lets us remember comes back."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from bailiff_bot.domain.delivery import BatchKind, DeliveryState
from bailiff_bot.domain.history import DigestHistory, LastNudge
from bailiff_bot.domain.rules import RuleId
from bailiff_bot.errors import StoreError
from bailiff_bot.store.store import Store
from bailiff_bot.store.tables import batches
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
BEFORE = plan(
    0, nudge(ADA, ONE, TWO), findings=[open_finding(ONE), open_finding(TWO)], point=trend_point(), policy="strict"
)

AFTER = plan(1, findings=[open_finding(THREE)], point=trend_point(NOW + DAY), policy="lax")


def unseen_digest_count(store: Store) -> int:
    """Return how many digests have something to remember by and by."""
    with store.database.reading() as connection:
        return len(connection.execute(select(batches.c.id).where(batches.c.memory.is_not(None))).all())


def send_nudges(store: Store, number: int, *to: str, state: DeliveryState = DeliveryState.SENT) -> None:
    """Plan a digest that tells some people of one finding, and let it be sent."""
    store.deliveries.save_plan(plan(number, *(nudge(user, key(number)) for user in to)))
    for one in keys(store.deliveries, number)[1:]:
        settle_delivery(store.deliveries, one, f"{number}.0", state)


def test_nothing_is_remembered_before_the_first_digest(store: Store) -> None:
    assert store.digest_history.load() == DigestHistory()


def test_what_a_digest_found_comes_back_as_it_was(store: Store) -> None:
    plan_and_settle_parent(store.deliveries, BEFORE)
    memory = store.digest_history.load()
    assert set(memory.open_findings) == {open_finding(ONE), open_finding(TWO)}
    assert memory.trend == (trend_point(),)
    assert memory.policy_fingerprint == "strict"
    assert memory.last_nudges == {ADA: LastNudge(ADA, NOW, frozenset({ONE, TWO}), frozenset({ONE, TWO}), "", "")}


def test_a_digest_replaces_the_open_findings(store: Store) -> None:
    plan_and_settle_parent(store.deliveries, BEFORE)
    again = open_finding(TWO, first=NOW, last=NOW + DAY)
    plan_and_settle_parent(store.deliveries, plan(1, findings=[again, open_finding(THREE)], policy="lax"))
    assert set(store.digest_history.load().open_findings) == {again, open_finding(THREE)}
    assert store.digest_history.load().policy_fingerprint == "lax"


def test_a_digest_that_is_only_planned_is_not_remembered_yet(store: Store) -> None:
    plan_and_settle_parent(store.deliveries, BEFORE)
    before = store.digest_history.load()
    store.deliveries.save_plan(AFTER)
    assert store.digest_history.load() == before
    [parent] = keys(store.deliveries, 1)
    store.deliveries.claim(parent, "one", NOW + DAY, NOW + 2 * DAY)
    assert store.digest_history.load() == before


@pytest.mark.parametrize("state", [DeliveryState.SENT, DeliveryState.UNKNOWN])
def test_a_digest_that_somebody_may_have_seen_is_remembered(store: Store, state: DeliveryState) -> None:
    plan_and_settle_parent(store.deliveries, BEFORE)
    plan_and_settle_parent(store.deliveries, AFTER, state)
    memory = store.digest_history.load()
    assert (memory.open_findings, memory.policy_fingerprint) == ((open_finding(THREE),), "lax")
    assert memory.trend == (trend_point(), trend_point(NOW + DAY))
    assert unseen_digest_count(store) == 0


@pytest.mark.parametrize("state", [DeliveryState.REFUSED, DeliveryState.EXPIRED])
def test_a_digest_that_nobody_saw_leaves_what_is_remembered_as_it_was(store: Store, state: DeliveryState) -> None:
    plan_and_settle_parent(store.deliveries, BEFORE)
    before = store.digest_history.load()
    plan_and_settle_parent(store.deliveries, AFTER, state)
    assert store.digest_history.load() == before
    assert unseen_digest_count(store) == 0


def test_a_digest_that_is_dropped_or_skipped_leaves_what_is_remembered_as_it_was(store: Store) -> None:
    plan_and_settle_parent(store.deliveries, BEFORE)
    before = store.digest_history.load()
    store.deliveries.save_plan(AFTER)
    store.deliveries.expire_batch("dispatch1", "it was too late")
    store.deliveries.save_plan(plan(2, findings=[open_finding(THREE)], point=trend_point()))
    store.deliveries.expire(keys(store.deliveries, 2)[0], "it was too late")
    assert store.digest_history.load() == before
    assert unseen_digest_count(store) == 0


def test_what_follows_the_parent_changes_nothing_that_is_remembered(store: Store) -> None:
    store.deliveries.save_plan(plan(0, nudge(ADA, ONE), findings=[open_finding(ONE)], point=trend_point()))
    settle_delivery(store.deliveries, keys(store.deliveries)[1])
    assert store.digest_history.load().open_findings == ()
    settle_delivery(store.deliveries, keys(store.deliveries)[0])
    assert store.digest_history.load().open_findings == (open_finding(ONE),)


def test_a_digest_that_is_seen_to_have_arrived_late_does_not_take_a_newer_ones_place(store: Store) -> None:
    store.deliveries.save_plan(BEFORE)
    plan_and_settle_parent(store.deliveries, AFTER)
    settle_delivery(store.deliveries, keys(store.deliveries)[0])
    memory = store.digest_history.load()
    assert (memory.open_findings, memory.policy_fingerprint) == ((open_finding(THREE),), "lax")
    assert memory.trend == (trend_point(), trend_point(NOW + DAY))


def test_two_findings_that_become_one_in_the_database_keep_no_digest_from_its_end(store: Store) -> None:
    one, other = (replace(ONE, subject=replace(ONE.subject, id=f"asg {end}")) for end in ("\x00", "\ud83d"))
    plan_and_settle_parent(store.deliveries, plan(0, findings=[open_finding(one), open_finding(other)]))
    assert len(store.digest_history.load().open_findings) == 1


def test_a_digest_without_findings_leaves_no_open_findings(store: Store) -> None:
    plan_and_settle_parent(store.deliveries, BEFORE)
    plan_and_settle_parent(store.deliveries, plan(1, findings=[]))
    assert store.digest_history.load().open_findings == ()


def test_what_is_no_digest_changes_nothing_that_is_remembered(store: Store) -> None:
    plan_and_settle_parent(store.deliveries, BEFORE)
    plan_and_settle_parent(store.deliveries, plan(batch=new_batch(1, BatchKind.PREVIEW)))
    assert set(store.digest_history.load().open_findings) == {open_finding(ONE), open_finding(TWO)}
    assert store.digest_history.load().trend == (trend_point(),)


def test_a_plan_whose_slot_is_taken_changes_nothing(store: Store) -> None:
    plan_and_settle_parent(store.deliveries, BEFORE)
    memory = store.digest_history.load()
    other = replace(new_batch(), id="another")
    assert not store.deliveries.save_plan(
        plan(0, nudge(BEN, THREE), findings=[], point=trend_point(NOW + DAY), batch=other)
    )
    assert store.digest_history.load() == memory
    assert store.deliveries.unfinished() == (new_batch(),)


def test_a_plan_that_fails_half_way_changes_nothing(store: Store) -> None:
    plan_and_settle_parent(store.deliveries, BEFORE)
    settle_delivery(store.deliveries, keys(store.deliveries)[1], "1.0")
    memory = store.digest_history.load()
    twice = [nudge(BEN, THREE), nudge(BEN, THREE)]
    with pytest.raises(StoreError):
        store.deliveries.save_plan(plan(1, edit(ADA, "1.0"), *twice, findings=[], point=trend_point(NOW + DAY)))
    assert store.digest_history.load() == memory
    assert store.deliveries.unfinished() == (new_batch(),)
    assert store.deliveries.deliveries("dispatch1") == ()
    assert store.deliveries.save_plan(plan(1))


def test_two_messages_of_one_name_to_one_person_are_no_plan(store: Store) -> None:
    with pytest.raises(StoreError):
        store.deliveries.save_plan(plan(0, PARENT))
    assert store.deliveries.unfinished() == ()


def test_a_finding_whose_rule_is_no_more_is_forgotten(store: Store) -> None:
    plan_and_settle_parent(store.deliveries, BEFORE)
    with store.database.writing() as connection:
        connection.exec_driver_sql("update sightings set rule = 'repealed' where rule = 'named'")
        connection.exec_driver_sql(
            'update deliveries set still = \'[["1", "eu-west-1", "aws", "i-1", "repealed"]]\' where part = \'nudge\''
        )
    memory = store.digest_history.load()
    assert memory.open_findings == (open_finding(TWO),)
    assert memory.last_nudges[ADA].still_listed == frozenset()


def test_text_that_no_database_takes_is_made_one_that_both_do(store: Store) -> None:
    plan_and_settle_parent(
        store.deliveries, plan(findings=[replace(open_finding(ONE), title="a\x00b", owner_label="c\ud83dd")])
    )
    [found] = store.digest_history.load().open_findings
    assert (found.title, found.owner_label) == ("a\ufffdb", "c\ufffdd")


def test_payloads_hold_any_text(store: Store) -> None:
    text = "\x00 \u2028 \ud83d 😀 \\u0000 '"
    store.deliveries.save_plan(plan(batch=replace(new_batch(), context={text: text})))
    assert store.deliveries.unfinished()[0].context == {text: text}


def test_the_latest_message_to_each_owner_counts(store: Store) -> None:
    send_nudges(store, 1, ADA, BEN)
    send_nudges(store, 2, ADA)
    last_nudge = store.digest_history.load().last_nudges
    assert {user: (one.at, one.ts, one.channel) for user, one in last_nudge.items()} == {
        ADA: (NOW + 2 * DAY, "2.0", "D1"),
        BEN: (NOW + DAY, "1.0", "D1"),
    }
    assert last_nudge[ADA].findings == {key(2)}


@pytest.mark.parametrize("state", [DeliveryState.REFUSED, DeliveryState.EXPIRED])
def test_a_message_that_certainly_did_not_arrive_notified_nobody(store: Store, state: DeliveryState) -> None:
    send_nudges(store, 1, ADA)
    send_nudges(store, 2, ADA, state=state)
    assert store.digest_history.load().last_nudges[ADA].ts == "1.0"


def test_a_message_that_may_have_arrived_counts_as_a_notification(store: Store) -> None:
    send_nudges(store, 1, ADA)
    send_nudges(store, 2, ADA, state=DeliveryState.UNKNOWN)
    assert store.digest_history.load().last_nudges[ADA].findings == {key(2)}


def test_a_message_on_its_way_counts_as_a_notification(store: Store) -> None:
    store.deliveries.save_plan(plan(0, nudge(ADA, ONE), nudge(BEN, ONE)))
    store.deliveries.claim(keys(store.deliveries)[1], "one", NOW, NOW + DAY)
    assert set(store.digest_history.load().last_nudges) == {ADA, BEN}


def test_an_edit_says_what_the_earlier_message_still_lists(store: Store) -> None:
    store.deliveries.save_plan(plan(1, nudge(ADA, ONE, TWO), nudge(BEN, ONE, TWO)))
    for number, one in enumerate(keys(store.deliveries, 1)[1:]):
        settle_delivery(store.deliveries, one, f"{number}.0")
    store.deliveries.save_plan(plan(2, edit(ADA, "0.0", TWO)))
    assert store.digest_history.load().last_nudges[ADA].still_listed == {ONE, TWO}
    settle_delivery(store.deliveries, keys(store.deliveries, 2)[1], "0.0")
    last_nudge = store.digest_history.load().last_nudges
    assert last_nudge[ADA].findings == {ONE, TWO}
    assert last_nudge[ADA].still_listed == {TWO}
    assert last_nudge[BEN].still_listed == {ONE, TWO}


@pytest.mark.parametrize("state", [DeliveryState.REFUSED, DeliveryState.EXPIRED, DeliveryState.UNKNOWN])
def test_an_edit_that_may_have_failed_leaves_the_earlier_message_as_it_was(store: Store, state: DeliveryState) -> None:
    send_nudges(store, 1, ADA)
    store.deliveries.save_plan(plan(2, edit(ADA, "1.0")))
    settle_delivery(store.deliveries, keys(store.deliveries, 2)[1], "1.0", state)
    assert store.digest_history.load().last_nudges[ADA].still_listed == {key(1)}


def test_the_trend_has_the_latest_digests_oldest_first(store: Store) -> None:
    for number in (4, 2, 0, 1, 3):
        plan_and_settle_parent(store.deliveries, plan(number, point=trend_point(NOW + number * DAY, flagged=number)))
    assert [one.flagged_count for one in store.digest_history.load(trend_length=3).trend] == [2, 3, 4]
