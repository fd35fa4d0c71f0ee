"""Slack loses answers, and shows posts up to 30 s late. Each message must still arrive exactly once.

The real sender, transport and store talk over HTTP to the sandbox's Slack. All of them use one clock. It moves only
when somebody waits, so a minute of waiting takes no time.
"""

import itertools
import random
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from structlog.testing import capture_logs

from bailiff_bot.domain.delivery import Batch, BatchPlan, DeliveryState, MessageKind, OutgoingMessage
from bailiff_bot.outbox.sender import OutboxSender
from bailiff_bot.sandbox.slack import RenderedMessage, SlackSandbox
from bailiff_bot.sandbox.slack.faults import FaultKind
from bailiff_bot.slack.client.transport import SlackTransport
from bailiff_bot.slack.client.web import web_client
from bailiff_bot.store.delivery_store import SqlDeliveryStore
from bailiff_bot.store.store import store_at
from tests.fakes.clock import FakeClock
from tests.torture.result_row import ResultRow

START = datetime(2026, 11, 24, 9, tzinfo=UTC)
LONGEST_DELAY = 30.0
"""Seconds until Slack shows a post that it accepted."""
CHANNEL, READER, OWNER = "cloud-costs", "bill", "ada"
LOSS_POINTS = {"parent": 0, "reply": 1, "file": 0, "nudge": 2}
"""Where an answer is lost, and how many calls of the same method succeed before it."""
DIGESTS_PER_WORKSPACE = 40
"""Digests in one workspace. After each digest, every message of the workspace is read."""
FAULTS: tuple[FaultKind, ...] = ("drop_after", "drop_after", "late", "drop_before", "server_error", "html")


LostAnswerCase = tuple[str, str, FaultKind, float]
"""The slot, the point at which an answer is lost, how it is lost, and the seconds until Slack shows the post."""


@dataclass(frozen=True)
class DeliveryScenario:
    """A workspace, and a sender that posts in it."""

    slack: SlackSandbox
    sender: OutboxSender
    delivery_store: SqlDeliveryStore
    channel: str
    owner: str

    def message(self, name: str) -> dict[str, object]:
        return {"text": name, "blocks": [], "plain": ""}

    def plan(self, slot: str) -> Batch:
        """Save the plan of a digest with a reply, a file and a nudge, and return its batch."""
        now = self.sender.clock()
        expires = now + timedelta(hours=3)
        batch = Batch(slot, "scheduled", slot, self.channel, now, expires, {})
        messages = (
            OutgoingMessage(MessageKind.PARENT, self.channel, "parent", "parent", self.message(f"{slot} parent")),
            OutgoingMessage(MessageKind.REPLY, self.channel, "reply", "reply", self.message(f"{slot} reply")),
            OutgoingMessage(
                MessageKind.FILE, self.channel, "file", "file", {"name": f"{slot}.csv", "content": "a,b\r\n"}
            ),
            OutgoingMessage(MessageKind.DIRECT, self.owner, "nudge", "nudge", self.message(f"{slot} nudge")),
        )
        assert self.delivery_store.save_plan(BatchPlan(batch, messages))
        return batch

    def lose_answer(self, point: str, kind: FaultKind, seconds: float) -> None:
        """Make Slack lose its answer at a point."""
        driver = self.slack.driver
        method = "files.completeUploadExternal" if point == "file" else "chat.postMessage"
        if LOSS_POINTS[point] and point != "nudge":
            driver.inject_fault("slow", method, times=LOSS_POINTS[point])
        where = OWNER if point == "nudge" else None
        driver.inject_fault(kind, method, channel=where, seconds=seconds, status=503)

    def visible_messages(self, slot: str) -> Counter[str]:
        """Return how often Slack shows each message of a digest, by the message's text."""
        driver = self.slack.driver
        parents = [one for one in driver.user(READER).visible_messages(CHANNEL) if one.text.startswith(slot)]
        thread = [
            reply for parent in parents for reply in driver.user(READER).visible_messages(CHANNEL, thread=parent)[1:]
        ]
        nudges = [one for one in driver.user(OWNER).visible_messages("bailiff") if one.text.startswith(slot)]
        return Counter(name for one in (*parents, *thread, *nudges) for name in _message_names(one, slot))


