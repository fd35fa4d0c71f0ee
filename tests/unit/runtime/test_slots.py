"""The slots: a crontab as in crontab(5), and the two days on which clocks change."""

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bailiff_bot.errors import SettingsError
from bailiff_bot.runtime.slots import Slots, parse_slots
from tests.builders import scaled

PARIS = ZoneInfo("Europe/Paris")
YEAR = datetime(2026, 1, 1, tzinfo=UTC)
MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
WEEKDAYS = "sun mon tue wed thu fri sat".split()


def following(slots: Slots, now: datetime, count: int) -> list[datetime]:
    """Return the next slots, as APScheduler asks for them."""
    found: list[datetime] = []
    while len(found) < count:
        slot = slots.get_next_fire_time(found[-1] if found else None, now)
        assert slot
        found.append(slot)
    return found


def wall_clocks(crontab: str, timezone: str, now: datetime, count: int) -> list[str]:
    return [slot.strftime("%a %d %H:%M") for slot in following(parse_slots(crontab, timezone), now, count)]


# --- a second implementation of cron: it checks every value and every day of a year ---


def selects(text: str, value: int, low: int, high: int, names: list[str]) -> bool:
    def number(word: str) -> int:
        return names.index(word) + low if word in names else int(word)

    for item in text.lower().split(","):
        span, _, step = item.partition("/")
        first, _, last = ("", "", "") if span == "*" else span.partition("-")
        start, end = (low, high) if span == "*" else (number(first), number(last or first))
        if value in range(start, end + 1, int(step or 1)):
            return True
    return False


def day_matches(moment: datetime, day: str, month: str, weekday: str) -> bool:
    sunday_first = moment.isoweekday() % 7
    by_day = selects(day, moment.day, 1, 31, [])
    by_weekday = any(selects(weekday, number, 0, 7, WEEKDAYS) for number in {sunday_first, sunday_first or 7})
    either = not day.startswith("*") and not weekday.startswith("*")
    return selects(month, moment.month, 1, 12, MONTHS) and (by_day or by_weekday if either else by_day and by_weekday)


def brute_force(crontab: str) -> list[datetime]:
    minute, hour, *days = crontab.split()
    hours = [h for h in range(24) if selects(hour, h, 0, 23, [])]
    minutes = [m for m in range(60) if selects(minute, m, 0, 59, [])]
    year = (YEAR + timedelta(days=number) for number in range(365))
    found = [day for day in year if day_matches(day, *days)]
    return [day.replace(hour=h, minute=m) for day in found for h in hours for m in minutes]


def fields(low: int, high: int, names: tuple[str, ...] = ()) -> st.SearchStrategy[str]:
    values = st.integers(low, high)
    named = values.map(lambda value: names[value - low] if value - low < len(names) else str(value))
    single = st.one_of(values.map(str), named)
    span = st.tuples(values, values).map(lambda pair: f"{min(pair)}-{max(pair)}")
    stepped = st.tuples(st.one_of(st.just("*"), span), st.integers(1, high)).map(lambda pair: f"{pair[0]}/{pair[1]}")
    listed = st.lists(st.one_of(single, span, stepped), min_size=1, max_size=3).map(",".join)
    return st.one_of(st.just("*"), listed)


crontabs = st.tuples(
    fields(0, 59), fields(0, 23), fields(1, 28), fields(1, 12, tuple(MONTHS)), fields(0, 7, tuple(WEEKDAYS))
).map(" ".join)


@given(crontabs, st.randoms(use_true_random=False))
@settings(max_examples=scaled(60), deadline=None)
def test_every_crontab_fires_at_exactly_the_minutes_that_crontab_5_selects(crontab: str, chance: random.Random) -> None:
    expected = brute_force(crontab)
    slots = parse_slots(crontab, "UTC")
    first = slots.get_next_fire_time(None, YEAR)
    if not expected:
        assert first is None or first >= YEAR + timedelta(days=365)
        return
    assert first == expected[0]
    for index in chance.sample(range(len(expected) - 1), min(20, len(expected) - 1)):
        assert slots.get_next_fire_time(expected[index], YEAR) == expected[index + 1]


@pytest.mark.parametrize(
    ("weekdays", "meant"),
    [
        ("1-5", "Mon Tue Wed Thu Fri"),
        ("0", "Sun"),
        ("7", "Sun"),
        ("5-7", "Fri Sat Sun"),
        ("6-0", "Sat Sun"),
        ("FRI-mon", "Mon Fri Sat Sun"),
        ("7-2", "Mon Tue Sun"),
        ("sat,SUN", "Sat Sun"),
        ("1-5/2", "Mon Wed Fri"),
        ("5-1/2", "Fri Sun"),
        ("*", "Mon Tue Wed Thu Fri Sat Sun"),
    ],
)
def test_weekdays_are_those_of_cron(weekdays: str, meant: str) -> None:
    monday = datetime(2026, 6, 1, tzinfo=UTC)
    days = meant.split()
    assert [w[:3] for w in wall_clocks(f"0 9 * * {weekdays}", "UTC", monday, len(days))] == days


