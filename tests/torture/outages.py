"""The database goes away in the middle of a digest, or its disk is full; people ask; later it is well again."""

import re
import resource
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field

from bailiff_bot.sandbox.slack import Person, Seen
from bailiff_bot.store.timeout_connection import SILENCE
from tests.torture import fixtures
from tests.torture.bot_main import SILENT
from tests.torture.checks import ailing, picture, problems, unsettled
from tests.torture.kills import POST
from tests.torture.processes import Process, TooLong, until
from tests.torture.result_row import Row
from tests.torture.scenario import PATIENCE, Theatre, World
from tests.torture.stops import quiet
from tests.torture.worker_pool import crew

EVERY = 3.0
"""Seconds between two commands of one person while the database is away."""
_PLACE = re.compile(r"The database \S+")
_READ = ("just now.", "with every table and a CSV.")
"""How answers end that need no more than to be read, and a report for which there was room after all."""
_MOMENTS = (0, 1, 3, 8, 20)
"""Posts after which the database goes: before the digest, after its parent, within the thread, among the nudges."""
_ENOUGH = 100_000
"""Bytes to which a file may grow: more than the log has, and less than the database."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What happens to the database, and how long it takes a command to notice."""

    name: str
    befalling: Callable[[World, Process], AbstractContextManager[None]]
    says: str
    """What a command is answered, in part."""
    postgres: bool = True


@contextmanager
def _stopped(world: World, _bot: Process) -> Iterator[None]:
    server = world.theatre.server()
    server.halt()
    try:
        yield
    finally:
        server.go_on()


def _frozen(world: World, _bot: Process) -> AbstractContextManager[None]:
    return world.theatre.server().frozen()


@contextmanager
def _full(world: World, _bot: Process) -> Iterator[None]:
    world.fill_disk(full=True)
    try:
        yield
    finally:
        world.fill_disk(full=False)


