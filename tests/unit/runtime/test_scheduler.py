"""The running scheduler: when it calls its job, and what may happen meanwhile."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from queue import Empty, Queue
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from apscheduler.triggers.base import BaseTrigger
from structlog.testing import capture_logs

from bailiff_bot.errors import SlackError
from bailiff_bot.runtime.scheduler import Scheduler
from bailiff_bot.runtime.slots import parse_slots

PARIS = ZoneInfo("Europe/Paris")
NEVER = timedelta(hours=1)
"""Longer than any test."""
TWO_AT_A_TIME = -1


class FixedTrigger(BaseTrigger):  # type: ignore[misc] # APScheduler has no types
    """Slots at given distances from now, in seconds, and one tomorrow. Past slots are due at once."""

    def __init__(self, *seconds: float) -> None:
        began = datetime.now(UTC)
        self.slots = [began + timedelta(seconds=distance) for distance in (*seconds, 86_400)]

    def get_next_fire_time(self, previous_fire_time: datetime | None, _now: datetime) -> datetime | None:
        later = (slot for slot in self.slots if previous_fire_time is None or slot > previous_fire_time)
        return next(later, None)


class RecordingJob:
    """A job that records its calls. A test can block each call and make it fail."""

    def __init__(self) -> None:
        self.began: Queue[int] = Queue()
        self.may_finish = threading.Semaphore(0)
        self.blocks = False
        self.faults: dict[int, Exception] = {}
        self._calls = 0
        self._running = 0

    def __call__(self) -> None:
        self._calls += 1
        self._running += 1
        call = self._calls
        self.began.put(call if self._running == 1 else TWO_AT_A_TIME)
        if self.blocks:
            self.may_finish.acquire(timeout=10)
        self._running -= 1
        if call in self.faults:
            raise self.faults[call]

    def wait_for_call(self) -> int:
        return self.began.get(timeout=5)


@pytest.fixture
def job() -> RecordingJob:
    return RecordingJob()


@pytest.fixture
def start(job: RecordingJob) -> Iterator[Callable[..., Scheduler]]:
    started: list[Scheduler] = []

    def start(slots: BaseTrigger | None = None, every: timedelta = NEVER) -> Scheduler:
        started.append(Scheduler(slots, job, every))
        started[-1].start()
        return started[-1]

    yield start
    for schedule in started:
        schedule.stop()


def test_the_job_runs_at_start_and_at_each_slot(job: RecordingJob, start: Callable[..., Scheduler]) -> None:
    with time_machine.travel(datetime(2026, 6, 1, 6, 59, 59, 800_000, tzinfo=UTC)):
        schedule = start(parse_slots("0 9 * * 1-5", "Europe/Paris"))
        assert schedule.next_slot == datetime(2026, 6, 1, 9, tzinfo=PARIS)
        assert job.wait_for_call() == 1
        assert job.wait_for_call() == 2
        assert datetime.now(UTC) >= datetime(2026, 6, 1, 7, tzinfo=UTC)


def test_the_job_runs_at_the_interval_without_any_slot(job: RecordingJob, start: Callable[..., Scheduler]) -> None:
    schedule = start(None, timedelta(seconds=0.01))
    assert [job.wait_for_call() for _ in range(4)] == [1, 2, 3, 4]
    assert schedule.next_slot is None


def test_the_scheduler_continues_when_the_clock_is_put_back(job: RecordingJob, start: Callable[..., Scheduler]) -> None:
    with time_machine.travel(datetime(2026, 6, 1, 12, tzinfo=UTC)) as clock:
        start(parse_slots("0 9 * * *", "UTC"), timedelta(seconds=0.05))
        job.wait_for_call()
        clock.shift(-7200)
        assert [job.wait_for_call() for _ in range(3)] == [2, 3, 4]


def test_missed_slots_cause_one_call(job: RecordingJob, start: Callable[..., Scheduler]) -> None:
    job.blocks = True
    start(FixedTrigger(-90_000, -7_200, -300, 0.1))
    assert job.wait_for_call() == 1
    job.may_finish.release(5)
    assert job.wait_for_call() == 2, "one call for all missed slots, or the last slot"


def test_slots_during_a_call_cause_one_call_after_it(job: RecordingJob, start: Callable[..., Scheduler]) -> None:
    job.blocks = True
    slots = FixedTrigger(0.05, 0.1, 0.15)
    schedule = start(slots)
    assert job.wait_for_call() == 1
    wait_until(lambda: schedule.next_slot == slots.slots[-1])
    assert job.began.empty()
    job.may_finish.release(5)
    assert job.wait_for_call() == 2
    with pytest.raises(Empty):
        job.began.get(timeout=0.2)


def test_an_expected_error_is_logged_in_one_line_and_the_next_call_comes(
    job: RecordingJob, start: Callable[..., Scheduler]
) -> None:
    job.faults = {1: SlackError("Slack is away.")}
    with capture_logs() as logs:
        start(every=timedelta(seconds=0.05))
        assert [job.wait_for_call(), job.wait_for_call()] == [1, 2]
    assert logs == [{"event": "periodic_work.failed", "log_level": "error", "reason": "Slack is away."}]


def test_an_unexpected_error_is_logged_with_its_traceback_and_the_next_call_comes(
    job: RecordingJob, start: Callable[..., Scheduler]
) -> None:
    job.faults = {1: RuntimeError("two\nlines")}
    with capture_logs() as logs:
        start(every=timedelta(seconds=0.05))
        assert [job.wait_for_call(), job.wait_for_call()] == [1, 2]
    entry: dict[str, Any] = {"event": "periodic_work.crashed", "log_level": "error"}
    assert logs == [entry | {"exc_info": True}]


def test_stopping_waits_for_a_call_starts_no_other_and_may_be_repeated(
    job: RecordingJob, start: Callable[..., Scheduler]
) -> None:
    job.blocks = True
    schedule = start(FixedTrigger(0.1), timedelta(seconds=0.01))
    job.wait_for_call()
    stops = [threading.Thread(target=schedule.stop) for _ in range(2)]
    for stop in stops:
        stop.start()
        stop.join(0.1)
    assert all(stop.is_alive() for stop in stops)
    assert schedule.next_slot is None
    job.may_finish.release(5)
    for stop in stops:
        stop.join(5)
    assert not any(stop.is_alive() for stop in stops)
    with pytest.raises(Empty):
        job.began.get(timeout=0.2)


def test_a_scheduler_that_never_started_can_be_stopped(job: RecordingJob) -> None:
    Scheduler(FixedTrigger(1), job).stop()


def test_no_thread_of_the_scheduler_delays_the_exit(start: Callable[..., Scheduler]) -> None:
    before = set(threading.enumerate())
    start(FixedTrigger(1))
    started = set(threading.enumerate()) - before
    assert started
    assert all(thread.daemon for thread in started)


def wait_until(condition: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(500):
        if condition():
            return
        pause.wait(0.01)
    raise AssertionError("it did not happen")
