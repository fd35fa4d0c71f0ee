"""Five bots scan a slow AWS. Five people have asked each bot for a report, and a sixth types a command."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from bailiff_bot.sandbox.slack import InteractionResult
from tests.torture import fixtures
from tests.torture.processes import TimedOut, wait_until
from tests.torture.result_row import ResultRow
from tests.torture.scenario import WAIT_LIMIT, Harness, Scenario

SCANS = 5
ACK_LIMIT = 1.0
"""Seconds within which a command must be acknowledged. Slack allows three."""
_SCAN_RUNNING_TEXT = "Reading all regions for the first time"


def run(count: int) -> ResultRow:
    """Repeat the test `count` times in a harness of its own."""
    with Harness() as harness:
        return ask_during_scans(harness, count)


def ask_during_scans(harness: Harness, count: int) -> ResultRow:
    """Send commands while five scans run, `count` times, and return the row of the table."""
    outcomes: list[InteractionResult] = []
    failures: list[str] = []
    for number in range(count):
        try:
            outcomes += _ask_everybody(harness)
        except TimedOut as error:
            failures.append(f"run {number}: {error}")
    worst = max((one.seconds for one in outcomes), default=0.0)
    late = [one for one in outcomes if not one.acknowledged or one.seconds >= ACK_LIMIT]
    return ResultRow(
        title=f"a command arriving while {SCANS} scans run, in bots whom five people have asked",
        counts=f"acknowledged in {worst:.3f} s at worst",
        runs=len(outcomes),
        failures=(*failures, *(f"acknowledged: {one.acknowledged}, after {one.seconds:.3f} s" for one in late)),
    )


def _ask_everybody(harness: Harness) -> list[InteractionResult]:
    """Return how each bot acknowledged its commands: five at first, then the sixth."""
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
            people.submit(_type_report, scenario, person.name)
            for scenario in scenarios
            for person in fixtures.COMMAND_USERS[:-1]
        ]
        outcomes = [one.result() for one in first]
        sixth = [people.submit(_type_report, scenario, fixtures.COMMAND_USERS[-1].name) for scenario in scenarios]
        outcomes += [one.result() for one in sixth]
        for scenario in scenarios:
            _check_scan_still_runs(scenario)
        return outcomes


def _type_report(scenario: Scenario, name: str) -> InteractionResult:
    return scenario.driver.user(name).run_command("/bailiff report")


def _check_scan_still_runs(scenario: Scenario) -> None:
    """Check that the scan still ran when the sixth command came: its answer says that a scan is running."""
    sixth = scenario.driver.user(fixtures.COMMAND_USERS[-1].name)
    wait_until(
        lambda: [one for one in sixth.visible_messages() if _SCAN_RUNNING_TEXT in one.text],
        WAIT_LIMIT,
        "the message that a scan is running",
    )
