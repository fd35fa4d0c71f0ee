"""What digests told of, and what was saved, on both databases: each scan is recorded once."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from bailiff_bot.domain.action import Action
from bailiff_bot.domain.action_brakes import BrakeLimits, Brakes
from bailiff_bot.domain.action_result import ActionResult, Outcome
from bailiff_bot.domain.audit import AuditRecord, AuditResult, Person
from bailiff_bot.domain.cost import CostPart
from bailiff_bot.domain.deletion import Deletion, DeletionStage
from bailiff_bot.domain.delivery import BatchPlan, DeliveryState, Run
from bailiff_bot.domain.digest import DigestMemory
from bailiff_bot.domain.done_action import DoneAction
from bailiff_bot.domain.instance import Instance
from bailiff_bot.domain.offer import Offer
from bailiff_bot.domain.prices import Prices
from bailiff_bot.domain.saving import SavingKind
from bailiff_bot.domain.saving_changes import Followed, ScanView, after_scan
from bailiff_bot.domain.subject import Subject
from bailiff_bot.domain.told_instance import ToldInstance
from bailiff_bot.store.digest_memory import encode
from bailiff_bot.store.store import Store
from tests.builders import IRELAND
from tests.integration.store.builders import ADA, HOSTILE, NOW, PARENT, keys, new_batch, trend_point
from tests.saving_builders import PRICES, SUBJECT, machine, stopped, told_of

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
RECORD = AuditRecord(NOW, Person(ADA, "Ada"), "delete", AuditResult.BEGUN)


def tell(store: Store, told: ToldInstance, number: int = 0, *, late: timedelta = timedelta()) -> None:
    """Send the digest of a day that tells of an instance. It arrives so much later."""
    batch = new_batch(number, planned=told.seen_at)
    memory = encode(DigestMemory((), trend_point(told.seen_at), "policy", (told,)))
    assert store.deliveries.save_plan(BatchPlan(batch, (PARENT,), Run(batch.id, told.seen_at, memory)))
    [parent] = keys(store.deliveries, number)
    sent_at, later = told.seen_at + late, told.seen_at + 9 * DAY
    assert store.deliveries.claim(parent, "sender", sent_at, later)
    assert store.deliveries.mark_attempted(parent, "sender", sent_at, later)
    assert store.deliveries.settle(parent, "sender", DeliveryState.SENT, channel="C0DIGEST", ts="1.0")


def view(at: datetime, now: Instance | None, prices: Prices = PRICES) -> ScanView:
    instances = {SUBJECT: now} if now else {}
    return ScanView(at, {IRELAND}, instances, frozenset(), prices, lambda *_: False)


def scan(store: Store, at: datetime, now: Instance | None) -> bool:
    """Record a scan that shows the instance so, as a process does that read the state before."""
    before = store.savings.state(at)
    seen = replace(view(at, now), actions=before.actions)
    after = {subject: after_scan(subject, found, seen) for subject, found in before.followed.items()}
    return store.savings.record(before, after, at)


def followed(store: Store, at: datetime) -> Mapping[Subject, Followed]:
    return store.savings.state(at).followed


def test_a_digest_that_was_seen_leaves_what_it_told_of(store: Store) -> None:
    told = told_of(title=HOSTILE, owner_names=(HOSTILE, "Ben"), evidence=f"{HOSTILE}\x00")
    tell(store, told, late=HOUR)
    assert followed(store, NOW + DAY) == {SUBJECT: Followed(replace(told, told_at=NOW + HOUR))}


def test_the_first_time_and_the_newest_state_stay(store: Store) -> None:
    first, later = told_of(), told_of(stopped(NOW), NOW + DAY)
    tell(store, first)
    tell(store, later, 1)
    assert followed(store, NOW + DAY)[SUBJECT].told == replace(later, told_at=NOW)
    tell(store, told_of(at=NOW + HOUR), 2)
    assert followed(store, NOW + DAY)[SUBJECT].told == replace(later, told_at=NOW)


def test_what_no_digest_listed_for_30_days_is_told_of_anew(store: Store) -> None:
    tell(store, told_of())
    assert followed(store, NOW + 30 * DAY)
    assert not followed(store, NOW + 31 * DAY)
    tell(store, told_of(at=NOW + 40 * DAY), 1)
    found = followed(store, NOW + 40 * DAY)[SUBJECT].told
    assert found
    assert found.told_at == NOW + 40 * DAY


def test_a_saving_is_read_as_it_was_recorded(store: Store) -> None:
    tell(store, told_of(evidence=HOSTILE))
    assert store.savings.last_scan() is None
    scan(store, NOW + DAY, stopped(NOW + HOUR))
    scan(store, NOW + 3 * DAY, stopped(NOW + HOUR))
    [saving] = store.savings.since(NOW)
    assert (saving.kind, saving.since, saving.lasted_until) == (SavingKind.STOPPED, NOW + HOUR, NOW + 3 * DAY)
    assert (saving.usd, saving.evidence, saving.names) == (Decimal("149.65"), HOSTILE, ("Ada",))
    assert store.savings.last_scan() == NOW + 3 * DAY


def test_a_deletion_is_read_with_what_its_volumes_cost_and_its_gap(store: Store) -> None:
    tell(store, told_of())
    for days, now in ((1, stopped(NOW + HOUR)), (2, stopped(NOW + HOUR)), (3, None)):
        scan(store, NOW + days * DAY, now)
    first, second = store.savings.since(NOW)
    assert first.unseen == (NOW + 2 * DAY, NOW + 3 * DAY)
    assert second.volumes == {"vol-root": Decimal(10), "vol-data": Decimal(5)}
    assert second.not_priced == frozenset({CostPart.VOLUMES})
    scan(store, NOW + 4 * DAY, None)
    assert [one.usd for one in store.savings.since(NOW)] == [Decimal("149.65"), Decimal(15)]
    assert followed(store, NOW + 4 * DAY)[SUBJECT].told is None


def test_a_digest_that_arrives_after_the_deletion_was_recorded_does_not_count_it_twice(store: Store) -> None:
    tell(store, told_of())
    scan(store, NOW + DAY, None)
    tell(store, told_of(at=NOW + HOUR), 1, late=25 * HOUR)
    for days in (2, 3):
        scan(store, NOW + days * DAY, None)
    assert [one.usd for one in store.savings.since(NOW)] == [Decimal(161)]


def test_a_scan_that_another_process_recorded_meanwhile_saves_nothing(store: Store) -> None:
    tell(store, told_of())
    before = store.savings.state(NOW + DAY)
    assert scan(store, NOW + DAY, machine())
    after = {SUBJECT: after_scan(SUBJECT, before.followed[SUBJECT], view(NOW + DAY, None))}
    assert not store.savings.record(before, after, NOW + DAY)
    assert store.savings.since(NOW) == ()


def test_replicas_that_record_the_same_scans_at_once_record_each_saving_once(store: Store) -> None:
    tell(store, told_of())

    def record(day: int) -> bool:
        return scan(store, NOW + day * DAY, stopped(NOW + HOUR))

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(record, [1, 1, 1, 1, 2, 2, 2, 2]))
    assert len(store.savings.since(NOW)) == 1


def test_an_instance_that_aws_stopped_is_remembered_so(store: Store) -> None:
    tell(store, told_of())
    scan(store, NOW + DAY, stopped(NOW + HOUR, stopped_by_aws=True))
    found = followed(store, NOW + DAY)[SUBJECT].told
    assert found
    assert (found.instance.state, found.seen_at) == ("stopped", NOW + DAY)


@pytest.mark.parametrize("image", ["", "bailiff-i-0abc"])
def test_what_bailiff_deleted_is_known_with_its_image(store: Store, image: str) -> None:
    offer = Offer("key", SUBJECT, "agr-web", ADA, "message", NOW)
    result = ActionResult(offer, Action.DELETE, ADA, "Ada", NOW, "deletion", NOW + DAY, outcome=Outcome.PENDING)
    deletion = Deletion("deletion", result, DeletionStage.WAITING, NOW, "ada@octo.example", image)
    store.offers.save([offer])
    assert store.deletions.request(deletion, Brakes(BrakeLimits()), RECORD) is None
    assert store.savings.state(NOW).actions == {}
    done = replace(result, outcome=Outcome.DONE, settled_at=NOW + DAY)
    assert store.action_results.settle(done, RECORD)
    actions = store.savings.state(NOW + DAY).actions
    assert actions == {SUBJECT: (DoneAction(Action.DELETE, NOW + DAY, "Ada", bool(image)),)}


def test_what_lasted_within_a_year_is_kept_and_what_is_older_is_deleted(store: Store) -> None:
    tell(store, told_of())
    for days in (1, 2):
        scan(store, NOW + days * DAY, stopped(NOW + HOUR))
    store.prune(NOW + 366 * DAY, 14 * DAY)
    assert len(store.savings.since(NOW)) == 1
    store.prune(NOW + 500 * DAY, 14 * DAY)
    assert store.savings.since(NOW) == ()
