import pytest
from hypothesis import given
from hypothesis import strategies as st
from wcwidth import iter_graphemes

from bailiff_bot.messages.formatting import visible
from bailiff_bot.render.cells import ELLIPSIS, cells, cut, padded, wrapped

TEXTS = st.text(max_size=60).map(visible)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("agr-box", 7),
        ("日本語", 6),
        ("e\u0301", 1),
        ("\u200b", 0),
        ("👍🏽", 2),
        ("🇫🇷", 2),
        ("❤️", 2),
        ("👩‍👩‍👧", 2),
        ("a\u200db", 2),
    ],
)
def test_cells_are_counted_as_a_terminal_shows_them(text: str, size: int) -> None:
    assert cells(text) == size
    assert cells(padded(text, 9)) == 9


@pytest.mark.parametrize(
    ("text", "size", "shown"),
    [
        ("agr-box", 7, "agr-box"),
        ("agr-box", 6, "agr…ox"),
        ("agr-box", 2, "a…"),
        ("agr-box", 1, "…"),
        ("agr-box", 0, ""),
        ("東京東京", 7, "東…東京"),
        ("東京東京", 6, "東…京"),
        ("e\u0301e\u0301e\u0301e\u0301", 3, "e\u0301…e\u0301"),
        ("👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧", 5, "👩‍👩‍👧…👩‍👩‍👧"),
    ],
)
def test_the_middle_of_a_text_is_cut(text: str, size: int, shown: str) -> None:
    assert cut(text, size) == shown


@given(TEXTS, st.integers(0, 40))
def test_a_cut_fits_and_is_marked_and_keeps_whole_characters_of_both_ends(text: str, size: int) -> None:
    shown = cut(text, size)
    assert cells(shown) <= size
    if shown == text or not size:
        return
    start, end = next(
        (shown[:at], shown[at + 1 :])
        for at, character in enumerate(shown)
        if character == ELLIPSIS and text.startswith(shown[:at]) and text.endswith(shown[at + 1 :])
    )
    whole, first, last = (list(iter_graphemes(part)) for part in (text, start, end))
    assert whole[: len(first)] == first
    assert whole[len(whole) - len(last) :] == last


@given(TEXTS, st.integers(1, 40))
def test_every_line_of_a_sentence_fits(text: str, size: int) -> None:
    assert all(cells(line) <= size for line in wrapped(text, size))


def test_a_sentence_breaks_between_words_and_not_within_a_region() -> None:
    assert wrapped("2 of 3 regions read · not read: sa-east-1 (access denied)", 38) == [
        "2 of 3 regions read · not read:",
        "sa-east-1 (access denied)",
    ]


def test_a_word_that_no_line_holds_is_broken_and_nothing_of_it_lost() -> None:
    assert wrapped("x" * 10, 4) == ["xxxx", "xxxx", "xx"]
