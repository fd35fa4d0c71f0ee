from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bailiff_bot.usecases.durations import parse_duration


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7d", timedelta(days=7)),
        (" 7 days ", timedelta(days=7)),
        ("2w 3d", timedelta(days=17)),
        ("36h", timedelta(hours=36)),
        ("1.5d", timedelta(hours=36)),
        ("36500d", timedelta(days=36_500)),
        ("14\u00a0D", timedelta(days=14)),
        ("1 week, 2 days", timedelta(days=9)),
        ("1d" + " " * 3_000 + "2h", timedelta(hours=26)),
    ],
)
def test_a_duration_is_read(text: str, expected: timedelta) -> None:
    assert parse_duration(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("", "7", "soon", "1mo", "1y", "0d", "-7d", "36501d", "9" * 40 + "d", "7d\n8d", "nan d", "1:30", "2026-11-23"),
        *("1d" + " " * 3_000 + "x", "9" * 5_000 + "d", "1 " * 40 + "d"),
    ],
)
def test_what_is_no_duration_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(ValueError, match=r"duration: write a number|more than nothing") as refused:
        parse_duration(text)
    assert len(str(refused.value).splitlines()) == 1
    assert len(str(refused.value)) < 200


@given(st.text() | st.from_regex(r"\A-?[0-9]{1,400}(\.[0-9]+)? ?[smhdw]\Z"))
@example("9" * 5_000 + "d")
@example("9" * 400 + "." + "9" * 9 + "d")
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        assert timedelta(0) < parse_duration(text) <= timedelta(days=36_500)
    except ValueError as refused:
        assert len(str(refused).splitlines()) == 1  # noqa: PT017 - either outcome will do
