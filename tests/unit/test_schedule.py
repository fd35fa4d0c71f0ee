"""The running schedule: what a job is told, and what it may do to the schedule."""

import threading
from datetime import UTC, datetime, timedelta
from queue import Empty, Queue
from zoneinfo import ZoneInfo

import pytest
import time_machine
from apscheduler.triggers.base import BaseTrigger
from structlog.testing import capture_logs

from bailiff_bot.schedule import GRACE_SECONDS, Schedule, slots_of

PARIS = ZoneInfo("Europe/Paris")


class At(BaseTrigger):  # type: ignore[misc] # APScheduler has no types
    """Slots at given distances from now, in seconds, and one tomorrow; past ones are due at once."""

    def __init__(self, *seconds: float) -> None:
        began = datetime.now(UTC)
        self.slots = [began + timedelta(seconds=distance) for distance in (*seconds, 86_400)]

    def get_next_fire_time(self, previous_fire_time: datetime | None, _now: datetime) -> datetime | None:
        later = (slot for slot in self.slots if previous_fire_time is None or slot > previous_fire_time)
        return next(later, None)


@pytest.fixture
def ran() -> "Queue[datetime]":
    return Queue()


def test_the_job_is_told_its_slot_as_local_wall_clock_time(ran: "Queue[datetime]") -> None:
    with time_machine.travel(datetime(2026, 6, 1, 6, 59, 59, 900_000, tzinfo=UTC)):
        schedule = Schedule(slots_of("0 9 * * 1-5", "Europe/Paris"), ran.put)
        schedule.start()
        assert schedule.next_slot == datetime(2026, 6, 1, 9, tzinfo=PARIS)
        assert ran.get(timeout=5).isoformat() == "2026-06-01T09:00:00+02:00"
        schedule.stop()


def test_a_job_that_fails_is_logged_in_one_line_and_the_next_slot_comes(ran: "Queue[datetime]") -> None:
    def fail_first(slot: datetime) -> None:
        ran.put(slot)
        if slot == trigger.slots[0]:
            raise RuntimeError("two\nlines")

    trigger = At(-1, 0.1)
    with capture_logs() as logs:
        schedule = Schedule(trigger, fail_first)
        schedule.start()
        assert [ran.get(timeout=5), ran.get(timeout=5)] == trigger.slots[:2]
        schedule.stop()
    failed = {"event": "slot failed", "log_level": "error", "error": r"RuntimeError('two\nlines')"}
    assert logs == [failed | {"slot": trigger.slots[0].isoformat()}]


def test_of_the_slots_slept_through_only_the_last_one_runs(ran: "Queue[datetime]") -> None:
    trigger = At(-300, -200, -100)
    schedule = Schedule(trigger, ran.put)
    schedule.start()
    assert ran.get(timeout=5) == trigger.slots[2]
    with pytest.raises(Empty):
        ran.get(timeout=0.2)
    schedule.stop()


def test_a_slot_slept_through_for_more_than_an_hour_is_left_out_and_logged(ran: "Queue[datetime]") -> None:
    trigger = At(-GRACE_SECONDS - 10, 0.1)
    with capture_logs() as logs:
        schedule = Schedule(trigger, ran.put)
        schedule.start()
        assert ran.get(timeout=5) == trigger.slots[1]
        schedule.stop()
    assert [(entry["event"], entry["slot"]) for entry in logs] == [("slot missed", trigger.slots[0].isoformat())]


def test_a_slot_that_comes_while_the_last_one_runs_is_left_out(ran: "Queue[datetime]") -> None:
    release = threading.Event()

    def slow(slot: datetime) -> None:
        ran.put(slot)
        release.wait(5)

    trigger = At(-1, 0.1, 1.5)
    schedule = Schedule(trigger, slow)
    schedule.start()
    assert ran.get(timeout=5) == trigger.slots[0]
    with pytest.raises(Empty):
        ran.get(timeout=0.2)
    release.set()
    assert ran.get(timeout=5) == trigger.slots[2]
    schedule.stop()


def test_stopping_is_prompt_while_a_job_runs_and_may_be_repeated(ran: "Queue[datetime]") -> None:
    release, stopped = threading.Event(), threading.Event()

    def slow(slot: datetime) -> None:
        ran.put(slot)
        release.wait(5)

    schedule = Schedule(At(-1), slow)
    schedule.start()
    ran.get(timeout=5)

    def stop() -> None:
        schedule.stop()
        schedule.stop()
        stopped.set()

    threading.Thread(target=stop).start()
    assert stopped.wait(1), "it waits for the job"
    assert schedule.next_slot is None
    release.set()


def test_a_schedule_that_never_started_can_be_stopped() -> None:
    Schedule(At(1), lambda _slot: None).stop()
