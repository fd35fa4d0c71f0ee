"""The scheduler of the periodic work."""

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.executors.debug import DebugExecutor
from apscheduler.schedulers import SchedulerNotRunningError
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from bailiff_bot.errors import BailiffError

_JOB_ID = "slots"

log = structlog.get_logger()


class Scheduler:
    """Calls `run_due` at the start, at each slot and every `interval`, in a daemon thread, until it is stopped.

    Only one call runs at a time. If calls become due while one runs, one call follows it. An error of `run_due` is
    logged, and does not stop the next call. A missed tick loses nothing: `run_due` finds out what is due.
    """

    def __init__(
        self, slots: BaseTrigger | None, run_due: Callable[[], None], interval: timedelta = timedelta(seconds=30)
    ) -> None:
        self._slots = slots
        self._run_due = run_due
        self._interval = interval
        self._run_requested, self._stopped = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run_until_stopped, name="schedule", daemon=True)
        # At a slot, the scheduler only sets an event. Its own thread can do that, so no executor delays the exit.
        self._scheduler = BackgroundScheduler(executors={"default": DebugExecutor()}, timezone=UTC)

    def start(self) -> None:
        """Start the calls of `run_due`."""
        if self._slots:
            self._scheduler.add_job(
                self._run_requested.set, self._slots, id=_JOB_ID, misfire_grace_time=None, coalesce=True
            )
        self._scheduler.start()
        self._run_requested.set()
        self._thread.start()

    def stop(self) -> None:
        """Stop the calls, and wait for a running one. It may be called any number of times."""
        self._stopped.set()
        self._run_requested.set()
        with suppress(SchedulerNotRunningError):
            self._scheduler.shutdown(wait=False)
        if self._thread.is_alive():
            self._thread.join()

    @property
    def next_slot(self) -> datetime | None:
        """The next slot; None if there is none or if the scheduler is stopped."""
        job = self._scheduler.get_job(_JOB_ID) if self._scheduler.running else None
        return job and job.next_run_time

    def _run_until_stopped(self) -> None:
        while not self._stopped.is_set():
            # APScheduler's intervals use the machine's clock: if it is set back, they would pause for that long.
            self._run_requested.wait(self._interval.total_seconds())
            self._run_requested.clear()
            if not self._stopped.is_set():
                self._run_once()

    def _run_once(self) -> None:
        try:
            self._run_due()
        except BailiffError as error:
            log.error("periodic_work.failed", reason=str(error))
        except Exception:
            log.exception("periodic_work.crashed")
