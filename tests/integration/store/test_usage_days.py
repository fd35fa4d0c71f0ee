"""What CloudWatch said of instances is stored by day, on both databases."""

from datetime import date, timedelta

import pytest

from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.usage_figures import NO_FIGURES, DayFigures, usage_days
from bailiff_bot.domain.usage_questions import UsageByTarget
from bailiff_bot.store import bulk
from bailiff_bot.store.store import Store
from tests.builders import IRELAND, NOW, PARIS

FIRST, LAST = date(2026, 11, 18), date(2026, 11, 19)
WHOLE = DayFigures(9.75, 1.0 / 3.0, 0.1, 1e-9, 24)
PARTIAL = DayFigures(0.0, 0.0, None, 0.5, 7)
USAGE: UsageByTarget = {
    IRELAND: {"i-1": {FIRST: WHOLE, LAST: PARTIAL}, "i-2": {LAST: NO_FIGURES}},
    PARIS: {"i-1": {LAST: WHOLE}},
}


def test_figures_come_back_exactly(store: Store) -> None:
    store.usage.save(USAGE)
    assert store.usage.since(FIRST) == USAGE


def test_only_days_from_the_first_on_are_read(store: Store) -> None:
    store.usage.save(USAGE)
    assert store.usage.since(LAST) == {**USAGE, IRELAND: {"i-1": {LAST: PARTIAL}, "i-2": {LAST: NO_FIGURES}}}
    assert store.usage.since(LAST + timedelta(days=1)) == {}


def test_a_day_that_is_saved_again_replaces_the_earlier_one(store: Store) -> None:
    store.usage.save(USAGE)
    store.usage.save({IRELAND: {"i-1": {LAST: WHOLE}}})
    assert store.usage.since(FIRST)[IRELAND]["i-1"] == {FIRST: WHOLE, LAST: WHOLE}
    assert store.usage.since(FIRST)[PARIS] == USAGE[PARIS]


def test_targets_differ_by_account_region_and_partition(store: Store) -> None:
    targets = [Target("1", "r"), Target("2", "r"), Target("1", "s"), Target("1", "r", "aws-cn")]
    usage = {target: {"i-1": {LAST: DayFigures(hours=hours)}} for hours, target in enumerate(targets)}
    store.usage.save(usage)
    assert store.usage.since(LAST) == usage


def test_nothing_to_save_changes_nothing(store: Store) -> None:
    store.usage.save({IRELAND: {}})
    assert store.usage.since(FIRST) == {}


def test_many_rows_are_saved_in_several_statements(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "_ROWS_AT_ONCE", 3)
    usage = {IRELAND: {f"i-{number}": {FIRST: WHOLE, LAST: PARTIAL} for number in range(5)}}
    store.usage.save(usage)
    assert store.usage.since(FIRST) == usage


@pytest.mark.parametrize("hour", [0, 1, 2, 23])
def test_old_days_are_deleted_but_none_of_a_window_as_long_as_the_retention(store: Store, hour: int) -> None:
    now = NOW.replace(hour=hour)
    window = usage_days(14, now)
    old = window[0] - timedelta(days=3)
    store.usage.save({IRELAND: {"i-1": dict.fromkeys([old, *window], WHOLE)}})
    store.prune(now, timedelta(days=14))
    assert [*store.usage.since(old)[IRELAND]["i-1"]] == window
