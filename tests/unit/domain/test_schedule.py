"""Which slot is due: a clock advances, a process is up or down, and a set stands for the table of used slots."""

from bisect import bisect_left, insort
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from apscheduler.triggers.base import BaseTrigger
from hypothesis import given, settings
from hypothesis import strategies as st

from bailiff_bot.domain.schedule import LATE_TOLERANCE, due_slot
from bailiff_bot.runtime.crontab import cron_trigger
from bailiff_bot.runtime.slots import Slots, parse_slots
from tests.builders import scaled

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
ANY_TIME = time(23, 59, 59)

CHANGES = {
    ("Europe/Paris", "gap"): date(2026, 3, 29),
    ("Europe/Paris", "fold"): date(2026, 10, 25),
    ("America/New_York", "gap"): date(2026, 3, 8),
    ("America/New_York", "fold"): date(2026, 11, 1),
    ("Australia/Lord_Howe", "gap"): date(2026, 10, 4),
    ("Australia/Lord_Howe", "fold"): date(2026, 4, 5),
    ("Africa/Cairo", "gap"): date(2026, 4, 24),
    ("Africa/Cairo", "fold"): date(2026, 10, 29),
    ("Pacific/Apia", "gap"): date(2011, 12, 31),
}
"""The local days on which clocks change. Lord Howe changes by half an hour, Cairo at midnight; Apia skipped a day."""
AFFECTED_CRONTABS = {
    ("Europe/Paris", "gap"): "30 2 * * *",
    ("Europe/Paris", "fold"): "30 2 * * *",
    ("America/New_York", "gap"): "30 2 * * *",
    ("America/New_York", "fold"): "30 1 * * *",
    ("Australia/Lord_Howe", "gap"): "15 2 * * *",
    ("Australia/Lord_Howe", "fold"): "45 1 * * *",
    ("Africa/Cairo", "gap"): "30 0 * * *",
    ("Africa/Cairo", "fold"): "30 23 * * *",
    ("Pacific/Apia", "gap"): "0 9 * * *",
}
"""Slots that the changes skip or repeat."""


class CachedTrigger(BaseTrigger):  # type: ignore[misc] # APScheduler has no types
    """Caches the times of a trigger: a time is the next one for every instant since the earliest that asked for it."""

    def __init__(self, trigger: BaseTrigger) -> None:
        self._trigger = trigger
        self._times: list[datetime] = []
        self._asked: dict[datetime, datetime] = {}
        """For each time, the earliest instant for which it was the next."""

    def get_next_fire_time(self, previous: None, now: datetime) -> datetime | None:
        at = bisect_left(self._times, now)
        if at < len(self._times) and self._asked[self._times[at]] <= now:
            return self._times[at]
        found: datetime | None = self._trigger.get_next_fire_time(previous, now)
        if found and found not in self._asked:
            insort(self._times, found)
        if found:
            self._asked[found] = now
        return found


@dataclass
class ScheduleScenario:
    """A schedule, the slots that were used, and the digests that were sent."""

    slots: Slots
    since: datetime
    until: time = ANY_TIME
    used_slots: set[str] = field(default_factory=set)
    sent: list[tuple[datetime, str]] = field(default_factory=list)

    def tick(self, now: datetime) -> None:
        slot = due_slot(self.slots, now, since=self.since, until=self.until, used=self.used_slots)
        if slot:
            key = self.slots.key(slot)
            assert key not in self.used_slots
            self.used_slots.add(key)
            self.sent.append((now, key))

    def run(self, begin: datetime, end: datetime, every: timedelta = MINUTE) -> None:
        for now in ticks(begin, end, every):
            self.tick(now)

    @property
    def keys(self) -> list[str]:
        return [key.partition(" ")[0] for _, key in self.sent]


def ticks(begin: datetime, end: datetime, every: timedelta) -> Iterator[datetime]:
    now = begin.astimezone(UTC)
    while now < end.astimezone(UTC):
        yield now
        now += every


def make_scenario(
    crontab: str, since: datetime, zone: str = "Europe/Paris", until: time = ANY_TIME
) -> ScheduleScenario:
    return ScheduleScenario(Slots(CachedTrigger(cron_trigger(crontab)), ZoneInfo(zone)), since, until)


def paris(day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, 6, day, hour, minute, tzinfo=ZoneInfo("Europe/Paris"))


@pytest.mark.parametrize(("zone", "change"), CHANGES)
def test_each_local_day_has_one_digest_when_clocks_change(zone: str, change: str) -> None:
    crontab, local, day = AFFECTED_CRONTABS[zone, change], ZoneInfo(zone), CHANGES[zone, change]
    begin, end = (datetime.combine(day + distance, time(), local) for distance in (-2 * DAY, 2 * DAY))
    every = MINUTE if zone in {"Europe/Paris", "America/New_York"} else 5 * MINUTE
    scenario = make_scenario(crontab, begin, zone)
    scenario.run(begin, end, every)
    days = sorted({now.astimezone(local).date() for now in ticks(begin, end, 60 * MINUTE)})
    assert len(days) >= 3
    assert [now.astimezone(local).date() for now, _ in scenario.sent] == days
    minute, hour = map(int, crontab.split()[:2])
    assert scenario.keys == [f"{day}T{hour:02}:{minute:02}" for day in days]


