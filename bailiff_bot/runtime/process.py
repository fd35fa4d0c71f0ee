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
from bailiff_bot.runtime.periodic import PeriodicWork
from bailiff_bot.runtime.schedule import Scheduler
from bailiff_bot.slack.client.socket_mode import SocketClient, socket_client
from bailiff_bot.slack.client.users import SlackUsers
from bailiff_bot.slack.client.web import slack_error
from bailiff_bot.slack.handlers.app import answer_in_background, build_app
from bailiff_bot.slack.handlers.requests import RequestHandlers
from bailiff_bot.usecases.reports import Reports
from bailiff_bot.usecases.snapshots import Snapshots

LISTENER_THREADS = 8
"""Threads that acknowledge."""
WORKER_THREADS = 8
"""Threads that answer."""
_SIGNAL_POLL_SECONDS = 0.5
"""How often it is looked whether a signal came: one that comes right before a wait without end does not end it."""
_DRAIN_SECONDS = 8.0
"""Docker kills after ten. What is planned and not sent by then is sent after the next start."""

_RELEASE_SECONDS = 1.0
"""For a database that is away: what is not given back is anybody's half a minute later."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class BotProcess:
    """Everything that runs in the process, built and not yet started."""

    client: WebClient
    reports: Reports
    snapshots: Snapshots
    users: SlackUsers
    periodic_work: PeriodicWork
    app_token: str
    replicas: int
    """Bots that run side by side: more connections than that are strays."""
    stopping: threading.Event
    """Set to end everything that waits."""
    zone: tzinfo
    """In which people read when something was."""

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT; raises SlackError when Slack cannot be reached at the start."""
        _stop_on_signal(self.stopping)
        self.serve()

    def serve(self) -> None:
        """Serve until `stopping` is set."""
        listeners = ThreadPoolExecutor(LISTENER_THREADS, thread_name_prefix="listener")
        workers = ThreadPoolExecutor(WORKER_THREADS, thread_name_prefix="worker")
        later = partial(answer_in_background, workers)
        talk = RequestHandlers(self.client, self.reports, self.users, self.periodic_work.digests, later, self.zone)
        app = build_app(self.client, talk, self.periodic_work.digests.leases, listeners, workers)
        client = socket_client(
            app,
            self.app_token,
            expected_connections=self.replicas,
            on_unexpected_connections=_warn_of_unexpected_connections,
        )
        schedule = Scheduler(self.periodic_work.slots, partial(_run_in_worker, workers, self.periodic_work.run_due))
        try:
            self._start(client, schedule)
            while not self.stopping.wait(_SIGNAL_POLL_SECONDS):
                pass
        finally:
            log.info("bot.stopping")
            self.stopping.set()
            schedule.stop()
            # What is under way is finished while the socket still stands; what waits behind it is not begun.
            if not _finishes_within(partial(workers.shutdown, wait=True, cancel_futures=True), _DRAIN_SECONDS):
                log.warning("shutdown.timed_out", seconds=_DRAIN_SECONDS)
            _finishes_within(self.periodic_work.digests.leases.release_all, _RELEASE_SECONDS)
            client.close()
            listeners.shutdown(wait=False, cancel_futures=True)

    def _start(self, client: SocketClient, schedule: Scheduler) -> None:
        seen = self.snapshots.latest
        if seen:
            self.reports.latest()  # judged before anybody asks
        connect_socket(client)
        self.snapshots.start_scan()  # so that the first question finds an answer that is fresh
        if self.periodic_work.slots is None:
            log.warning("digest.disabled", reason="BAILIFF_CHANNEL is not set")
        else:
            self._check_channel()
        schedule.start()
        nudges, last_scan = self.periodic_work.digests.nudges, str(seen.inventory.scanned_at) if seen else None
        log.info("bot.started", nudges=nudges, next_digest=str(schedule.next_slot), last_scan=last_scan)

    def _check_channel(self) -> None:
        try:
            self.periodic_work.digests.channel()
        except BailiffError as error:
            log.error("digest.channel_unreachable", reason=str(error))


def _run_in_worker(workers: ThreadPoolExecutor, run_due: Callable[[], None]) -> None:
    """Have a worker tend to what is due, so that it is drained like everything else that is under way."""
    try:
        tended = workers.submit(run_due)
    except RuntimeError:
        return  # they are shut down
    with suppress(CancelledError):
        tended.result()


def _finishes_within(work: Callable[[], None], seconds: float) -> bool:
    """Do something in no more than its time, for an orchestrator gives us little before it kills us."""
    ending = threading.Thread(target=work, daemon=True)
    ending.start()
    ending.join(seconds)
    return not ending.is_alive()


def connect_socket(client: SocketClient) -> None:
    """Open the Socket Mode connection; raises SlackError with the reason when that fails."""
    try:
        client.connect()
    except Exception as error:
        raise slack_error("apps_connections_open", error, client.web_client.base_url) from error


def _stop_on_signal(stop: threading.Event) -> None:
    def ask_to_stop(number: int, _frame: FrameType | None) -> None:
        # In a thread: the one that the signal interrupts may hold the locks of the event, or of the log.
        threading.Thread(target=_request_stop, args=(stop, signal.Signals(number).name), daemon=True).start()

    signal.signal(signal.SIGTERM, ask_to_stop)
    signal.signal(signal.SIGINT, ask_to_stop)


def _request_stop(stop: threading.Event, name: str) -> None:
    log.info("signal.received", signal=name)
    stop.set()


def _warn_of_unexpected_connections(connections: int) -> None:
    log.warning(
        "connections.unexpected",
        reason="other processes are connected as this app and receive some of its commands: stop them",
        connections=connections,
    )
