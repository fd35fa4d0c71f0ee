import pytest
from hypothesis import given
from hypothesis import strategies as st

from bailiff_bot.store.types import join_lines, split_lines


@given(st.lists(st.text(st.characters(exclude_characters="\n"), min_size=1)))
def test_joined_texts_are_split_again(texts: list[str]) -> None:
    assert split_lines(join_lines(texts)) == tuple(texts)


def test_a_line_break_in_a_text_makes_no_second_text() -> None:
    assert split_lines(join_lines(["Ada\nGranger", "Mel"])) == ("Ada Granger", "Mel")


@pytest.mark.parametrize(("stored", "texts"), [("", ()), ("Ada Granger", ("Ada Granger",))])
def test_a_column_that_held_one_text_or_none_is_read(stored: str, texts: tuple[str, ...]) -> None:
    assert split_lines(stored) == texts
