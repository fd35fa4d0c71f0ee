"""What is due: a clock goes on minute by minute, a process is up or not, and a set is the table of what was sent."""

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

from bailiff_bot.runtime.crontab import cron_trigger
from bailiff_bot.runtime.schedule import LATE_TOLERANCE, Slots, due_slot, parse_slots

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
"""The local days on which clocks change: Lord Howe's by half an hour, Cairo's at midnight, Apia's left out a day."""
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
"""Slots that the changes skip, or have come twice."""


class CachedTrigger(BaseTrigger):  # type: ignore[misc] # APScheduler has no types
    """Gives a trigger's answers and computes each time once: it is the next one from any instant asked before on."""

    def __init__(self, trigger: BaseTrigger) -> None:
        self._trigger = trigger
        self._times: list[datetime] = []
        self._asked: dict[datetime, datetime] = {}
        """The earliest instant at which each time was found to be the next."""

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
    """A schedule, its table and a clock."""

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
def test_there_is_one_digest_each_local_day_when_clocks_change(zone: str, change: str) -> None:
    crontab, local, day = AFFECTED_CRONTABS[zone, change], ZoneInfo(zone), CHANGES[zone, change]
    begin, end = (datetime.combine(day + distance, time(), local) for distance in (-2 * DAY, 2 * DAY))
    every = MINUTE if zone in {"Europe/Paris", "America/New_York"} else 5 * MINUTE
    at = make_scenario(crontab, begin, zone)
    at.run(begin, end, every)
    days = sorted({now.astimezone(local).date() for now in ticks(begin, end, 60 * MINUTE)})
    assert len(days) >= 3
    assert [now.astimezone(local).date() for now, _ in at.sent] == days
    minute, hour = map(int, crontab.split()[:2])
    assert at.keys == [f"{day}T{hour:02}:{minute:02}" for day in days]


def test_a_slot_in_the_hour_that_comes_twice_has_one_key_in_both() -> None:
    slots = parse_slots("30 2 * * *", "Europe/Paris")
    first, second = datetime(2026, 10, 25, 0, 40, tzinfo=UTC), datetime(2026, 10, 25, 1, 40, tzinfo=UTC)
    found = [slots.latest(now) for now in (first, second)]
    assert [slot and slots.key(slot) for slot in found] == ["2026-10-25T02:30 Europe/Paris"] * 2


def test_a_skipped_slot_is_sent_though_one_by_a_later_name_came_before_it() -> None:
    at = make_scenario("0,30 2,3 * * *", paris(1), until=ANY_TIME)
    at.since = datetime(2026, 3, 29, tzinfo=UTC)
    at.run(at.since, at.since + timedelta(hours=4))
    # 02:00 and 03:00 are one instant, and so are 02:30 and 03:30.
    assert at.keys == ["2026-03-29T03:00", "2026-03-29T03:30"]
    apart = make_scenario("45 2 * * *", at.since)
    apart.used_slots.add("2026-03-29T03:30 Europe/Paris")
    apart.run(at.since, at.since + timedelta(hours=4))
    assert apart.keys == ["2026-03-29T02:45"]


def test_two_slots_a_day_are_two_digests() -> None:
    at = make_scenario("0 9,17 * * *", paris(1))
    at.run(paris(1), paris(3))
    assert at.sent == [
        (paris(1, 9), "2026-06-01T09:00 Europe/Paris"),
        (paris(1, 17), "2026-06-01T17:00 Europe/Paris"),
        (paris(2, 9), "2026-06-02T09:00 Europe/Paris"),
        (paris(2, 17), "2026-06-02T17:00 Europe/Paris"),
    ]


def test_frozen_for_a_minute_over_a_slot_there_is_one_digest() -> None:
    at = make_scenario("0 9 * * *", paris(1))
    at.run(paris(1), paris(1, 9))
    at.run(paris(1, 9, 1), paris(2))
    assert at.sent == [(paris(1, 9, 1), "2026-06-01T09:00 Europe/Paris")]


def test_down_for_three_days_there_is_one_digest_that_of_today() -> None:
    at = make_scenario("0 9 * * *", paris(1))
    at.run(paris(4, 11), paris(5))
    assert at.sent == [(paris(4, 11), "2026-06-04T09:00 Europe/Paris")]


def test_down_for_three_days_and_back_before_the_slot_there_is_nothing_to_make_good() -> None:
    at = make_scenario("0 9 * * *", paris(1))
    at.run(paris(4, 8), paris(4, 9))
    assert at.sent == []


def test_down_over_both_slots_of_a_day_the_later_one_is_sent() -> None:
    at = make_scenario("0 9,17 * * *", paris(1))
    at.run(paris(1, 18), paris(2))
    assert at.keys == ["2026-06-01T17:00"]


def test_a_fresh_installation_sends_nothing_for_what_is_past() -> None:
    at = make_scenario("0 9 * * *", since=paris(1, 9, 30))
    at.run(paris(1, 9, 30), paris(3))
    assert at.keys == ["2026-06-02T09:00"]


def test_installed_at_the_very_slot_it_is_sent() -> None:
    at = make_scenario("0 9 * * *", since=paris(1, 9))
    at.run(paris(1, 9), paris(1, 10))
    assert at.keys == ["2026-06-01T09:00"]


