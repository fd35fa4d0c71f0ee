"""At most one message per key, in any order of sends, lost answers, crashes, pauses and takeovers, on real SQLite.

Three processes share a delivery store and a Slack. Time passes only when a step says so. A process that is paused
while it sends continues after the others had their chance and after its lease has expired.
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
    BatchPlan,
    Delivery,
    DeliveryState,
    MessageKind,
    OutgoingMessage,
)
from bailiff_bot.errors import Ambiguous, NotAcceptedYet, Refused
from bailiff_bot.outbox.sender import OutboxSender
from bailiff_bot.outbox.timing import OutboxTiming
from bailiff_bot.outbox.transport import MessageRef, Send
from bailiff_bot.store.store import Store, store_at
from tests.torture.result_row import ResultRow

TIMING = OutboxTiming()
LONGEST_DELAY = 30
"""Seconds until Slack shows a message that it accepted."""
START = datetime(2026, 11, 24, 9, tzinfo=UTC)
SEND_OUTCOMES = (
    "ok",
    "late",
    "lost",
    "lost and late",
    "dropped",
    "busy",
    "unreachable",
    "killed before",
    "killed after",
    "paused",
)
"""What can happen to a message that is sent to Slack."""
HOLDERS = ("a", "b", "c")


class ProcessKilledError(BaseException):
    """The process was killed."""


@dataclass
class FakeClock:
    """Moves only when somebody waits."""

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
    """The messages that Slack has, and what happens to the next one that is sent."""

    clock: FakeClock
    posted: list[SlackMessage] = field(default_factory=list)
    accepted_count: int = 0
    outcome: str = "ok"
    delay: int = 0
    lookup_fails: bool = False
    """Whether every lookup fails."""
    during_pause: Callable[[], None] = lambda: None
    """What others do while a process is paused during a send."""

    def accept(self, key: str, delay: int) -> MessageRef:
        self.accepted_count += 1
        self.posted.append(SlackMessage(key, str(self.accepted_count), self.clock.at + timedelta(seconds=delay)))
        return MessageRef("C1", str(self.accepted_count))

    def count(self, key: str) -> int:
        return sum(one.key == key for one in self.posted)


@dataclass(frozen=True)
class FakeTransport:
    """Sends to the fake Slack, with the outcome that a step has set."""

    slack: FakeSlack

    def prepare(self, delivery: Delivery, _parent: Delivery | None) -> Send:
        return lambda: self._send(delivery.key)

    def _send(self, key: str) -> MessageRef:
        outcome, delay = self.slack.outcome, self.slack.delay
        self.slack.outcome = "ok"  # the outcome is for one call
        if outcome == "paused":
            self.slack.during_pause()
            return self.slack.accept(key, delay)
        if outcome == "busy":
            raise NotAcceptedYet("too many calls", "ratelimited", retry_after=17)
        if outcome == "unreachable":
            raise NotAcceptedYet("connection refused", "unreachable")
        if outcome == "killed before":
            raise ProcessKilledError
        if outcome == "dropped":
            raise Ambiguous("no answer")
        sent = self.slack.accept(key, delay if "late" in outcome else 0)
        if outcome == "killed after":
            raise ProcessKilledError
        if "lost" in outcome:
            raise Ambiguous("no answer")
        return sent

    def find(self, delivery: Delivery, _parent: Delivery | None) -> tuple[MessageRef, ...]:
        if self.slack.lookup_fails:
            raise Ambiguous("Slack cannot be asked")
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
    """Return the messages of a digest with two replies and two nudges."""
    thread = [
        (MessageKind.PARENT, "C1", "parent"),
        (MessageKind.REPLY, "C1", "tables 1"),
        (MessageKind.FILE, "C1", "file"),
    ]
    nudges = [(MessageKind.DIRECT, "U1", "nudge"), (MessageKind.DIRECT, "U2", "nudge")]
    return tuple(
        OutgoingMessage(kind, recipient, name, name, {"name": name}) for kind, recipient, name in (*thread, *nudges)
    )


class DigestStateMachine(RuleBasedStateMachine):
    """Three processes send a digest. Each may be killed, paused or overtaken at any time."""

    template: Path
    """An SQLite file that has the tables and no rows."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="bailiff-")
        self.file = Path(self.folder.name) / "bailiff.sqlite"
        self.file.write_bytes(self.template.read_bytes())
        self.store: Store = store_at(f"sqlite:///{self.file}")
        self.clock = FakeClock()
        self.slack = FakeSlack(self.clock)
        self.restarts: Counter[str] = Counter()
        self.paused_keys: set[str] = set()
        expires = START + timedelta(days=30)
        self.batch = Batch("d1", "scheduled", "2026-11-24T09:00 UTC", "C1", START, expires, {})
        assert self.store.deliveries.save_plan(BatchPlan(self.batch, outgoing_messages()))

    def sender(self, holder: str) -> OutboxSender:
        """Return the sender of a process. A process that was killed comes back under another name."""
        name = f"{holder}{self.restarts[holder]}"
        return OutboxSender(
            self.store.deliveries, FakeTransport(self.slack), name, self.clock, self.clock.pause, TIMING
        )

    def step(self, holder: str, number: int) -> None:
        """Let a process attempt a delivery. Until the parent is sent, it attempts the parent instead."""
        parent, *rest = self.store.deliveries.deliveries("d1")
        chosen = [parent, *rest][number] if parent.state is DeliveryState.SENT else parent
        if chosen.state in SETTLED or chosen.available_at > self.clock():
            return
        try:
            self.sender(holder).attempt_delivery(chosen, None if chosen is parent else parent, self.batch.expires_at)
        except ProcessKilledError:
            self.restarts[holder] += 1

    @rule(holder=st.sampled_from(HOLDERS), number=st.integers(0, 4), outcome=st.sampled_from(SEND_OUTCOMES[:-1]))
    def send(self, holder: str, number: int, outcome: str) -> None:
        self.slack.outcome, self.slack.delay = outcome, LONGEST_DELAY
        self.step(holder, number)
        self.slack.outcome = "ok"

    @rule(
        number=st.integers(0, 4),
        outcome=st.sampled_from(SEND_OUTCOMES[:-1]),
        hours=st.floats(0.0, 0.1),
        retries=st.integers(1, 3),
    )
    def pause_while_sending(self, number: int, outcome: str, hours: float, retries: int) -> None:
        """Process a is paused while it sends, for longer than its lease, and b takes over."""
        parent, *rest = self.store.deliveries.deliveries("d1")
        self.paused_keys.add(([parent, *rest][number] if parent.state is DeliveryState.SENT else parent).key)

        def take_over() -> None:
            self.clock.at += TIMING.lease
            for _ in range(retries):
                self.slack.outcome = outcome
                self.step("b", number)
                self.clock.at += timedelta(hours=hours)
            self.slack.outcome, self.slack.delay = "ok", LONGEST_DELAY

        self.slack.outcome, self.slack.during_pause = "paused", take_over
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
            copies = [one.ts for one in self.slack.posted if one.key == delivery.key]
            if delivery.state is DeliveryState.SENT:
                assert copies == [delivery.ts]
            elif delivery.key not in self.paused_keys:
                assert len(copies) <= 1

    def teardown(self) -> None:
        """Once no fault is left, every message must be in Slack exactly once."""
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
    """Run `examples` sequences of `steps` steps. Raises AssertionError with the shortest that fails."""
    with tempfile.TemporaryDirectory(prefix="bailiff-") as folder:
        template = Path(folder) / "template.sqlite"
        store_at(f"sqlite:///{template}").open().close()
        machine = type("Machine", (DigestStateMachine,), {"template": template})
        with capture_logs():
            run_state_machine_as_test(
                machine,
                settings=settings(
                    max_examples=examples,
                    stateful_step_count=steps,
                    deadline=None,
                    derandomize=True,
                    suppress_health_check=list(HealthCheck),
                ),
            )


def run(examples: int = 500, steps: int = 50) -> ResultRow:
    """Run the state machine, and return the row of the table."""
    what = f"a state machine over claim, send, crash, sleep and reconcile, {examples} runs x {steps} steps"
    try:
        run_state_machine(examples, steps)
    except AssertionError as error:
        return ResultRow(title=what, counts="a key with two messages", runs=examples, failures=(str(error),))
    return ResultRow(title=what, counts="at most one message per key", runs=examples)
