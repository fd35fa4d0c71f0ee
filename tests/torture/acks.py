"""Five bots look at an AWS that is slow, five people have asked each of them, and a sixth types a command."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from bailiff_bot.sandbox.slack import InteractionResult
from tests.torture import fixtures
from tests.torture.processes import TimedOut, wait_until
from tests.torture.result_row import ResultRow
from tests.torture.scenario import WAIT_LIMIT, Harness, Scenario

SCANS = 5
LIMIT = 1.0
"""Seconds within which a command is acknowledged; Slack waits for three."""
_LOOKING = "Looking at every region for the first time"


def run(count: int) -> ResultRow:
    """Ask so many times while five scans run."""
    with Harness() as harness:
        return ask_during_scans(harness, count)


def ask_during_scans(harness: Harness, count: int) -> ResultRow:
    """Ask so many times while five scans run."""
    outcomes: list[InteractionResult] = []
    failures: list[str] = []
    for number in range(count):
        try:
            outcomes += _asked(harness)
        except TimedOut as error:
            failures.append(f"run {number}: {error}")
    worst = max((one.seconds for one in outcomes), default=0.0)
    late = [one for one in outcomes if not one.acknowledged or one.seconds >= LIMIT]
    return ResultRow(
        title=f"a command arriving while {SCANS} scans run, in bots whom five people have asked",
        counts=f"acknowledged in {worst:.3f} s at worst",
        runs=len(outcomes),
        failures=(*failures, *(f"acknowledged: {one.acknowledged}, after {one.seconds:.3f} s" for one in late)),
    )


def _asked(harness: Harness) -> list[InteractionResult]:
    """Return how the commands were acknowledged: five in each bot, and the sixth."""
    with ExitStack() as opened:
        opened.callback(harness.aws.clear_faults)
        harness.aws.delay_responses(fixtures.REGION, seconds=4.0)
        scenarios = [opened.enter_context(harness.scenario()) for _ in range(SCANS)]
        people = opened.enter_context(ThreadPoolExecutor(SCANS * len(fixtures.COMMAND_USERS)))
        for scenario in scenarios:
            scenario.start()
        for scenario in scenarios:
            wait_until(scenario.driver.connections, WAIT_LIMIT, "a connection")
        first = [
            people.submit(_type, scenario, person.name)
            for scenario in scenarios
            for person in fixtures.COMMAND_USERS[:-1]
        ]
        outcomes = [one.result() for one in first]
        sixth = [people.submit(_type, scenario, fixtures.COMMAND_USERS[-1].name) for scenario in scenarios]
        outcomes += [one.result() for one in sixth]
        for scenario in scenarios:
            _check_waiting(scenario)
        return outcomes


def _type(scenario: Scenario, who: str) -> InteractionResult:
    return scenario.driver.user(who).run_command("/bailiff report")


def _check_waiting(scenario: Scenario) -> None:
    """See that the scan still ran when the sixth had asked: whoever asks then is asked to wait."""
    sixth = scenario.driver.user(fixtures.COMMAND_USERS[-1].name)
    wait_until(
        lambda: [one for one in sixth.visible_messages() if _LOOKING in one.text],
        WAIT_LIMIT,
        "a word that a scan is running",
    )
