"""Random clicks by random people on two replicas, which are killed and stopped, while Slack asks to wait."""

import signal
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise

from bailiff_bot.domain.action import Action
from bailiff_bot.domain.action_result import ActionResult
from bailiff_bot.domain.audit import AuditResult
from bailiff_bot.domain.audit_verification import Break
from bailiff_bot.domain.notice import ENDINGS
from bailiff_bot.sandbox.aws.calls import AwsCall
from bailiff_bot.store.store import Store
from tests.torture import click_plan, fixtures, random_clicks_in_aws
from tests.torture.aws_kills import ACTING
from tests.torture.checks import lost_deliveries, notice_errors, timeout_details
from tests.torture.click_plan import PlannedClick
from tests.torture.clicked_actions import EPOCH
from tests.torture.clicker import Clicker, Shared
from tests.torture.person import Person
from tests.torture.processes import BotHandle, TimedOut, wait_until
from tests.torture.result_row import ResultRow
from tests.torture.scenario import WAIT_LIMIT, Harness, Scenario

SEED = 20
CLICKS = 10_000
CLICKS_IN_A_WORKSPACE = 500
"""In a longer one the conversations get so long that to read them takes most of the time."""
_AT_A_TIME = 6
_SETTINGS = {
    **ACTING,
    "BAILIFF_REPLICAS": "2",
    "BAILIFF_ADMINS": fixtures.user_id(click_plan.ADMIN),
    "BAILIFF_TRIAGE_CHANNEL": fixtures.CHANNEL.name,
}
_AN_HOUR = timedelta(hours=1, minutes=1)
"""Then owners have been that for long, triage posts what is not theirs, and deletions are due."""


def run(count: int = CLICKS, seed: int = SEED) -> ResultRow:
    """Do `count` random clicks, and return the row of the table."""
    failures: list[str] = []
    counts: Counter[str] = Counter()
    with Harness(click_plan.fleet()) as harness:
        for number, first in enumerate(range(0, count, CLICKS_IN_A_WORKSPACE)):
            clicks = min(CLICKS_IN_A_WORKSPACE, count - first)
            shared = click_at_random(harness, seed + number, clicks)
            failures += [f"seed {seed + number}: {line}" for line in shared.failures]
            counts += shared.counts
    silent = sum("an answer to" in line for line in failures)
    return ResultRow(
        title="random clicks by random people, two replicas on PostgreSQL, kills, restarts and 429s",
        counts=f"{silent} in silence, {sum('twice' in line for line in failures)} twice",
        runs=count,
        failures=tuple(failures),
        notes=(f"seeds from {seed}: {', '.join(f'{number:,} {what}' for what, number in sorted(counts.items()))}",),
    )


def click_at_random(harness: Harness, seed: int, clicks: int) -> Shared:
    """Do the clicks of a seed in a workspace of their own, and return what was counted and what is wrong."""
    shared = Shared()
    _restore(harness)
    earlier_calls = len(harness.aws.calls)
    with harness.postgres().database() as database, harness.scenario(database=database) as scenario:
        try:
            bots = _start(scenario)
            clickers = {name: Clicker(Person(scenario, name), shared) for name in click_plan.PEOPLE}
            with ThreadPoolExecutor(_AT_A_TIME) as pool:
                for number, click in enumerate(click_plan.plan(seed, clicks)):
                    pool.submit(_one_click, scenario, bots, clickers, click, number)
            scenario.driver.clear_faults()
            _end_in_aws(scenario)
            wait_until(scenario.all_said, WAIT_LIMIT, "the end of what was rendered again")
            shared.failures += lost_deliveries(scenario)  # at once: each tick of a bot may render a message again
            shared.failures += _errors_in(scenario, harness.aws.calls[earlier_calls:])
            shared.failures += notice_errors(scenario, [one.person for one in clickers.values()])
        except TimedOut as error:
            shared.failures += timeout_details(scenario, error)
    return shared


def _restore(harness: Harness) -> None:
    """Make the instances anew, as they were before anybody stopped or deleted some."""
    for one in click_plan.fleet():
        harness.aws.delete(one.id)
        harness.aws.add(one)


def _end_in_aws(scenario: Scenario) -> None:
    """Let an hour pass, in which nobody clicks, until nothing is pending in AWS and every deletion is over."""
    wait_until(scenario.all_said, WAIT_LIMIT, "the end of what was rendered again, before it expires")
    scenario.set_clock(scenario.now + _AN_HOUR)
    pending, deletions = scenario.store.action_results.pending, scenario.store.deletions.open
    wait_until(lambda: not (pending(list(Action)) or deletions()), WAIT_LIMIT, "an end of what is done in AWS")


