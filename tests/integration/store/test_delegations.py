"""Who acts for whom is stored with the message that says so and with the audit record, or not at all."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bailiff_bot.domain.audit import AuditRecord, AuditResult, Person
from bailiff_bot.domain.delegation import Delegation
from bailiff_bot.domain.delivery import BatchPlan
from bailiff_bot.store.store import Store
from tests.integration.store.builders import ADA, BEN, DAY, HOSTILE, HOUR, NOW, SECOND, new_batch, plan


def delegation(number: int = 1, since: datetime = NOW) -> Delegation:
    return Delegation(
        f"delegation{number}", ADA, HOSTILE, "ada@octo.example", BEN, HOSTILE, "AGR", since, since + 14 * DAY
    )


def notice(number: int) -> BatchPlan:
    return plan(batch=new_batch(number, "delegation", NOW))


RECORD = AuditRecord(NOW, Person(ADA, "Ada"), "delegate", AuditResult.DONE)


def begin(store: Store, number: int = 1, **fields: object) -> Delegation:
    begun = replace(delegation(number), **fields)  # type: ignore[arg-type]
    store.delegations.begin(begun, notice(number), RECORD)
    return begun


def test_a_delegation_is_saved_with_its_notice_and_its_record(store: Store) -> None:
    begun = begin(store)
    assert store.delegations.get(begun.id) == begun
    assert store.delegations.live(NOW) == (begun,)
    assert [batch.id for batch in store.deliveries.unfinished()] == ["dispatch1"]
    assert [entry.record for entry in store.audit.since(NOW)] == [RECORD]


def test_it_is_found_by_its_owner_and_by_its_delegate_until_it_ends(store: Store) -> None:
    begun = begin(store)
    last = begun.until - SECOND
    assert store.delegations.of_owner(ADA, last) == store.delegations.of_delegate(BEN, last) == (begun,)
    assert store.delegations.of_owner(BEN, last) == store.delegations.of_delegate(ADA, last) == ()
    assert store.delegations.of_owner(ADA, begun.until) == store.delegations.of_delegate(BEN, begun.until) == ()
    assert store.delegations.live(begun.until) == ()


def test_a_second_one_to_the_same_person_replaces_the_first_and_no_other(store: Store) -> None:
    begin(store, 1)
    to_another = begin(store, 2, delegate_id="U0CAM")
    of_another = begin(store, 3, owner_id="U0CAM")
    second = begin(store, 4, since=NOW + HOUR, identifier="")
    assert store.delegations.live(NOW + HOUR) == (to_another, of_another, second)
    first = store.delegations.get("delegation1")
    assert first
    assert first.until == NOW + HOUR


def test_of_many_at_once_to_the_same_person_one_is_left(store: Store) -> None:
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: begin(store, number), range(1, 9)))
    assert len(store.delegations.live(NOW)) == 1
    assert len(store.audit.since(NOW)) == 8


def test_it_is_ended_once(store: Store) -> None:
    begun = begin(store)
    assert store.delegations.end(begun.id, NOW + HOUR, notice(2), RECORD)
    assert not store.delegations.end(begun.id, NOW + 2 * HOUR, notice(3), RECORD)
    assert not store.delegations.end("' or 1=1 --", NOW, notice(4), RECORD)
    assert store.delegations.get(begun.id) == replace(begun, until=NOW + HOUR)
    assert [batch.id for batch in store.deliveries.unfinished()] == ["dispatch1", "dispatch2"]
    assert len(store.audit.since(NOW)) == 2


def test_of_many_ends_at_once_one_is_done(store: Store) -> None:
    begun = begin(store)
    with ThreadPoolExecutor(8) as threads:
        ended = list(
            threads.map(lambda one: store.delegations.end(begun.id, NOW + HOUR, notice(one), RECORD), range(2, 10))
        )
    assert ended.count(True) == 1
    assert len(store.audit.since(NOW)) == 2


def test_nothing_is_saved_if_the_record_cannot_be(store: Store) -> None:
    nobody = replace(RECORD, actor=Person("", ""))
    with pytest.raises(ValueError, match="a person"):
        store.delegations.begin(delegation(), notice(1), nobody)
    assert store.delegations.live(NOW) == ()
    assert store.deliveries.unfinished() == ()


def test_an_unknown_id_is_nobodys(store: Store) -> None:
    assert store.delegations.get("forged") is None


def test_it_is_deleted_when_it_has_been_over_for_long(store: Store) -> None:
    begun = begin(store)
    store.prune(begun.until + 30 * DAY, timedelta(days=30))
    assert store.delegations.get(begun.id) == begun
    store.prune(begun.until + 30 * DAY + SECOND, timedelta(days=30))
    assert store.delegations.get(begun.id) is None
