import unicodedata
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bailiff_bot.messages.formatting import age, date, date_time, iso_day, ordinal, plural, visible
from tests.builders import NOW

BIDI = {chr(code) for code in (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))}
"""Every character with the property Bidi_Control (Unicode, PropList.txt)."""
HARMFUL_CATEGORIES = {"Cc", "Cs", "Zl", "Zp"}


def is_harmful(character: str) -> bool:
    return character in BIDI or unicodedata.category(character) in HARMFUL_CATEGORIES


@given(st.text(st.characters(exclude_categories=[]) | st.sampled_from("\n\r\x00\x1b\x85\u2028\u202e\ud800é👩‍👩‍👧")))
def test_visible_text_is_the_given_text_without_harmful_characters(text: str) -> None:
    assert visible(text) == "".join(character for character in text if not is_harmful(character))


@pytest.mark.parametrize("character", sorted(BIDI))
def test_no_character_of_visible_text_changes_its_direction(character: str) -> None:
    assert visible(f"a{character}b") == "ab"


@pytest.mark.parametrize("text", ["agr-test", "日本語", "👩‍👩‍👧", "e\u0301", "<!channel>", "1e3", " a  b "])
def test_harmless_text_is_not_changed(text: str) -> None:
    assert visible(text) == text


@pytest.mark.parametrize(
    ("elapsed", "expected"),
    [
        (timedelta(seconds=-5), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=1), "1 min ago"),
        (timedelta(minutes=59, seconds=59), "59 min ago"),
        (timedelta(hours=1), "1 h ago"),
        (timedelta(hours=47, minutes=59), "47 h ago"),
        (timedelta(days=2), "2 days ago"),
        (timedelta(days=400, hours=23), "400 days ago"),
    ],
)
def test_an_age_is_given_in_the_largest_useful_unit(elapsed: timedelta, expected: str) -> None:
    assert age(elapsed) == expected


@pytest.mark.parametrize(
    ("count", "expected"), [(0, "0 regions"), (1, "1 region"), (2, "2 regions"), (1234, "1,234 regions")]
)
def test_a_count_agrees_with_its_noun(count: int, expected: str) -> None:
    assert plural(count, "region") == expected


@pytest.mark.parametrize(("zone", "expected"), [("UTC", "31 Dec"), ("Asia/Tokyo", "1 Jan")])
def test_a_date_is_the_day_in_the_readers_zone(zone: str, expected: str) -> None:
    assert date(datetime(2026, 12, 31, 23, tzinfo=UTC), ZoneInfo(zone)) == expected


def test_a_date_time_is_the_day_and_the_time_in_the_readers_zone() -> None:
    assert date_time(NOW - timedelta(minutes=4), ZoneInfo("Asia/Tokyo")) == "23 Nov, 17:56 JST"


def test_a_date_is_the_day_in_the_zone_of_the_reader() -> None:
    late = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    assert (iso_day(late, UTC), iso_day(late, ZoneInfo("Europe/Paris"))) == ("2026-11-22", "2026-11-23")


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1, "1st"),
        (2, "2nd"),
        (3, "3rd"),
        (4, "4th"),
        (11, "11th"),
        (12, "12th"),
        (13, "13th"),
        (21, "21st"),
        (112, "112th"),
    ],
)
def test_a_number_is_an_ordinal(number: int, text: str) -> None:
    assert ordinal(number) == text
