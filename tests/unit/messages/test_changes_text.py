from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bailiff_bot.domain.changes import Changes
from bailiff_bot.domain.cleared import Cleared
from bailiff_bot.domain.gap import Gap, GapSource
from bailiff_bot.domain.history import TREND_LENGTH, DigestHistory, FindingKey, OpenFinding, TrendPoint
from bailiff_bot.domain.report import Row
from bailiff_bot.domain.rules import RuleId
from bailiff_bot.domain.subject import Subject
from bailiff_bot.messages.changes_text import (
    ChangesText,
    changes_text,
    cleared_line,
    dropped_line,
    fixed_line,
    incomplete_digests_line,
    since_line,
    thanks_line,
    trend,
    undetermined_line,
)
from tests.builders import ASG, HOSTILE_TEXTS, IRELAND, NOW, days_ago, instance, report

PARIS_TIME = ZoneInfo("Europe/Paris")
NO_CHANGES = Changes(days_ago(3), (), (), (), (), (), {})


def trend_point(ago: float, flagged: int = 3, *, complete: bool = True) -> TrendPoint:
    return TrendPoint(days_ago(ago), flagged, 60, complete)


def changes_lines(changes: Changes = NO_CHANGES, *points: TrendPoint, zone: tzinfo = UTC) -> ChangesText:
    return ChangesText(changes, points or (trend_point(0),), zone)


def open_finding(number: int = 1, name: str = "Ada Granger", count: int = 1) -> OpenFinding:
    key = FindingKey(Subject(IRELAND, f"i-{number}"), RuleId.NAMED)
    return OpenFinding(key, days_ago(3), days_ago(1), f"x (i-{number})", "AGR", tuple(filter(None, [name])), count)


def row(*, machines: int = 1) -> Row:
    tags = {ASG: "AGR-web"} if machines > 1 else {}
    [found] = report(*(instance(number, age=40, tags=tags) for number in range(machines))).flagged
    return found


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (NO_CHANGES, "nothing new, nothing fixed"),
        (replace(NO_CHANGES, new=(row(),)), "1 new, nothing fixed"),
        (replace(NO_CHANGES, fixed=(open_finding(count=4), open_finding(2))), "nothing new, 5 fixed"),
        (replace(NO_CHANGES, still_open=((row(), 12),)), "nothing new, nothing fixed, 1 still open (for 12 days)"),
        (
            replace(NO_CHANGES, still_open=((row(), 1), (row(machines=19), 12))),
            "nothing new, nothing fixed, 20 still open (longest: 12 days)",
        ),
        (replace(NO_CHANGES, still_open=((row(), 0), (row(), 0))), "nothing new, nothing fixed, 2 still open"),
    ],
)
def test_what_changed_is_counted_in_instances(changes: Changes, expected: str) -> None:
    assert since_line(changes_lines(changes)) == f"Since Fri 20 Nov: {expected}"


def test_the_first_digest_has_no_line_about_changes() -> None:
    first = replace(NO_CHANGES, since=None, new=(row(),))
    assert (since_line(changes_lines(first)), fixed_line(changes_lines(first))) == ("", "")


@pytest.mark.parametrize(("zone", "expected"), [(UTC, "Sun 22 Nov"), (PARIS_TIME, "Mon 23 Nov, 00:30")])
def test_the_last_digest_is_named_by_day_in_the_readers_zone_and_by_time_if_it_was_today(
    zone: tzinfo, expected: str
) -> None:
    since = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    assert since_line(changes_lines(replace(NO_CHANGES, since=since), zone=zone)).startswith(f"Since {expected}: ")


NOT_READ = Gap(GapSource.TARGET, IRELAND, "not read")


def test_undetermined_findings_are_counted_by_reason() -> None:
    unseen = (open_finding(1, count=2), open_finding(2), open_finding(3))
    why = (NOT_READ, Gap(GapSource.RULE, None, "just created"), NOT_READ)
    changes = replace(
        NO_CHANGES,
        undetermined_subjects=unseen,
        undetermined={one.key: reason for one, reason in zip(unseen, why, strict=True)},
    )
    assert undetermined_line(changes_lines(changes)) == "Could not be checked this time: 1 (just created), 3 (not read)"
    assert undetermined_line(changes_lines()) == ""


