"""Actions that many people begin at once, on two replicas, never exceed a limit, and an instance has one at a time."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest

from bailiff_bot.domain.action import Action, Refusal
from bailiff_bot.domain.action_brakes import BrakeLimits, Brakes
from bailiff_bot.domain.action_result import ActionResult, Outcome
from bailiff_bot.domain.audit import AuditRecord, AuditResult, Person
from bailiff_bot.domain.deletion import Deletion, DeletionStage
from bailiff_bot.domain.offer import Offer
from bailiff_bot.store.store import Store, store_at
from tests.integration.store.builders import DAY, NOW, SECOND, key

OWNERS = 20
Begin = Callable[[Store, ActionResult], Refusal | None]


@pytest.fixture
def replicas(address: str) -> Iterator[tuple[Store, Store]]:
    """Return two stores with one database, as two processes have them."""
    with store_at(address) as first, store_at(address) as second:
        yield first, second


def asked(number: int, user_id: str, action: Action = Action.STOP, instance: int | None = None) -> ActionResult:
    """Return an action on an instance of its own that is about to be tried."""
    subject = key(number if instance is None else instance).subject
    offer = Offer(f"offer {number}", subject, f"agr-{number}", user_id, "a message", NOW)
    return ActionResult(offer, action, user_id, user_id, NOW, f"action {number}", outcome=Outcome.PENDING)


def record(result: ActionResult) -> AuditRecord:
    person = Person(result.user_id, result.name)
    return AuditRecord(result.at, person, str(result.action), AuditResult.BEGUN, result.offer.subject)


def begin(limits: BrakeLimits) -> Begin:
    def begin_one(store: Store, result: ActionResult) -> Refusal | None:
        brakes = Brakes(limits)
        if result.action is not Action.DELETE:
            return store.action_results.begin(result, brakes, record(result))
        due = replace(result, until=NOW + DAY)
        deletion = Deletion(result.made_id, due, DeletionStage.WAITING, NOW, "ada@octo.example", "")
        return store.deletions.request(deletion, brakes, record(result))

    return begin_one


def all_at_once(
    replicas: tuple[Store, Store], results: list[ActionResult], limits: BrakeLimits
) -> Counter[Refusal | None]:
    """Begin actions at the same time, every other one on each replica. Returns how often each answer was given."""
    replicas[0].offers.save(list(dict.fromkeys(result.offer for result in results)))
    begin_one, together = begin(limits), Barrier(8)

    def share(number: int) -> list[Refusal | None]:
        together.wait(30)
        return [begin_one(replicas[number % 2], result) for result in results[number::8]]

    with ThreadPoolExecutor(8) as threads:
        return Counter(answer for answers in threads.map(share, range(8)) for answer in answers)


def slots(store: Store) -> int:
    return len(store.brakes.slots(NOW + SECOND))


def rows(store: Store) -> Counter[AuditResult]:
    return Counter(entry.record.result for entry in store.audit.since(NOW))


def test_of_twenty_owners_who_act_at_once_no_more_than_the_limit_of_all_begin(replicas: tuple[Store, Store]) -> None:
    results = [asked(number, f"U{number % OWNERS}") for number in range(2 * OWNERS)]
    answers = all_at_once(replicas, results, BrakeLimits(total=20))
    assert answers == {None: 20, Refusal.BRAKE: 20}
    assert slots(replicas[0]) == 20
    assert rows(replicas[1]) == {AuditResult.BEGUN: 20, AuditResult.REFUSED: 20}
    assert replicas[0].audit.verify()


def test_the_last_slot_is_taken_once(replicas: tuple[Store, Store]) -> None:
    """Nineteen are taken, and twenty owners want the twentieth."""
    limits = BrakeLimits(total=20)
    first = [asked(number, "U0") for number in range(19)]
    replicas[0].offers.save([result.offer for result in first])
    assert {begin(limits)(replicas[0], result) for result in first} == {None}
    last = [asked(100 + number, f"U{number + 1}") for number in range(OWNERS)]
    assert all_at_once(replicas, last, limits) == {None: 1, Refusal.BRAKE: OWNERS - 1}
    assert slots(replicas[1]) == 20


@pytest.mark.parametrize(("action", "limit"), [(Action.STOP, 20), (Action.DELETE, 5)])
def test_one_person_begins_no_more_than_the_own_limit(
    replicas: tuple[Store, Store], action: Action, limit: int
) -> None:
    results = [asked(number, "U0", action) for number in range(32)]
    assert all_at_once(replicas, results, BrakeLimits()) == {None: limit, Refusal.BRAKE: 32 - limit}
    assert slots(replicas[0]) == limit


def test_an_instance_has_one_action_at_a_time(replicas: tuple[Store, Store]) -> None:
    """Each owner has a button of their own for it."""
    results = [asked(number, f"U{number}", instance=1) for number in range(OWNERS)]
    assert all_at_once(replicas, results, BrakeLimits()) == {None: 1, Refusal.BUSY: OWNERS - 1}
    assert slots(replicas[0]) == 1


def test_a_click_that_both_replicas_get_begins_once(replicas: tuple[Store, Store]) -> None:
    result = asked(1, "U0")
    again = [replace(result, made_id=f"try {number}") for number in range(16)]
    assert all_at_once(replicas, again, BrakeLimits()) == {None: 1, Refusal.DONE_ALREADY: 15}
    assert slots(replicas[0]) == 1


def test_what_came_of_an_action_is_saved_once(replicas: tuple[Store, Store]) -> None:
    result = asked(1, "U0")
    replicas[0].offers.save([result.offer])
    assert begin(BrakeLimits())(replicas[0], result) is None
    outcomes = (Outcome.DONE, Outcome.FAILED, Outcome.UNKNOWN, Outcome.DONE) * 2
    settled = [replace(result, outcome=outcome, settled_at=NOW) for outcome in outcomes]

    def settle(number: int) -> bool:
        return replicas[number % 2].action_results.settle(settled[number], record(result))

    with ThreadPoolExecutor(8) as threads:
        saved = list(threads.map(settle, range(8)))
    assert saved.count(True) == 1
    found = replicas[0].action_results.get(result.offer.key, Action.STOP)
    assert found == settled[saved.index(True)]


def test_of_a_cancel_and_a_termination_at_once_one_happens(replicas: tuple[Store, Store]) -> None:
    """Who cancels is told so only if nothing is terminated."""
    for number in range(8):
        request = replace(asked(number, "U0", Action.DELETE), until=NOW + DAY)
        cancelled = replace(
            request, offer=replace(request.offer, key=f"cancel {number}"), action=Action.CANCEL, outcome=Outcome.DONE
        )
        replicas[0].offers.save([request.offer, cancelled.offer])
        deletion = Deletion(request.made_id, request, DeletionStage.WAITING, NOW, "ada@octo.example", "")
        limits = Brakes(BrakeLimits(deletions_per_person=8))
        assert replicas[0].deletions.request(deletion, limits, record(request)) is None
        steps = (
            lambda one=deletion: replicas[0].deletions.move(one, DeletionStage.TERMINATING, NOW),
            lambda one=cancelled: replicas[1].deletions.cancel(one, record(one)),
        )
        with ThreadPoolExecutor(2) as threads:
            happened = list(threads.map(lambda step: step(), steps))
        found = replicas[0].deletions.get(deletion.id)
        assert found
        assert sorted(happened) == [False, True]
        assert found.stage is (DeletionStage.OVER if happened[1] else DeletionStage.TERMINATING)
        assert found.result.outcome is (Outcome.CANCELLED if happened[1] else Outcome.PENDING)
