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

from bailiff_bot.domain.delivery import (
    SETTLED,
    Batch,
    BatchKind,
    BatchPlan,
    Delivery,
    DeliveryState,
    MessageKind,
    OutgoingMessage,
)
from bailiff_bot.errors import Ambiguous, NotAcceptedYet, Refused
from bailiff_bot.outbox.sender import OutboxSender
from bailiff_bot.outbox.timing import Timing
from bailiff_bot.outbox.transport import MessageRef, Send
from bailiff_bot.store.store import Store, open_store
from tests.torture.result_row import ResultRow

TIMING = Timing()
LONGEST_DELAY = 30
"""Seconds until Slack shows what it took."""
START = datetime(2026, 11, 24, 9, tzinfo=UTC)
WIRE_OUTCOMES = (
    "ok",
    "late",
    "lost",
    "lost and late",
    "dropped",
    "busy",
    "unreachable",
    "dies before",
    "dies after",
    "sleeps",
)
"""What can become of a message on the wire."""
HOLDERS = ("a", "b", "c")


class ProcessKilledError(BaseException):
    """The process was killed."""


@dataclass
class FakeClock:
    """Stands until somebody waits."""

    at: datetime = START

    def __call__(self) -> datetime:
        return self.at

    def pause(self, seconds: float) -> bool:
        self.at += timedelta(seconds=max(seconds, 0.001))
        return False


@dataclass(frozen=True)
class SlackMessage:
    """A message that Slack has."""

    key: str
    ts: str
    appears: datetime


@dataclass
class FakeSlack:
    """What was posted, and what becomes of the next call."""

    clock: FakeClock
    posted: list[SlackMessage] = field(default_factory=list)
    numbers: int = 0
    outcome: str = "ok"
    delay: int = 0
    lookup_fails: bool = False
    """Whether nothing can be looked up."""
    meanwhile: Callable[[], None] = lambda: None
    """What others do while a process sleeps in mid-sending."""

    def accept(self, key: str, delay: int) -> MessageRef:
        self.numbers += 1
        self.posted.append(SlackMessage(key, str(self.numbers), self.clock.at + timedelta(seconds=delay)))
        return MessageRef("C1", str(self.numbers))

    def count(self, key: str) -> int:
        return sum(one.key == key for one in self.posted)


@dataclass(frozen=True)
class FakeTransport:
    """Carries into it, as fate will have it."""

    slack: FakeSlack

    def prepare(self, delivery: Delivery, _parent: Delivery | None) -> Send:
        return lambda: self._send(delivery.key)

    def _send(self, key: str) -> MessageRef:
        fate, delay = self.slack.outcome, self.slack.delay
        self.slack.outcome = "ok"  # the next call is another one
        if fate == "sleeps":
            self.slack.meanwhile()
            return self.slack.accept(key, delay)
        if fate == "busy":
            raise NotAcceptedYet("too many calls", "ratelimited", retry_after=17)
        if fate == "unreachable":
            raise NotAcceptedYet("connection refused", "unreachable")
        if fate == "dies before":
            raise ProcessKilledError
        if fate == "dropped":
            raise Ambiguous("no answer")
        sent = self.slack.accept(key, delay if "late" in fate else 0)
        if fate == "dies after":
            raise ProcessKilledError
        if "lost" in fate:
            raise Ambiguous("no answer")
        return sent

    def find(self, delivery: Delivery, _parent: Delivery | None) -> tuple[MessageRef, ...]:
        if self.slack.lookup_fails:
            raise Ambiguous("Slack does not tell")
        seen = (one for one in self.slack.posted if one.key == delivery.key and one.appears <= self.slack.clock.at)
        return tuple(MessageRef("C1", one.ts) for one in seen)

    def edit(self, channel: str, ts: str, _payload: object) -> MessageRef:
        return MessageRef(channel, ts)

    def delete(self, _delivery: Delivery, message: MessageRef) -> None:
        kept = [one for one in self.slack.posted if one.ts != message.ts]
        if len(kept) == len(self.slack.posted):
            raise Refused("no such message", "message_not_found")
        self.slack.posted[:] = kept


def outgoing_messages() -> tuple[OutgoingMessage, ...]:
    """Return a digest of two replies and two owners."""
    thread = [
        (MessageKind.PARENT, "C1", "parent"),
        (MessageKind.REPLY, "C1", "tables 1"),
        (MessageKind.FILE, "C1", "file"),
    ]
    nudges = [(MessageKind.NUDGE, "U1", "nudge"), (MessageKind.NUDGE, "U2", "nudge")]
    return tuple(OutgoingMessage(part, who, name, name, {"name": name}) for part, who, name in (*thread, *nudges))


