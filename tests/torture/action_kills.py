"""Kill the real bot at every write of each action, and restart it. Then the click comes again, from Slack or the owner.

A scenario serves as many runs as there are owners: its digest is sent once, and each owner has one instance.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bailiff_bot.domain.audit import AuditResult
from bailiff_bot.domain.audit_verification import Break
from bailiff_bot.sandbox.slack import InteractionError
from tests.torture import fixtures
from tests.torture.checks import lost_deliveries, timeout_details
from tests.torture.clicked_actions import ACTIONS, RENDERING_WRITES, ClickedAction
from tests.torture.hooks import Hook
from tests.torture.kills import DatabaseWrite
from tests.torture.person import Person
from tests.torture.processes import BotHandle, TimedOut, wait_until
from tests.torture.result_row import ResultRow, failed_runs
from tests.torture.scenario import WAIT_LIMIT, Harness, Scenario
from tests.torture.worker_pool import run_in_worker_pool

Payload = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ActionKill:
    """A write of an action, and when the bot is killed at it."""

    action: ClickedAction
    write: DatabaseWrite
    when: str
    """`before` or `after`. Before a step of a transaction, the steps before it are made and not committed."""

    def __str__(self) -> str:
        return f"{self.action}: {self.when} {self.write}"


ACTION_KILLS = tuple(
    ActionKill(action, write, when)
    for action in ACTIONS
    for write in (*action.writes, *RENDERING_WRITES)
    for when in ("before", "after")
)
ActionCase = tuple[ActionKill, int]
"""The kill, and the number of the run: after an even one Slack sends the click again, else the owner clicks again."""
_SETTINGS = {"BAILIFF_TRIAGE_CHANNEL": fixtures.CHANNEL.name}
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)


def run(count: int) -> ResultRow:
    """Kill the bot `count` times at each write of each action."""
    cases = [(kill, number) for number in range(count) for kill in ACTION_KILLS]
    failures = [line for lines in run_in_worker_pool(run_cases, shares(cases)) for line in lines]
    names = ", ".join(map(str, ACTIONS))
    return ResultRow(
        title=f"kill -9 of the real bot at every write of {names}",
        counts=f"{len(cases) - failed_runs(failures):,} of {len(cases):,} times done once, logged once and said",
        runs=len(cases),
        failures=tuple(failures),
        notes=(f"{len(ACTION_KILLS)} boundaries, {count} kills at each: {'; '.join(map(str, ACTION_KILLS))}.",),
    )


def shares(cases: Sequence[ActionCase]) -> list[tuple[ActionCase, ...]]:
    """Return the cases in parts of which each fits into a scenario."""
    size = len(fixtures.OWNERS)
    return [tuple(cases[start : start + size]) for start in range(0, len(cases), size)]


def run_cases(harness: Harness, cases: Sequence[ActionCase]) -> list[str]:
    """Run each case with another owner, and return a line for each thing that is wrong."""
    with harness.scenario() as scenario:
        try:
            wrong = list(_run_all(scenario, cases))
        except TimedOut as error:
            wrong = timeout_details(scenario, error)
        wrong += lost_deliveries(scenario)
        if isinstance(broken := scenario.store.audit.verify(), Break):
            wrong.append(f"the audit log is broken: {broken}")
    return wrong


def _run_all(scenario: Scenario, cases: Sequence[ActionCase]) -> Iterator[str]:
    people = [Person(scenario, name) for name in fixtures.OWNERS[: len(cases)]]
    bot = _start(scenario)
    scenario.wait_for_digest()
    for person, (kill, _) in zip(people, cases, strict=True):
        if kill.action.after:
            _do(person, kill.action.after)
    wait_until(scenario.digest_finished, WAIT_LIMIT, "the end of what was rendered again")
    bot.kill()
    for person, case in zip(people, cases, strict=True):
        yield from _kill_and_finish(person, *case)


def _kill_and_finish(person: Person, kill: ActionKill, number: int) -> Iterator[str]:
    scenario, action = person.scenario, kill.action
    try:
        bot = _start(scenario, Hook(kill.write.method, kill.when, kill.write.subject_part))
        request = _click_until_dead(person, action, bot)
        bot = _start(scenario)
        if number % 2 == 0:
            scenario.driver.send_payload(request)
        if number % 2 or (action.has_form and "view" not in request):
            _click_again(person, action)
        person.wait_for_nudge(action.says)
        wait_until(scenario.digest_finished, WAIT_LIMIT, "the end of what was rendered again")
        bot.kill()
        wrong = list(action_errors(person, action))
    except TimedOut as error:
        wrong = timeout_details(scenario, error)
    yield from (f"{kill}, run {number}: {line}" for line in wrong)


def _start(scenario: Scenario, *hooks: Hook) -> BotHandle:
    """Start a bot, and return it once it is connected."""
    bot = scenario.start(*hooks, settings=_SETTINGS)
    wait_until(scenario.driver.connections, WAIT_LIMIT, "a connection")
    return bot


def _do(person: Person, action: ClickedAction) -> None:
    """Do an action, and wait until the message says so."""
    person.click(action.button)
    if action.has_form:
        person.driver.submit_modal(person.wait_for_answer())
    person.wait_for_nudge(action.says)
    person.dismiss()


def _click_until_dead(person: Person, action: ClickedAction, bot: BotHandle) -> Payload:
    """Click, fill in the form if it opens, and return what the bot got last before it was killed."""
    sent = person.click(action.button)
    if action.has_form:
        wait_until(lambda: bot.dead or person.answer(), WAIT_LIMIT, "a form, or the end of the bot")
        if form := person.answer():
            sent = person.driver.submit_modal(form)
    bot.wait(WAIT_LIMIT)
    return sent.request


def _click_again(person: Person, action: ClickedAction) -> None:
    """Click again, as somebody does to whom nothing was said. The button is gone if it is done."""
    try:
        if action.says not in person.nudge().visible_text:
            person.click(action.button)
            if action.has_form and (form := person.wait_for_answer()).content.get("submit"):
                person.driver.submit_modal(form)
    except InteractionError:
        return


def action_errors(person: Person, action: ClickedAction) -> Iterator[str]:
    """Return a line for each thing that was not done exactly once, of all that an owner did."""
    store, now = person.scenario.store, person.scenario.now
    instance = fixtures.instance_of(person.name)
    done = [one.action for one in store.action_results.since(_EPOCH) if one.offer.subject.id == instance]
    logged = [
        one.record.action
        for one in store.audit.since(_EPOCH)
        if one.record.result is AuditResult.DONE and one.record.subject and one.record.subject.id == instance
    ]
    kept = sum(one.subject.id == instance for one in store.exemptions.live(now))
    expected = [one.name for one in (action.after, action) if one]
    if done != expected:
        yield f"done: {done}, not {expected}"
    if logged != expected:
        yield f"logged: {logged}, not {expected}"
    if kept != action.keeps:
        yield f"kept {kept} times"
    if len(list(person.nudges())) != 1:
        yield f"{len(list(person.nudges()))} direct messages"
