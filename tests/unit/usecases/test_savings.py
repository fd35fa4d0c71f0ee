"""Which scans record savings, and what they must ask for."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from bailiff_bot.domain.gap import Gap, GapSource
from bailiff_bot.domain.identity import NO_DIRECTORY
from bailiff_bot.domain.instance import Instance, Target
from bailiff_bot.domain.inventory import Inventory
from bailiff_bot.domain.saving_changes import Followed
from bailiff_bot.domain.snapshot import Snapshot
from bailiff_bot.domain.volume import Volume
from bailiff_bot.usecases.saving_recording import RecordingSavings, SavingQuestions
from bailiff_bot.usecases.savings import Savings
from tests.builders import ASG, DEFAULT_POLICY, IRELAND, NOW, PARIS, count_gaps
from tests.fakes.saving_store import FakeSavingStore
from tests.saving_builders import PRICES, SUBJECT, VOLUMES, machine, stopped, told_of

DAY = timedelta(days=1)
STOPPED = stopped(NOW)
TOLD = {SUBJECT: Followed(told_of())}


def snapshot(
    day: float, *instances: Instance, volumes: tuple[Volume, ...] = (), gaps: tuple[Gap, ...] = ()
) -> Snapshot:
    found = Inventory(instances, (IRELAND, PARIS), (), NOW + day * DAY)
    return Snapshot(found, NO_DIRECTORY, gaps, PRICES, {one.id: one for one in volumes})


def record(store: FakeSavingStore, taken: Snapshot) -> None:
    assert RecordingSavings(lambda: taken, store, DEFAULT_POLICY)() is taken


def usd(store: FakeSavingStore) -> float:
    return round(sum(float(one.usd) for one in store.followed[SUBJECT].savings if one.counts), 2)


def test_a_scan_that_shows_a_stop_records_what_it_saves() -> None:
    store = FakeSavingStore(TOLD)
    for day in (1, 2):
        record(store, snapshot(day, STOPPED))
    assert (usd(store), store.last) == (149.65, NOW + 2 * DAY)


def test_what_another_process_recorded_meanwhile_is_read_again() -> None:
    store = FakeSavingStore(TOLD, lost=2)
    record(store, snapshot(1, STOPPED))
    assert len(store.followed[SUBJECT].savings) == 1


def test_an_earlier_scan_and_one_without_prices_record_nothing() -> None:
    store = FakeSavingStore(TOLD, last=NOW + 2 * DAY)
    record(store, snapshot(1, STOPPED))
    record(store, replace(snapshot(3, STOPPED), prices=None))
    assert (store.followed[SUBJECT].savings, store.last) == ((), NOW + 2 * DAY)


def test_an_implausible_scan_records_nothing_and_says_so() -> None:
    store = FakeSavingStore(TOLD)
    with capture_logs() as logs:
        record(store, snapshot(1, gaps=count_gaps("the fleet shrank")))
    assert logs == [{"event": "savings.not_recorded", "log_level": "info", "reason": "the fleet shrank"}]
    assert store.last is None


def test_a_machine_that_a_controller_manages_now_saves_nothing() -> None:
    store = FakeSavingStore(TOLD)
    record(store, snapshot(1, replace(STOPPED, tags={ASG: "web"})))
    assert not store.followed[SUBJECT].savings


@pytest.mark.parametrize(
    ("volumes", "unread", "saved"),
    [
        ((), (), 161),
        (VOLUMES[:1], (), 151),
        ((), (IRELAND,), 146),
        ((), (None,), 146),
        ((), (PARIS,), 161),
    ],
)
def test_a_volume_that_was_not_read_where_all_were_read_is_gone(
    volumes: tuple[Volume, ...], unread: tuple[Target | None, ...], saved: float
) -> None:
    store = FakeSavingStore(TOLD)
    gaps = tuple(Gap(GapSource.VOLUMES, where, "access denied") for where in unread)
    for day in (1, 2):
        record(store, snapshot(day, volumes=volumes, gaps=gaps))
    assert usd(store) == saved


def test_a_deletion_asks_for_the_instance_and_then_for_its_volumes() -> None:
    store = FakeSavingStore(TOLD)
    ask = SavingQuestions(store)
    assert list(ask(snapshot(1, machine()))) == []
    assert list(ask(snapshot(1))) == [(told_of().instance, {one.id: one for one in VOLUMES})]
    record(store, snapshot(1))
    [(asked, volumes)] = list(ask(snapshot(2)))
    assert (asked.volume_ids, dict(volumes)) == (("vol-root", "vol-data"), {})


def test_what_was_saved_is_added_up_by_the_month() -> None:
    store = FakeSavingStore(TOLD)
    for day in (1, 2):
        record(store, snapshot(day, STOPPED))
    savings = Savings(store, UTC)
    total = savings.this_month(NOW + 2 * DAY)
    assert (total.since, total.instances) == (datetime(2026, 11, 1, tzinfo=UTC), 1)
    assert round(float(total.usd_a_month), 2) == 149.65
    assert savings.between(NOW, NOW + 2 * DAY) == store.followed[SUBJECT].savings
    assert savings.between(NOW - DAY, NOW) == ()
