"""What an exempting tag means: the values that were decided by hand, and what nobody may type to break it."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bailiff_bot.domain.exemption import NO, NOT_EXEMPT, exempted_by_tag, longest

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