@pytest.mark.parametrize(
    ("crontab", "reason"),
    [
        ("", "there are 0 fields"),
        ("0 9 * *", "there are 4 fields"),
        ("0 9 * * * *", "there are 6 fields"),
        ("@daily", "there are 1 fields"),
        ("60 9 * * *", "'60' is not a valid minute (0 to 59)"),
        ("0 24 * * *", "'24' is not a valid hour"),
        ("0 9 0 * *", "'0' is not a valid day of the month"),
        ("0 9 * 13 *", "'13' is not a valid month (1 to 12, or a name)"),
        ("0 9 * * 8", "'8' is not a valid weekday"),
        ("0 9 * * monday", "'monday' is not a valid weekday"),
        ("0 22-2 * * *", "the range '22-2' (hour) goes backwards"),
        ("*/0 9 * * *", "the step in '*/0'"),
        ("5/15 9 * * *", "the step in '5/15'"),
        ("0,,5 9 * * *", "'' is not a valid minute"),
        ("0 9 ? * *", "'?' is not a valid day of the month"),
        ("0 9 -1 * *", "'-1' is not a valid day of the month"),
        ("٣ 9 * * *", "is not a valid minute"),
        ("0 9 31 2 *", "no such day exists"),
        ("0 9 30,31 feb *", "no such day exists"),
        ("0 9 31 4,6,9,11 */2", "no such day exists"),
    ],
)
def test_a_wrong_crontab_is_refused_in_one_line_that_names_what_is_wrong(crontab: str, reason: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse_slots(crontab, "UTC")
    assert str(caught.value).startswith(f"BAILIFF_DIGEST_CRON is {crontab!r}, but ")
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["", " ", "Mars/Phobos", "Europe", "../etc/passwd", "/etc/localtime", "CET\n", "\0"])
def test_a_wrong_time_zone_is_refused_in_one_line(name: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse_slots("0 9 * * *", name)
    assert str(caught.value) == f"BAILIFF_TIMEZONE is {name!r}; it should be a time zone like Europe/Paris"


def test_a_leap_day_has_its_slot() -> None:
    assert following(parse_slots("0 9 29 2 *", "UTC"), YEAR, 1) == [datetime(2028, 2, 29, 9, tzinfo=UTC)]


# --- the two days on which clocks change ---


def test_a_slot_in_a_repeated_hour_runs_once_the_first_time() -> None:
    slots = following(parse_slots("30 2 * * *", "Europe/Paris"), datetime(2026, 10, 24, 12, tzinfo=UTC), 2)
    assert [slot.astimezone(UTC) for slot in slots] == [
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        datetime(2026, 10, 26, 1, 30, tzinfo=UTC),
    ]


def test_a_start_in_the_second_of_the_repeated_hours_does_not_run_the_slot_again() -> None:
    second_time = datetime(2026, 10, 25, 1, 15, tzinfo=UTC)
    assert second_time.astimezone(PARIS).hour == 2
    assert wall_clocks("30 2 * * *", "Europe/Paris", second_time, 1) == ["Mon 26 02:30"]


def test_a_slot_in_the_skipped_hour_runs_on_that_day_with_its_own_name() -> None:
    slots = following(parse_slots("30 2 * * *", "Europe/Paris"), datetime(2026, 3, 28, 12, tzinfo=UTC), 2)
    assert slots[0].replace(tzinfo=None) == datetime(2026, 3, 29, 2, 30)  # noqa: DTZ001 - a wall-clock time
    assert [slot.astimezone(UTC) for slot in slots] == [
        datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
        datetime(2026, 3, 30, 0, 30, tzinfo=UTC),
    ]


def test_a_start_between_the_change_and_a_skipped_slot_still_runs_it() -> None:
    ten_past_three = datetime(2026, 3, 29, 1, 10, tzinfo=UTC)
    assert ten_past_three.astimezone(PARIS).hour == 3
    assert wall_clocks("30 2 * * *", "Europe/Paris", ten_past_three, 2) == ["Sun 29 02:30", "Mon 30 02:30"]


@given(
    st.sampled_from(["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Kolkata"]),
    st.integers(0, 23),
    st.integers(0, 59),
)
@settings(max_examples=scaled(10), deadline=None)
def test_every_daily_slot_runs_exactly_once_a_day_in_every_zone(zone: str, hour: int, minute: int) -> None:
    slots = following(parse_slots(f"{minute} {hour} * * *", zone), YEAR + timedelta(days=2), 365)
    days = [slot.date() for slot in slots]
    assert days == [days[0] + timedelta(days=n) for n in range(365)]
    assert {(slot.hour, slot.minute) for slot in slots} == {(hour, minute)}
    instants = [slot.astimezone(UTC) for slot in slots]
    assert instants == sorted(set(instants))
