"""Five bots look at an AWS that is slow, five people have asked each of them, and a sixth types a command."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from bailiff_bot.sandbox.slack import Outcome
from tests.torture import fixtures
from tests.torture.processes import TooLong, until
from tests.torture.result_row import Row
from tests.torture.scenario import PATIENCE, Theatre, World

SCANS = 5
LIMIT = 1.0
"""Seconds within which a command is acknowledged; Slack waits for three."""
_LOOKING = "Looking at every region for the first time"


def run(count: int) -> Row:
    """Ask so many times while five scans run."""
    with Theatre() as theatre:
        return asked(theatre, count)


def asked(theatre: Theatre, count: int) -> Row:
    """Ask so many times while five scans run."""
    outcomes: list[Outcome] = []
    failures: list[str] = []
    for number in range(count):
        try:
            outcomes += _asked(theatre)
        except TooLong as error:
            failures.append(f"run {number}: {error}")
    worst = max((one.seconds for one in outcomes), default=0.0)
    late = [one for one in outcomes if not one.acknowledged or one.seconds >= LIMIT]
    return Row(
        what=f"a command arriving while {SCANS} scans run, in bots whom five people have asked",
        shown=f"acknowledged in {worst:.3f} s at worst",
        runs=len(outcomes),
        failures=(*failures, *(f"acknowledged: {one.acknowledged}, after {one.seconds:.3f} s" for one in late)),
    )


def _asked(theatre: Theatre) -> list[Outcome]:
    """Return how the commands were acknowledged: five in each bot, and the sixth."""
    with ExitStack() as opened:
        opened.callback(theatre.aws.heal)
        theatre.aws.slow(fixtures.REGION, seconds=4.0)
        worlds = [opened.enter_context(theatre.world()) for _ in range(SCANS)]
        people = opened.enter_context(ThreadPoolExecutor(SCANS * len(fixtures.ASKERS)))
        for world in worlds:
            world.start()
        for world in worlds:
            until(world.driver.connections, PATIENCE, "a connection")
        first = [people.submit(_type, world, person.name) for world in worlds for person in fixtures.ASKERS[:-1]]
        outcomes = [one.result() for one in first]
        sixth = [people.submit(_type, world, fixtures.ASKERS[-1].name) for world in worlds]
        outcomes += [one.result() for one in sixth]
        for world in worlds:
            _check_waiting(world)
        return outcomes


def _type(world: World, who: str) -> Outcome:
    return world.driver.user(who).types("/bailiff report")


def _check_waiting(world: World) -> None:
    """See that the scan still ran when the sixth had asked: whoever asks then is asked to wait."""
    sixth = world.driver.user(fixtures.ASKERS[-1].name)
    until(lambda: [one for one in sixth.sees() if _LOOKING in one.text], PATIENCE, "a word that a scan is running")