def test_a_slot_in_a_repeated_hour_has_the_same_key_both_times() -> None:
    slots = parse_slots("30 2 * * *", "Europe/Paris")
    first, second = datetime(2026, 10, 25, 0, 40, tzinfo=UTC), datetime(2026, 10, 25, 1, 40, tzinfo=UTC)
    found = [slots.latest(now) for now in (first, second)]
    assert [slot and slots.key(slot) for slot in found] == ["2026-10-25T02:30 Europe/Paris"] * 2


def test_a_skipped_slot_is_sent_though_a_slot_with_a_later_name_came_before_it() -> None:
    scenario = make_scenario("0,30 2,3 * * *", paris(1), until=ANY_TIME)
    scenario.since = datetime(2026, 3, 29, tzinfo=UTC)
    scenario.run(scenario.since, scenario.since + timedelta(hours=4))
    # 02:00 and 03:00 are one instant, and so are 02:30 and 03:30.
    assert scenario.keys == ["2026-03-29T03:00", "2026-03-29T03:30"]
    apart = make_scenario("45 2 * * *", scenario.since)
    apart.used_slots.add("2026-03-29T03:30 Europe/Paris")
    apart.run(scenario.since, scenario.since + timedelta(hours=4))
    assert apart.keys == ["2026-03-29T02:45"]


def test_two_slots_a_day_are_two_digests() -> None:
    scenario = make_scenario("0 9,17 * * *", paris(1))
    scenario.run(paris(1), paris(3))
    assert scenario.sent == [
        (paris(1, 9), "2026-06-01T09:00 Europe/Paris"),
        (paris(1, 17), "2026-06-01T17:00 Europe/Paris"),
        (paris(2, 9), "2026-06-02T09:00 Europe/Paris"),
        (paris(2, 17), "2026-06-02T17:00 Europe/Paris"),
    ]


def test_a_process_that_is_frozen_over_a_slot_sends_one_digest() -> None:
    scenario = make_scenario("0 9 * * *", paris(1))
    scenario.run(paris(1), paris(1, 9))
    scenario.run(paris(1, 9, 1), paris(2))
    assert scenario.sent == [(paris(1, 9, 1), "2026-06-01T09:00 Europe/Paris")]


def test_after_three_days_down_only_the_digest_of_today_is_sent() -> None:
    scenario = make_scenario("0 9 * * *", paris(1))
    scenario.run(paris(4, 11), paris(5))
    assert scenario.sent == [(paris(4, 11), "2026-06-04T09:00 Europe/Paris")]


def test_after_three_days_down_nothing_is_sent_before_the_slot_of_today() -> None:
    scenario = make_scenario("0 9 * * *", paris(1))
    scenario.run(paris(4, 8), paris(4, 9))
    assert scenario.sent == []


def test_after_missing_both_slots_of_a_day_the_later_one_is_sent() -> None:
    scenario = make_scenario("0 9,17 * * *", paris(1))
    scenario.run(paris(1, 18), paris(2))
    assert scenario.keys == ["2026-06-01T17:00"]


def test_a_new_installation_sends_nothing_for_past_slots() -> None:
    scenario = make_scenario("0 9 * * *", since=paris(1, 9, 30))
    scenario.run(paris(1, 9, 30), paris(3))
    assert scenario.keys == ["2026-06-02T09:00"]


def test_a_slot_at_the_moment_of_installation_is_sent() -> None:
    scenario = make_scenario("0 9 * * *", since=paris(1, 9))
    scenario.run(paris(1, 9), paris(1, 10))
    assert scenario.keys == ["2026-06-01T09:00"]


def test_a_changed_schedule_sends_nothing_for_past_slots() -> None:
    scenario = make_scenario("0 9 * * *", paris(1))
    scenario.run(paris(1), paris(1, 15))
    scenario.slots, scenario.since = parse_slots("0 14,18 * * *", "Europe/Paris"), paris(1, 15)
    scenario.run(paris(1, 15), paris(2))
    assert scenario.keys == ["2026-06-01T09:00", "2026-06-01T18:00"]


def test_a_changed_time_zone_sends_nothing_again() -> None:
    scenario = make_scenario("0 9 * * *", paris(1))
    scenario.run(paris(1), paris(1, 9, 10))
    scenario.slots, scenario.since = parse_slots("0 9 * * *", "Europe/Berlin"), paris(1, 9, 10)
    scenario.run(paris(1, 9, 10), paris(2))
    assert scenario.keys == ["2026-06-01T09:00"]


@pytest.mark.parametrize(("back", "sends"), [((19, 59), True), ((20, 0), True), ((20, 1), False), ((23, 0), False)])
def test_a_late_digest_is_sent_on_the_same_day_until_the_configured_hour(back: tuple[int, int], sends: bool) -> None:  # noqa: FBT001
    scenario = make_scenario("0 9 * * *", paris(1), until=time(20))
    scenario.run(paris(1, *back), paris(2, 9))
    assert scenario.keys == (["2026-06-01T09:00"] if sends else [])


