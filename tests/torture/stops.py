"""SIGSTOP of a sender in `sending`; another takes over, and the first wakes. On PostgreSQL, as replicas are."""

import signal
import time
from dataclasses import dataclass

from tests.torture.bot_main import TIMING
from tests.torture.checks import ailing, picture, problems, unsettled
from tests.torture.hooks import Hook
from tests.torture.kills import CALLS, Call, struck
from tests.torture.processes import Process, TooLong, until
from tests.torture.result_row import Row
from tests.torture.scenario import PATIENCE, Theatre, World
from tests.torture.worker_pool import crew

_KEYS = {"parent": "/parent/", "tables": "/tables ", "owners": "/owners/", "nudge": "/nudge/", "": "/file/"}
_SENT = tuple(call for call in CALLS if call.method in {"chat.postMessage", "files.completeUploadExternal"})
_TWO = {"BAILIFF_REPLICAS": "2"}
_QUIET = (TIMING.call + TIMING.settle + TIMING.retry).total_seconds() + 0.6
"""Seconds without a call after which a bot has nothing more to do: it never pauses for longer."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When a sender is stopped."""

    call: Call
    when: str
    """`before` the request, and then it is stamped already; `slow`: while Slack has it and has not done it, `held`:
    while Slack has done it and has not answered."""

    def __str__(self) -> str:
        return f"{self.when} {self.call}"


MOMENTS = tuple(Moment(call, when) for call in _SENT for when in ("before", "slow", "held"))


def run(count: int, moments: tuple[Moment, ...] = MOMENTS) -> Row:
    """Stop a sender so many times at each moment."""
    cases = [(moment, number) for number in range(count) for moment in moments]
    outcomes = crew(stopped, cases)
    failures = tuple(line for outcome in outcomes for line in outcome.wrong)
    back = sum(outcome.taken_back for outcome in outcomes)
    twice = sum("twice" in line for line in failures)
    return Row(
        what="a sender is stopped (SIGSTOP) in `sending`, another takes over, the first wakes",
        shown=f"{twice} twice, {sum('lost' in line for line in failures)} lost ({back} messages taken back)",
        runs=len(cases),
        failures=failures,
        notes=(f"Stopped {count} times each: {'; '.join(map(str, moments))}.",),
    )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run."""

    wrong: tuple[str, ...]
    taken_back: int


def stopped(theatre: Theatre, case: tuple[Moment, int]) -> Outcome:
    """Stop a sender, start another, wake the first, and return what is wrong then."""
    moment, number = case
    wanted = theatre.reference()
    with theatre.server().database() as database, theatre.world(database=database) as world:
        try:
            first = _stop(world, moment, number)
            world.start(settings=_TWO)
            if number % 3 == 2:  # it wakes while the other is at it
                time.sleep(TIMING.lease.total_seconds() + number % 10 * 0.05)
            else:
                world.wait_finished()
            first.send(signal.SIGCONT)
            world.wait_finished()
            quiet(world)
        except TooLong as error:
            wrong = ailing(world, error)
        else:
            wrong = [*problems(picture(world), wanted), *unsettled(world)]
        back = len(world.driver.calls("chat.delete")) + len(world.driver.calls("files.delete"))
    return Outcome(tuple(f"{moment}, run {number}: {line}" for line in wrong), back)


def _stop(world: World, moment: Moment, number: int) -> Process:
    call = moment.call
    turn = number * 7 % call.times
    if moment.when == "before":
        bot = world.start(Hook("carrier.send", "before", _KEYS[call.what], 1 + turn, "STOP"), settings=_TWO)
        until(lambda: bot.stopped, PATIENCE, str(moment))
        return bot
    bot = struck(world, call, moment.when, turn, _TWO)
    bot.send(signal.SIGSTOP)
    return bot


def quiet(world: World) -> None:
    """Wait until no bot has said anything to Slack for a while."""
    before = -1
    while before != (before := len(world.driver.calls())):
        time.sleep(_QUIET)
