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

from bailiff_bot.domain.delivery import Dispatch, Draft, Occasion, Part, Plan, State
from bailiff_bot.outbox.sender import Courier
from bailiff_bot.sandbox.slack import Seen, SlackSandbox
from bailiff_bot.sandbox.slack.faults import FaultKind
from bailiff_bot.slack.client.transport import SlackCarrier
from bailiff_bot.slack.client.web import web_client
from bailiff_bot.store.deliveries import SqlLedger
from bailiff_bot.store.store import open_store
from tests.torture.result_row import Row

START = datetime(2026, 11, 24, 9, tzinfo=UTC)
LATEST = 30.0
"""Seconds after which Slack shows what it took."""
CHANNEL, READER, OWNER = "cloud-costs", "bill", "ada"
POINTS = {"parent": 0, "reply": 1, "file": 0, "nudge": 2}
"""Where an answer is lost, and how many calls of its method go well before."""
A_WORKSPACE = 40
"""Digests in one workspace, whose every message is looked at after each of them."""
FAULTS: tuple[FaultKind, ...] = ("drop_after", "drop_after", "late", "drop_before", "server_error", "html")


Game = tuple[str, str, FaultKind, float]
"""A slot, the point at which an answer is lost, how, and after how many seconds the post is shown."""


@dataclass
class Clock:
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
class World:
    """A Slack, and somebody who speaks in it."""

    slack: SlackSandbox
    courier: Courier
    channel: str
    owner: str

    def message(self, name: str) -> dict[str, object]:
        return {"text": name, "blocks": [], "plain": ""}

    def plan(self, slot: str) -> Dispatch:
        """Write a digest down that has a reply, a file and a nudge."""
        now = self.courier.clock()
        expires = now + timedelta(hours=3)
        dispatch = Dispatch(slot, Occasion.SCHEDULED, slot, self.channel, now, expires, {})
        drafts = (
            Draft(Part.PARENT, self.channel, "parent", "parent", self.message(f"{slot} parent")),
            Draft(Part.REPLY, self.channel, "reply", "reply", self.message(f"{slot} reply")),
            Draft(Part.FILE, self.channel, "file", "file", {"name": f"{slot}.csv", "content": "a,b\r\n"}),
            Draft(Part.NUDGE, self.owner, "nudge", "nudge", self.message(f"{slot} nudge")),
        )
        assert self.courier.ledger.plan(Plan(dispatch, drafts))
        return dispatch

    def loses(self, point: str, kind: FaultKind, seconds: float) -> None:
        """Let the answer at a point be lost."""
        driver = self.slack.driver
        method = "files.completeUploadExternal" if point == "file" else "chat.postMessage"
        if POINTS[point] and point != "nudge":
            driver.fault("slow", method, times=POINTS[point])
        where = OWNER if point == "nudge" else None
        driver.fault(kind, method, channel=where, seconds=seconds, status=503)

    def seen(self, slot: str) -> Counter[str]:
        """Return how often each message of a digest is to be seen, by what it says."""
        driver = self.slack.driver
        parents = [one for one in driver.user(READER).sees(CHANNEL) if one.text.startswith(slot)]
        thread = [reply for parent in parents for reply in driver.user(READER).sees(CHANNEL, thread=parent)[1:]]
        nudges = [one for one in driver.user(OWNER).sees("bailiff") if one.text.startswith(slot)]
        return Counter(name for one in (*parents, *thread, *nudges) for name in _names(one, slot))


def _names(message: Seen, slot: str) -> Iterator[str]:
    yield from (f"file {file.name}" for file in message.files)
    if message.text:
        yield message.text.removeprefix(slot).strip()


def run(count: int = 250) -> Row:
    """Return the row of the table: so many digests for each point."""
    chance = random.Random(5)  # noqa: S311 - the same games in every run
    games = [
        (f"{number:03} {point}", point, FAULTS[number % len(FAULTS)], chance.uniform(0.0, LATEST))
        for number, point in itertools.product(range(count), POINTS)
    ]
    failures = [failure for some in _batches(games) for failure in _played(some)]
    return Row(
        what=f"Slack drops the answer at {len(POINTS)} points x {count}, and shows posts up to {LATEST:g} s late",
        shown="0 twice, 0 lost" if not failures else f"{len(failures)} digests went wrong",
        runs=len(games),
        failures=tuple(failures),
        notes=(f"points: {', '.join(POINTS)}; faults: {', '.join(dict.fromkeys(FAULTS))}",),
    )


def _batches(games: Sequence[Game]) -> Iterator[Sequence[Game]]:
    return (games[start : start + A_WORKSPACE] for start in range(0, len(games), A_WORKSPACE))


def _played(games: Iterable[Game]) -> Iterator[str]:
    """Send some digests in a workspace of their own, and yield what went wrong."""
    clock = Clock()
    with (
        tempfile.TemporaryDirectory(prefix="bailiff-") as folder,
        open_store(f"sqlite:///{Path(folder) / 'bailiff.sqlite'}") as store,
        SlackSandbox(clock=clock.seconds) as slack,
        capture_logs(),
    ):
        world = _world(slack, store.ledger, clock)
        for slot, point, kind, seconds in games:
            if problem := _tried(world, slot, point, kind, seconds):
                yield f"{slot}, {kind}, shown after {seconds:.1f} s: {problem}"


def _world(slack: SlackSandbox, ledger: SqlLedger, clock: Clock) -> World:
    client = web_client(slack.bot_token, slack.api_url, patient=False)
    courier = Courier(ledger, SlackCarrier(client), "one", clock, clock.pause)
    channels = client.conversations_list()["channels"]
    channel = next(one["id"] for one in channels if one["name"] == CHANNEL)
    owner = next(one["id"] for one in client.users_list()["members"] if one["name"] == OWNER)
    return World(slack, courier, channel, owner)


def _tried(world: World, slot: str, point: str, kind: FaultKind, seconds: float) -> str:
    """Send one digest through a fault; return what is wrong with what came, empty if nothing is."""
    dispatch = world.plan(slot)
    world.loses(point, kind, seconds)
    deliveries = world.courier.deliver(dispatch, dispatch.expires)
    world.courier.pause(LATEST)
    waiting = world.slack.driver.faults()
    world.slack.driver.heal()
    seen = world.seen(slot)
    expected = Counter({"parent": 1, "reply": 1, f"file {slot}.csv": 1, "nudge": 1})
    states = {one.state for one in deliveries}
    if waiting:
        return f"the fault did not strike: {waiting}"
    return "" if seen == expected and states == {State.SENT} else f"{dict(seen)}, {sorted(states)}"
