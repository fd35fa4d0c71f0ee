"""What is remembered of a run of several batches: once, when the first of its parents can have been seen."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import permutations

import pytest
from sqlalchemy import Engine, event

from bailiff_bot.domain.delivery import Batch, BatchPlan, DeliveryState
from bailiff_bot.domain.history import OpenFinding
from bailiff_bot.store.digest_memory import decode, encode
from bailiff_bot.store.store import Store
from tests.integration.store.builders import (
    DAY,
    HOUR,
    NOW,
    PARENT,
    key,
    new_batch,
    open_finding,
    plan,
    plan_and_settle_parent,
    settle_delivery,
    trend_point,
)

FINDING = open_finding(key())
SENT, UNKNOWN, REFUSED, EXPIRED = (
    DeliveryState.SENT,
    DeliveryState.UNKNOWN,
    DeliveryState.REFUSED,
    DeliveryState.EXPIRED,
)


def run_of_two(store: Store) -> list[str]:
    """Save a run with a parent in each of two channels. Returns the keys of the parents."""
    first = plan(0, findings=[FINDING], point=trend_point())
    other_channel = replace(new_batch(0), id="other", slot=f"{first.batch.slot} C0OTHER", recipient="C0OTHER")
    assert store.deliveries.save_plan(first, BatchPlan(other_channel, (PARENT,), first.run))
    return [store.deliveries.deliveries(batch_id)[0].key for batch_id in ("dispatch0", "other")]


@pytest.mark.parametrize("state", [SENT, UNKNOWN])
@pytest.mark.parametrize("first", [0, 1])
def test_the_first_parent_that_can_have_been_seen_decides(store: Store, first: int, state: DeliveryState) -> None:
    parents = run_of_two(store)
    settle_delivery(store.deliveries, parents[first], "1.0", state)
    assert store.digest_history.load().open_findings == (FINDING,)
    settle_delivery(store.deliveries, parents[1 - first], "2.0")
    assert store.digest_history.load().open_findings == (FINDING,)
    assert store.digest_history.load().trend == (trend_point(),)


def test_a_parent_that_is_seen_after_another_was_refused_decides(store: Store) -> None:
    refused, sent = run_of_two(store)
    settle_delivery(store.deliveries, refused, state=REFUSED)
    assert store.digest_history.load().open_findings == ()
    settle_delivery(store.deliveries, sent, "1.0")
    assert store.digest_history.load().open_findings == (FINDING,)


def test_a_run_is_discarded_once_no_parent_can_be_seen(store: Store) -> None:
    refused, _ = run_of_two(store)
    settle_delivery(store.deliveries, refused, state=REFUSED)
    store.deliveries.expire_batch("other", "it was too late")
    assert store.digest_history.load().trend == ()
    assert run_count(store) == 0


def test_a_later_run_is_not_replaced_by_the_second_parent_of_an_earlier_one(store: Store) -> None:
    first, second = run_of_two(store)
    settle_delivery(store.deliveries, first, "1.0")
    plan_and_settle_parent(store.deliveries, plan(1, findings=[open_finding(key(2))]))
    settle_delivery(store.deliveries, second, "2.0")
    assert store.digest_history.load().open_findings == (open_finding(key(2)),)


def test_plans_are_saved_together_or_not_at_all(store: Store) -> None:
    store.deliveries.save_plan(plan(1))
    assert not store.deliveries.save_plan(plan(0, findings=[FINDING]), plan(1, findings=[FINDING]))
    assert [batch.id for batch in store.deliveries.unfinished()] == ["dispatch1"]
    assert store.deliveries.save_plan(plan(0, findings=[FINDING]))


def test_a_plan_of_which_nothing_would_be_remembered_is_refused(store: Store) -> None:
    batch: Batch = new_batch(0, "survey")
    with pytest.raises(ValueError, match=r"no hook on_seen for .*survey"):
        store.deliveries.save_plan(plan(batch=batch, findings=[FINDING]))
    assert store.deliveries.unfinished() == ()


def run_count(store: Store) -> int:
    with store.database.reading() as connection:
        count: int = connection.exec_driver_sql("select count(*) from runs").scalar_one()
        return count


def test_an_old_run_is_kept_as_long_as_its_batch(store: Store) -> None:
    store.deliveries.save_plan(plan(0, findings=[FINDING]))
    store.prune(NOW + 900 * DAY, 30 * DAY)
    assert run_count(store) == 1
    store.deliveries.mark_finished("dispatch0", NOW)  # by a version that does not know runs
    for _ in range(2):
        store.prune(NOW + 900 * DAY, 30 * DAY)
    assert run_count(store) == 0


DIGESTS: tuple[list[OpenFinding], ...] = (
    [open_finding(key(1)), open_finding(key(2)), open_finding(key(3))],
    [open_finding(key(2), last=NOW + DAY), open_finding(key(3), last=NOW), open_finding(key(4), last=NOW + DAY)],
    [],
    [replace(open_finding(key(3), last=NOW + 3 * DAY), owner_label="MLG", count=4)],
)
"""The open findings of four days. On the second day, one of them is not seen."""


@pytest.mark.parametrize("order", [*permutations(range(len(DIGESTS)))], ids=str)
def test_digests_in_flight_leave_exactly_the_findings_of_the_latest_that_was_seen(
    store: Store, order: tuple[int, ...]
) -> None:
    for number, findings in enumerate(DIGESTS):
        store.deliveries.save_plan(plan(number, findings=findings))
    latest = 0
    for number in order:
        settle_delivery(store.deliveries, store.deliveries.deliveries(f"dispatch{number}")[0].key, "1.0")
        latest = max(latest, number)
        assert list(store.digest_history.load().open_findings) == DIGESTS[latest]


@contextmanager
def inserted_findings() -> Iterator[list[tuple[object, ...]]]:
    """Collect the rows that are written to the open findings one by one."""
    rows: list[tuple[object, ...]] = []

    def record(_: object, __: object, statement: str, parameters: object, *___: object) -> None:
        if statement.startswith("INSERT INTO sightings"):
            assert isinstance(parameters, list)
            rows.extend(parameters)

    event.listen(Engine, "before_cursor_execute", record)
    yield rows
    event.remove(Engine, "before_cursor_execute", record)


def test_only_findings_that_differ_are_written(store: Store) -> None:
    before = [open_finding(key(number)) for number in range(50)]
    plan_and_settle_parent(store.deliveries, plan(0, findings=before))
    seen_again: list[OpenFinding] = [replace(one, last_seen=NOW + DAY) for one in before[1:]]
    seen_again[0] = replace(seen_again[0], title="renamed")
    seen_again[1] = before[2]
    new = open_finding(key(99), NOW + DAY, NOW + DAY)
    with inserted_findings() as written:
        plan_and_settle_parent(store.deliveries, plan(1, findings=[*seen_again, new]))
    assert len(written) == 3, "one is renamed, one was not seen now, and one is new"
    assert set(store.digest_history.load().open_findings) == {*seen_again, new}


def test_a_memory_is_decoded_as_it_was_encoded() -> None:
    run = plan(0, findings=[FINDING, open_finding(key(2), NOW, NOW + HOUR)], point=trend_point(), policy="strict").run
    assert run
    assert encode(decode(run.memory)) == run.memory
    assert decode(run.memory).open_findings[0] == FINDING
    assert (decode(run.memory).trend_point, decode(run.memory).policy_fingerprint) == (trend_point(), "strict")
