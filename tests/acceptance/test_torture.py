"""A little of `make torture`: each of its scenarios with the real bot, a time or two."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import TypeVar

import pytest

from tests.torture import acks, clocks, outages, replicas, stops
from tests.torture.kills import BOUNDARIES, killed
from tests.torture.scenario import Theatre

Case = TypeVar("Case")
Result = TypeVar("Result")
AT_A_TIME = 4


@pytest.fixture(scope="module")
def theatre() -> Iterator[Theatre]:
    with Theatre() as opened:
        opened.reference()
        opened.server()
        yield opened


def several(work: Callable[[Theatre, Case], Result], theatre: Theatre, cases: Sequence[Case]) -> list[Result]:
    """Do the work for each case, some at a time: most of it is waiting."""
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        return list(pool.map(partial(work, theatre), cases))


def test_killed_at_any_write_it_sends_one_digest_and_one_nudge_an_owner(theatre: Theatre) -> None:
    # Every third boundary; the fifth run at each is killed once more.
    chosen = [(boundary, number % 2 * 4) for number, boundary in enumerate(BOUNDARIES[::3])]
    assert several(killed, theatre, chosen) == [[]] * len(chosen)


def test_a_sender_that_sleeps_while_another_takes_over_leaves_nothing_twice(theatre: Theatre) -> None:
    moments = [(moment, 0) for moment in stops.MOMENTS if moment.when == "before"]
    assert [line for outcome in several(stops.stopped, theatre, moments) for line in outcome.wrong] == []


def test_replicas_of_which_one_is_killed_a_day_send_a_digest_a_day(theatre: Theatre) -> None:
    assert replicas.lived(theatre, 3).failures == ()


def test_frozen_over_digest_time_it_sends_one_late_digest(theatre: Theatre) -> None:
    assert clocks.slept_over_it(theatre, 0) == []


def test_down_for_three_days_it_sends_one_digest(theatre: Theatre) -> None:
    assert clocks.away(theatre, 0) == []


@pytest.mark.parametrize("change", clocks.CHANGES, ids=lambda change: f"{change[0]} {change[1]}")
def test_there_is_one_digest_each_local_day_when_clocks_change(change: clocks.Change) -> None:
    assert clocks.changed(None, (change, timedelta(minutes=15))) == []


@pytest.mark.parametrize("trouble", outages.TROUBLES)
def test_a_database_in_trouble_is_told_in_a_line_and_nothing_comes_twice(theatre: Theatre, trouble: str) -> None:
    outcome = outages.gone(theatre, (trouble, 2.0, 2), quick=True)
    assert outcome.wrong == ()
    assert outcome.answers


def test_a_command_is_acknowledged_within_a_second_while_five_scans_run(theatre: Theatre) -> None:
    row = acks.asked(theatre, 1)
    assert row.failures == ()
    assert row.runs == 30
