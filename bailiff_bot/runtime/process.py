"""The bot as a process: it starts in order, runs until it is told to stop, and stops in order."""

import signal
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import tzinfo
from functools import partial
from types import FrameType

import structlog
from slack_sdk import WebClient

from bailiff_bot.errors import BailiffError
from bailiff_bot.runtime.periodic import Duty
from bailiff_bot.runtime.schedule import Schedule
from bailiff_bot.slack.client.socket_mode import SocketClient, socket_for
from bailiff_bot.slack.client.users import SlackRoster
from bailiff_bot.slack.client.web import failure
from bailiff_bot.slack.handlers.app import build_app, hand_over
from bailiff_bot.slack.handlers.requests import Conversation
from bailiff_bot.usecases.reports import Bailiff
from bailiff_bot.usecases.snapshots import Snapshots

LISTENERS = 8
"""Threads that acknowledge."""
WORKERS = 8
"""Threads that answer."""
_LOOK_UP_SECONDS = 0.5
"""How often it is looked whether a signal came: one that comes right before a wait without end does not end it."""
_DRAIN_SECONDS = 8.0
"""Docker kills after ten. What is planned and not sent by then is sent after the next start."""

_GIVE_BACK_SECONDS = 1.0
"""For a database that is away: what is not given back is anybody's half a minute later."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Bot:
    """Everything that runs in the process, built and not yet started."""

    client: WebClient
    bailiff: Bailiff
    snapshots: Snapshots
    roster: SlackRoster
    duty: Duty
    app_token: str
    replicas: int
    """Bots that run side by side: more connections than that are strays."""
    stopping: threading.Event
    """Set to end everything that waits."""
    zone: tzinfo
    """In which people read when something was."""

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT; raises SlackError when Slack cannot be reached at the start."""
        _on_signal(self.stopping)
        self.serve()

    def serve(self) -> None:
        """Serve until `stopping` is set."""
        listeners = ThreadPoolExecutor(LISTENERS, thread_name_prefix="listener")
        workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="worker")
        later = partial(hand_over, workers)
        talk = Conversation(self.client, self.bailiff, self.roster, self.duty.digests, later, self.zone)
        app = build_app(self.client, talk, self.duty.digests.turns, listeners, workers)
        client = socket_for(app, self.app_token, expected=self.replicas, on_strays=_warn_of_strays)
        schedule = Schedule(self.duty.slots, partial(_wait_for, workers, self.duty.tend))
        try:
            self._start(client, schedule)
            while not self.stopping.wait(_LOOK_UP_SECONDS):
                pass
        finally:
            log.info("stopping")
            self.stopping.set()
            schedule.stop()
            # What is under way is finished while the socket still stands; what waits behind it is not begun.
            if not _ended(partial(workers.shutdown, wait=True, cancel_futures=True), _DRAIN_SECONDS):
                log.warning("gave up on what was still under way", seconds=_DRAIN_SECONDS)
            _ended(self.duty.digests.turns.give_back, _GIVE_BACK_SECONDS)
            client.close()
            listeners.shutdown(wait=False, cancel_futures=True)

    def _start(self, client: SocketClient, schedule: Schedule) -> None:
        seen = self.snapshots.latest
        if seen:
            self.bailiff.report()  # judged before anybody asks
        connect(client)
        self.snapshots.renew()  # so that the first question finds an answer that is fresh
        if self.duty.slots is None:
            log.warning("no digest will be sent: BAILIFF_CHANNEL is not set")
        else:
            self._check_channel()
        schedule.start()
        nudges, last_scan = self.duty.digests.nudges, str(seen.inventory.at) if seen else None
        log.info("ready", nudges=nudges, next_digest=str(schedule.next_slot), last_scan=last_scan)

    def _check_channel(self) -> None:
        try:
            self.duty.digests.channel()
        except BailiffError as error:
            log.error("the digest would not arrive, unless this is mended before it is due", reason=str(error))


def _wait_for(workers: ThreadPoolExecutor, tend: Callable[[], None]) -> None:
    """Have a worker tend to what is due, so that it is drained like everything else that is under way."""
    try:
        tended = workers.submit(tend)
    except RuntimeError:
        return  # they are shut down
    with suppress(CancelledError):
        tended.result()


def _ended(work: Callable[[], None], seconds: float) -> bool:
    """Do something in no more than its time, for an orchestrator gives us little before it kills us."""
    ending = threading.Thread(target=work, daemon=True)
    ending.start()
    ending.join(seconds)
    return not ending.is_alive()


def connect(client: SocketClient) -> None:
    """Open the Socket Mode connection; raises SlackError with the reason when that fails."""
    try:
        client.connect()
    except Exception as error:
        raise failure("apps_connections_open", error, client.web_client.base_url) from error


def _on_signal(stop: threading.Event) -> None:
    def ask_to_stop(number: int, _frame: FrameType | None) -> None:
        # In a thread: the one that the signal interrupts may hold the locks of the event, or of the log.
        threading.Thread(target=_ask_to_stop, args=(stop, signal.Signals(number).name), daemon=True).start()

    signal.signal(signal.SIGTERM, ask_to_stop)
    signal.signal(signal.SIGINT, ask_to_stop)


def _ask_to_stop(stop: threading.Event, name: str) -> None:
    log.info("asked to stop", signal=name)
    stop.set()


def _warn_of_strays(connections: int) -> None:
    log.warning(
        "other processes are connected as this app, and take a share of the commands: stop those you forgot",
        connections=connections,
    )
