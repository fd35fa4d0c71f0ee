from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bailiff_bot.domain.changes import Changes, Undetermined
from bailiff_bot.domain.history import TREND_LENGTH, DigestHistory, FindingKey, OpenFinding, Subject, TrendPoint
from bailiff_bot.domain.report import Row
from bailiff_bot.domain.rules import RuleId
from bailiff_bot.messages.changes_text import (
    ChangesText,
    changes_text,
    dropped_line,
    fixed_line,
    incomplete_digests_line,
    since_line,
    thanks_line,
    trend,
    trend_line,
    undetermined_line,
)
from tests.builders import ASG, HOSTILE_TEXTS, IRELAND, NOW, days_ago, instance, report

PARIS_TIME = ZoneInfo("Europe/Paris")
NOTHING = Changes(days_ago(3), (), (), (), (), (), {})


def trend_point(ago: float, flagged: int = 3, *, complete: bool = True) -> TrendPoint:
    return TrendPoint(days_ago(ago), flagged, 60, complete)


def changes_lines(changes: Changes = NOTHING, *points: TrendPoint, zone: tzinfo = UTC) -> ChangesText:
    return ChangesText(changes, points or (trend_point(0),), zone)


def open_finding(number: int = 1, name: str = "Ada Granger", count: int = 1) -> OpenFinding:
    key = FindingKey(Subject(IRELAND, f"i-{number}"), RuleId.NAMED)
    return OpenFinding(key, days_ago(3), days_ago(1), f"x (i-{number})", "AGR", name, count)


def row(*, machines: int = 1) -> Row:
    tags = {ASG: "AGR-web"} if machines > 1 else {}
    [found] = report(*(instance(number, age=40, tags=tags) for number in range(machines))).flagged
    return found


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (NOTHING, "nothing new, nothing fixed"),
        (replace(NOTHING, new=(row(),)), "1 new, nothing fixed"),
        (replace(NOTHING, fixed=(open_finding(count=4), open_finding(2))), "nothing new, 5 fixed"),
        (replace(NOTHING, still_open=((row(), 12),)), "nothing new, nothing fixed, 1 still owed (for 12 days)"),
        (
            replace(NOTHING, still_open=((row(), 1), (row(machines=19), 12))),
            "nothing new, nothing fixed, 20 still owed (the longest for 12 days)",
        ),
        (replace(NOTHING, still_open=((row(), 0), (row(), 0))), "nothing new, nothing fixed, 2 still owed"),
    ],
)
def test_what_changed_is_counted_in_instances(changes: Changes, said: str) -> None:
    assert since_line(changes_lines(changes)) == f"Since Fri 20 Nov: {said}"


def test_the_first_digest_tells_of_no_change() -> None:
    first = replace(NOTHING, since=None, new=(row(),))
    assert (since_line(changes_lines(first)), fixed_line(changes_lines(first))) == ("", "")


@pytest.mark.parametrize(("zone", "said"), [(UTC, "Sun 22 Nov"), (PARIS_TIME, "Mon 23 Nov, 00:30")])
def test_the_last_digest_was_on_a_day_of_the_readers_zone_and_at_a_time_when_that_was_today(
    zone: tzinfo, said: str
) -> None:
    since = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    assert since_line(changes_lines(replace(NOTHING, since=since), zone=zone)).startswith(f"Since {said}: ")


def test_of_what_is_not_known_to_be_fixed_the_reasons_are_told() -> None:
    unseen = (open_finding(1, count=2), open_finding(2), open_finding(3))
    why = (Undetermined.NOT_READ, Undetermined.JUST_STARTED, Undetermined.NOT_READ)
    changes = replace(
        NOTHING,
        undetermined_subjects=unseen,
        undetermined={one.key: reason for one, reason in zip(unseen, why, strict=True)},
    )
    assert undetermined_line(changes_lines(changes)) == "Not known whether fixed: 1 (just started), 3 (not read)"
    assert undetermined_line(changes_lines()) == ""


def test_what_changed_rules_do_not_ask_for_any_more_is_counted_in_a_line_of_its_own() -> None:
    told = changes_lines(replace(NOTHING, dropped_subjects=(open_finding(1, count=3), open_finding(2))))
    assert dropped_line(told) == "No longer asked for, since the rules changed: 4"
    assert since_line(told) == "Since Fri 20 Nov: nothing new, nothing fixed"
    assert (thanks_line(told), fixed_line(told), dropped_line(changes_lines())) == ("", "", "")


@pytest.mark.parametrize(
    ("paid", "said"),
    [
        ([], ""),
        ([("", 9)], ""),
        ([("Ada Granger", 3)], "Thanks to Ada Granger (3)"),
        ([("Hector Romano", 1), ("Ada Granger", 3)], "Thanks to Ada Granger (3) and Hector Romano (1)"),
        ([("C", 1), ("B", 2), ("A", 3)], "Thanks to A (3), B (2) and C (1)"),
        ([(name, 1) for name in "ABCDEF"], "Thanks to A (1), B (1), C (1), D (1), E (1) and 1 other"),
        ([(f"{n:02}", 1) for n in range(12)], "Thanks to 00 (1), 01 (1), 02 (1), 03 (1), 04 (1) and 7 others"),
    ],
)
def test_owners_who_fixed_findings_are_thanked_by_name_and_the_rest_is_counted(
    paid: list[tuple[str, int]], said: str
) -> None:
    fixed = tuple(open_finding(number, name, count) for number, (name, count) in enumerate(paid))
    assert thanks_line(changes_lines(replace(NOTHING, fixed=fixed))) == said


