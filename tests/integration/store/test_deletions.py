"""A deletion is asked for, cancelled and carried out once, whichever process takes the step."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bailiff_bot.domain.action import Action, Refusal
from bailiff_bot.domain.action_brakes import BrakeLimits, Brakes
from bailiff_bot.domain.action_result import ActionResult, Outcome
from bailiff_bot.domain.audit import AuditRecord, AuditResult, Person
from bailiff_bot.domain.deletion import Deletion, DeletionStage
from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.offer import Offer
from bailiff_bot.domain.subject import Subject
from bailiff_bot.store.store import Store, store_at
from tests.builders import NOW

DAY = timedelta(days=1)
WEB = Subject(Target("111122223333", "eu-west-1"), "i-0abc")
RECORD = AuditRecord(NOW, Person("U1", "Ada"), "delete", AuditResult.BEGUN, WEB)
BRAKES = Brakes(BrakeLimits())


def deletion(key: str = "one", subject: Subject = WEB) -> Deletion:
    offer = Offer(key, subject, "agr-web", "U1", "message", NOW)
    result = ActionResult(offer, Action.DELETE, "U1", "Ada", NOW, f"id-{key}", NOW + DAY, outcome=Outcome.PENDING)
    return Deletion(f"id-{key}", result, DeletionStage.WAITING, NOW, "agr@octo.example", "name", "ami-1")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with store_at(f"sqlite:///{tmp_path / 'bailiff.sqlite'}") as opened:
        yield opened


def request(store: Store, one: Deletion) -> Refusal | None:
    store.offers.save([one.result.offer])
    return store.deletions.request(one, BRAKES, RECORD)


def cancelled(one: Deletion) -> ActionResult:
    return replace(one.result, offer=replace(one.result.offer, key="cancel"), action=Action.CANCEL, until=None)


def cancel(store: Store, one: Deletion) -> bool:
    result = replace(cancelled(one), outcome=Outcome.DONE)
    store.offers.save([result.offer])
    return store.deletions.cancel(result, replace(RECORD, action="cancel", result=AuditResult.DONE))


def test_an_instance_is_deleted_once_however_often_that_is_asked_for(store: Store) -> None:
    assert request(store, deletion()) is None
    assert request(store, deletion("two")) is Refusal.BUSY
    assert store.deletions.request(deletion(), BRAKES, RECORD) is Refusal.DONE_ALREADY
    assert [one.id for one in store.deletions.open()] == ["id-one"]
    assert len(store.brakes.slots(NOW)) == 1


def test_it_is_cancelled_once_and_then_never_carried_out(store: Store) -> None:
    request(store, one := deletion())
    assert cancel(store, one)
    assert not store.deletions.cancel(cancelled(one), RECORD)
    assert not store.deletions.move(one, DeletionStage.TERMINATING, NOW)
    assert not store.deletions.settle(one, replace(one.result, outcome=Outcome.DONE), RECORD)
    [over] = store.deletions.changed_since(NOW)
    assert (over.stage, over.result.outcome) == (DeletionStage.OVER, Outcome.CANCELLED)


def test_what_is_being_carried_out_is_not_cancelled(store: Store) -> None:
    request(store, one := deletion())
    assert store.deletions.move(one, DeletionStage.TERMINATING, NOW)
    assert not store.deletions.move(one, DeletionStage.TERMINATING, NOW)
    assert not store.deletions.cancel(cancelled(one), RECORD)


def test_it_is_remembered_as_long_as_there_may_be_an_image_of_it(store: Store) -> None:
    request(store, one := deletion())
    store.deletions.settle(one, replace(one.result, outcome=Outcome.DONE, settled_at=NOW), RECORD)
    store.prune(NOW + 900 * DAY, 30 * DAY)
    assert [kept.image_id for kept in store.deletions.with_images()] == ["ami-1"]
    store.deletions.forget_images([one.id])
    assert store.deletions.with_images() == ()


def test_the_end_of_a_deletion_is_shown_and_told_though_its_request_is_just_being_shown_and_told(store: Store) -> None:
    one = deletion()
    request(store, one)
    store.deletions.settle(one, replace(one.result, outcome=Outcome.DONE, settled_at=NOW), RECORD)
    store.action_results.mark_shown([one.result])  # by a process that read it before it was over
    assert not store.notices.tell([one.result], [])
    assert [result.outcome for result in store.action_results.not_shown()] == [Outcome.DONE]
    assert [result.outcome for result in store.notices.waiting()] == [Outcome.DONE]