def test_a_changed_schedule_sends_nothing_for_what_is_past() -> None:
    at = make_scenario("0 9 * * *", paris(1))
    at.run(paris(1), paris(1, 15))
    at.slots, at.since = parse_slots("0 14,18 * * *", "Europe/Paris"), paris(1, 15)
    at.run(paris(1, 15), paris(2))
    assert at.keys == ["2026-06-01T09:00", "2026-06-01T18:00"]


def test_a_time_zone_that_is_changed_sends_nothing_again() -> None:
    at = make_scenario("0 9 * * *", paris(1))
    at.run(paris(1), paris(1, 9, 10))
    at.slots, at.since = parse_slots("0 9 * * *", "Europe/Berlin"), paris(1, 9, 10)
    at.run(paris(1, 9, 10), paris(2))
    assert at.keys == ["2026-06-01T09:00"]


@pytest.mark.parametrize(("back", "sends"), [((19, 59), True), ((20, 0), True), ((20, 1), False), ((23, 0), False)])
def test_late_means_the_same_day_until_the_hour_that_is_set(back: tuple[int, int], sends: bool) -> None:  # noqa: FBT001
    at = make_scenario("0 9 * * *", paris(1), until=time(20))
    at.run(paris(1, *back), paris(2, 9))
    assert at.keys == (["2026-06-01T09:00"] if sends else [])


def test_what_is_late_by_an_hour_at_most_is_sent_at_any_time() -> None:
    for minutes_late, keys in ((0, ["2026-06-01T22:00"]), (60, ["2026-06-01T22:00"]), (61, [])):
        at = make_scenario("0 22 * * *", paris(1), until=time(20))
        at.run(paris(1, 22) + minutes_late * MINUTE, paris(2))
        assert at.keys == keys


def test_of_yesterday_s_slots_one_is_due_that_is_not_an_hour_late() -> None:
    for back, keys in ((paris(2, 0, 10), ["2026-06-01T23:50"]), (paris(2, 0, 51), [])):
        at = make_scenario("50 23 * * *", paris(1))
        at.run(back, paris(2, 9))
        assert at.keys == keys


def test_a_clock_that_is_put_back_repeats_nothing_and_sends_nothing_that_is_earlier() -> None:
    at = make_scenario("0 8,9 * * *", paris(1))
    at.tick(paris(1, 9))
    at.run(paris(1, 8, 30), paris(1, 12))
    assert at.keys == ["2026-06-01T09:00"]


def test_a_clock_that_was_a_year_ahead_for_a_while_keeps_no_digest_back() -> None:
    at = make_scenario("0 9 * * *", paris(1))
    at.tick(paris(1, 9) + 365 * DAY)
    at.run(paris(1), paris(2))
    assert at.keys == ["2027-06-01T09:00", "2026-06-01T09:00"]


def test_what_was_sent_otherwise_or_by_another_zone_s_clock_holds_nothing_back() -> None:
    at = make_scenario("0 9 * * *", paris(1))
    at.used_slots |= {"2026-06-01T09:00 Europe/Berlin", "2026-06-01T15:00:00+00:00 6f1c"}
    at.run(paris(1), paris(2))
    assert at.keys == ["2026-06-01T09:00"]


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
@settings(max_examples=20, deadline=None)
def test_whenever_the_process_is_up_every_slot_is_sent_once_and_one_for_all_that_it_missed(
    crontab: str, zone: str, day: date, spans: list[int]
) -> None:
    begin = datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC) - timedelta(hours=5)
    at = make_scenario(crontab, begin, zone)
    leases = [begin + sum(spans[:number]) * MINUTE for number in range(len(spans) + 1)]
    ups = list(pairwise(leases))[::2]
    for back, down in ups:
        already = len(at.sent)
        at.tick(back)
        assert len(at.sent) - already <= 1
        at.run(back + MINUTE, down)
    assert len(set(at.keys)) == len(at.keys)
    instants = [slot.astimezone(UTC) for slot in all_slots(at.slots, begin, leases[-1])]
    lived = {slot for slot in instants if any(back <= slot < down for back, down in ups)}
    sent = {named.astimezone(UTC) for _, key in at.sent if (named := at.slots.slot_of_key(key))}
    assert lived <= sent, "a slot that came while the process was up was not sent"
    assert len(sent) == len(at.sent), "two for one instant"
    assert len(sent - lived) <= len(ups), "more than one for a time it was down"


def all_slots(slots: Slots, begin: datetime, end: datetime) -> Iterator[datetime]:
    """The slots as the scheduler has them, also those that a clock put forward has come after later ones."""
    slot = slots.get_next_fire_time(None, begin)
    while slot and slot.replace(tzinfo=UTC) < end + 2 * DAY:
        if begin <= slot.astimezone(UTC) < end:
            yield slot
        slot = slots.get_next_fire_time(slot, begin)


def test_a_slot_every_minute_is_found_without_counting_the_day_s() -> None:
    slots = parse_slots("* * * * *", "Europe/Paris")
    looks = slots.get_next_fire_time
    asked: list[datetime | None] = []

    def counting(previous: datetime | None, now: datetime) -> datetime | None:
        asked.append(previous)
        return looks(previous, now)

    slots.get_next_fire_time = counting  # type: ignore[assignment, method-assign]
    assert slots.latest(paris(1, 23, 59)) == paris(1, 23, 59)
    assert len(asked) < 20


def test_an_hour_late_is_what_the_readme_says() -> None:
    assert timedelta(hours=1) == LATE_TOLERANCE
