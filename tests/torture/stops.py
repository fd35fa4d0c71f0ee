"""SIGSTOP of a sender in `sending`; another takes over, and the first wakes. On PostgreSQL, as replicas are."""

import signal
import time
from dataclasses import dataclass

from tests.torture.bot_main import TIMING
from tests.torture.checks import delivery_errors, messages_by_key, timeout_details, unsent_deliveries
from tests.torture.hooks import Hook
from tests.torture.kills import SLACK_CALLS, SlackCall, start_until_fault
from tests.torture.processes import BotHandle, TimedOut, wait_until
from tests.torture.result_row import ResultRow
from tests.torture.scenario import WAIT_LIMIT, Harness, Scenario
from tests.torture.worker_pool import run_in_worker_pool

_KEYS = {"parent": "/parent/", "tables": "/tables ", "owners": "/owners/", "nudge": "/nudge/", "": "/file/"}
_SENT = tuple(call for call in SLACK_CALLS if call.method in {"chat.postMessage", "files.completeUploadExternal"})
_TWO = {"BAILIFF_REPLICAS": "2"}
_QUIET = (TIMING.max_send_duration + TIMING.visible_after + TIMING.retry_interval).total_seconds() + 0.6
"""Seconds without a call after which a bot has nothing more to do: it never pauses for longer."""


@dataclass(frozen=True, slots=True)
class StopPoint:
    """When a sender is stopped."""

    call: SlackCall
    when: str
    """`before` the request, and then it is stamped already; `slow`: while Slack has it and has not done it, `held`:
    while Slack has done it and has not answered."""

    def __str__(self) -> str:
        return f"{self.when} {self.call}"


STOP_POINTS = tuple(StopPoint(call, when) for call in _SENT for when in ("before", "slow", "held"))


def run(count: int, moments: tuple[StopPoint, ...] = STOP_POINTS) -> ResultRow:
    """Stop a sender so many times at each moment."""
    cases = [(moment, number) for number in range(count) for moment in moments]
    outcomes = run_in_worker_pool(stop_and_take_over, cases)
    failures = tuple(line for outcome in outcomes for line in outcome.wrong)
    back = sum(outcome.deleted for outcome in outcomes)
    twice = sum("twice" in line for line in failures)
    return ResultRow(
        title="a sender is stopped (SIGSTOP) in `sending`, another takes over, the first wakes",
        counts=f"{twice} twice, {sum('lost' in line for line in failures)} lost ({back} messages taken back)",
        runs=len(cases),
        failures=failures,
        notes=(f"Stopped {count} times each: {'; '.join(map(str, moments))}.",),
    )


@dataclass(frozen=True, slots=True)
class StopOutcome:
    """What came of a run."""

    wrong: tuple[str, ...]
    deleted: int


def stop_and_take_over(harness: Harness, case: tuple[StopPoint, int]) -> StopOutcome:
    """Stop a sender, start another, wake the first, and return what is wrong then."""
    moment, number = case
    wanted = harness.expected_messages()
    with harness.postgres().database() as database, harness.scenario(database=database) as scenario:
        try:
            first = _stop(scenario, moment, number)
            scenario.start(settings=_TWO)
            if number % 3 == 2:  # it wakes while the other is at it
                time.sleep(TIMING.lease.total_seconds() + number % 10 * 0.05)
            else:
                scenario.wait_for_digest()
            first.send(signal.SIGCONT)
            scenario.wait_for_digest()
            wait_until_idle(scenario)
        except TimedOut as error:
            wrong = timeout_details(scenario, error)
        else:
            wrong = [*delivery_errors(messages_by_key(scenario), wanted), *unsent_deliveries(scenario)]
        back = len(scenario.driver.calls("chat.delete")) + len(scenario.driver.calls("files.delete"))
    return StopOutcome(tuple(f"{moment}, run {number}: {line}" for line in wrong), back)


def _stop(scenario: Scenario, moment: StopPoint, number: int) -> BotHandle:
    call = moment.call
    turn = number * 7 % call.times
    if moment.when == "before":
        bot = scenario.start(Hook("transport.send", "before", _KEYS[call.message], 1 + turn, "STOP"), settings=_TWO)
        wait_until(lambda: bot.stopped, WAIT_LIMIT, str(moment))
        return bot
    bot = start_until_fault(scenario, call, moment.when, turn, _TWO)
    bot.send(signal.SIGSTOP)
    return bot


def wait_until_idle(scenario: Scenario) -> None:
    """Wait until no bot has said anything to Slack for a while."""
    before = -1
    while before != (before := len(scenario.driver.calls())):
        time.sleep(_QUIET)
