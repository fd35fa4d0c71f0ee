"""kill -9 of the real bot at every write of a digest with 20 owners, in its database and in Slack; then a new start."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bailiff_bot.sandbox.slack.faults import FaultKind
from tests.torture import fixtures
from tests.torture.checks import ailing, picture, problems, unsettled
from tests.torture.hooks import Hook
from tests.torture.processes import Process, TooLong, until
from tests.torture.result_row import Row, broken
from tests.torture.scenario import NONE, PATIENCE, Theatre, World
from tests.torture.worker_pool import crew

TABLES = 3
"""Messages that the cast's tables fill."""
DELIVERIES = 3 + TABLES + len(fixtures.OWNERS)
_SLOW, _HELD = 0.4, 3.0
"""Seconds until Slack does what it was asked, and until it answers what it did; the second outlasts any patience."""


@dataclass(frozen=True, slots=True)
class Write:
    """A write of the bot's into its database."""

    where: str
    which: str = ""
    times: int = 1
    """How many there are of it in a digest: the runs take turns among them."""

    def __str__(self) -> str:
        return f"{self.where} {self.which.strip('/ ')}".strip()


@dataclass(frozen=True, slots=True)
class Call:
    """A call of Slack's that writes."""

    what: str
    method: str
    first: int = 0
    """How many calls of the method there are in the channel before it."""
    times: int = 1
    """How many there are of it."""
    private: bool = False
    """In the conversations of the owners, who take turns."""

    def __str__(self) -> str:
        return f"{self.method} {self.what}".strip()


@dataclass(frozen=True, slots=True)
class Boundary:
    """A moment at which the bot is killed."""

    write: Write | Call
    when: str
    """`before` or `after` a write; a fault's kind for a call: `slow`, `drop_before`, `held`."""

    def __str__(self) -> str:
        return f"{self.when} {self.write}"


WRITES = (
    Write("schedules.since"),
    Write("leases.take", "scan"),
    Write("album.watch"),
    Write("album.keep"),
    Write("leases.release", "scan"),
    Write("leases.take", "digest"),
    Write("people.remember"),
    Write("ledger.plan"),
    Write("leases.release", "digest"),
    Write("ledger.reserve", times=DELIVERIES),
    Write("ledger.take", times=DELIVERIES),
    Write("ledger.stamp", times=DELIVERIES),
    Write("ledger.settle", "/parent/"),
    Write("ledger.settle", "/tables ", TABLES),
    Write("ledger.settle", "/owners/"),
    Write("ledger.settle", "/file/"),
    Write("ledger.settle", "/nudge/", len(fixtures.OWNERS)),
    Write("ledger.finish"),
    Write("retention.prune"),
)
POST = "chat.postMessage"
CALLS = (
    Call("parent", POST),
    Call("tables", POST, 1, TABLES),
    Call("owners", POST, 1 + TABLES),
    Call("nudge", POST, times=len(fixtures.OWNERS), private=True),
    Call("", "files.getUploadURLExternal"),
    Call("", "upload"),
    Call("", "files.completeUploadExternal"),
    Call("last word", "chat.update"),
)
BOUNDARIES = (
    *(Boundary(write, when) for write in WRITES for when in ("before", "after")),
    *(Boundary(call, kind) for call in CALLS for kind in ("slow", "drop_before", "held")),
)


def run(count: int, boundaries: Iterable[Boundary] = BOUNDARIES) -> Row:
    """Kill the bot so many times at each boundary."""
    chosen = tuple(boundaries)
    cases = [(boundary, number) for number in range(count) for boundary in chosen]
    found = [line for lines in crew(killed, cases) for line in lines]
    return Row(
        what=f"kill -9 of the real bot at every write boundary of a digest with {len(fixtures.OWNERS)} owners",
        shown=f"{len(cases) - broken(found):,} of {len(cases):,} times one digest, one nudge an owner, whole threads",
        runs=len(cases),
        failures=tuple(found),
        notes=(f"{len(chosen)} boundaries, {count} kills at each: {'; '.join(map(str, chosen))}.",),
    )


def killed(theatre: Theatre, case: tuple[Boundary, int]) -> list[str]:
    """Kill a bot at a boundary, start another, and return what is wrong afterwards, a line each."""
    boundary, number = case
    wanted = theatre.reference()
    with theatre.world() as world:
        try:
            _kill(world, boundary, number)
            if number % 5 == 4:  # and once more, somewhere
                again = world.start()
                time.sleep(0.1 + number % 8 * 0.15)
                again.kill()
            world.start(fork=number % 25 != 24)
            world.wait_finished()
        except TooLong as error:
            wrong = ailing(world, error)
        else:
            wrong = [*problems(picture(world), wanted), *unsettled(world)]
    return [f"{boundary}, run {number}: {line}" for line in wrong]


def _kill(world: World, boundary: Boundary, number: int) -> None:
    write = boundary.write
    turn = number * 7 % write.times
    if isinstance(write, Write):
        hook = Hook(write.where, boundary.when, write.which, 1 + turn)
        world.start(hook).wait(PATIENCE)
        return
    bot = struck(world, write, boundary.when, turn)
    bot.kill()


def struck(world: World, call: Call, kind: Any, turn: int, settings: Mapping[str, str] = NONE) -> Process:
    """Start a bot, and return it when a fault strikes its call."""
    kind_: FaultKind = kind
    where = fixtures.OWNERS[turn] if call.private else fixtures.CHANNEL.name if call.method == POST else None
    passing = 0 if call.private else call.first + turn
    if passing:
        world.driver.fault("slow", call.method, channel=where, times=passing)
    seconds = {"slow": _SLOW, "held": _HELD}.get(kind, 0.0)
    world.driver.fault(kind_, call.method, channel=where, seconds=seconds)
    world.start(settings=settings)
    until(lambda: world.revived() and not world.driver.faults(), PATIENCE, f"{call} under {kind}")
    return world.bots[-1]