def test_a_digest_that_is_at_most_an_hour_late_is_sent_at_any_time() -> None:
    for minutes_late, keys in ((0, ["2026-06-01T22:00"]), (60, ["2026-06-01T22:00"]), (61, [])):
        scenario = make_scenario("0 22 * * *", paris(1), until=time(20))
        scenario.run(paris(1, 22) + minutes_late * MINUTE, paris(2))
        assert scenario.keys == keys


def test_a_slot_of_yesterday_is_due_if_it_is_less_than_an_hour_late() -> None:
    for back, keys in ((paris(2, 0, 10), ["2026-06-01T23:50"]), (paris(2, 0, 51), [])):
        scenario = make_scenario("50 23 * * *", paris(1))
        scenario.run(back, paris(2, 9))
        assert scenario.keys == keys


def test_a_clock_that_is_put_back_repeats_no_slot_and_sends_no_earlier_one() -> None:
    scenario = make_scenario("0 8,9 * * *", paris(1))
    scenario.tick(paris(1, 9))
    scenario.run(paris(1, 8, 30), paris(1, 12))
    assert scenario.keys == ["2026-06-01T09:00"]


def test_a_clock_that_was_a_year_ahead_holds_no_digest_back() -> None:
    scenario = make_scenario("0 9 * * *", paris(1))
    scenario.tick(paris(1, 9) + 365 * DAY)
    scenario.run(paris(1), paris(2))
    assert scenario.keys == ["2027-06-01T09:00", "2026-06-01T09:00"]


def test_a_digest_by_hand_or_in_another_zone_holds_no_slot_back() -> None:
    scenario = make_scenario("0 9 * * *", paris(1))
    scenario.used_slots |= {"2026-06-01T09:00 Europe/Berlin", "2026-06-01T15:00:00+00:00 6f1c"}
    scenario.run(paris(1), paris(2))
    assert scenario.keys == ["2026-06-01T09:00"]


ZONES = [*sorted({zone for zone, _ in CHANGES}), "Asia/Kolkata"]
LISTS = st.lists(st.integers(0, 59), min_size=1, max_size=4, unique=True)
CRONTABS = st.one_of(
    st.just("*/7 * * * *"),
    st.tuples(LISTS, st.lists(st.integers(0, 23), min_size=1, max_size=6)).map(
        lambda pair: f"{','.join(map(str, pair[0]))} {','.join(map(str, pair[1]))} * * *"
    ),
)


@given(
    CRONTABS,
    st.sampled_from(ZONES),
    st.sampled_from(sorted(CHANGES.values())),
    st.lists(st.integers(1, 400), min_size=2, max_size=5),
)
@settings(max_examples=scaled(20), deadline=None)
def test_while_the_process_is_up_each_slot_is_sent_once_and_missed_ones_once_together(
    crontab: str, zone: str, day: date, spans: list[int]
) -> None:
    begin = datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC) - timedelta(hours=5)
    scenario = make_scenario(crontab, begin, zone)
    changes = [begin + sum(spans[:number]) * MINUTE for number in range(len(spans) + 1)]
    ups = list(pairwise(changes))[::2]
    for back, down in ups:
        before = len(scenario.sent)
        scenario.tick(back)
        assert len(scenario.sent) - before <= 1
        scenario.run(back + MINUTE, down)
    assert len(set(scenario.keys)) == len(scenario.keys)
    instants = [slot.astimezone(UTC) for slot in all_slots(scenario.slots, begin, changes[-1])]
    while_up = {slot for slot in instants if any(back <= slot < down for back, down in ups)}
    sent = {named.astimezone(UTC) for _, key in scenario.sent if (named := scenario.slots.slot_of_key(key))}
    assert while_up <= sent, "a slot that came while the process was up was not sent"
    assert len(sent) == len(scenario.sent), "two for one instant"
    assert len(sent - while_up) <= len(ups), "more than one for a time it was down"


def all_slots(slots: Slots, begin: datetime, end: datetime) -> Iterator[datetime]:
    """Yield the slots as the scheduler sees them, in its order when a clock change reorders them."""
    slot = slots.get_next_fire_time(None, begin)
    while slot and slot.replace(tzinfo=UTC) < end + 2 * DAY:
        if begin <= slot.astimezone(UTC) < end:
            yield slot
        slot = slots.get_next_fire_time(slot, begin)


def test_the_latest_of_many_slots_is_found_with_few_steps() -> None:
    slots = parse_slots("* * * * *", "Europe/Paris")
    get_next = slots.get_next_fire_time
    asked: list[datetime | None] = []

    def counting(previous: datetime | None, now: datetime) -> datetime | None:
        asked.append(previous)
        return get_next(previous, now)

    slots.get_next_fire_time = counting  # type: ignore[assignment, method-assign]
    assert slots.latest(paris(1, 23, 59)) == paris(1, 23, 59)
    assert len(asked) < 20


def test_the_late_tolerance_is_the_hour_of_the_readme() -> None:
    assert timedelta(hours=1) == LATE_TOLERANCE
