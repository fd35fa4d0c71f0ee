"""The usage of running instances is added to a snapshot, and CloudWatch is asked only for what is missing."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from structlog.testing import capture_logs

from bailiff_bot.domain.gap import Gap, GapSource
from bailiff_bot.domain.instance import Instance, InstanceState
from bailiff_bot.domain.snapshot import Snapshot
from bailiff_bot.domain.usage_figures import NO_FIGURES, DayFigures, usage_days
from bailiff_bot.usecases.usage import ReadUsage
from tests.builders import DIRECTORY, IRELAND, NOW, VIRGINIA, instance, inventory
from tests.fakes.usage import FakeUsageReader, FakeUsageStore

WINDOW = usage_days(14, NOW)
WHOLE, PARTIAL = DayFigures(1.0, 0.5, 0.1, 0.1, 24), DayFigures(1.0, 0.5, 0.1, 0.1, 7)
HERS, MELS = instance(1, target=IRELAND), instance(2, target=VIRGINIA)
DENIED = Gap(GapSource.USAGE, VIRGINIA, "access denied", "AccessDenied", "allow it")


def snapshot(*instances: Instance, at: datetime = NOW) -> Snapshot:
    return Snapshot(replace(inventory(instances), scanned_at=at), DIRECTORY)


def reader(*instances: Instance, until: date = WINDOW[-1]) -> FakeUsageReader:
    """Return a CloudWatch that has whole days of instances, up to a day."""
    days = [WINDOW[0] + timedelta(days=number) for number in range(40)]
    return FakeUsageReader({one.id: {day: WHOLE for day in days if day <= until} for one in instances})


def asked_days(asked: FakeUsageReader) -> list[tuple[date, date]]:
    return [(one.first, one.last) for questions in asked.asked for those in questions.values() for one in those]


def test_each_running_instance_has_its_days() -> None:
    read = ReadUsage(reader(HERS, MELS), FakeUsageStore(), 14)
    for one in read(snapshot(HERS, MELS)).inventory.instances:
        assert one.usage
        assert one.usage.read_at == NOW
        assert one.usage.days == dict.fromkeys(WINDOW, WHOLE)


def test_only_running_instances_are_asked_about() -> None:
    others = [instance(number, state=state) for number, state in enumerate(InstanceState) if state != "running"]
    asked = reader()
    found = ReadUsage(asked, FakeUsageStore(), 14)(snapshot(*others))
    assert asked.asked == []
    assert found == snapshot(*others)


def test_the_next_day_only_that_day_is_asked_for() -> None:
    asked, store = reader(HERS, until=WINDOW[-1] + timedelta(days=1)), FakeUsageStore()
    read = ReadUsage(asked, store, 14)
    read(snapshot(HERS))
    [later] = read(snapshot(HERS, at=NOW + timedelta(days=1))).inventory.instances
    tomorrow = WINDOW[-1] + timedelta(days=1)
    assert asked_days(asked) == [(WINDOW[0], WINDOW[-1]), (tomorrow, tomorrow)]
    assert store.saved[1] == {IRELAND: {HERS.id: {tomorrow: WHOLE}}}
    assert later.usage
    assert later.usage.days == dict.fromkeys([*WINDOW[1:], tomorrow], WHOLE)


def test_scans_of_the_same_day_ask_once() -> None:
    asked, store = reader(), FakeUsageStore()
    read = ReadUsage(asked, store, 14)
    for hours in range(12):
        read(snapshot(HERS, at=NOW + timedelta(hours=hours)))
    assert len(asked.asked) == 1


def test_a_day_that_is_not_whole_is_asked_for_again_each_day_until_it_leaves_the_window() -> None:
    late, store = WINDOW[2], FakeUsageStore({IRELAND: {HERS.id: dict.fromkeys(WINDOW, WHOLE) | {WINDOW[2]: PARTIAL}}})
    asked = reader(HERS, until=WINDOW[-1] + timedelta(days=30))
    asked.figures[HERS.id][late] = PARTIAL
    read = ReadUsage(asked, store, 14)
    for number in range(1, 5):
        read(snapshot(HERS, at=NOW + timedelta(days=number)))
    assert [first for first, _ in asked_days(asked)] == [
        late,
        late,
        WINDOW[-1] + timedelta(days=3),
        WINDOW[-1] + timedelta(days=4),
    ]


def test_an_answer_with_fewer_hours_replaces_nothing() -> None:
    store = FakeUsageStore({IRELAND: {HERS.id: {WINDOW[0]: PARTIAL, WINDOW[1]: WHOLE}}})
    [found] = ReadUsage(reader(), store, 14)(snapshot(HERS)).inventory.instances
    assert found.usage
    assert (found.usage.days[WINDOW[0]], found.usage.days[WINDOW[1]]) == (PARTIAL, WHOLE)
    assert found.usage.days[WINDOW[2]] == NO_FIGURES


def test_a_target_that_fails_is_a_gap_and_its_instances_have_the_days_of_before() -> None:
    store = FakeUsageStore({VIRGINIA: {MELS.id: dict.fromkeys(WINDOW[:-1], WHOLE)}})
    asked = reader(HERS, MELS)
    asked.gaps[VIRGINIA] = DENIED
    found = ReadUsage(asked, store, 14)(snapshot(HERS, MELS))
    assert found.other_gaps == (DENIED,)
    hers, mels = (one.usage for one in found.inventory.instances)
    assert hers
    assert mels
    assert set(hers.days) == set(WINDOW)
    assert mels.days == dict.fromkeys(WINDOW[:-1], WHOLE)


def test_what_it_costs_to_ask_is_logged() -> None:
    with capture_logs() as logs:
        ReadUsage(reader(), FakeUsageStore(), 14)(snapshot(HERS, MELS))
    assert {one["event"]: one for one in logs}["usage.read"] == {
        "event": "usage.read",
        "log_level": "info",
        "instances": 2,
        "metrics": 6,
        "calls": 2,
        "usd": 0.00006,
    }


def test_a_restart_does_not_make_the_days_before_it_unknown() -> None:
    asked, store = reader(HERS), FakeUsageStore()
    ReadUsage(asked, store, 14)(snapshot(HERS))
    restarted = replace(HERS, launched_at=NOW)
    [found] = ReadUsage(asked, store, 14)(snapshot(restarted)).inventory.instances
    assert found.usage
    assert found.usage.days == dict.fromkeys(WINDOW, WHOLE)
    assert len(asked.asked) == 1
