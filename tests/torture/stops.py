"""Stop a sender (SIGSTOP) while it sends, let another take over, then continue the first. On PostgreSQL."""

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
_SENDING_CALLS = tuple(
    call for call in SLACK_CALLS if call.method in {"chat.postMessage", "files.completeUploadExternal"}
)
_TWO_REPLICAS = {"BAILIFF_REPLICAS": "2"}
_QUIET_SECONDS = (
    TIMING.outbox.max_send_duration + TIMING.outbox.visible_after + TIMING.outbox.retry_interval
).total_seconds() + 0.6
"""Seconds without a call that show that a bot has finished: it never pauses for longer."""


@dataclass(frozen=True, slots=True)
class StopPoint:
    """When a sender is stopped."""

    call: SlackCall
    when: str
    """`before` the request, when the delivery is already marked attempted; `slow`: Slack has not handled it yet;
    `held`: Slack has handled it and has not answered yet."""

    def __str__(self) -> str:
        return f"{self.when} {self.call}"


STOP_POINTS = tuple(StopPoint(call, when) for call in _SENDING_CALLS for when in ("before", "slow", "held"))


def run(count: int, stop_points: tuple[StopPoint, ...] = STOP_POINTS) -> ResultRow:
    """Stop a sender `count` times at each stop point."""
    cases = [(point, number) for number in range(count) for point in stop_points]
    outcomes = run_in_worker_pool(stop_and_take_over, cases)
    failures = tuple(line for outcome in outcomes for line in outcome.wrong)
    deleted = sum(outcome.deleted for outcome in outcomes)
    twice = sum("twice" in line for line in failures)
    return ResultRow(
        title="a sender is stopped (SIGSTOP) in `sending`, another takes over, the first wakes",
        counts=f"{twice} twice, {sum('lost' in line for line in failures)} lost ({deleted} messages taken back)",
        runs=len(cases),
        failures=failures,
        notes=(f"Stopped {count} times each: {'; '.join(map(str, stop_points))}.",),
    )


@dataclass(frozen=True, slots=True)
class StopOutcome:
    """The result of a run."""

    wrong: tuple[str, ...]
    deleted: int
    """How many messages were deleted as duplicates."""


def stop_and_take_over(harness: Harness, case: tuple[StopPoint, int]) -> StopOutcome:
    """Stop a sender, start another, continue the first, and return what is wrong then."""
    point, number = case
    expected = harness.expected_messages()
    with harness.postgres().database() as database, harness.scenario(database=database) as scenario:
        try:
            first = _start_and_stop(scenario, point, number)
            scenario.start(settings=_TWO_REPLICAS)
            if number % 3 == 2:  # continue it while the other still sends
                time.sleep(TIMING.outbox.lease.total_seconds() + number % 10 * 0.05)
            else:
                scenario.wait_for_digest()
            first.send(signal.SIGCONT)
            scenario.wait_for_digest()
            wait_until_idle(scenario)
        except TimedOut as error:
            wrong = timeout_details(scenario, error)
        else:
            wrong = [*delivery_errors(messages_by_key(scenario), expected), *unsent_deliveries(scenario)]
        deleted = len(scenario.driver.calls("chat.delete")) + len(scenario.driver.calls("files.delete"))
    return StopOutcome(tuple(f"{point}, run {number}: {line}" for line in wrong), deleted)


def _start_and_stop(scenario: Scenario, point: StopPoint, number: int) -> BotHandle:
    call = point.call
    index = number * 7 % call.times
    if point.when == "before":
        bot = scenario.start(
            Hook("transport.send", "before", _KEYS[call.message], 1 + index, "STOP"), settings=_TWO_REPLICAS
        )
        wait_until(lambda: bot.stopped, WAIT_LIMIT, str(point))
        return bot
    bot = start_until_fault(scenario, call, point.when, index, _TWO_REPLICAS)
    bot.send(signal.SIGSTOP)
    return bot


def wait_until_idle(scenario: Scenario) -> None:
    """Wait until no bot has called Slack for a while."""
    calls = -1
    while calls != (calls := len(scenario.driver.calls())):
        time.sleep(_QUIET_SECONDS)