def _start(scenario: Scenario) -> list[BotHandle]:
    """Start two replicas and send the digest. Then two of the owners are no full members any more."""
    bots = [scenario.start(settings=_SETTINGS) for _ in range(2)]
    scenario.wait_for_digest()
    wait_until(lambda: len(scenario.driver.connections()) > 1, WAIT_LIMIT, "two connections")
    _fill_triage(scenario)
    scenario.driver.change_user(click_plan.GUEST, guest=True)
    scenario.driver.change_user(click_plan.EXTERNAL, external=True)
    return bots


def _fill_triage(scenario: Scenario) -> None:
    """Say *Not mine*, and let an hour pass, so that there is something to assign from the first click on."""
    for name in click_plan.OWNERS[::2]:
        person = Person(scenario, name)
        person.driver.click(person.nudge(), "Not mine")
        person.driver.submit_modal(person.wait_for_answer())
        person.wait_for_answer()
    wait_until(scenario.all_said, WAIT_LIMIT, "what was said, before it expires")
    scenario.set_clock(scenario.now + _AN_HOUR)
    now = scenario.now
    wait_until(lambda: not scenario.store.triage.waiting(now, now), WAIT_LIMIT, "the message of triage")
    wait_until(scenario.all_said, WAIT_LIMIT, "the message of triage in Slack")


def _one_click(
    scenario: Scenario, bots: list[BotHandle], clickers: dict[str, Clicker], click: PlannedClick, number: int
) -> None:
    clicker = clickers[click.person]
    _let_happen(scenario, bots, click, clicker.shared)
    clicker.carry_out(click, number)
    clicker.shared.counts["clicks"] += 1


def _let_happen(scenario: Scenario, bots: list[BotHandle], click: PlannedClick, shared: Shared) -> None:
    if not click.event:
        return
    shared.counts[f"times {click.event}"] += 1
    if click.event == "rate limit":
        scenario.driver.inject_fault("rate_limited", click.method, seconds=1.0, times=2)
        return
    bots[click.victim].send(signal.SIGKILL if click.event == "kill" else signal.SIGTERM)
    shared.restarts.append(time.monotonic())
    bots[click.victim] = scenario.start(settings=_SETTINGS)


def _errors_in(scenario: Scenario, calls: Sequence[AwsCall]) -> Iterator[str]:
    """Yield a line for what was done or logged another number of times than once, and for each crash."""
    store = scenario.store
    results = store.action_results.since(EPOCH)
    records = [one.record for one in store.audit.since(EPOCH)]
    yield from random_clicks_in_aws.errors(results, records, store.brakes.slots(scenario.now), calls)
    ended_by_stops = _ended_by_stops(results)
    in_aws = {one.after.get("action") for one in records} - {None}
    results = tuple(one for one in results if one.made_id not in in_aws)
    done = Counter((str(one.action), one.offer.key) for one in results)
    logged = Counter(
        (one.action, one.request_id)
        for one in records
        if one.result is AuditResult.DONE and one.action in set(Action) and one.after.get("action") not in in_aws
    )
    yield from (f"twice or not logged: {key}: {number}" for key, number in ((done - logged) + (logged - done)).items())
    made = Counter((one.action in ENDINGS, one.made_id) for one in results)
    yield from (f"twice: {key}, ended: {ended}" for (ended, key), number in made.items() if number > 1)
    yield from _assigned_twice(store, results)
    ended = {one.made_id for one in results if one.action in ENDINGS}
    granted = {one.made_id for one in results if one.action is Action.KEEP}
    live = {one.id for one in store.exemptions.live(scenario.now)}
    yield from (f"half done: exemption {key}" for key in (live ^ (granted - ended)) - ended_by_stops)
    if isinstance(broken := store.audit.verify(), Break):
        yield f"the audit log is broken: {broken}"
    for line in scenario.bots[-1].log.read_text().splitlines():
        if "crashed" in line or "Traceback" in line:
            yield f"crashed: {line[:300]}"


def _ended_by_stops(results: Sequence[ActionResult]) -> set[str]:
    """Return the ids of the exemptions that may have ended because who granted them stopped the instance."""
    stops = {(one.offer.subject, one.user_id) for one in results if one.action is Action.STOP}
    return {one.made_id for one in results if one.action is Action.KEEP and (one.offer.subject, one.user_id) in stops}


def _assigned_twice(store: Store, results: Sequence[ActionResult]) -> Iterator[str]:
    """Yield a line for each assignment that follows another one, though nobody said "not mine" in between."""
    for subject in {one.offer.subject for one in results if one.action is Action.ASSIGN}:
        claims = store.ownership.of(subject)
        for first, second in pairwise(claims.assignments):
            if not any(first.assigned_at <= one.said_at <= second.assigned_at for one in claims.disclaimers):
                yield f"assigned twice: {subject}"