def _message_names(message: RenderedMessage, slot: str) -> Iterator[str]:
    yield from (f"file {file.name}" for file in message.files)
    if message.text:
        yield message.text.removeprefix(slot).strip()


def run(count: int = 250) -> ResultRow:
    """Send `count` digests for each point, and return the row of the table."""
    chance = random.Random(5)  # noqa: S311 - the same cases in every run
    cases = [
        (f"{number:03} {point}", point, FAULTS[number % len(FAULTS)], chance.uniform(0.0, LONGEST_DELAY))
        for number, point in itertools.product(range(count), LOSS_POINTS)
    ]
    failures = [failure for batch in _batches(cases) for failure in _run_batch(batch)]
    return ResultRow(
        title=f"Slack drops the answer at {len(LOSS_POINTS)} points x {count}, "
        f"and shows posts up to {LONGEST_DELAY:g} s late",
        counts="0 twice, 0 lost" if not failures else f"{len(failures)} digests went wrong",
        runs=len(cases),
        failures=tuple(failures),
        notes=(f"points: {', '.join(LOSS_POINTS)}; faults: {', '.join(dict.fromkeys(FAULTS))}",),
    )


def _batches(cases: Sequence[LostAnswerCase]) -> Iterator[Sequence[LostAnswerCase]]:
    return (cases[start : start + DIGESTS_PER_WORKSPACE] for start in range(0, len(cases), DIGESTS_PER_WORKSPACE))


def _run_batch(cases: Iterable[LostAnswerCase]) -> Iterator[str]:
    """Send some digests in a new workspace, and yield what went wrong."""
    clock = FakeClock(START)
    with (
        tempfile.TemporaryDirectory(prefix="bailiff-") as folder,
        store_at(f"sqlite:///{Path(folder) / 'bailiff.sqlite'}") as store,
        SlackSandbox(clock=lambda: clock().timestamp()) as slack,
        capture_logs(),
    ):
        scenario = _scenario(slack, store.deliveries, clock)
        for slot, point, kind, seconds in cases:
            if problem := _run_case(scenario, slot, point, kind, seconds):
                yield f"{slot}, {kind}, shown after {seconds:.1f} s: {problem}"


def _scenario(slack: SlackSandbox, delivery_store: SqlDeliveryStore, clock: FakeClock) -> DeliveryScenario:
    client = web_client(slack.bot_token, slack.api_url, 10.0, retry_rate_limits=False)
    sender = OutboxSender(delivery_store, SlackTransport(client), "one", clock, clock.pause)
    channels = client.conversations_list()["channels"]
    channel = next(one["id"] for one in channels if one["name"] == CHANNEL)
    owner = next(one["id"] for one in client.users_list()["members"] if one["name"] == OWNER)
    return DeliveryScenario(slack, sender, delivery_store, channel, owner)


def _run_case(scenario: DeliveryScenario, slot: str, point: str, kind: FaultKind, seconds: float) -> str:
    """Send one digest while a fault is active. Return what is wrong with its messages, or an empty string."""
    batch = scenario.plan(slot)
    scenario.lose_answer(point, kind, seconds)
    deliveries = scenario.sender.send_batch(batch, batch.expires_at)
    scenario.sender.pause(LONGEST_DELAY)
    untriggered = scenario.slack.driver.pending_faults()
    scenario.slack.driver.clear_faults()
    visible = scenario.visible_messages(slot)
    expected = Counter({"parent": 1, "reply": 1, f"file {slot}.csv": 1, "nudge": 1})
    states = {one.state for one in deliveries}
    if untriggered:
        return f"the fault did not strike: {untriggered}"
    return "" if visible == expected and states == {DeliveryState.SENT} else f"{dict(visible)}, {sorted(states)}"
