"""Kill the real bot at every write of each action, and restart it. Then the click comes again, from Slack or a person.

A scenario serves as many runs as there are pairs of owners: its digest is sent once, and each pair owns two instances,
so that whatever one of the two does is told to the other.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bailiff_bot.domain.audit import AuditResult
from bailiff_bot.domain.audit_verification import Break
from bailiff_bot.sandbox.slack import InteractionError, InteractionResult, RenderedView
from tests.torture import fixtures
from tests.torture.checks import lost_deliveries, notice_errors, timeout_details
from tests.torture.clicked_actions import ACTIONS, EPOCH, NOTICE_WRITES, RENDERING_WRITES, ClickedAction
from tests.torture.hooks import Hook
from tests.torture.kills import DatabaseWrite
from tests.torture.owner_pair import ADMIN, PAIRS, OwnerPair, fleet
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
    for write in (*action.writes, *RENDERING_WRITES, *NOTICE_WRITES)
    for when in ("before", "after")
)
ActionCase = tuple[ActionKill, int]
"""The kill, and the number of the run: after an even one Slack sends the click again, else who clicked clicks again."""
_SETTINGS = {"BAILIFF_TRIAGE_CHANNEL": fixtures.CHANNEL.name, "BAILIFF_ADMINS": ADMIN.id}
_MINUTE = timedelta(minutes=1)
"""After so long triage posts what people say is not theirs."""


def run(count: int) -> ResultRow:
    """Kill the bot `count` times at each write of each action."""
    cases = [(kill, number) for number in range(count) for kill in ACTION_KILLS]
    failures = [line for lines in run_in_worker_pool(run_cases, shares(cases), fleet=fleet()) for line in lines]
    names = ", ".join(map(str, ACTIONS))
    return ResultRow(
        title=f"kill -9 of the real bot at every write of {names}",
        counts=f"{len(cases) - failed_runs(failures):,} of {len(cases):,} times done, logged and told once, and said",
        runs=len(cases),
        failures=tuple(failures),
        notes=(f"{len(ACTION_KILLS)} boundaries, {count} kills at each: {'; '.join(map(str, ACTION_KILLS))}.",),
    )


def shares(cases: Sequence[ActionCase]) -> list[tuple[ActionCase, ...]]:
    """Return the cases in parts of which each fits into a scenario."""
    size = len(PAIRS)
    return [tuple(cases[start : start + size]) for start in range(0, len(cases), size)]


def run_cases(harness: Harness, cases: Sequence[ActionCase]) -> list[str]:
    """Run each case with other owners, and return a line for each thing that is wrong."""
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
    pairs = [OwnerPair.number(scenario, number) for number in range(len(cases))]
    bot = _start(scenario)
    scenario.wait_for_digest()
    for pair, (kill, _) in zip(pairs, cases, strict=True):
        if kill.action.after:
            _do(pair, kill.action.after)
    wait_until(scenario.all_said, WAIT_LIMIT, "all messages about what was done first")
    bot.kill()
    if any(kill.action.where == "triage" for kill, _ in cases):
        _let_triage_post(scenario)
    for pair, case in zip(pairs, cases, strict=True):
        yield from _kill_and_finish(pair, *case)
    yield from notice_errors(scenario, [person for pair in pairs for person in (pair.owner, pair.other)])


def _let_triage_post(scenario: Scenario) -> None:
    scenario.set_clock(scenario.now + _MINUTE)
    bot = _start(scenario)
    now = scenario.now
    wait_until(lambda: not scenario.store.triage.waiting(now, now), WAIT_LIMIT, "the message of triage")
    wait_until(scenario.digest_finished, WAIT_LIMIT, "the message of triage in Slack")
    bot.kill()


def _kill_and_finish(pair: OwnerPair, kill: ActionKill, number: int) -> Iterator[str]:
    scenario, action = pair.owner.scenario, kill.action
    try:
        which = 1 + number // 2 % kill.write.times
        bot = _start(scenario, Hook(kill.write.method, kill.when, kill.write.subject_part, which))
        request = _click_until_dead(pair, action, bot)
        bot = _start(scenario)
        if number % 2 == 0:
            scenario.driver.send_payload(request)
        if number % 2 or (action.has_form and "view" not in request):
            _click_again(pair, action)
        pair.wait_until_said(action)
        wait_until(scenario.all_said, WAIT_LIMIT, "the end of what was rendered again")
        bot.kill()
        wrong = list(action_errors(pair, action))
    except TimedOut as error:
        wrong = timeout_details(scenario, error)
    yield from (f"{kill}, run {number}: {line}" for line in wrong)


def _start(scenario: Scenario, *hooks: Hook) -> BotHandle:
    """Start a bot, and return it once it is connected. On a busy machine it may have to be started again."""
    scenario.start(*hooks, settings=_SETTINGS)
    wait_until(lambda: scenario.running_bot() and scenario.driver.connections(), WAIT_LIMIT, "a connection")
    return scenario.bots[-1]


def _do(pair: OwnerPair, action: ClickedAction) -> None:
    """Do an action, and wait until the message says so."""
    _click(pair, action)
    if action.has_form:
        _submit(pair, action, pair.clicks(action).wait_for_answer())
    pair.wait_until_said(action)
    pair.clicks(action).dismiss()


def _click(pair: OwnerPair, action: ClickedAction, button: str = "", name: str = "") -> InteractionResult:
    """Close what is open, and click. Raises InteractionError if the button is gone."""
    person, near = pair.clicks(action), name or pair.names(action)[0]
    person.dismiss()
    surface = pair.surface(action)
    if surface is None:
        raise InteractionError(f"nothing shows {near}")
    if action.instances > 1 and not button:
        near = ""  # the button is above the instances
    return person.driver.click(surface, button or action.button, near=near)


def _submit(pair: OwnerPair, action: ClickedAction, form: RenderedView) -> InteractionResult:
    values = {"New owner": pair.other.name} if action.where == "triage" else {}
    return pair.clicks(action).driver.submit_modal(form, values)


def _click_until_dead(pair: OwnerPair, action: ClickedAction, bot: BotHandle) -> Payload:
    """Click, fill in the form if it opens, and return what the bot got last before it was killed."""
    sent, person = _click(pair, action), pair.clicks(action)
    if action.has_form:
        wait_until(lambda: bot.dead or person.answer(), WAIT_LIMIT, "a form, or the end of the bot")
        if form := person.answer():
            sent = _submit(pair, action, form)
    bot.wait(WAIT_LIMIT)
    return sent.request


def _click_again(pair: OwnerPair, action: ClickedAction) -> None:
    """Click again, as somebody does to whom nothing was said. The button is gone if it is done."""
    for name in pair.missing(action):
        try:
            _click(pair, action, action.rest or action.button, name)
        except InteractionError:
            continue
        if action.has_form and (form := pair.clicks(action).wait_for_answer()).content.get("submit"):
            _submit(pair, action, form)


def action_errors(pair: OwnerPair, action: ClickedAction) -> Iterator[str]:
    """Return a line for each thing that was not done, logged and told exactly once, of all that was clicked."""
    expected = [one for one in (action.after, action) if one]
    for name in pair.names(action):
        yield from _errors_of(pair, name, expected)
    for person in (pair.owner, pair.other):
        if len(person.nudges()) != 1:
            yield f"{len(person.nudges())} messages of the digest to {person.name}"


def _errors_of(pair: OwnerPair, name: str, actions: Sequence[ClickedAction]) -> Iterator[str]:
    store, now, instance = pair.owner.scenario.store, pair.owner.scenario.now, pair.id_of(name)
    done = [one.action for one in store.action_results.since(EPOCH) if one.offer.subject.id == instance]
    logged = [
        one.record.action
        for one in store.audit.since(EPOCH)
        if one.record.result is AuditResult.DONE and one.record.subject and one.record.subject.id == instance
    ]
    kept = sum(one.subject.id == instance for one in store.exemptions.live(now))
    expected = [one.name for one in actions]
    if done != expected:
        yield f"{name} done: {done}, not {expected}"
    if logged != expected:
        yield f"{name} logged: {logged}, not {expected}"
    if kept != actions[-1].keeps:
        yield f"{name} kept {kept} times"
    for who, number in pair.notices_about(name):
        if number != sum(one.told == who for one in actions):
            yield f"the {who} is told of {name} {number} times"
