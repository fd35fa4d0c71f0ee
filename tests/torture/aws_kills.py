"""Kill the real bot at every write and every call to AWS of what it does there, and restart it.

Then the click comes again, from Slack or from a person. What AWS may have done, the new bot finds out.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from bailiff_bot.domain.action_progress import CALL_TIME
from bailiff_bot.domain.audit_verification import Break
from bailiff_bot.sandbox.fixtures import ACTION_ROLE_ARNS, DELETE_ROLE_ARNS, EXTERNAL_ID
from tests.torture import fixtures
from tests.torture.acting_checks import acting_errors
from tests.torture.acting_pair import MAX_PAIRS, ActingPair, own_instances
from tests.torture.action_kills import Payload
from tests.torture.aws_actions import AWS_ACTIONS, AWS_KILLS, AwsAction, AwsKill
from tests.torture.checks import lost_deliveries, notice_errors, timeout_details
from tests.torture.hooks import Hook
from tests.torture.processes import BotHandle, TimedOut, wait_until
from tests.torture.result_row import ResultRow, failed_runs
from tests.torture.scenario import WAIT_LIMIT, Harness, Scenario
from tests.torture.worker_pool import run_in_worker_pool

AwsCase = tuple[AwsKill, int]
"""The kill, and the number of the run. Of four, Slack sends the click again in two, and who clicked clicks again in the
others; two new bots carry on in the last two."""
ACTING = {
    "BAILIFF_ACTIONS": "keep,not-mine,rename,stop,delete",
    "BAILIFF_ACTION_ROLE_ARNS": ",".join(ACTION_ROLE_ARNS),
    "BAILIFF_DELETE_ROLE_ARNS": ",".join(DELETE_ROLE_ARNS),
    "BAILIFF_EXTERNAL_ID": EXTERNAL_ID,
    "BAILIFF_OWNER_SETTLED_HOURS": "1",
    "BAILIFF_DELETE_WAIT_HOURS": "1",
}
"""The settings of a bot that may act. An owner need not have been one for long, and a deletion waits for an hour."""
_AN_HOUR = timedelta(hours=1, minutes=1)
"""Then an owner has been one for long, and a deletion is due."""
_NOBODY_CALLS = CALL_TIME + timedelta(seconds=1)
_TRIES = 3
"""How often somebody tries again whom the message tells that it was not done. Once should do."""


def run(count: int) -> ResultRow:
    """Kill the bot `count` times at each write and each call of each action."""
    cases = [(kill, number) for number in range(count) for kill in AWS_KILLS]
    failures = [line for lines in run_in_worker_pool(run_cases, shares(cases), fleet=()) for line in lines]
    names = ", ".join(map(str, AWS_ACTIONS))
    return ResultRow(
        title=f"kill -9 of the real bot at every write and every call to AWS of {names}",
        counts=f"{len(cases) - failed_runs(failures):,} of {len(cases):,} times done, logged and told once, and said",
        runs=len(cases),
        failures=tuple(failures),
        notes=(f"{len(AWS_KILLS)} boundaries, {count} kills at each: {'; '.join(map(str, AWS_KILLS))}.",),
    )


def shares(cases: Sequence[AwsCase]) -> list[tuple[AwsCase, ...]]:
    """Return the cases in parts of which each fits into a scenario."""
    return [tuple(cases[start : start + MAX_PAIRS]) for start in range(0, len(cases), MAX_PAIRS)]


def run_cases(harness: Harness, cases: Sequence[AwsCase]) -> list[str]:
    """Run each case with other owners, and return a line for each thing that is wrong."""
    ordered = sorted(cases, key=lambda case: not case[0].action.is_due)  # else requests would become due with them
    with own_instances(harness, [kill.action for kill, _ in ordered]) as made, harness.scenario() as scenario:
        pairs = [ActingPair.number(scenario, number, one) for number, one in enumerate(made)]
        try:
            wrong = list(_run_all(scenario, pairs, ordered))
        except TimedOut as error:
            wrong = timeout_details(scenario, error)
        wrong += lost_deliveries(scenario)
        if isinstance(broken := scenario.store.audit.verify(), Break):
            wrong.append(f"the audit log is broken: {broken}")
    return wrong


def _run_all(scenario: Scenario, pairs: Sequence[ActingPair], cases: Sequence[AwsCase]) -> Iterator[str]:
    bot = _start(scenario, pairs[0])
    scenario.wait_for_digest()
    bot.kill()
    scenario.set_clock(scenario.now + _AN_HOUR)
    for pair, case in zip(pairs, cases, strict=True):
        yield from _kill_and_finish(pair, *case)
    yield from notice_errors(scenario, [person for pair in pairs for person in (pair.owner, pair.other)])


def _kill_and_finish(pair: ActingPair, kill: AwsKill, number: int) -> Iterator[str]:
    scenario, action = pair.owner.scenario, kill.action
    try:
        if action.after:
            _do_first(pair, action.after)
        if action.is_due:
            scenario.set_clock(scenario.now + _AN_HOUR)
        which = 1 + number // 2 % kill.boundary.times
        bot = _start(scenario, pair, Hook(kill.boundary.method, kill.when, kill.boundary.subject_part, which))
        request = _click_until_dead(pair, action, bot)
        _carry_on(pair, action, request, number)
        _kill_all(scenario)
        wrong = list(acting_errors(pair, action))
    except TimedOut as error:
        wrong = timeout_details(scenario, error)
        _kill_all(scenario)
    yield from (f"{kill}, run {number}: {line}" for line in wrong)


def _kill_all(scenario: Scenario) -> None:
    for bot in scenario.bots:
        bot.kill()


def _start(scenario: Scenario, pair: ActingPair, *hooks: Hook) -> BotHandle:
    """Start a bot, and return it once it is connected. On a busy machine it may have to be started again."""
    scenario.start(
        *hooks,
        settings={**ACTING, "BAILIFF_TRIAGE_CHANNEL": fixtures.CHANNEL.name, "BAILIFF_REGIONS": pair.instance.region},
    )
    wait_until(lambda: scenario.running_bot() and scenario.driver.connections(), WAIT_LIMIT, "a connection")
    return scenario.bots[-1]


def _do_first(pair: ActingPair, action: AwsAction) -> None:
    """Do what must be done before, with a bot that nobody kills while it does that."""
    bot = _start(pair.owner.scenario, pair)
    pair.do(action)
    wait_until(lambda: pair.said(action), WAIT_LIMIT, f"{action} of {pair.instance.name}, which comes first")
    pair.wait_until_settled()
    bot.kill()


def _click_until_dead(pair: ActingPair, action: AwsAction, bot: BotHandle) -> Payload:
    """Click, fill in the form if it opens, and return what the bot got last before it was killed."""
    sent: Payload = {}
    if action.button:
        sent = pair.click(action).request
        if action.typed is not None:
            wait_until(lambda: bot.dead or pair.owner.answer(), WAIT_LIMIT, "a form, or the end of the bot")
            if form := pair.owner.answer():
                sent = pair.submit(action, form).request
    bot.wait(WAIT_LIMIT)
    return sent


def _carry_on(pair: ActingPair, action: AwsAction, request: Payload, number: int) -> None:
    """Let one or two new bots finish it, and whoever clicked try again until the message says that it is done."""
    scenario = pair.owner.scenario
    is_sent_again = number % 2 == 0
    tries_at_once = action.typed is not None and not is_sent_again
    if not tries_at_once:
        scenario.set_clock(scenario.now + _NOBODY_CALLS)
    for _ in range(1 + number % 4 // 2):
        _start(scenario, pair)
    if is_sent_again and request:
        scenario.driver.send_payload(request)
        if "view" in request:
            pair.owner.wait_for_answer()  # nobody has clicked again before that
    elif tries_at_once:
        pair.do(action)
        scenario.set_clock(scenario.now + _NOBODY_CALLS)
    for _ in range(_TRIES):
        pair.wait_until_settled()
        if pair.said(action):
            break
        if action.button:
            pair.do(action)
    wait_until(lambda: pair.said(action), WAIT_LIMIT, f"{action} in the message of {pair.owner.name}")
    pair.wait_until_settled()
