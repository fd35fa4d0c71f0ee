"""When an instance of the sandbox ran."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from bailiff_bot.sandbox.aws.running import Run, first_runs, record_start, record_stop, runs_of, set_runs

START = datetime(2026, 11, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def at(minutes: float) -> datetime:
    return START + minutes * MINUTE


def test_an_instance_that_was_created_before_its_start_was_stopped_for_an_hour() -> None:
    assert first_runs(at(0), at(600)) == (Run(at(0), at(540)), Run(at(600)))
    assert first_runs(at(0), at(30)) == (Run(at(30)),)


def test_it_sends_a_metric_if_it_runs_for_five_minutes() -> None:
    run = Run(at(10), at(100))

    assert run.covers(at(0), at(15))
    assert not run.covers(at(0), at(14))
    assert run.covers(at(95), at(160))
    assert not run.covers(at(96), at(160))
    assert Run(at(10)).covers(at(1000), at(1060))


@given(st.lists(st.booleans(), max_size=12))
def test_starts_and_stops_make_runs_that_follow_each_other(starts: list[bool]) -> None:
    instance = SimpleNamespace()
    for number, is_start in enumerate(starts):
        (record_start if is_start else record_stop)(instance, at(number))

    runs = runs_of(instance)

    times = [time for run in runs for time in (run.start, run.end) if time is not None]
    assert times == sorted(times)
    assert all(run.end is not None for run in runs[:-1])
    is_running = bool(runs) and runs[-1].end is None
    assert is_running == (bool(starts) and starts[-1])


def test_what_nobody_started_never_ran() -> None:
    instance = SimpleNamespace()
    record_stop(instance, at(0))
    assert runs_of(instance) == ()
    set_runs(instance, [Run(at(0))])
    record_stop(instance, at(5))
    assert runs_of(instance) == (Run(at(0), at(5)),)
