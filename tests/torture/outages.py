"""The database goes away in the middle of a digest, or its disk is full; people ask; later it is well again."""

import re
import resource
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field

from bailiff_bot.sandbox.slack import RenderedMessage, UserDriver
from bailiff_bot.store.timeout_connection import SILENCE_TIMEOUT
from tests.torture import fixtures
from tests.torture.bot_main import SILENCE_VARIABLE
from tests.torture.checks import delivery_errors, messages_by_key, timeout_details, unsent_deliveries
from tests.torture.kills import POST
from tests.torture.processes import BotHandle, TimedOut, wait_until
from tests.torture.result_row import ResultRow
from tests.torture.scenario import WAIT_LIMIT, Harness, Scenario
from tests.torture.stops import wait_until_idle
from tests.torture.worker_pool import run_in_worker_pool

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
class DatabaseFault:
    """What happens to the database, and how long it takes a command to notice."""

    name: str
    active: Callable[[Scenario, BotHandle], AbstractContextManager[None]]
    answer_part: str
    """What a command is answered, in part."""
    postgres: bool = True


@contextmanager
def _stopped(scenario: Scenario, _bot: BotHandle) -> Iterator[None]:
    server = scenario.harness.postgres()
    server.shut_down()
    try:
        yield
    finally:
        server.start_again()


def _frozen(scenario: Scenario, _bot: BotHandle) -> AbstractContextManager[None]:
    return scenario.harness.postgres().frozen()


@contextmanager
def _full(scenario: Scenario, _bot: BotHandle) -> Iterator[None]:
    scenario.fill_disk(full=True)
    try:
        yield
    finally:
        scenario.fill_disk(full=False)


