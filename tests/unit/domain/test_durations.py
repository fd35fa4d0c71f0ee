"""A typed duration is read, or refused in one sentence that says what to type instead."""

from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bailiff_bot.domain.durations import NoDuration, parse_duration
from tests.builders import HOSTILE_TEXTS

UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes"}
TYPED = st.lists(
    st.sampled_from([*HOSTILE_TEXTS, "14", "1.5", "d", "w", "-", "+", "month", " ", ":", "."]) | st.text(max_size=30),
    max_size=8,
).map("".join)


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("14d", timedelta(days=14)),
        ("2w 3d", timedelta(days=17)),
        ("12h", timedelta(hours=12)),
        ("  14 D ", timedelta(days=14)),
        ("14\u00a0days", timedelta(days=14)),
        ("1 week, 2 days", timedelta(days=9)),
        ("1.5d", timedelta(hours=36)),
    ],
)
def test_a_duration_is_read(text: str, duration: timedelta) -> None:
    assert parse_duration(text) == duration


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        *((text, "not understood") for text in ("1mo", "1y", "14", "d", "", "tomorrow", "14dd", "1:30", "2026-11-23")),
        *((text, "longer than zero") for text in ("0d", "-3d", "- 1 week")),
        *((text, "too long") for text in ("99999999999d", "9" * 39 + "w")),
        *((text, "not understood") for text in (" " * 3_000 + "1x", "9" * 5_000 + "d", "1 " * 20 + "d")),
    ],
)
def test_anything_else_is_refused_in_one_sentence(text: str, problem: str) -> None:
    refused = parse_duration(text)
    assert isinstance(refused, NoDuration)
    assert problem in refused.reason
    assert refused.reason.endswith(": type it like 14d, 2w 3d or 12h.")


@given(TYPED)
@example("\x00")
@example("9" * 40)
def test_any_text_gives_a_positive_duration_or_a_sentence(text: str) -> None:
    match parse_duration(text):
        case NoDuration(reason):
            assert reason.count(".") == 1
        case duration:
            assert duration > timedelta(0)


@given(st.lists(st.integers(1, 99), min_size=4, max_size=4))
def test_all_units_add_up(counts: list[int]) -> None:
    text = " ".join(f"{count}{unit}" for count, unit in zip(counts, UNITS, strict=True))
    assert parse_duration(text) == timedelta(**dict(zip(UNITS.values(), counts, strict=True)))