class DigestStateMachine(RuleBasedStateMachine):
    """A digest that is sent by three processes, of which any may die, sleep or be overtaken at any time."""

    template: Path
    """A database with its tables."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="bailiff-")
        self.file = Path(self.folder.name) / "bailiff.sqlite"
        self.file.write_bytes(self.template.read_bytes())
        self.store: Store = open_store(f"sqlite:///{self.file}")
        self.clock = FakeClock()
        self.slack = FakeSlack(self.clock)
        self.restarts: Counter[str] = Counter()
        self.paused_keys: set[str] = set()
        expires = START + timedelta(days=30)
        self.dispatch = Batch("d1", BatchKind.SCHEDULED, "2026-11-24T09:00 UTC", "C1", START, expires, {})
        assert self.store.deliveries.save_plan(BatchPlan(self.dispatch, outgoing_messages()))

    def sender(self, holder: str) -> OutboxSender:
        """Return a process; when one died the next of its name is another."""
        name = f"{holder}{self.restarts[holder]}"
        return OutboxSender(
            self.store.deliveries, FakeTransport(self.slack), name, self.clock, self.clock.pause, TIMING
        )

    def step(self, holder: str, number: int) -> None:
        """Let a process do what it would do with a delivery now; the thread and the owners wait for the parent."""
        parent, *rest = self.store.deliveries.deliveries("d1")
        chosen = [parent, *rest][number] if parent.state is DeliveryState.SENT else parent
        if chosen.state in SETTLED or chosen.available_at > self.clock():
            return
        try:
            self.sender(holder).attempt_delivery(chosen, None if chosen is parent else parent, self.dispatch.expires_at)
        except ProcessKilledError:
            self.restarts[holder] += 1

    @rule(holder=st.sampled_from(HOLDERS), number=st.integers(0, 4), outcome=st.sampled_from(WIRE_OUTCOMES[:-1]))
    def send(self, holder: str, number: int, outcome: str) -> None:
        self.slack.outcome, self.slack.delay = outcome, LONGEST_DELAY
        self.step(holder, number)
        self.slack.outcome = "ok"

    @rule(
        number=st.integers(0, 4),
        outcome=st.sampled_from(WIRE_OUTCOMES[:-1]),
        hours=st.floats(0.0, 0.1),
        retries=st.integers(1, 3),
    )
    def pause_while_sending(self, number: int, outcome: str, hours: float, retries: int) -> None:
        """Process a sleeps with a message on its lips, longer than its lease, while b takes over."""
        parent, *rest = self.store.deliveries.deliveries("d1")
        self.paused_keys.add(([parent, *rest][number] if parent.state is DeliveryState.SENT else parent).key)

        def meanwhile() -> None:
            self.clock.at += TIMING.lease
            for _ in range(retries):
                self.slack.outcome = outcome
                self.step("b", number)
                self.clock.at += timedelta(hours=hours)
            self.slack.outcome, self.slack.delay = "ok", LONGEST_DELAY

        self.slack.outcome, self.slack.meanwhile = "sleeps", meanwhile
        self.step("a", number)
        self.slack.outcome = "ok"

    @rule(seconds=st.integers(1, 90))
    def time_passes(self, seconds: int) -> None:
        self.clock.at += timedelta(seconds=seconds)

    @precondition(lambda self: not self.slack.lookup_fails)
    @rule()
    def lookups_fail(self) -> None:
        self.slack.lookup_fails = True

    @precondition(lambda self: self.slack.lookup_fails)
    @rule()
    def lookups_work_again(self) -> None:
        self.slack.lookup_fails = False

    @invariant()
    def settled_deliveries_match_slack(self) -> None:
        for delivery in self.store.deliveries.deliveries("d1"):
            there = [one.ts for one in self.slack.posted if one.key == delivery.key]
            if delivery.state is DeliveryState.SENT:
                assert there == [delivery.ts]
            elif delivery.key not in self.paused_keys:
                assert len(there) <= 1

    def teardown(self) -> None:
        """When everything is well again, everything has come, once."""
        try:
            self.slack.lookup_fails = False
            for _ in range(50):
                for number in range(5):
                    self.step("c", number)
                self.clock.at += TIMING.lease
            ended = self.store.deliveries.deliveries("d1")
            assert {one.state for one in ended} == {DeliveryState.SENT}
            assert sorted(one.ts for one in ended) == sorted(one.ts for one in self.slack.posted)
        finally:
            self.store.close()
            self.folder.cleanup()


def run_state_machine(examples: int, steps: int) -> None:
    """Play so many games of so many steps; raises AssertionError with the shortest that goes wrong."""
    with tempfile.TemporaryDirectory(prefix="bailiff-") as folder:
        template = Path(folder) / "template.sqlite"
        open_store(f"sqlite:///{template}").close()
        game = type("Game", (DigestStateMachine,), {"template": template})
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


def run(examples: int = 500, steps: int = 50) -> ResultRow:
    """Return the row of the table."""
    what = f"a state machine over claim, send, crash, sleep and reconcile, {examples} runs x {steps} steps"
    try:
        run_state_machine(examples, steps)
    except AssertionError as error:
        return ResultRow(title=what, counts="a key with two messages", runs=examples, failures=(str(error),))
    return ResultRow(title=what, counts="at most one message per key", runs=examples)
