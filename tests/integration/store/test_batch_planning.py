"""A plan is written down as a whole, or not at all, and what a digest that was seen lets us remember comes back."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from bailiff_bot.domain.delivery import Occasion, State
from bailiff_bot.domain.history import Memory, Nudged
from bailiff_bot.domain.rules import RuleId
from bailiff_bot.errors import StoreError
from bailiff_bot.store.store import Store
from bailiff_bot.store.tables import dispatches
from tests.integration.store.builders import (
    ADA,
    BEN,
    DAY,
    NOW,
    PARENT,
    dispatch,
    edit,
    key,
    keys,
    nudge,
    plan,
    point,
    post,
    send,
    sighting,
)

ONE, TWO, THREE = key(1), key(2, RuleId.STOPPED_WHEN_UNUSED), key(3, RuleId.DELETED_WHEN_ABANDONED)
BEFORE = plan(0, nudge(ADA, ONE, TWO), sightings=[sighting(ONE), sighting(TWO)], point=point(), policy="strict")

AFTER = plan(1, sightings=[sighting(THREE)], point=point(NOW + DAY), policy="lax")


def waiting(store: Store) -> int:
    """Return how many digests have something to remember by and by."""
    with store.database.reading() as connection:
        return len(connection.execute(select(dispatches.c.id).where(dispatches.c.memory.is_not(None))).all())


def told(store: Store, number: int, *to: str, state: State = State.SENT) -> None:
    """Plan a digest that tells some people of one finding, and let it be sent."""
    store.ledger.plan(plan(number, *(nudge(user, key(number)) for user in to)))
    for one in keys(store.ledger, number)[1:]:
        send(store.ledger, one, f"{number}.0", state)


def test_nothing_is_remembered_before_the_first_digest(store: Store) -> None:
    assert store.history.recall() == Memory()


def test_what_a_digest_found_comes_back_as_it_was(store: Store) -> None:
    post(store.ledger, BEFORE)
    memory = store.history.recall()
    assert set(memory.sightings) == {sighting(ONE), sighting(TWO)}
    assert memory.points == (point(),)
    assert memory.policy == "strict"
    assert memory.nudged == {ADA: Nudged(ADA, NOW, frozenset({ONE, TWO}), frozenset({ONE, TWO}), "", "")}


def test_a_digest_replaces_what_was_owed_before(store: Store) -> None:
    post(store.ledger, BEFORE)
    again = sighting(TWO, first=NOW, last=NOW + DAY)
    post(store.ledger, plan(1, sightings=[again, sighting(THREE)], policy="lax"))
    assert set(store.history.recall().sightings) == {again, sighting(THREE)}
    assert store.history.recall().policy == "lax"


def test_a_digest_that_is_only_planned_is_not_remembered_yet(store: Store) -> None:
    post(store.ledger, BEFORE)
    before = store.history.recall()
    store.ledger.plan(AFTER)
    assert store.history.recall() == before
    [parent] = keys(store.ledger, 1)
    store.ledger.take(parent, "one", NOW + DAY, NOW + 2 * DAY)
    assert store.history.recall() == before


@pytest.mark.parametrize("state", [State.SENT, State.UNKNOWN])
def test_a_digest_that_somebody_may_have_seen_is_remembered(store: Store, state: State) -> None:
    post(store.ledger, BEFORE)
    post(store.ledger, AFTER, state)
    memory = store.history.recall()
    assert (memory.sightings, memory.policy) == ((sighting(THREE),), "lax")
    assert memory.points == (point(), point(NOW + DAY))
    assert waiting(store) == 0


@pytest.mark.parametrize("state", [State.REFUSED, State.EXPIRED])
def test_a_digest_that_nobody_saw_leaves_what_is_remembered_as_it_was(store: Store, state: State) -> None:
    post(store.ledger, BEFORE)
    before = store.history.recall()
    post(store.ledger, AFTER, state)
    assert store.history.recall() == before
    assert waiting(store) == 0


def test_a_digest_that_is_dropped_or_skipped_leaves_what_is_remembered_as_it_was(store: Store) -> None:
    post(store.ledger, BEFORE)
    before = store.history.recall()
    store.ledger.plan(AFTER)
    store.ledger.drop("dispatch1", "it was too late")
    store.ledger.plan(plan(2, sightings=[sighting(THREE)], point=point()))
    store.ledger.skip(keys(store.ledger, 2)[0], "it was too late")
    assert store.history.recall() == before
    assert waiting(store) == 0


def test_what_follows_the_parent_changes_nothing_that_is_remembered(store: Store) -> None:
    store.ledger.plan(plan(0, nudge(ADA, ONE), sightings=[sighting(ONE)], point=point()))
    send(store.ledger, keys(store.ledger)[1])
    assert store.history.recall().sightings == ()
    send(store.ledger, keys(store.ledger)[0])
    assert store.history.recall().sightings == (sighting(ONE),)


def test_a_digest_that_is_seen_to_have_arrived_late_does_not_take_a_newer_ones_place(store: Store) -> None:
    store.ledger.plan(BEFORE)
    post(store.ledger, AFTER)
    send(store.ledger, keys(store.ledger)[0])
    memory = store.history.recall()
    assert (memory.sightings, memory.policy) == ((sighting(THREE),), "lax")
    assert memory.points == (point(), point(NOW + DAY))


def test_two_findings_that_become_one_in_the_database_keep_no_digest_from_its_end(store: Store) -> None:
    one, other = (replace(ONE, subject=replace(ONE.subject, id=f"asg {end}")) for end in ("\x00", "\ud83d"))
    post(store.ledger, plan(0, sightings=[sighting(one), sighting(other)]))
    assert len(store.history.recall().sightings) == 1


def test_a_digest_without_findings_leaves_nothing_owed(store: Store) -> None:
    post(store.ledger, BEFORE)
    post(store.ledger, plan(1, sightings=[]))
    assert store.history.recall().sightings == ()


def test_what_is_no_digest_changes_nothing_that_is_remembered(store: Store) -> None:
    post(store.ledger, BEFORE)
    post(store.ledger, plan(of=dispatch(1, Occasion.PREVIEW)))
    assert set(store.history.recall().sightings) == {sighting(ONE), sighting(TWO)}
    assert store.history.recall().points == (point(),)


def test_a_plan_whose_slot_is_taken_changes_nothing(store: Store) -> None:
    post(store.ledger, BEFORE)
    memory = store.history.recall()
    other = replace(dispatch(), id="another")
    assert not store.ledger.plan(plan(0, nudge(BEN, THREE), sightings=[], point=point(NOW + DAY), of=other))
    assert store.history.recall() == memory
    assert store.ledger.unfinished() == (dispatch(),)


def test_a_plan_that_fails_half_way_changes_nothing(store: Store) -> None:
    post(store.ledger, BEFORE)
    send(store.ledger, keys(store.ledger)[1], "1.0")
    memory = store.history.recall()
    twice = [nudge(BEN, THREE), nudge(BEN, THREE)]
    with pytest.raises(StoreError):
        store.ledger.plan(plan(1, edit(ADA, "1.0"), *twice, sightings=[], point=point(NOW + DAY)))
    assert store.history.recall() == memory
    assert store.ledger.unfinished() == (dispatch(),)
    assert store.ledger.deliveries("dispatch1") == ()
    assert store.ledger.plan(plan(1))


def test_two_messages_of_one_name_to_one_person_are_no_plan(store: Store) -> None:
    with pytest.raises(StoreError):
        store.ledger.plan(plan(0, PARENT))
    assert store.ledger.unfinished() == ()


def test_a_finding_whose_rule_is_no_more_is_forgotten(store: Store) -> None:
    post(store.ledger, BEFORE)
    with store.database.writing() as connection:
        connection.exec_driver_sql("update sightings set rule = 'repealed' where rule = 'named'")
        connection.exec_driver_sql(
            'update deliveries set still = \'[["1", "eu-west-1", "aws", "i-1", "repealed"]]\' where part = \'nudge\''
        )
    memory = store.history.recall()
    assert memory.sightings == (sighting(TWO),)
    assert memory.nudged[ADA].left == frozenset()


def test_text_that_no_database_takes_is_made_one_that_both_do(store: Store) -> None:
    post(store.ledger, plan(sightings=[replace(sighting(ONE), title="a\x00b", whose="c\ud83dd")]))
    [found] = store.history.recall().sightings
    assert (found.title, found.whose) == ("a\ufffdb", "c\ufffdd")


def test_payloads_hold_any_text(store: Store) -> None:
    text = "\x00 \u2028 \ud83d 😀 \\u0000 '"
    store.ledger.plan(plan(of=replace(dispatch(), context={text: text})))
    assert store.ledger.unfinished()[0].context == {text: text}


def test_the_latest_message_to_each_owner_counts(store: Store) -> None:
    told(store, 1, ADA, BEN)
    told(store, 2, ADA)
    nudged = store.history.recall().nudged
    assert {user: (one.at, one.ts, one.channel) for user, one in nudged.items()} == {
        ADA: (NOW + 2 * DAY, "2.0", "D1"),
        BEN: (NOW + DAY, "1.0", "D1"),
    }
    assert nudged[ADA].findings == {key(2)}


@pytest.mark.parametrize("state", [State.REFUSED, State.EXPIRED])
def test_a_message_that_certainly_did_not_arrive_told_nobody(store: Store, state: State) -> None:
    told(store, 1, ADA)
    told(store, 2, ADA, state=state)
    assert store.history.recall().nudged[ADA].ts == "1.0"


def test_a_message_that_may_have_arrived_counts_as_told(store: Store) -> None:
    told(store, 1, ADA)
    told(store, 2, ADA, state=State.UNKNOWN)
    assert store.history.recall().nudged[ADA].findings == {key(2)}


def test_a_message_on_its_way_counts_as_told(store: Store) -> None:
    store.ledger.plan(plan(0, nudge(ADA, ONE), nudge(BEN, ONE)))
    store.ledger.take(keys(store.ledger)[1], "one", NOW, NOW + DAY)
    assert set(store.history.recall().nudged) == {ADA, BEN}


def test_an_edit_says_what_the_earlier_message_still_lists(store: Store) -> None:
    store.ledger.plan(plan(1, nudge(ADA, ONE, TWO), nudge(BEN, ONE, TWO)))
    for number, one in enumerate(keys(store.ledger, 1)[1:]):
        send(store.ledger, one, f"{number}.0")
    store.ledger.plan(plan(2, edit(ADA, "0.0", TWO)))
    assert store.history.recall().nudged[ADA].left == {ONE, TWO}
    send(store.ledger, keys(store.ledger, 2)[1], "0.0")
    nudged = store.history.recall().nudged
    assert nudged[ADA].findings == {ONE, TWO}
    assert nudged[ADA].left == {TWO}
    assert nudged[BEN].left == {ONE, TWO}


@pytest.mark.parametrize("state", [State.REFUSED, State.EXPIRED, State.UNKNOWN])
def test_an_edit_that_may_have_failed_leaves_the_earlier_message_as_it_was(store: Store, state: State) -> None:
    told(store, 1, ADA)
    store.ledger.plan(plan(2, edit(ADA, "1.0")))
    send(store.ledger, keys(store.ledger, 2)[1], "1.0", state)
    assert store.history.recall().nudged[ADA].left == {key(1)}


def test_the_trend_has_the_latest_digests_oldest_first(store: Store) -> None:
    for number in (4, 2, 0, 1, 3):
        post(store.ledger, plan(number, point=point(NOW + number * DAY, owing=number)))
    assert [one.owing for one in store.history.recall(points=3).points] == [2, 3, 4]
