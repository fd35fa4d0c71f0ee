"""The bot as a process: it starts in order, runs until it is told to stop, and stops in order."""

import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from types import FrameType

import structlog

from bailiff_bot.errors import BailiffError
from bailiff_bot.schedule import Schedule, Slots
from bailiff_bot.service import Bailiff
from bailiff_bot.slack.app import build_app, hand_over
from bailiff_bot.slack.conversation import Conversation
from bailiff_bot.slack.messenger import SlackMessenger
from bailiff_bot.slack.people import SlackRoster
from bailiff_bot.slack.socket import SocketClient, socket_for
from bailiff_bot.slack.web import failure
from bailiff_bot.snapshots import Snapshots

LISTENERS = 8
"""Threads that acknowledge."""
WORKERS = 8
"""Threads that answer."""
_DRAIN_SECONDS = 8.0
"""Docker kills after ten."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Bot:
    """Everything that runs in the process, built and not yet started."""

    bailiff: Bailiff
    snapshots: Snapshots
    roster: SlackRoster
    messenger: SlackMessenger
    app_token: str
    slots: Slots | None
    """When the digest is due; None: never, for want of a channel."""
    nudges: str

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT; raises SlackError when Slack cannot be reached at the start."""
        stop = threading.Event()
        _on_signal(stop)
        self.serve(stop)

    def serve(self, stop: threading.Event) -> None:
        """Serve until the event is set."""
        listeners = ThreadPoolExecutor(LISTENERS, thread_name_prefix="listener")
        workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="worker")
        later = partial(hand_over, workers)
        talk = Conversation(self.messenger.client, self.bailiff, self.roster, self.messenger, later)
        app = build_app(self.messenger.client, talk, listeners, workers)
        client = socket_for(app, self.app_token, on_strays=_warn_of_strays)
        schedule = Schedule(self.slots, partial(_wait_for, workers, self._digest)) if self.slots else None
        try:
            self._start(client, schedule)
            stop.wait()
        finally:
            log.info("stopping")
            if schedule:
                schedule.stop()
            # What is under way is finished while the socket still stands; what waits behind it is not begun.
            _drain(workers)
            client.close()
            listeners.shutdown(wait=False, cancel_futures=True)

    def _start(self, client: SocketClient, schedule: Schedule | None) -> None:
        connect(client)
        self.snapshots.renew()  # so that the first question finds an answer
        if schedule is None:
            log.warning("no digest will be sent: BAILIFF_CHANNEL is not set")
            log.info("ready", nudges=self.nudges)
            return
        self._check_channel()
        schedule.start()
        log.info("ready", nudges=self.nudges, next_digest=str(schedule.next_slot))

    def _check_channel(self) -> None:
        try:
            self.messenger.check()
        except BailiffError as error:
            log.error("the digest would not arrive, unless this is mended before it is due", reason=str(error))

    def _digest(self, slot: datetime) -> None:
        try:
            outcome = self.bailiff.digest(self.roster, self.messenger, self.nudges)
        except BailiffError as error:
            log.error("no digest was sent", slot=str(slot), reason=str(error))
            return
        except Exception:
            log.exception("no digest was sent, or not all of it, for a reason unforeseen", slot=str(slot))
            return
        for fault in outcome.faults:
            log.error("the digest is incomplete", slot=str(slot), reason=fault)
        owing, owners = outcome.digest.report.debts, len(outcome.digest.debts)
        log.info("digest sent", slot=str(slot), owing=owing, owners=owners, told=outcome.told)


def _wait_for(workers: ThreadPoolExecutor, digest: Callable[[datetime], None], slot: datetime) -> None:
    """Have the digest sent by a worker, so that it is drained like everything else that is under way."""
    workers.submit(digest, slot).result()


def _drain(workers: ThreadPoolExecutor) -> None:
    """Wait for what is under way, for as long as an orchestrator gives us before it kills us."""
    drained = threading.Thread(target=workers.shutdown, kwargs={"wait": True, "cancel_futures": True}, daemon=True)
    drained.start()
    drained.join(_DRAIN_SECONDS)
    if drained.is_alive():
        log.warning("gave up on what was still under way", seconds=_DRAIN_SECONDS)


def connect(client: SocketClient) -> None:
    """Open the Socket Mode connection; raises SlackError with the reason when that fails."""
    try:
        client.connect()
    except Exception as error:
        raise failure("apps_connections_open", error, client.web_client.base_url) from error


def _on_signal(stop: threading.Event) -> None:
    def ask_to_stop(number: int, _frame: FrameType | None) -> None:
        log.info("asked to stop", signal=signal.Signals(number).name)
        stop.set()

    signal.signal(signal.SIGTERM, ask_to_stop)
    signal.signal(signal.SIGINT, ask_to_stop)


def _warn_of_strays(connections: int) -> None:
    log.warning(
        "other processes are connected as this app, and take a share of the commands: stop those you forgot",
        connections=connections,
    )