@contextmanager
def _limited(_world: World, bot: Process) -> Iterator[None]:
    resource.prlimit(bot.pid, resource.RLIMIT_FSIZE, (_ENOUGH, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        resource.prlimit(bot.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


STOPPED = Trouble("PostgreSQL is stopped", _stopped, "does not answer")
FROZEN = Trouble("PostgreSQL is frozen", _frozen, "does not answer")
FULL = Trouble("SQLite has no room", _full, "has no room left", postgres=False)
UNWRITABLE = Trouble("no file can grow", _limited, "cannot be read or written", postgres=False)
TROUBLES = {trouble.name: trouble for trouble in (STOPPED, FROZEN, FULL, UNWRITABLE)}


def away(count: int, seconds: float = 30.0) -> Row:
    """Take the database away for so long, so many times."""
    return _row(f"the database is away for {seconds:g} s", (STOPPED, FROZEN), count, seconds)


def full(count: int, seconds: float = 10.0) -> Row:
    """Leave no room on the disk for so long, so many times."""
    return _row(f"the disk is full for {seconds:g} s", (FULL, UNWRITABLE), count, seconds)


def _row(what: str, troubles: tuple[Trouble, ...], count: int, seconds: float) -> Row:
    cases = [(trouble.name, seconds, number) for trouble in troubles for number in range(count)]
    # What befalls a server befalls all worlds on it.
    outcomes = crew(gone, cases, worlds=1)
    failures = tuple(line for outcome in outcomes for line in outcome.wrong)
    twice = sum(f": {kind}: " in line or f": {kind} (" in line for line in failures for kind in ("twice", "lost"))
    answers = [answer for outcome in outcomes for answer in outcome.answers]
    return Row(
        what=f"{what}: {', or '.join(trouble.name for trouble in troubles)}",
        shown=f"{twice} twice or lost; {len(answers)} commands answered in one line",
        runs=len(cases),
        failures=failures,
        notes=tuple(_said(trouble.name, outcomes) for trouble in troubles),
    )


def _said(name: str, outcomes: list["Outcome"]) -> str:
    """Return what people were answered meanwhile, most often, and how long they waited for it at most."""
    mine = [one for outcome in outcomes if outcome.trouble == name for one in outcome.answers]
    texts = Counter(_PLACE.sub("The database ...", answer.text) for answer in mine)
    most = max((answer.seconds for answer in mine), default=0.0)
    said = "; ".join(f"{times} x {text!r}" for text, times in texts.most_common(3))
    return f"{name}: answered after {most:.1f} s at most: {said}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody who asked was told."""

    text: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run."""

    trouble: str
    wrong: tuple[str, ...]
    answers: tuple[Answer, ...]


def gone(theatre: Theatre, case: tuple[str, float, int], *, quick: bool = False) -> Outcome:
    """Let the database be in trouble during a digest, ask meanwhile, and return what is wrong when it is well again.

    A `quick` bot waits for PostgreSQL for a quarter of the time that it waits in service.
    """
    name, seconds, number = case
    trouble, posts = TROUBLES[name], _MOMENTS[number % len(_MOMENTS)]
    wanted = theatre.reference()
    answers: list[Answer] = []
    settings = {SILENT: f"{SILENCE / 4:g}"} if quick else {}
    with _world(theatre, trouble, quick=quick) as world:
        try:
            bot = world.start(settings=settings)
            _wait_for_posts(world, posts)
            screen = Screen(world.driver.user(fixtures.ASKERS[0].name))
            with trouble.befalling(world, bot):
                answers += _ask(screen, seconds)
            world.wait_finished()
            quiet(world)
            wrong = [*problems(picture(world), wanted), *unsettled(world), *_unsaid(answers, trouble)]
        except TooLong as error:
            wrong = ailing(world, error)
    run = f"{name} after {posts} posts, run {number}"
    return Outcome(name, tuple(f"{run}: {line}" for line in wrong), tuple(answers))


def _unsaid(answers: list[Answer], trouble: Trouble) -> Iterator[str]:
    """Yield the answers that are neither one line on what is wrong nor a report that needs no more than to be read."""
    for answer in answers:
        report = answer.text.endswith(_READ) and not trouble.postgres
        if "\n" in answer.text or (trouble.says not in answer.text and not report):
            yield f"answered after {answer.seconds:.1f} s with {answer.text!r}"


@contextmanager
def _world(theatre: Theatre, trouble: Trouble, *, quick: bool) -> Iterator[World]:
    with ExitStack() as opened:
        database = opened.enter_context(theatre.server().database(quick=quick)) if trouble.postgres else ""
        world = opened.enter_context(theatre.world(database=database))
        world.driver.fault("slow", POST, times=None, seconds=0.1)
        yield world


def _wait_for_posts(world: World, posts: int) -> None:
    if posts:
        until(lambda: len(world.driver.calls(POST)) >= posts, PATIENCE, f"{posts} posts")
    else:
        until(world.driver.connections, PATIENCE, "a connection")


def _ask(screen: "Screen", seconds: float) -> Iterator[Answer]:
    """Have somebody ask for the report again and again for so long, and press its button where it comes."""
    ends = time.monotonic() + seconds
    while (began := time.monotonic()) < ends:
        assert screen.person.types("/bailiff report").acknowledged
        answer = screen.next("owe something", "did not work")
        yield Answer(answer.text, time.monotonic() - began)
        if "Full report" in answer.buttons:
            began = time.monotonic()
            screen.person.clicks(answer, "Full report")
            yield Answer(screen.next("is in your conversation", "did not work").text, time.monotonic() - began)
        time.sleep(max(0.0, min(EVERY - (time.monotonic() - began), ends - time.monotonic())))


@dataclass(slots=True)
class Screen:
    """Somebody's conversation with the bot, read on from where it was read."""

    person: Person
    read: set[tuple[str, str]] = field(default_factory=set)

    def next(self, *texts: str) -> Seen:
        """Wait for a message that has one of these in its text, and was not returned before."""
        found = until(lambda: self._new(texts), PATIENCE, " or ".join(texts))
        self.read.add((found.ts, found.text))
        return found

    def _new(self, texts: tuple[str, ...]) -> Seen | None:
        new = (one for one in self.person.sees() if (one.ts, one.text) not in self.read)
        return next((one for one in new if one.is_ephemeral and any(text in one.text for text in texts)), None)