@contextmanager
def _limited(_world: Scenario, bot: BotHandle) -> Iterator[None]:
    resource.prlimit(bot.pid, resource.RLIMIT_FSIZE, (_ENOUGH, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        resource.prlimit(bot.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


STOPPED = DatabaseFault("PostgreSQL is stopped", _stopped, "does not answer")
FROZEN = DatabaseFault("PostgreSQL is frozen", _frozen, "does not answer")
FULL = DatabaseFault("SQLite has no room", _full, "has no room left", postgres=False)
UNWRITABLE = DatabaseFault("no file can grow", _limited, "cannot be read or written", postgres=False)
DATABASE_FAULTS = {trouble.name: trouble for trouble in (STOPPED, FROZEN, FULL, UNWRITABLE)}


def away(count: int, seconds: float = 30.0) -> ResultRow:
    """Take the database away for so long, so many times."""
    return _row(f"the database is away for {seconds:g} s", (STOPPED, FROZEN), count, seconds)


def full(count: int, seconds: float = 10.0) -> ResultRow:
    """Leave no room on the disk for so long, so many times."""
    return _row(f"the disk is full for {seconds:g} s", (FULL, UNWRITABLE), count, seconds)


def _row(what: str, troubles: tuple[DatabaseFault, ...], count: int, seconds: float) -> ResultRow:
    cases = [(trouble.name, seconds, number) for trouble in troubles for number in range(count)]
    # What befalls a server befalls all worlds on it.
    outcomes = run_in_worker_pool(run_outage, cases, scenarios=1)
    failures = tuple(line for outcome in outcomes for line in outcome.wrong)
    twice = sum(f": {kind}: " in line or f": {kind} (" in line for line in failures for kind in ("twice", "lost"))
    answers = [answer for outcome in outcomes for answer in outcome.answers]
    return ResultRow(
        title=f"{what}: {', or '.join(trouble.name for trouble in troubles)}",
        counts=f"{twice} twice or lost; {len(answers)} commands answered in one line",
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


def run_outage(harness: Harness, case: tuple[str, float, int], *, quick: bool = False) -> Outcome:
    """Let the database be in trouble during a digest, ask meanwhile, and return what is wrong when it is well again.

    A `quick` bot waits for PostgreSQL for a quarter of the time that it waits in service.
    """
    name, seconds, number = case
    trouble, posts = DATABASE_FAULTS[name], _MOMENTS[number % len(_MOMENTS)]
    wanted = harness.expected_messages()
    answers: list[Answer] = []
    settings = {SILENCE_VARIABLE: f"{SILENCE_TIMEOUT / 4:g}"} if quick else {}
    with _world(harness, trouble, quick=quick) as scenario:
        try:
            bot = scenario.start(settings=settings)
            _wait_for_posts(scenario, posts)
            screen = NewMessages(scenario.driver.user(fixtures.COMMAND_USERS[0].name))
            with trouble.active(scenario, bot):
                answers += _ask(screen, seconds)
            scenario.wait_for_digest()
            wait_until_idle(scenario)
            wrong = [
                *delivery_errors(messages_by_key(scenario), wanted),
                *unsent_deliveries(scenario),
                *_unexpected_answers(answers, trouble),
            ]
        except TimedOut as error:
            wrong = timeout_details(scenario, error)
    run = f"{name} after {posts} posts, run {number}"
    return Outcome(name, tuple(f"{run}: {line}" for line in wrong), tuple(answers))


def _unexpected_answers(answers: list[Answer], trouble: DatabaseFault) -> Iterator[str]:
    """Yield the answers that are neither one line on what is wrong nor a report that needs no more than to be read."""
    for answer in answers:
        report = answer.text.endswith(_READ) and not trouble.postgres
        if "\n" in answer.text or (trouble.answer_part not in answer.text and not report):
            yield f"answered after {answer.seconds:.1f} s with {answer.text!r}"


@contextmanager
def _world(harness: Harness, trouble: DatabaseFault, *, quick: bool) -> Iterator[Scenario]:
    with ExitStack() as opened:
        database = opened.enter_context(harness.postgres().database(short_timeouts=quick)) if trouble.postgres else ""
        scenario = opened.enter_context(harness.scenario(database=database))
        scenario.driver.inject_fault("slow", POST, times=None, seconds=0.1)
        yield scenario


def _wait_for_posts(scenario: Scenario, posts: int) -> None:
    if posts:
        wait_until(lambda: len(scenario.driver.calls(POST)) >= posts, WAIT_LIMIT, f"{posts} posts")
    else:
        wait_until(scenario.driver.connections, WAIT_LIMIT, "a connection")


def _ask(screen: "NewMessages", seconds: float) -> Iterator[Answer]:
    """Have somebody ask for the report again and again for so long, and press its button where it comes."""
    ends = time.monotonic() + seconds
    while (began := time.monotonic()) < ends:
        assert screen.person.run_command("/bailiff report").acknowledged
        answer = screen.wait_for_message("owe something", "did not work")
        yield Answer(answer.text, time.monotonic() - began)
        if "Full report" in answer.buttons:
            began = time.monotonic()
            screen.person.click(answer, "Full report")
            yield Answer(
                screen.wait_for_message("is in your conversation", "did not work").text, time.monotonic() - began
            )
        time.sleep(max(0.0, min(EVERY - (time.monotonic() - began), ends - time.monotonic())))


@dataclass(slots=True)
class NewMessages:
    """Somebody's conversation with the bot, read on from where it was read."""

    person: UserDriver
    returned: set[tuple[str, str]] = field(default_factory=set)

    def wait_for_message(self, *texts: str) -> RenderedMessage:
        """Wait for a message that has one of these in its text, and was not returned before."""
        found = wait_until(lambda: self._new(texts), WAIT_LIMIT, " or ".join(texts))
        self.returned.add((found.ts, found.text))
        return found

    def _new(self, texts: tuple[str, ...]) -> RenderedMessage | None:
        new = (one for one in self.person.visible_messages() if (one.ts, one.text) not in self.returned)
        return next((one for one in new if one.is_ephemeral and any(text in one.text for text in texts)), None)
