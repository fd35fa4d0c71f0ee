"""Which disclaimers wait for the triage channel, and what its messages say: each is shown once."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from bailiff_bot.domain.action import Action
from bailiff_bot.domain.action_result import ActionResult
from bailiff_bot.domain.audit import AuditRecord, AuditResult, Person
from bailiff_bot.domain.delivery import BatchPlan, DeliveryState, MessageKind, OutgoingMessage, Run, delivery_key
from bailiff_bot.domain.offer import Offer
from bailiff_bot.domain.ownership import Assignment, Disclaimer, OwnershipClaims
from bailiff_bot.domain.triage import TRIAGE, TriageMessage, TriageState
from bailiff_bot.store.store import Store
from tests.integration.store.builders import (
    ADA,
    CHANNEL,
    DAY,
    HOSTILE,
    MINUTE,
    NOW,
    SECOND,
    assignment,
    disclaimer,
    new_batch,
    settle_delivery,
)

MESSAGE = OutgoingMessage(MessageKind.PARENT, CHANNEL, "triage", "Triage", {"text": HOSTILE})


def say(store: Store, *said: Disclaimer) -> None:
    store.ownership.save(OwnershipClaims(said))


def plan(store: Store, number: int, *shown: Disclaimer) -> str:
    """Save the plan of a message, and return the key of its delivery."""
    batch = new_batch(number, TRIAGE)
    message = delivery_key(batch, MESSAGE.name, CHANNEL)
    run = Run(batch.id, batch.planned_at, store.triage.encode(message, shown))
    assert store.deliveries.save_plan(BatchPlan(batch, (MESSAGE,), run))
    return message


def waiting(store: Store) -> tuple[Disclaimer, ...]:
    return store.triage.waiting(NOW + MINUTE, NOW + MINUTE)


def test_a_disclaimer_waits_from_the_next_minute_until_its_message_is_planned(store: Store) -> None:
    say(store, disclaimer(1), disclaimer(2))
    assert store.triage.waiting(NOW, NOW) == ()
    assert waiting(store) == (disclaimer(1), disclaimer(2))
    plan(store, 0, disclaimer(1))
    assert waiting(store) == (disclaimer(2),)


def test_one_that_is_over_does_not_wait(store: Store) -> None:
    say(store, disclaimer(1, days=14))
    assert store.triage.waiting(NOW + 14 * DAY, NOW + 14 * DAY) == ()


@pytest.mark.parametrize(
    ("state", "waits"),
    [
        (DeliveryState.SENT, False),
        (DeliveryState.UNKNOWN, False),
        (DeliveryState.REFUSED, True),
        (DeliveryState.EXPIRED, True),
    ],
)
def test_one_whose_message_certainly_did_not_arrive_waits_again(
    store: Store, state: DeliveryState, *, waits: bool
) -> None:
    say(store, disclaimer())
    message = plan(store, 0, disclaimer())
    settle_delivery(store.deliveries, message, "1.0", state)
    assert waiting(store) == ((disclaimer(),) if waits else ())
    assert (store.triage.message(message) is None) == waits


def test_a_message_says_what_became_of_its_disclaimers(store: Store) -> None:
    say(store, disclaimer(1), disclaimer(2))
    message = plan(store, 0, disclaimer(1), disclaimer(2))
    assert store.triage.open_messages() == ()
    settle_delivery(store.deliveries, message, "1.0")
    said = ((disclaimer(1), TriageState.OPEN), (disclaimer(2), TriageState.OPEN))
    assert store.triage.open_messages() == (TriageMessage(message, CHANNEL, "1.0", said),)
    store.triage.mark_shown({disclaimer(1).id: TriageState.ASSIGNED})
    [shown] = store.triage.open_messages()
    assert shown.said == ((disclaimer(1), TriageState.ASSIGNED), said[1])
    store.triage.mark_shown({disclaimer(2).id: TriageState.UNDONE})
    assert store.triage.open_messages() == ()
    assert store.triage.message("unknown") is None


def test_what_a_message_shows_is_forgotten_with_its_disclaimer(store: Store) -> None:
    say(store, disclaimer())
    message = plan(store, 0, disclaimer())
    settle_delivery(store.deliveries, message, "1.0")
    store.prune(NOW + 40 * DAY, timedelta(days=30))
    assert store.triage.message(message)
    for _ in range(2):
        store.prune(NOW + 45 * DAY, timedelta(days=30))
    assert store.triage.message(message) is None


OFFER = Offer("opaque", disclaimer().subject, HOSTILE, CHANNEL, "a message", NOW)
MADE = assignment(at=NOW + MINUTE)
DONE = ActionResult(OFFER, Action.ASSIGN, ADA, HOSTILE, MADE.assigned_at, MADE.id, reason=HOSTILE)


def assign(store: Store, made: Assignment = MADE, result: ActionResult = DONE) -> ActionResult | None:
    record = AuditRecord(result.at, Person(ADA, HOSTILE), "assign", AuditResult.DONE, made.subject)
    return store.action_results.assign(replace(result, made_id=made.id), made, NOW, record)


@pytest.fixture
def offered(store: Store) -> Store:
    store.offers.save([OFFER, replace(OFFER, key="other")])
    return store


def test_an_assignment_is_saved_with_its_result_and_its_record(offered: Store) -> None:
    assert assign(offered) == DONE
    assert offered.ownership.live(NOW).assignments == (MADE,)
    assert offered.action_results.of_message("a message") == (DONE,)
    assert [entry.record.action for entry in offered.audit.since(NOW)] == ["assign"]


def test_what_was_written_is_found_by_what_was_made(offered: Store) -> None:
    assign(offered)
    assert offered.action_results.words(Action.ASSIGN, [MADE.id, "unknown"]) == {MADE.id: HOSTILE}
    assert offered.action_results.words(Action.NOT_MINE, [MADE.id]) == {}


def logged(store: Store) -> Counter[tuple[AuditResult, str]]:
    """Return how many rows the audit log has, by result and reason."""
    return Counter((entry.record.result, entry.record.reason) for entry in store.audit.since(NOW))


def test_the_same_click_again_gets_the_result_of_the_first(offered: Store) -> None:
    assign(offered)
    assert assign(offered, replace(MADE, id="second")) == DONE
    assert logged(offered) == {(AuditResult.DONE, ""): 1, (AuditResult.REFUSED, "done-already"): 1}


def test_another_click_after_it_assigns_nothing(offered: Store) -> None:
    assign(offered)
    other = replace(DONE, offer=replace(OFFER, key="other"))
    assert assign(offered, replace(MADE, id="second"), other) is None
    assert offered.ownership.live(NOW).assignments == (MADE,)
    assert logged(offered) == {(AuditResult.DONE, ""): 1, (AuditResult.REFUSED, "done-already"): 1}


def test_an_assignment_before_it_was_disclaimed_does_not_count(offered: Store) -> None:
    earlier = replace(MADE, id="earlier", assigned_at=NOW - SECOND)
    offered.ownership.save(OwnershipClaims(assignments=(earlier,)))
    assert assign(offered) == DONE


def test_of_many_clicks_of_several_administrators_at_once_one_assigns(offered: Store) -> None:
    made = [replace(MADE, id=f"assignment {number}") for number in range(8)]
    offers = [replace(OFFER, key=key) for key in ("opaque", "other")]
    results = [replace(DONE, offer=offer) for offer in 4 * offers]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda one, result: assign(offered, one, result), made, results))
    assert len(offered.ownership.live(NOW).assignments) == 1
    assert logged(offered) == {(AuditResult.DONE, ""): 1, (AuditResult.REFUSED, "done-already"): 7}
