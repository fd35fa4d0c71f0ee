"""Slack loses answers, and shows what it took up to 30 s late: each message comes once all the same.

The real courier, its carrier and a store, over HTTP to the sandbox's Slack; all of them go by one clock, which stands
until somebody waits, so that a minute of waiting costs nothing.
"""

import itertools
import random
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock

from structlog.testing import capture_logs

from bailiff_bot.domain.delivery import Batch, BatchKind, BatchPlan, DeliveryState, MessageKind, OutgoingMessage
from bailiff_bot.outbox.sender import OutboxSender
from bailiff_bot.sandbox.slack import RenderedMessage, SlackSandbox
from bailiff_bot.sandbox.slack.faults import FaultKind
from bailiff_bot.slack.client.transport import SlackTransport
from bailiff_bot.slack.client.web import web_client
from bailiff_bot.store.deliveries import SqlDeliveryStore
from bailiff_bot.store.store import open_store
from tests.torture.result_row import ResultRow

START = datetime(2026, 11, 24, 9, tzinfo=UTC)
LATEST = 30.0
"""Seconds after which Slack shows what it took."""
CHANNEL, READER, OWNER = "cloud-costs", "bill", "ada"
POINTS = {"parent": 0, "reply": 1, "file": 0, "nudge": 2}
"""Where an answer is lost, and how many calls of its method go well before."""
DIGESTS_PER_WORKSPACE = 40
"""Digests in one workspace, whose every message is looked at after each of them."""
FAULTS: tuple[FaultKind, ...] = ("drop_after", "drop_after", "late", "drop_before", "server_error", "html")


LostAnswerCase = tuple[str, str, FaultKind, float]
"""A slot, the point at which an answer is lost, how, and after how many seconds the post is shown."""


@dataclass
class FakeClock:
    """Stands until somebody waits."""

    at: datetime = START
    lock: Lock = field(default_factory=Lock)

    def __call__(self) -> datetime:
        return self.at

    def seconds(self) -> float:
        """Return the instant as Slack counts it."""
        return self.at.timestamp()

    def pause(self, seconds: float) -> bool:
        with self.lock:
            self.at += timedelta(seconds=seconds)
        return False


@dataclass(frozen=True)
class DeliveryScenario:
    """A Slack, and somebody who speaks in it."""

    slack: SlackSandbox
    sender: OutboxSender
    channel: str
    owner: str

    def message(self, name: str) -> dict[str, object]:
        return {"text": name, "blocks": [], "plain": ""}

    def plan(self, slot: str) -> Batch:
        """Write a digest down that has a reply, a file and a nudge."""
        now = self.sender.clock()
        expires = now + timedelta(hours=3)
        batch = Batch(slot, BatchKind.SCHEDULED, slot, self.channel, now, expires, {})
        messages = (
            OutgoingMessage(MessageKind.PARENT, self.channel, "parent", "parent", self.message(f"{slot} parent")),
            OutgoingMessage(MessageKind.REPLY, self.channel, "reply", "reply", self.message(f"{slot} reply")),
            OutgoingMessage(
                MessageKind.FILE, self.channel, "file", "file", {"name": f"{slot}.csv", "content": "a,b\r\n"}
            ),
            OutgoingMessage(MessageKind.NUDGE, self.owner, "nudge", "nudge", self.message(f"{slot} nudge")),
        )
        assert self.sender.store.save_plan(BatchPlan(batch, messages))
        return batch

    def lose_answer(self, point: str, kind: FaultKind, seconds: float) -> None:
        """Let the answer at a point be lost."""
        driver = self.slack.driver
        method = "files.completeUploadExternal" if point == "file" else "chat.postMessage"
        if POINTS[point] and point != "nudge":
            driver.inject_fault("slow", method, times=POINTS[point])
        where = OWNER if point == "nudge" else None
        driver.inject_fault(kind, method, channel=where, seconds=seconds, status=503)

    def visible_messages(self, slot: str) -> Counter[str]:
        """Return how often each message of a digest is to be seen, by what it says."""
        driver = self.slack.driver
        parents = [one for one in driver.user(READER).visible_messages(CHANNEL) if one.text.startswith(slot)]
        thread = [
            reply for parent in parents for reply in driver.user(READER).visible_messages(CHANNEL, thread=parent)[1:]
        ]
        nudges = [one for one in driver.user(OWNER).visible_messages("bailiff") if one.text.startswith(slot)]
        return Counter(name for one in (*parents, *thread, *nudges) for name in _names(one, slot))


