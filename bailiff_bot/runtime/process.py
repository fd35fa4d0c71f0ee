"""The bot's process: starts its parts in order, runs until a signal, and stops its parts in order."""

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
"""Threads that acknowledge what Slack sends."""
WORKER_THREADS = 8
"""Threads that answer requests and run the periodic work."""
_SIGNAL_POLL_SECONDS = 0.5
"""How often the main thread checks for a stop. A signal just before a wait without timeout would not end the wait."""
_DRAIN_SECONDS = 8.0
"""How long running work may take at a stop. Docker kills after ten seconds; the next start sends what is left."""
_RELEASE_SECONDS = 1.0
"""How long the release of leases may take if the database is down. Leases that remain expire after half a minute."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class BotProcess:
    """The parts of the running bot, built and not started yet."""

    client: WebClient
    reports: Reports
    snapshots: Snapshots
    users: SlackUsers
    periodic_work: PeriodicWork
    app_token: str
    replicas: int
    """Number of bots that run at the same time. More Socket Mode connections than that are unexpected."""
    stopping: threading.Event
    """Set to end all waiting work."""
    zone: tzinfo
    """The time zone of dates and times in answers."""

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT; raises SlackError if Slack cannot be reached at the start."""
        _stop_on_signal(self.stopping)
        self.serve()

    def serve(self) -> None:
        """Serve until `stopping` is set."""
        listeners = ThreadPoolExecutor(LISTENER_THREADS, thread_name_prefix="listener")
        workers = ThreadPoolExecutor(WORKER_THREADS, thread_name_prefix="worker")
        digests, in_background = self.periodic_work.digests, partial(answer_in_background, workers)
        handlers = RequestHandlers(self.client, self.reports, self.users, digests, in_background, self.zone)
        app = build_app(self.client, handlers, digests.leases, listeners, workers)
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
            # Running work finishes while the socket is still open; queued work is cancelled.
            if not _finishes_within(partial(workers.shutdown, wait=True, cancel_futures=True), _DRAIN_SECONDS):
                log.warning("shutdown.timed_out", seconds=_DRAIN_SECONDS)
            _finishes_within(digests.leases.release_all, _RELEASE_SECONDS)
            client.close()
            listeners.shutdown(wait=False, cancel_futures=True)

    def _start(self, client: SocketClient, schedule: Scheduler) -> None:
        snapshot = self.snapshots.latest
        if snapshot:
            self.reports.current()  # builds the report before the first request
        connect_socket(client)
        self.snapshots.start_scan()  # so that the first request gets a fresh report
        if self.periodic_work.slots is None:
            log.warning("digest.disabled", reason="BAILIFF_CHANNEL is not set")
        else:
            self._check_channel()
        schedule.start()
        nudges, last_scan = self.periodic_work.digests.nudges, str(snapshot.inventory.scanned_at) if snapshot else None
        log.info("bot.started", nudges=nudges, next_digest=str(schedule.next_slot), last_scan=last_scan)

    def _check_channel(self) -> None:
        try:
            self.periodic_work.digests.channel()
        except BailiffError as error:
            log.error("digest.channel_unreachable", reason=str(error))


def _run_in_worker(workers: ThreadPoolExecutor, run_due: Callable[[], None]) -> None:
    """Run the periodic work in a worker thread and wait for it, so that a stop lets it finish like other work."""
    try:
        future = workers.submit(run_due)
    except RuntimeError:
        return  # the workers are shut down
    with suppress(CancelledError):
        future.result()


def _finishes_within(work: Callable[[], None], seconds: float) -> bool:
    """Run `work` in a thread, and return True if it ends in time: an orchestrator kills a process that stops slowly."""
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(seconds)
    return not thread.is_alive()


def connect_socket(client: SocketClient) -> None:
    """Open the Socket Mode connection; raises SlackError with the reason if that fails."""
    try:
        client.connect()
    except Exception as error:
        raise slack_error("apps_connections_open", error, client.web_client.base_url) from error


def _stop_on_signal(stop: threading.Event) -> None:
    def on_signal(number: int, _frame: FrameType | None) -> None:
        # In another thread: the interrupted one may hold the locks of the event or of the log.
        threading.Thread(target=_request_stop, args=(stop, signal.Signals(number).name), daemon=True).start()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)


def _request_stop(stop: threading.Event, name: str) -> None:
    log.info("signal.received", signal=name)
    stop.set()


def _warn_of_unexpected_connections(connections: int) -> None:
    log.warning(
        "connections.unexpected",
        reason="other processes are connected as this app and receive some of its commands: stop them",
        connections=connections,
    )
