"""What an exempting tag means: the values that were decided by hand, and what nobody may type to break it."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bailiff_bot.domain.exemption import (
    NO,
    NOT_EXEMPT,
    Exempted,
    TagNote,
    exempted_by_tag,
    exempting_tags,
    longest,
    tag_exemption,
)
from bailiff_bot.domain.instance import FirstExempt
from bailiff_bot.domain.policy import Policy

TABLE = yaml.safe_load((Path(__file__).parents[2] / "cases" / "exemptions.yaml").read_text(encoding="utf-8"))
ZONE = ZoneInfo(TABLE["zone"])
NOW = TABLE["now"].astimezone(UTC)
FORMS = ["%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%d.%m.%Y", "%d %B %Y", "%d-%b-%Y", "%B %d, %Y", "%b %d %Y"]
ROWS = [
    pytest.param(row, id=f"{section}-{number}-{row.get('value', '')}")
    for section, rows in TABLE.items()
    if isinstance(rows, list)
    for number, row in enumerate(rows, 1)
]


@pytest.mark.parametrize("row", ROWS)
def test_a_tag_and_grants_mean_what_was_decided(row: dict[str, Any]) -> None:
    by_tag = exempted_by_tag(row["value"], NOW, ZONE) if "value" in row else NOT_EXEMPT
    found = longest(by_tag, row.get("grants", []), NOW)

    assert (found.exempt, found.until, found.note) == (row["exempt"], row["until"], row["note"])


@given(st.text(st.sampled_from("0123456789-/. :TZ+adecmnoprsuvy\u0661\u2013"), max_size=40) | st.text(max_size=60))
def test_every_value_has_a_meaning(value: str) -> None:
    found = exempted_by_tag(value, NOW, ZONE)

    assert found.exempt == (found.until is None or found.until > NOW) or value.strip().casefold() in NO


@given(st.dates(date(2026, 11, 20), date(2027, 11, 20)), st.sampled_from(FORMS))
def test_a_day_is_found_in_whatever_form_it_is_written(day: date, form: str) -> None:
    found = exempted_by_tag(f"demo, until {day.strftime(form)} (agr)", NOW, ZONE)

    end = datetime.combine(day + timedelta(days=1), time(), ZONE).astimezone(UTC)
    assert (found.exempt, found.until, found.note) == (True, end, None)


@given(st.lists(st.datetimes(timezones=st.just(UTC)), max_size=5))
def test_an_exemption_that_is_over_never_beats_a_live_one(grants: list[datetime]) -> None:
    by_tag = exempted_by_tag("2026-11-19", NOW, ZONE)

    assert longest(by_tag, grants, NOW).exempt == any(grant > NOW for grant in grants)


@pytest.mark.parametrize(
    "pattern", ["keep", "keep=*", "ke*", "*", "keep=yes", "keep=y*", "k*=*s", "cost:*", "*:centre"]
)
def test_a_pattern_exempts_by_key_or_by_key_and_value(pattern: str) -> None:
    assert tag_exemption({"keep": "yes", "cost:centre": "7"}, Policy(exempt_tags=(pattern,)), NOW).exempt


@pytest.mark.parametrize("pattern", ["kee", "Keep", "keep=no", "keep=ye", "keep=Yes", "x*", "keep=*x", "yes", "k*=7"])
def test_a_pattern_exempts_nothing_else(pattern: str) -> None:
    assert tag_exemption({"keep": "yes", "cost:centre": "7"}, Policy(exempt_tags=(pattern,)), NOW) == NOT_EXEMPT


def test_nothing_is_exempt_without_a_pattern() -> None:
    assert tag_exemption({"": "", "a": "b"}, Policy(exempt_tags=()), NOW) == NOT_EXEMPT


@pytest.mark.parametrize("value", ["[prod]", "why?", "[!a]"])
def test_only_the_star_is_a_wildcard(value: str) -> None:
    policy = Policy(exempt_tags=(f"keep={value}",))
    assert tag_exemption({"keep": value}, policy, NOW).exempt
    assert not tag_exemption({"keep": "p"}, policy, NOW).exempt


@pytest.mark.parametrize(
    ("patterns", "tags", "until"),
    [
        (("keep",), {"keep": "2026-12-31"}, "2026-12-31T23:00:00+00:00"),
        (("keep", "hold"), {"keep": "2026-12-31", "hold": "2027-01-31"}, "2027-01-31T23:00:00+00:00"),
        (("keep", "hold"), {"keep": "2026-12-31", "hold": "2026-11-01"}, "2026-12-31T23:00:00+00:00"),
        (("keep=until*",), {"keep": "until 2026-12-31"}, "2026-12-31T23:00:00+00:00"),
        (("keep=2026-01-01",), {"keep": "2026-01-01"}, "None"),
        (("keep", "hold"), {"keep": "2026-12-31", "hold": "yes"}, "None"),
    ],
)
def test_the_longest_tag_counts(patterns: tuple[str, ...], tags: dict[str, str], until: str) -> None:
    found = tag_exemption(tags, Policy(exempt_tags=patterns, zone=ZONE), NOW)

    assert (found.exempt, found.until.isoformat() if found.until else "None") == (True, until)


@pytest.mark.parametrize(
    ("value", "until"),
    [
        ("2026-12-31 06:00 PM", "2026-12-31T17:00:00+00:00"),
        ("12/31/2026 12:30 am", "2026-12-30T23:30:00+00:00"),
        ("2026-12-31 18:00 PST", "2026-12-31T23:00:00+00:00"),
        ("created-at=2026-01-15", "None"),
        ("started on 2026-01-15 by agr", "None"),
        ("created by agr 2026-01-15, until 2026-12-31", "2026-12-31T23:00:00+00:00"),
    ],
)
def test_a_time_is_never_read_too_early(value: str, until: str) -> None:
    found = exempted_by_tag(value, NOW, ZONE)

    assert (found.exempt, found.until.isoformat() if found.until else "None") == (True, until)


FIRST = FirstExempt("keep", NOW - timedelta(days=17))
ENDING = Policy(exempt_tags=("keep", "hold=x"), zone=ZONE, exempt_tag_days=90)


@pytest.mark.parametrize(
    ("tags", "note"),
    [({"keep": ""}, None), ({"hold": "x"}, None), ({"keep": "since 2026-01-15"}, TagNote.NOT_UNDERSTOOD)],
)
def test_a_tag_without_an_end_ends_so_many_days_after_it_was_first_seen(
    tags: dict[str, str], note: TagNote | None
) -> None:
    found = tag_exemption(tags, ENDING, NOW, FIRST)

    assert found == Exempted(exempt=True, until=FIRST.at + timedelta(days=90), note=note, since=FIRST)


def test_it_exempts_up_to_its_end_and_not_at_its_end() -> None:
    end = FIRST.at + timedelta(days=90)

    assert tag_exemption({"keep": ""}, ENDING, end - timedelta(microseconds=1), FIRST).exempt
    assert not tag_exemption({"keep": ""}, ENDING, end, FIRST).exempt


def test_the_days_count_from_now_if_no_scan_saw_the_tag_before() -> None:
    found = tag_exemption({"keep": ""}, ENDING, NOW)

    assert (found.until, found.since) == (NOW + timedelta(days=90), FirstExempt("keep", NOW))


@pytest.mark.parametrize("value", ["2026-12-31", "2026-11-19", "no"])
def test_a_tag_that_says_when_it_ends_is_left_as_it_is(value: str) -> None:
    assert tag_exemption({"keep": value}, ENDING, NOW, FIRST) == exempted_by_tag(value, NOW, ZONE)


def test_a_tag_that_is_over_never_beats_one_that_still_exempts() -> None:
    tags, long_ago = {"keep": "2026-12-31", "hold": "x"}, FirstExempt("hold", NOW - timedelta(days=400))

    assert tag_exemption(tags, ENDING, NOW, long_ago) == exempted_by_tag("2026-12-31", NOW, ZONE)


@given(st.text(max_size=20), st.integers(-500, 0))
def test_without_the_setting_a_value_means_what_it_did(value: str, days: int) -> None:
    first = FirstExempt("keep", NOW + timedelta(days=days))

    found = list(exempting_tags({"keep": value}, Policy(exempt_tags=("keep",), zone=ZONE), NOW, first))
    assert [one.exempted for one in found] == [exempted_by_tag(value, NOW, ZONE)]