def test_findings_dropped_by_policy_are_counted_in_a_line_of_their_own() -> None:
    text = changes_lines(replace(NO_CHANGES, dropped_subjects=(open_finding(1, count=3), open_finding(2))))
    assert dropped_line(text) == "No longer counted (the rules changed): 4"
    assert since_line(text) == "Since Fri 20 Nov: nothing new, nothing fixed"
    assert (thanks_line(text), fixed_line(text), dropped_line(changes_lines())) == ("", "", "")


def test_what_ended_because_of_its_metrics_is_counted_by_reason_and_nobody_is_thanked() -> None:
    ended = (open_finding(1, "Ada", count=3), open_finding(2), open_finding(3))
    reasons = (Cleared.IN_USE, Cleared.NOT_IDLE, Cleared.IN_USE)
    cleared = {one.key: reason for one, reason in zip(ended, reasons, strict=True)}
    text = changes_lines(replace(NO_CHANGES, cleared_subjects=ended, cleared=cleared))
    assert cleared_line(text) == "By their metrics: 4 in use, 1 not idle any more"
    assert since_line(text) == "Since Fri 20 Nov: nothing new, nothing fixed"
    assert (thanks_line(text), fixed_line(text), cleared_line(changes_lines())) == ("", "", "")


@pytest.mark.parametrize(
    ("fixed_by_name", "expected"),
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
    fixed_by_name: list[tuple[str, int]], expected: str
) -> None:
    fixed = tuple(open_finding(number, name, count) for number, (name, count) in enumerate(fixed_by_name))
    assert thanks_line(changes_lines(replace(NO_CHANGES, fixed=fixed))) == expected


@given(st.lists(st.text(max_size=300) | st.sampled_from(HOSTILE_TEXTS), min_size=1, max_size=9))
def test_thanks_are_short_and_on_one_line_for_any_names(names: list[str]) -> None:
    fixed = tuple(open_finding(number, name) for number, name in enumerate(names))
    expected = thanks_line(changes_lines(replace(NO_CHANGES, fixed=fixed)))
    assert len(expected) < 400
    assert len(expected.splitlines()) <= 1


@pytest.mark.parametrize(
    ("fixed", "expected"), [((), ""), ((open_finding(),), "1 was fixed"), ((open_finding(count=5),), "5 were fixed")]
)
def test_the_number_of_fixed_findings_has_a_line_of_its_own(fixed: tuple[OpenFinding, ...], expected: str) -> None:
    assert fixed_line(changes_lines(replace(NO_CHANGES, fixed=fixed))) == (
        f"{expected} since Fri 20 Nov" if expected else ""
    )


def labels(*points: TrendPoint, zone: tzinfo = UTC) -> list[str]:
    return [label for label, _ in trend(changes_lines(NO_CHANGES, *points, zone=zone))]


def test_one_digest_has_no_trend() -> None:
    assert (labels(trend_point(0)), incomplete_digests_line(changes_lines())) == ([], "")


def test_a_trend_has_the_latest_digests_and_this_one() -> None:
    history = DigestHistory(trend=tuple(trend_point(ago) for ago in range(30, 0, -1)))
    text = changes_text(report(instance(1, None)), NO_CHANGES, history, UTC)
    assert len(text.points) == len(trend(text)) == TREND_LENGTH
    assert text.points[-1] == TrendPoint(NOW, 1, 1, complete=True)


def test_digests_are_labelled_by_day_and_those_of_the_same_day_by_time_too() -> None:
    assert labels(trend_point(2), trend_point(1), trend_point(0.25), trend_point(0)) == [
        "21 Nov",
        "22 Nov",
        "23 Nov 03:00",
        "23 Nov 09:00",
    ]


def test_digests_of_the_same_minute_or_of_another_year_are_labelled_by_full_date_and_time() -> None:
    second = timedelta(seconds=1)
    points = [replace(trend_point(0), at=at) for at in (NOW - 365 * timedelta(days=1), NOW - second, NOW)]
    assert labels(*points) == ["2025-11-23 09:00:00", "23 Nov 08:59", "2026-11-23 09:00:00"]


def test_two_digests_of_one_scan_are_one_point_of_the_trend() -> None:
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


def test_incomplete_digests_are_named_because_their_dip_is_no_success() -> None:
    points = trend_point(20), trend_point(14, complete=False), trend_point(8, complete=False), trend_point(0)
    assert (
        incomplete_digests_line(changes_lines(NO_CHANGES, *points)) == "Incomplete digests in the trend: 9 Nov, 15 Nov"
    )
    every = [replace(one, complete=False) for one in points]
    assert incomplete_digests_line(changes_lines(NO_CHANGES, *every)) == "Incomplete digests in the trend: all of them"