@given(st.lists(st.text(max_size=300) | st.sampled_from(HOSTILE_TEXTS), min_size=1, max_size=9))
def test_thanks_stay_short_and_on_one_line_whatever_people_call_themselves(names: list[str]) -> None:
    fixed = tuple(open_finding(number, name) for number, name in enumerate(names))
    said = thanks_line(changes_lines(replace(NOTHING, fixed=fixed)))
    assert len(said) < 400
    assert len(said.splitlines()) <= 1


@pytest.mark.parametrize(
    ("fixed", "said"), [((), ""), ((open_finding(),), "1 was fixed"), ((open_finding(count=5),), "5 were fixed")]
)
def test_where_nothing_else_is_to_be_told_what_was_fixed_is(fixed: tuple[OpenFinding, ...], said: str) -> None:
    assert fixed_line(changes_lines(replace(NOTHING, fixed=fixed))) == (f"{said} since Fri 20 Nov" if said else "")


def labels(*points: TrendPoint, zone: tzinfo = UTC) -> list[str]:
    return [label for label, _ in trend(changes_lines(NOTHING, *points, zone=zone))]


def test_one_digest_makes_no_trend() -> None:
    assert (labels(trend_point(0)), trend_line(changes_lines()), incomplete_digests_line(changes_lines())) == (
        [],
        "",
        "",
    )


def test_a_trend_has_the_latest_digests_and_this_one() -> None:
    memory = DigestHistory(trend=tuple(trend_point(ago) for ago in range(30, 0, -1)))
    told = changes_text(report(instance(1, None)), NOTHING, memory, UTC)
    assert len(told.points) == len(trend(told)) == TREND_LENGTH
    assert told.points[-1] == TrendPoint(NOW, 1, 1, complete=True)


def test_digests_of_different_days_go_by_the_day_and_those_of_one_by_the_time_too() -> None:
    assert labels(trend_point(2), trend_point(1), trend_point(0.25), trend_point(0)) == [
        "21 Nov",
        "22 Nov",
        "23 Nov 03:00",
        "23 Nov 09:00",
    ]


def test_digests_of_one_minute_and_of_the_same_day_in_other_years_go_by_their_instants() -> None:
    second = timedelta(seconds=1)
    points = [replace(trend_point(0), at=at) for at in (NOW - 365 * timedelta(days=1), NOW - second, NOW)]
    assert labels(*points) == ["2025-11-23 09:00:00", "23 Nov 08:59", "2026-11-23 09:00:00"]


def test_two_digests_of_one_scan_are_one_of_the_trend() -> None:
    assert labels(trend_point(1), trend_point(0), trend_point(0)) == ["22 Nov", "23 Nov"]
    assert labels(trend_point(0), trend_point(0)) == []


def test_a_trends_days_are_those_of_the_readers_zone() -> None:
    assert labels(trend_point(1.5), trend_point(0.75), zone=ZoneInfo("Asia/Tokyo")) == ["22 Nov", "23 Nov"]


INSTANTS = st.datetimes(datetime(2025, 10, 1), datetime(2026, 4, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(st.lists(INSTANTS, min_size=2, max_size=TREND_LENGTH), st.sampled_from([UTC, PARIS_TIME]))
def test_every_digest_of_a_trend_has_a_label_of_its_own_that_slack_takes(
    instants: list[datetime], zone: tzinfo
) -> None:
    found = labels(*(TrendPoint(at, 1, 1, complete=True) for at in sorted(instants)), zone=zone)
    assert len(set(found)) == len(found)
    assert all(1 <= len(label) <= 20 for label in found)


@pytest.mark.parametrize(
    ("owing", "drawn"),
    [([31, 28], "31 █▇ 28"), ([0, 0], "0 ▁▁ 0"), ([1, 0, 8], "1 ▁▁█ 8"), ([1_234, 617, 0], "1,234 █▄▁ 0")],
)
def test_the_trend_in_text_tells_its_ends_and_its_shape(owing: list[int], drawn: str) -> None:
    points = [trend_point(len(owing) - number, count) for number, count in enumerate(owing)]
    assert trend_line(changes_lines(NOTHING, *points)) == f"Trend of the last {len(owing)} digests: {drawn}"


def test_a_digest_that_did_not_see_everything_is_named_because_its_dip_is_no_success() -> None:
    points = trend_point(20), trend_point(14, complete=False), trend_point(8, complete=False), trend_point(0)
    assert incomplete_digests_line(changes_lines(NOTHING, *points)) == "Incomplete digests in the trend: 9 Nov, 15 Nov"
    every = [replace(one, complete=False) for one in points]
    assert incomplete_digests_line(changes_lines(NOTHING, *every)) == "Incomplete digests in the trend: all of them"
