"""Kill the real bot at every write of a digest with 20 owners, in its database and in Slack, and restart it."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bailiff_bot.sandbox.slack.faults import FaultKind
from tests.torture import fixtures
from tests.torture.checks import delivery_errors, messages_by_key, timeout_details, unsent_deliveries
from tests.torture.hooks import Hook, exists
from tests.torture.processes import BotHandle, TimedOut, wait_until
from tests.torture.result_row import ResultRow, failed_runs
from tests.torture.scenario import NO_SETTINGS, WAIT_LIMIT, Harness, Scenario
from tests.torture.worker_pool import run_in_worker_pool

TABLE_MESSAGES = 3
"""How many messages the tables of the fixtures fill."""
DELIVERIES = 3 + TABLE_MESSAGES + len(fixtures.OWNERS)
_SLOW, _HELD = 0.4, 3.0
"""Seconds until Slack handles a call, and until it answers one that it has handled. The second exceeds each timeout."""


@dataclass(frozen=True, slots=True)
class DatabaseWrite:
    """A write of the bot to its database."""

    method: str
    subject_part: str = ""
    times: int = 1
    """How often a digest makes it. The runs use each of these writes in turn."""

    def __post_init__(self) -> None:
        assert exists(self.method), f"{self.method} has another name now"

    def __str__(self) -> str:
        return f"{self.method} {self.subject_part.strip('/ ')}".strip()


@dataclass(frozen=True, slots=True)
class SlackCall:
    """A call to Slack that writes."""

    message: str
    method: str
    earlier_calls: int = 0
    """How many calls of the same method the channel gets before it."""
    times: int = 1
    """How often a digest makes it."""
    private: bool = False
    """Whether it posts in the owners' conversations. The runs use each owner in turn."""

    def __str__(self) -> str:
        return f"{self.method} {self.message}".strip()


@dataclass(frozen=True, slots=True)
class KillPoint:
    """A write, and when the bot is killed at it."""

    target: DatabaseWrite | SlackCall
    when: str
    """`before` or `after` for a database write; the kind of fault for a call: `slow`, `drop_before`, `held`."""

    def __str__(self) -> str:
        return f"{self.when} {self.target}"


DATABASE_WRITES = (
    DatabaseWrite("schedules.record_use"),
    DatabaseWrite("leases.acquire", "scan"),
    DatabaseWrite("snapshots.record_stop_times"),
    DatabaseWrite("snapshots.record_first_exempt"),
    DatabaseWrite("snapshots.save"),
    DatabaseWrite("leases.release", "scan"),
    DatabaseWrite("leases.acquire", "digest"),
    DatabaseWrite("users.save"),
    DatabaseWrite("deliveries.save_plan"),
    DatabaseWrite("leases.release", "digest"),
    DatabaseWrite("deliveries.reserve_send_time", times=DELIVERIES),
    DatabaseWrite("deliveries.claim", times=DELIVERIES),
    DatabaseWrite("deliveries.mark_attempted", times=DELIVERIES),
    DatabaseWrite("deliveries.settle", "/parent/"),
    DatabaseWrite("deliveries.settle", "/tables ", TABLE_MESSAGES),
    DatabaseWrite("deliveries.settle", "/owners/"),
    DatabaseWrite("deliveries.settle", "/file/"),
    DatabaseWrite("deliveries.settle", "/nudge/", len(fixtures.OWNERS)),
    DatabaseWrite("deliveries.mark_finished"),
    DatabaseWrite("store.prune"),
)
POST = "chat.postMessage"
SLACK_CALLS = (
    SlackCall("parent", POST),
    SlackCall("tables", POST, 1, TABLE_MESSAGES),
    SlackCall("owners", POST, 1 + TABLE_MESSAGES),
    SlackCall("nudge", POST, times=len(fixtures.OWNERS), private=True),
    SlackCall("", "files.getUploadURLExternal"),
    SlackCall("", "upload"),
    SlackCall("", "files.completeUploadExternal"),
    SlackCall("final summary", "chat.update"),
)
KILL_POINTS = (
    *(KillPoint(write, when) for write in DATABASE_WRITES for when in ("before", "after")),
    *(KillPoint(call, kind) for call in SLACK_CALLS for kind in ("slow", "drop_before", "held")),
)


def run(count: int, kill_points: Iterable[KillPoint] = KILL_POINTS) -> ResultRow:
    """Kill the bot `count` times at each kill point."""
    chosen = tuple(kill_points)
    cases = [(point, number) for number in range(count) for point in chosen]
    failures = [line for lines in run_in_worker_pool(kill_and_restart, cases) for line in lines]
    return ResultRow(
        title=f"kill -9 of the real bot at every write boundary of a digest with {len(fixtures.OWNERS)} owners",
        counts=f"{len(cases) - failed_runs(failures):,} of {len(cases):,} times one digest, one nudge an owner, whole "
        "threads",
        runs=len(cases),
        failures=tuple(failures),
        notes=(f"{len(chosen)} boundaries, {count} kills at each: {'; '.join(map(str, chosen))}.",),
    )


def kill_and_restart(harness: Harness, case: tuple[KillPoint, int]) -> list[str]:
    """Kill a bot at a kill point, start another, and return a line for each thing that is wrong afterwards."""
    point, number = case
    expected = harness.expected_messages()
    with harness.scenario() as scenario:
        try:
            _start_and_kill(scenario, point, number)
            if number % 5 == 4:  # kill a second bot, at another moment
                second = scenario.start()
                time.sleep(0.1 + number % 8 * 0.15)
                second.kill()
            scenario.start(fork=number % 25 != 24)
            scenario.wait_for_digest()
        except TimedOut as error:
            wrong = timeout_details(scenario, error)
        else:
            wrong = [*delivery_errors(messages_by_key(scenario), expected), *unsent_deliveries(scenario)]
    return [f"{point}, run {number}: {line}" for line in wrong]


def _start_and_kill(scenario: Scenario, point: KillPoint, number: int) -> None:
    write = point.target
    index = number * 7 % write.times
    if isinstance(write, DatabaseWrite):
        hook = Hook(write.method, point.when, write.subject_part, 1 + index)
        scenario.start(hook).wait(WAIT_LIMIT)
        return
    bot = start_until_fault(scenario, write, point.when, index)
    bot.kill()


def start_until_fault(
    scenario: Scenario, call: SlackCall, kind: Any, index: int, settings: Mapping[str, str] = NO_SETTINGS
) -> BotHandle:
    """Start a bot, and return it when the fault hits its call."""
    kind_: FaultKind = kind
    conversation = fixtures.OWNERS[index] if call.private else fixtures.CHANNEL.name if call.method == POST else None
    unaffected = 0 if call.private else call.earlier_calls + index
    if unaffected:
        scenario.driver.inject_fault("slow", call.method, channel=conversation, times=unaffected)
    seconds = {"slow": _SLOW, "held": _HELD}.get(kind, 0.0)
    scenario.driver.inject_fault(kind_, call.method, channel=conversation, seconds=seconds)
    scenario.start(settings=settings)
    wait_until(
        lambda: scenario.running_bot() and not scenario.driver.pending_faults(), WAIT_LIMIT, f"{call} under {kind}"
    )
    return scenario.bots[-1]
