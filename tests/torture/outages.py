"""The database is unavailable, or its disk is full, in the middle of a digest. People send commands meanwhile."""

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

COMMAND_INTERVAL = 3.0
"""Seconds between two commands of one person while the database is unavailable."""
_DATABASE_ADDRESS = re.compile(r"The database \S+")
_COMPLETE_ANSWER_ENDINGS = ("just now.", "with every table and a CSV.")
"""How answers end that need the database only for reading, and a report that could be saved in spite of the fault."""
_POSTS_BEFORE_OUTAGE = (0, 1, 3, 8, 20)
"""Posts after which the outage begins: before the digest, after its parent, within the thread, among the nudges."""
_FILE_SIZE_LIMIT = 100_000
"""Bytes to which a file may grow: more than the log's size, and less than the database's."""


@dataclass(frozen=True, slots=True)
class DatabaseFault:
    """What happens to the database, and what a command is answered then."""

    name: str
    active: Callable[[Scenario, BotHandle], AbstractContextManager[None]]
    answer_part: str
    """A part of the answer to a command."""
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
def _file_size_limited(_scenario: Scenario, bot: BotHandle) -> Iterator[None]:
    resource.prlimit(bot.pid, resource.RLIMIT_FSIZE, (_FILE_SIZE_LIMIT, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        resource.prlimit(bot.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


STOPPED = DatabaseFault("PostgreSQL is stopped", _stopped, "does not answer")
FROZEN = DatabaseFault("PostgreSQL is frozen", _frozen, "does not answer")
FULL = DatabaseFault("SQLite has no room", _full, "has no space left", postgres=False)
UNWRITABLE = DatabaseFault("no file can grow", _file_size_limited, "cannot be read or written", postgres=False)
DATABASE_FAULTS = {fault.name: fault for fault in (STOPPED, FROZEN, FULL, UNWRITABLE)}


def away(count: int, seconds: float = 30.0) -> ResultRow:
    """Stop or freeze PostgreSQL for `seconds`, `count` times."""
    return _row(f"the database is away for {seconds:g} s", (STOPPED, FROZEN), count, seconds)


def full(count: int, seconds: float = 10.0) -> ResultRow:
    """Leave SQLite no room on the disk for `seconds`, `count` times."""
    return _row(f"the disk is full for {seconds:g} s", (FULL, UNWRITABLE), count, seconds)


def _row(what: str, faults: tuple[DatabaseFault, ...], count: int, seconds: float) -> ResultRow:
    cases = [(fault.name, seconds, number) for fault in faults for number in range(count)]
    # A fault of the server affects every scenario on it, so there is one at a time.
    outcomes = run_in_worker_pool(run_outage, cases, scenarios=1)
    failures = tuple(line for outcome in outcomes for line in outcome.wrong)
    twice = sum(f": {kind}: " in line or f": {kind} (" in line for line in failures for kind in ("twice", "lost"))
    answers = [answer for outcome in outcomes for answer in outcome.answers]
    return ResultRow(
        title=f"{what}: {', or '.join(fault.name for fault in faults)}",
        counts=f"{twice} twice or lost; {len(answers)} commands answered in one line",
        runs=len(cases),
        failures=failures,
        notes=tuple(_answer_note(fault.name, outcomes) for fault in faults),
    )


def _answer_note(name: str, outcomes: list["Outcome"]) -> str:
    """Return the most frequent answers during a fault, and the longest time until an answer."""
    answers = [one for outcome in outcomes if outcome.fault_name == name for one in outcome.answers]
    texts = Counter(_DATABASE_ADDRESS.sub("The database ...", answer.text) for answer in answers)
    longest = max((answer.seconds for answer in answers), default=0.0)
    summary = "; ".join(f"{times} x {text!r}" for text, times in texts.most_common(3))
    return f"{name}: answered after {longest:.1f} s at most: {summary}"


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a command or a click."""

    text: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a run."""

    fault_name: str
    wrong: tuple[str, ...]
    answers: tuple[Answer, ...]


def run_outage(harness: Harness, case: tuple[str, float, int], *, short_timeouts: bool = False) -> Outcome:
    """Make the database fail during a digest, send commands meanwhile, and return what is wrong after it recovers.

    With `short_timeouts`, the bot waits for PostgreSQL for a quarter of the usual time.
    """
    name, seconds, number = case
    fault, posts = DATABASE_FAULTS[name], _POSTS_BEFORE_OUTAGE[number % len(_POSTS_BEFORE_OUTAGE)]
    expected = harness.expected_messages()
    answers: list[Answer] = []
    settings = {SILENCE_VARIABLE: f"{SILENCE_TIMEOUT / 4:g}"} if short_timeouts else {}
    with _scenario_with_slow_posts(harness, fault, quick=short_timeouts) as scenario:
        try:
            bot = scenario.start(settings=settings)
            _wait_for_posts(scenario, posts)
            messages = NewMessages(scenario.driver.user(fixtures.COMMAND_USERS[0].name))
            with fault.active(scenario, bot):
                answers += _ask(messages, seconds)
            scenario.wait_for_digest()
            wait_until_idle(scenario)
            wrong = [
                *delivery_errors(messages_by_key(scenario), expected),
                *unsent_deliveries(scenario),
                *_unexpected_answers(answers, fault),
            ]
        except TimedOut as error:
            wrong = timeout_details(scenario, error)
    run = f"{name} after {posts} posts, run {number}"
    return Outcome(name, tuple(f"{run}: {line}" for line in wrong), tuple(answers))


def _unexpected_answers(answers: list[Answer], fault: DatabaseFault) -> Iterator[str]:
    """Yield a line for each answer that is neither one line about the fault nor a report that could still be read."""
    for answer in answers:
        report = answer.text.endswith(_COMPLETE_ANSWER_ENDINGS) and not fault.postgres
        if "\n" in answer.text or (fault.answer_part not in answer.text and not report):
            yield f"answered after {answer.seconds:.1f} s with {answer.text!r}"


@contextmanager
def _scenario_with_slow_posts(harness: Harness, fault: DatabaseFault, *, quick: bool) -> Iterator[Scenario]:
    with ExitStack() as opened:
        database = opened.enter_context(harness.postgres().database(short_timeouts=quick)) if fault.postgres else ""
        scenario = opened.enter_context(harness.scenario(database=database))
        scenario.driver.inject_fault("slow", POST, times=None, seconds=0.1)
        yield scenario


def _wait_for_posts(scenario: Scenario, posts: int) -> None:
    if posts:
        wait_until(lambda: len(scenario.driver.calls(POST)) >= posts, WAIT_LIMIT, f"{posts} posts")
    else:
        wait_until(scenario.driver.connections, WAIT_LIMIT, "a connection")


def _ask(messages: "NewMessages", seconds: float) -> Iterator[Answer]:
    """Ask for the report again and again for `seconds`, and click its button whenever it comes."""
    ends = time.monotonic() + seconds
    while (began := time.monotonic()) < ends:
        assert messages.user.run_command("/bailiff report").acknowledged
        answer = messages.wait_for_message("break a rule", "did not work")
        yield Answer(answer.text, time.monotonic() - began)
        if "Full report" in answer.buttons:
            began = time.monotonic()
            messages.user.click(answer, "Full report")
            yield Answer(
                messages.wait_for_message("is in your conversation", "did not work").text, time.monotonic() - began
            )
        time.sleep(max(0.0, min(COMMAND_INTERVAL - (time.monotonic() - began), ends - time.monotonic())))


@dataclass(slots=True)
class NewMessages:
    """The messages of a user's conversation with the bot that were not returned before."""

    user: UserDriver
    returned: set[tuple[str, str]] = field(default_factory=set)

    def wait_for_message(self, *texts: str) -> RenderedMessage:
        """Wait for a new message whose text contains one of `texts`, and return it."""
        found = wait_until(lambda: self._new(texts), WAIT_LIMIT, " or ".join(texts))
        self.returned.add((found.ts, found.text))
        return found

    def _new(self, texts: tuple[str, ...]) -> RenderedMessage | None:
        new = (one for one in self.user.visible_messages() if (one.ts, one.text) not in self.returned)
        return next((one for one in new if one.is_ephemeral and any(text in one.text for text in texts)), None)
