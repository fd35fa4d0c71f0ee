"""At most one message per key: any order of sending, lost answers, crashes, sleep and taking over, on real SQLite.

Three processes share a ledger and a Slack; time passes only when a step says so. A process that sleeps in mid-sending
wakes up after others had their turn, and after its lease.
"""

import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from structlog.testing import capture_logs

from bailiff_bot.domain.delivery import SETTLED, Delivery, Dispatch, Draft, Occasion, Part, Plan, State
from bailiff_bot.errors import Ambiguous, NotNow, Refused
from bailiff_bot.outbox.sender import Courier
from bailiff_bot.outbox.timing import Timing
from bailiff_bot.outbox.transport import Send, Sent
from bailiff_bot.store.store import Store, open_store
from tests.torture.result_row import Row

TIMING = Timing()
LONGEST_DELAY = 30
"""Seconds until Slack shows what it took."""
START = datetime(2026, 11, 24, 9, tzinfo=UTC)
FATES = ("ok", "late", "lost", "lost and late", "dropped", "busy", "unreachable", "dies before", "dies after", "sleeps")
"""What can become of a message on the wire."""
HOLDERS = ("a", "b", "c")


class Died(BaseException):
    """The process was killed."""


@dataclass
class Clock:
    """Stands until somebody waits."""

    at: datetime = START

    def __call__(self) -> datetime:
        return self.at

    def pause(self, seconds: float) -> bool:
        self.at += timedelta(seconds=max(seconds, 0.001))
        return False


@dataclass(frozen=True)
class Posted:
    """A message that Slack has."""

    key: str
    ts: str
    appears: datetime


@dataclass
class Slack:
    """What was posted, and what becomes of the next call."""

    clock: Clock
    posted: list[Posted] = field(default_factory=list)
    numbers: int = 0
    fate: str = "ok"
    delay: int = 0
    blind: bool = False
    """Whether nothing can be looked up."""
    meanwhile: Callable[[], None] = lambda: None
    """What others do while a process sleeps in mid-sending."""

    def take(self, key: str, delay: int) -> Sent:
        self.numbers += 1
        self.posted.append(Posted(key, str(self.numbers), self.clock.at + timedelta(seconds=delay)))
        return Sent("C1", str(self.numbers))

    def count(self, key: str) -> int:
        return sum(one.key == key for one in self.posted)


@dataclass(frozen=True)
class SlackCarrier:
    """Carries into it, as fate will have it."""

    slack: Slack

    def prepare(self, delivery: Delivery, _parent: Delivery | None) -> Send:
        return lambda: self._send(delivery.key)

    def _send(self, key: str) -> Sent:
        fate, delay = self.slack.fate, self.slack.delay
        self.slack.fate = "ok"  # the next call is another one
        if fate == "sleeps":
            self.slack.meanwhile()
            return self.slack.take(key, delay)
        if fate == "busy":
            raise NotNow("too many calls", "ratelimited", after=17)
        if fate == "unreachable":
            raise NotNow("connection refused", "unreachable")
        if fate == "dies before":
            raise Died
        if fate == "dropped":
            raise Ambiguous("no answer")
        sent = self.slack.take(key, delay if "late" in fate else 0)
        if fate == "dies after":
            raise Died
        if "lost" in fate:
            raise Ambiguous("no answer")
        return sent

    def find(self, delivery: Delivery, _parent: Delivery | None) -> tuple[Sent, ...]:
        if self.slack.blind:
            raise Ambiguous("Slack does not tell")
        seen = (one for one in self.slack.posted if one.key == delivery.key and one.appears <= self.slack.clock.at)
        return tuple(Sent("C1", one.ts) for one in seen)

    def edit(self, channel: str, ts: str, _payload: object) -> Sent:
        return Sent(channel, ts)

    def take_back(self, _delivery: Delivery, sent: Sent) -> None:
        kept = [one for one in self.slack.posted if one.ts != sent.ts]
        if len(kept) == len(self.slack.posted):
            raise Refused("no such message", "message_not_found")
        self.slack.posted[:] = kept


def drafts() -> tuple[Draft, ...]:
    """Return a digest of two replies and two owners."""
    thread = [(Part.PARENT, "C1", "parent"), (Part.REPLY, "C1", "tables 1"), (Part.FILE, "C1", "file")]
    nudges = [(Part.NUDGE, "U1", "nudge"), (Part.NUDGE, "U2", "nudge")]
    return tuple(Draft(part, who, name, name, {"name": name}) for part, who, name in (*thread, *nudges))


