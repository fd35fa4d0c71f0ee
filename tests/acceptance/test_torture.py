"""A small part of `make torture`: each of its trials runs once or a few times with the real bot."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import TypeVar

import pytest

from tests.integration.store.pgbouncer import PgBouncer
from tests.torture import acks, clocks, outages, replicas, stops
from tests.torture.checks import delivery_errors, messages_by_key
from tests.torture.hooks import Hook
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
    """Run `work` for each case, a few at a time: most of it is waiting."""
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        return list(pool.map(partial(work, harness), cases))


def test_a_bot_that_is_killed_at_any_write_sends_one_digest_and_one_nudge_per_owner(harness: Harness) -> None:
    # Every third kill point. Number 4 makes the run kill a second bot.
    cases = [(point, number % 2 * 4) for number, point in enumerate(KILL_POINTS[::3])]
    assert run_cases(kill_and_restart, harness, cases) == [[]] * len(cases)


def test_a_sender_that_is_paused_while_another_takes_over_leaves_no_duplicate(harness: Harness) -> None:
    cases = [(point, 0) for point in stops.STOP_POINTS if point.when == "before"]
    assert [line for outcome in run_cases(stops.stop_and_take_over, harness, cases) for line in outcome.wrong] == []


def test_replicas_send_one_digest_a_day_though_one_is_killed_each_day(harness: Harness) -> None:
    assert replicas.run_days(harness, 3).failures == ()


def test_a_bot_behind_a_pooler_sends_one_digest_though_it_is_killed(harness: Harness) -> None:
    server = harness.postgres()
    with (
        PgBouncer(server) as pooler,
        server.database(short_timeouts=False) as database,
        harness.scenario(database=pooler.through(database)) as scenario,
    ):
        scenario.start(Hook("deliveries.settle", "after", "/nudge/", 3))
        scenario.wait_for_digest()
        assert len(scenario.bots) > 1
        assert delivery_errors(messages_by_key(scenario), harness.expected_messages()) == []


def test_a_bot_that_is_frozen_at_digest_time_sends_one_late_digest(harness: Harness) -> None:
    assert clocks.freeze_over_digest_time(harness, 0) == []


def test_a_bot_that_was_down_for_three_days_sends_one_digest(harness: Harness) -> None:
    assert clocks.restart_three_days_later(harness, 0) == []


@pytest.mark.parametrize("change", clocks.CHANGES, ids=lambda change: f"{change[0]} {change[1]}")
def test_each_local_day_has_one_digest_when_clocks_change(change: clocks.Change) -> None:
    assert clocks.live_through_clock_change(None, (change, timedelta(minutes=15))) == []


@pytest.mark.parametrize("fault_name", outages.DATABASE_FAULTS)
def test_a_database_fault_is_reported_in_one_line_and_no_message_is_duplicated(
    harness: Harness, fault_name: str
) -> None:
    outcome = outages.run_outage(harness, (fault_name, 2.0, 2), short_timeouts=True)
    assert outcome.wrong == ()
    assert outcome.answers


def test_a_command_is_acknowledged_within_a_second_while_five_scans_run(harness: Harness) -> None:
    row = acks.ask_during_scans(harness, 1)
    assert row.failures == ()
    assert row.runs == 30
