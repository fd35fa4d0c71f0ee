from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bailiff_bot.slack.blocks.fitting import (
    MAX_CHARACTERS,
    SizedPart,
    fit,
    fit_lines,
    fit_parts,
    slack_length,
    truncated,
)
from tests.message_checks import utf16_units

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("<>&😀"))
LINES = st.lists(st.text(st.sampled_from("ab😀é"), max_size=40), min_size=1, max_size=30)
LENGTHS = st.lists(st.integers(0, 100), max_size=30)


def part(fixed: int, *items: int, essential: bool = False) -> SizedPart:
    return SizedPart(fixed, items, len(items) or 1, lambda _: [], essential=essential)


PARTS = st.lists(st.builds(part, st.integers(0, 300)) | LENGTHS.map(lambda items: part(50, *items)), max_size=12)


def more(count: int) -> str:
    return f"{count:,} more lines: in the CSV."


@given(ANY_TEXT)
def test_slack_length_counts_utf_16_units(text: str) -> None:
    assert slack_length(text) == utf16_units(text)


@given(ANY_TEXT, st.integers(1, 20))
def test_a_shortened_text_fits_and_is_the_beginning_of_the_whole(text: str, limit: int) -> None:
    short = truncated(text, limit)
    assert slack_length(short) <= limit
    assert short == text or (short.endswith("…") and text.startswith(short[:-1]))


@given(ANY_TEXT, st.integers(1, 20))
def test_a_text_that_fits_is_not_shortened(text: str, limit: int) -> None:
    assert (truncated(text, limit) == text) or slack_length(text) > limit


@given(LENGTHS, st.integers(0, 500))
def test_as_many_items_are_shown_as_fit(lengths: list[int], limit: int) -> None:
    count = fit(lengths, limit)
    assert sum(lengths[:count]) <= limit
    assert count == len(lengths) or sum(lengths[: count + 1]) > limit


@given(PARTS, st.integers(0, 3_000))
def test_fitted_parts_take_at_most_the_limit(parts: list[SizedPart], limit: int) -> None:
    counts = fit_parts(parts, limit)
    shown = [(one, count) for one, count in zip(parts, counts, strict=True) if count is not None]
    assert sum(one.fixed + sum(one.items[:count]) for one, count in shown) <= limit


@given(PARTS)
def test_nothing_is_left_out_if_all_parts_fit(parts: list[SizedPart]) -> None:
    assert fit_parts(parts, sum(one.length for one in parts)) == [len(one.items) for one in parts]


def test_each_list_gets_its_share_and_what_later_lists_do_not_need() -> None:
    long, short = part(0, *[10] * 100), part(0, *[10] * 3)
    assert fit_parts([long, long], 100) == [5, 5]
    assert fit_parts([long, short], 100) == [7, 3]
    assert fit_parts([short, long], 100) == [3, 7]


def test_an_essential_part_is_never_left_out() -> None:
    assert fit_parts([part(90), part(0, *[10] * 9), part(80, essential=True)], 100) == [None, 2, 0]


def test_a_part_with_fewer_items_than_it_needs_is_left_out() -> None:
    assert fit_parts([SizedPart(10, (95, 5), 2, lambda _: [], min_items=1)], 100) == [None]


@given(LINES, st.integers(100, 400))
def test_a_fitted_text_fits_and_counts_the_lines_it_left_out(lines: list[str], limit: int) -> None:
    text = "\n".join(lines)
    kept = fit_lines(text, limit, more)
    assert slack_length(kept) <= limit
    if kept != text:
        *shown, last = kept.splitlines()
        assert text.splitlines()[: len(shown)] == shown
        assert last == more(len(text.splitlines()) - len(shown))


@given(LINES, st.integers(100, 400), st.integers(100, 400))
def test_more_lines_are_shown_if_more_fit(lines: list[str], one: int, other: int) -> None:
    shown = [fit_lines("\n".join(lines), limit, more).count("\n") for limit in sorted([one, other])]
    assert all(fewer <= more_lines for fewer, more_lines in pairwise(shown))


def test_a_fitted_text_uses_the_available_length() -> None:
    assert slack_length(fit_lines("\n".join(["x" * 50] * 1000), MAX_CHARACTERS, more)) > MAX_CHARACTERS - 200


def test_a_single_line_that_is_too_long_is_left_out_and_counted() -> None:
    assert fit_lines("x" * 20_000, MAX_CHARACTERS, more) == "1 more lines: in the CSV."