def _names(message: RenderedMessage, slot: str) -> Iterator[str]:
    yield from (f"file {file.name}" for file in message.files)
    if message.text:
        yield message.text.removeprefix(slot).strip()


def run(count: int = 250) -> ResultRow:
    """Return the row of the table: so many digests for each point."""
    chance = random.Random(5)  # noqa: S311 - the same games in every run
    games = [
        (f"{number:03} {point}", point, FAULTS[number % len(FAULTS)], chance.uniform(0.0, LATEST))
        for number, point in itertools.product(range(count), POINTS)
    ]
    failures = [failure for some in _batches(games) for failure in _played(some)]
    return ResultRow(
        title=f"Slack drops the answer at {len(POINTS)} points x {count}, and shows posts up to {LATEST:g} s late",
        counts="0 twice, 0 lost" if not failures else f"{len(failures)} digests went wrong",
        runs=len(games),
        failures=tuple(failures),
        notes=(f"points: {', '.join(POINTS)}; faults: {', '.join(dict.fromkeys(FAULTS))}",),
    )


def _batches(games: Sequence[LostAnswerCase]) -> Iterator[Sequence[LostAnswerCase]]:
    return (games[start : start + DIGESTS_PER_WORKSPACE] for start in range(0, len(games), DIGESTS_PER_WORKSPACE))


def _played(games: Iterable[LostAnswerCase]) -> Iterator[str]:
    """Send some digests in a workspace of their own, and yield what went wrong."""
    clock = FakeClock()
    with (
        tempfile.TemporaryDirectory(prefix="bailiff-") as folder,
        open_store(f"sqlite:///{Path(folder) / 'bailiff.sqlite'}") as store,
        SlackSandbox(clock=clock.seconds) as slack,
        capture_logs(),
    ):
        scenario = _scenario(slack, store.deliveries, clock)
        for slot, point, kind, seconds in games:
            if problem := _tried(scenario, slot, point, kind, seconds):
                yield f"{slot}, {kind}, shown after {seconds:.1f} s: {problem}"


def _scenario(slack: SlackSandbox, delivery_store: SqlDeliveryStore, clock: FakeClock) -> DeliveryScenario:
    client = web_client(slack.bot_token, slack.api_url, retry_rate_limits=False)
    sender = OutboxSender(delivery_store, SlackTransport(client), "one", clock, clock.pause)
    channels = client.conversations_list()["channels"]
    channel = next(one["id"] for one in channels if one["name"] == CHANNEL)
    owner = next(one["id"] for one in client.users_list()["members"] if one["name"] == OWNER)
    return DeliveryScenario(slack, sender, channel, owner)


def _tried(scenario: DeliveryScenario, slot: str, point: str, kind: FaultKind, seconds: float) -> str:
    """Send one digest through a fault; return what is wrong with what came, empty if nothing is."""
    batch = scenario.plan(slot)
    scenario.lose_answer(point, kind, seconds)
    deliveries = scenario.sender.send_batch(batch, batch.expires_at)
    scenario.sender.pause(LATEST)
    waiting = scenario.slack.driver.pending_faults()
    scenario.slack.driver.clear_faults()
    seen = scenario.visible_messages(slot)
    expected = Counter({"parent": 1, "reply": 1, f"file {slot}.csv": 1, "nudge": 1})
    states = {one.state for one in deliveries}
    if waiting:
        return f"the fault did not strike: {waiting}"
    return "" if seen == expected and states == {DeliveryState.SENT} else f"{dict(seen)}, {sorted(states)}"