class Digest(RuleBasedStateMachine):
    """A digest that is sent by three processes, of which any may die, sleep or be overtaken at any time."""

    template: Path
    """A database with its tables."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="bailiff-")
        self.file = Path(self.folder.name) / "bailiff.sqlite"
        self.file.write_bytes(self.template.read_bytes())
        self.store: Store = open_store(f"sqlite:///{self.file}")
        self.clock = Clock()
        self.slack = Slack(self.clock)
        self.lives: Counter[str] = Counter()
        self.slept: set[str] = set()
        expires = START + timedelta(days=30)
        self.dispatch = Dispatch("d1", Occasion.SCHEDULED, "2026-11-24T09:00 UTC", "C1", START, expires, {})
        assert self.store.ledger.plan(Plan(self.dispatch, drafts()))

    def courier(self, holder: str) -> Courier:
        """Return a process; when one died the next of its name is another."""
        name = f"{holder}{self.lives[holder]}"
        return Courier(self.store.ledger, SlackCarrier(self.slack), name, self.clock, self.clock.pause, TIMING)

    def step(self, holder: str, number: int) -> None:
        """Let a process do what it would do with a delivery now; the thread and the owners wait for the parent."""
        parent, *rest = self.store.ledger.deliveries("d1")
        chosen = [parent, *rest][number] if parent.state is State.SENT else parent
        if chosen.state in SETTLED or chosen.ready > self.clock():
            return
        try:
            self.courier(holder).step(chosen, None if chosen is parent else parent, self.dispatch.expires)
        except Died:
            self.lives[holder] += 1

    @rule(holder=st.sampled_from(HOLDERS), number=st.integers(0, 4), fate=st.sampled_from(FATES[:-1]))
    def sends(self, holder: str, number: int, fate: str) -> None:
        self.slack.fate, self.slack.delay = fate, LONGEST_DELAY
        self.step(holder, number)
        self.slack.fate = "ok"

    @rule(
        number=st.integers(0, 4), fate=st.sampled_from(FATES[:-1]), hours=st.floats(0.0, 0.1), looks=st.integers(1, 3)
    )
    def sleeps_in_mid_sending(self, number: int, fate: str, hours: float, looks: int) -> None:
        """Process a sleeps with a message on its lips, longer than its lease, while b takes over."""
        parent, *rest = self.store.ledger.deliveries("d1")
        self.slept.add(([parent, *rest][number] if parent.state is State.SENT else parent).key)

        def meanwhile() -> None:
            self.clock.at += TIMING.lease
            for _ in range(looks):
                self.slack.fate = fate
                self.step("b", number)
                self.clock.at += timedelta(hours=hours)
            self.slack.fate, self.slack.delay = "ok", LONGEST_DELAY

        self.slack.fate, self.slack.meanwhile = "sleeps", meanwhile
        self.step("a", number)
        self.slack.fate = "ok"

    @rule(seconds=st.integers(1, 90))
    def time_passes(self, seconds: int) -> None:
        self.clock.at += timedelta(seconds=seconds)

    @precondition(lambda self: not self.slack.blind)
    @rule()
    def slack_tells_nothing(self) -> None:
        self.slack.blind = True

    @precondition(lambda self: self.slack.blind)
    @rule()
    def slack_tells_again(self) -> None:
        self.slack.blind = False

    @invariant()
    def what_is_settled_is_what_slack_has(self) -> None:
        for delivery in self.store.ledger.deliveries("d1"):
            there = [one.ts for one in self.slack.posted if one.key == delivery.key]
            if delivery.state is State.SENT:
                assert there == [delivery.ts]
            elif delivery.key not in self.slept:
                assert len(there) <= 1

    def teardown(self) -> None:
        """When everything is well again, everything has come, once."""
        try:
            self.slack.blind = False
            for _ in range(50):
                for number in range(5):
                    self.step("c", number)
                self.clock.at += TIMING.lease
            ended = self.store.ledger.deliveries("d1")
            assert {one.state for one in ended} == {State.SENT}
            assert sorted(one.ts for one in ended) == sorted(one.ts for one in self.slack.posted)
        finally:
            self.store.close()
            self.folder.cleanup()


def play(examples: int, steps: int) -> None:
    """Play so many games of so many steps; raises AssertionError with the shortest that goes wrong."""
    with tempfile.TemporaryDirectory(prefix="bailiff-") as folder:
        template = Path(folder) / "template.sqlite"
        open_store(f"sqlite:///{template}").close()
        game = type("Game", (Digest,), {"template": template})
        with capture_logs():
            run_state_machine_as_test(
                game,
                settings=settings(
                    max_examples=examples,
                    stateful_step_count=steps,
                    deadline=None,
                    derandomize=True,
                    suppress_health_check=list(HealthCheck),
                ),
            )


def run(examples: int = 500, steps: int = 50) -> Row:
    """Return the row of the table."""
    what = f"a state machine over claim, send, crash, sleep and reconcile, {examples} runs x {steps} steps"
    try:
        play(examples, steps)
    except AssertionError as error:
        return Row(what=what, shown="a key with two messages", runs=examples, failures=(str(error),))
    return Row(what=what, shown="at most one message per key", runs=examples)
