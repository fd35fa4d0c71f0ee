"""Since when scans show each owner, and which owners changed, on both databases."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, event

from bailiff_bot.domain.case import Case, CaseMaker
from bailiff_bot.domain.delivery import BatchPlan, MessageKind, OutgoingMessage
from bailiff_bot.domain.instance import Instance, Target
from bailiff_bot.domain.owner_change import OWNER_CHANGE, OwnerChangeCount
from bailiff_bot.domain.ownership import Ownership
from bailiff_bot.domain.subject import instance_subject
from bailiff_bot.store.store import Store
from tests.builders import DEFAULT_POLICY, DIRECTORY, IRELAND, NOW, PARIS, instance
from tests.integration.store.builders import ADA, HOSTILE, new_batch
from tests.unit.ownership_claims import assignment, ownership

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
AGR, MLG = "agr@octo.example", "mlg@octo.example"
HERS, MELS = instance(1, f"agr-{HOSTILE}"[:200]), instance(1, f"mlg-\x00{HOSTILE}"[:200])
SUBJECT = instance_subject(HERS)


def cases(found: Iterable[Instance], said: Ownership | None = None) -> list[Case]:
    return [*CaseMaker(DIRECTORY, DEFAULT_POLICY, said or {}, NOW).single(found)]


def scan(store: Store, *found: Instance, at: datetime, read: tuple[Target, ...] = (IRELAND,)) -> None:
    store.owner_sightings.record(cases(found), frozenset(read), at)


@contextmanager
def writes() -> Iterator[list[str]]:
    """Yield the statements that change what is recorded of owners, as they are executed."""
    seen: list[str] = []

    def remember(*arguments: object) -> None:
        words = str(arguments[2]).lower().split()
        if words[0] in {"insert", "update", "delete"} and {"owner_sightings", "owner_changes"} & set(words):
            seen.append(words[0])

    event.listen(Engine, "before_cursor_execute", remember)
    yield seen
    event.remove(Engine, "before_cursor_execute", remember)


def test_an_owner_keeps_the_time_of_the_first_scan(store: Store) -> None:
    for hours in range(3):
        scan(store, HERS, at=NOW + hours * HOUR)
    assert store.owner_sightings.since(SUBJECT) == {AGR: NOW}
    assert store.owner_sightings.since(replace(SUBJECT, target=PARIS)) == {}


def test_a_change_is_recorded_in_the_same_transaction_and_waits_to_be_told(store: Store) -> None:
    scan(store, HERS, at=NOW)
    scan(store, MELS, at=NOW + HOUR)
    assert store.owner_sightings.since(SUBJECT) == {MLG: NOW + HOUR}
    [change] = store.owner_changes.waiting()
    assert (change.subject, change.former, change.addresses, change.at) == (SUBJECT, AGR, (MLG,), NOW + HOUR)
    assert (change.owners, change.evidence) == ("MLG (mlg@octo.example)", "by its name")
    assert change.name == (MELS.name or "").replace("\x00", "\ufffd")


def test_who_was_the_owner_before_nobody_was_is_told_of_the_next_one(store: Store) -> None:
    scan(store, HERS, at=NOW)
    scan(store, instance(1, "prod-box"), at=NOW + HOUR)
    assert store.owner_sightings.since(SUBJECT) == {}
    assert store.owner_changes.waiting() == ()
    scan(store, MELS, at=NOW + 2 * HOUR)
    assert [one.former for one in store.owner_changes.waiting()] == [AGR]


def test_a_notice_told_of_an_assignment_that_was_made_while_the_former_owner_was_one(store: Store) -> None:
    scan(store, HERS, at=NOW)
    said = ownership(assignment(HERS, assigned_at=NOW + HOUR), now=NOW + 2 * HOUR)
    store.owner_sightings.record(cases([HERS], said), frozenset({IRELAND}), NOW + 2 * HOUR)
    assert store.owner_sightings.since(SUBJECT) == {MLG: NOW + 2 * HOUR}
    assert store.owner_changes.waiting() == ()
    assert store.owner_sightings.changed(NOW + 3 * HOUR) == OwnerChangeCount(1, 1)


def test_an_earlier_scan_that_ends_later_changes_nothing(store: Store) -> None:
    scan(store, HERS, at=NOW)
    for at in (NOW, NOW - HOUR):
        scan(store, MELS, at=at)
        scan(store, at=at)
    assert store.owner_sightings.since(SUBJECT) == {AGR: NOW}


def test_an_instance_that_is_gone_is_forgotten_and_a_target_that_is_not_read_is_not(store: Store) -> None:
    other = instance(2, target=PARIS)
    scan(store, HERS, other, at=NOW, read=(IRELAND, PARIS))
    scan(store, at=NOW + HOUR)
    assert store.owner_sightings.since(SUBJECT) == {}
    assert store.owner_sightings.since(instance_subject(other)) == {AGR: NOW}
    store.prune(NOW + 400 * DAY, 30 * DAY)
    assert store.owner_sightings.since(instance_subject(other)) == {AGR: NOW}


def test_after_two_weeks_without_a_scan_all_owners_begin_again(store: Store) -> None:
    scan(store, HERS, at=NOW)
    scan(store, HERS, at=NOW + 14 * DAY)
    assert store.owner_sightings.since(SUBJECT) == {AGR: NOW}
    scan(store, HERS, at=NOW + 28 * DAY + HOUR)
    assert store.owner_sightings.since(SUBJECT) == {AGR: NOW + 28 * DAY + HOUR}


def test_of_two_replicas_that_record_one_scan_one_writes(store: Store) -> None:
    scan(store, HERS, at=NOW)
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(lambda _: scan(store, MELS, at=NOW + HOUR), range(4))) == [None] * 4
    assert len(store.owner_changes.waiting()) == 1


def test_changes_are_counted_by_instance_for_a_day(store: Store) -> None:
    both = instance(1, None, tags={"Owner": "agr, pade"}), instance(2, "agr-two"), instance(3, "agr-three")
    scan(store, *both, at=NOW)
    scan(store, instance(1, "mlg-one"), instance(2, "mlg-two"), both[2], at=NOW + HOUR)
    assert len(store.owner_changes.waiting()) == 3
    assert store.owner_sightings.changed(NOW + DAY) == OwnerChangeCount(2, 3)
    assert store.owner_sightings.changed(NOW + DAY + HOUR) == OwnerChangeCount(0, 3)


def test_before_the_first_scan_nothing_changed(store: Store) -> None:
    assert store.owner_sightings.changed(NOW) == OwnerChangeCount(0, 0)
    assert store.owner_changes.waiting() == ()


def test_only_what_a_scan_changes_is_written(store: Store) -> None:
    fleet = [instance(number, "agr-box") for number in range(500)]
    scan(store, *fleet, at=NOW)
    with writes() as statements:
        scan(store, *fleet, at=NOW + HOUR)
    assert statements == []
    with writes() as statements:
        scan(store, *fleet[1:], instance(0, "mlg-box"), at=NOW + 2 * HOUR)
    assert statements == ["delete", "insert", "insert"]


def plan(number: int) -> BatchPlan:
    batch = replace(new_batch(number), kind=OWNER_CHANGE, recipient=ADA)
    return BatchPlan(batch, (OutgoingMessage(MessageKind.PARENT, ADA, "parent", "changed", {"text": "changed"}),))


@pytest.fixture
def changed(store: Store) -> Store:
    scan(store, HERS, instance(2, "agr-two"), at=NOW)
    scan(store, MELS, instance(2, "mlg-two"), at=NOW + HOUR)
    return store


def test_of_many_processes_one_tells_the_changes(changed: Store) -> None:
    waiting = changed.owner_changes.waiting()
    with ThreadPoolExecutor(8) as threads:
        told = list(threads.map(lambda number: changed.owner_changes.tell(waiting, [plan(number)]), range(8)))
    assert told.count(True) == len(changed.deliveries.unfinished()) == 1
    assert changed.owner_changes.waiting() == ()


def test_if_one_of_several_was_told_none_is_told_again(changed: Store) -> None:
    first, second = changed.owner_changes.waiting()
    assert changed.owner_changes.tell([first], [])
    assert not changed.owner_changes.tell([first, second], [plan(1)])
    assert changed.owner_changes.waiting() == (second,)
    assert changed.deliveries.unfinished() == ()


def test_old_changes_are_deleted(changed: Store) -> None:
    changed.prune(NOW + 31 * DAY, 30 * DAY)
    assert changed.owner_changes.waiting() == ()
