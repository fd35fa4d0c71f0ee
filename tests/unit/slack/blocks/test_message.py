import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bailiff_bot.sandbox.slack.blocks import problems
from bailiff_bot.slack.blocks.message import (
    MAX_CHARACTERS,
    MAX_HEADER,
    Message,
    blocks,
    bold,
    context,
    escape,
    fit_lines,
    header,
    line,
    paragraph,
    slack_length,
    truncated,
)
from tests.message_checks import nodes, utf16_units

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("<>&😀"))
LINES = st.lists(st.text(st.sampled_from("ab😀é"), max_size=40), min_size=1, max_size=30)


@given(ANY_TEXT)
def test_escaped_text_holds_no_mention_and_no_link(text: str) -> None:
    assert not set("<>") & set(escape(text))


@given(ANY_TEXT.filter(lambda text: "&" not in text))
def test_escaped_text_is_shown_unchanged(text: str) -> None:
    assert escape(text).replace("&lt;", "<").replace("&gt;", ">") == text


def test_text_that_looks_escaped_is_shown_unchanged() -> None:
    assert html.unescape(escape("&lt;!channel&gt;")) == "&lt;!channel&gt;"


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


@given(LINES, st.integers(100, 400))
def test_a_fitted_text_fits_and_counts_the_lines_it_left_out(lines: list[str], limit: int) -> None:
    text = "\n".join(lines)
    kept = fit_lines(text, limit)
    assert slack_length(kept) <= limit
    if kept != text:
        *shown, last = kept.splitlines()
        assert text.splitlines()[: len(shown)] == shown
        assert f"... {len(text.splitlines()) - len(shown):,} more lines" in last


def test_a_fitted_text_uses_the_available_length() -> None:
    assert slack_length(fit_lines("\n".join(["x" * 50] * 1000))) > MAX_CHARACTERS - 200


def test_a_single_line_that_is_too_long_is_left_out_and_counted() -> None:
    assert fit_lines("x" * 20_000).startswith("... 1 more")


@pytest.mark.parametrize("text", ["x" * 400, "😀" * 200, "<!channel>" * 20])
def test_a_title_of_any_length_is_accepted(text: str) -> None:
    drawn = blocks(header(text))
    assert problems(list(drawn), "message") == []
    assert utf16_units(drawn[0]["text"]["text"]) <= MAX_HEADER


def test_small_print_leaves_out_empty_lines_and_cuts_long_ones() -> None:
    [drawn] = blocks(context(["a", "", "x" * 9_000]))
    assert [len(one["text"]) for one in drawn["elements"]] == [1, 2_000]


def test_blocks_carry_no_random_ids_so_that_equal_messages_are_equal() -> None:
    drawn = blocks(paragraph("a", bold("b")), header("c"))
    assert not [node for node in nodes(drawn) if "block_id" in node]
    assert drawn == blocks(paragraph("a", bold("b")), header("c"))


def test_empty_parts_of_a_line_are_left_out() -> None:
    [drawn] = blocks(paragraph("a", "", bold("b")))
    assert [node["text"] for node in nodes(drawn) if node.get("type") == "text"] == ["a", "b"]
    assert len(line("", "a").elements or []) == 1


def test_the_text_is_escaped_and_blocks_are_not() -> None:
    message = Message("<!channel> & co", blocks(paragraph("<!channel> & co")))
    assert message.payload()["text"] == "&lt;!channel&gt; &amp; co"
    assert [node["text"] for node in nodes(message.payload()["blocks"]) if "text" in node] == ["<!channel> & co"]


def test_a_message_of_one_sentence_has_no_blocks() -> None:
    assert Message("Nothing.").payload() == {"text": "Nothing."}
    assert Message("Nothing.").fallback() == Message("Nothing.")


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=300), st.integers(1, 200))
def test_the_fallback_for_refused_blocks_is_accepted(text: str, times: int) -> None:
    fallback = Message("A sentence.", (), "\n".join([text] * times)).fallback()
    assert problems(list(fallback.blocks), "message") == []
    assert sum(utf16_units(node["text"]) for node in nodes(fallback.blocks) if "text" in node) <= MAX_CHARACTERS
