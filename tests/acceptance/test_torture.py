"""A little of `make torture`: each of its scenarios with the real bot, a time or two."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import TypeVar

import pytest

from tests.torture import acks, clocks, outages, replicas, stops
from tests.torture.kills import KILL_POINTS, kill_and_restart
from tests.torture.scenario import Harness

Case = TypeVar("Case")
Result = TypeVar("Result")
AT_A_TIME = 4


@pytest.fixture(scope="module")
def harness() -> Iterator[Harness]:
    with Harness() as opened:
        opened.expected_messages()
        opened.postgres()
        yield opened


def run_cases(work: Callable[[Harness, Case], Result], harness: Harness, cases: Sequence[Case]) -> list[Result]:
    """Do the work for each case, some at a time: most of it is waiting."""
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        return list(pool.map(partial(work, harness), cases))


def test_killed_at_any_write_it_sends_one_digest_and_one_nudge_an_owner(harness: Harness) -> None:
    # Every third boundary; the fifth run at each is killed once more.
    chosen = [(boundary, number % 2 * 4) for number, boundary in enumerate(KILL_POINTS[::3])]
    assert run_cases(kill_and_restart, harness, chosen) == [[]] * len(chosen)


def test_a_sender_that_sleeps_while_another_takes_over_leaves_nothing_twice(harness: Harness) -> None:
    moments = [(moment, 0) for moment in stops.STOP_POINTS if moment.when == "before"]
    assert [line for outcome in run_cases(stops.stop_and_take_over, harness, moments) for line in outcome.wrong] == []


def test_replicas_of_which_one_is_killed_a_day_send_a_digest_a_day(harness: Harness) -> None:
    assert replicas.run_days(harness, 3).failures == ()


def test_frozen_over_digest_time_it_sends_one_late_digest(harness: Harness) -> None:
    assert clocks.freeze_over_digest_time(harness, 0) == []


def test_down_for_three_days_it_sends_one_digest(harness: Harness) -> None:
    assert clocks.restart_three_days_later(harness, 0) == []


@pytest.mark.parametrize("change", clocks.CHANGES, ids=lambda change: f"{change[0]} {change[1]}")
def test_there_is_one_digest_each_local_day_when_clocks_change(change: clocks.Change) -> None:
    assert clocks.live_through_clock_change(None, (change, timedelta(minutes=15))) == []


@pytest.mark.parametrize("trouble", outages.DATABASE_FAULTS)
def test_a_database_fault_is_reported_in_one_line_and_nothing_comes_twice(harness: Harness, trouble: str) -> None:
    outcome = outages.run_outage(harness, (trouble, 2.0, 2), quick=True)
    assert outcome.wrong == ()
    assert outcome.answers


def test_a_command_is_acknowledged_within_a_second_while_five_scans_run(harness: Harness) -> None:
    row = acks.ask_during_scans(harness, 1)
    assert row.failures == ()
    assert row.runs == 30
