from itertools import chain

from hypothesis import given
from hypothesis import strategies as st

from bailiff_bot.render.layout import GAP, Extent, breadth, layout

EXTENTS = st.lists(st.builds(Extent, st.integers(1, 300), st.integers(1, 40)), min_size=1, max_size=10)


def test_without_a_width_nothing_is_cut() -> None:
    assert layout([Extent(400, 10), Extent(19, 19)], None) == ((400, 19),)


def test_the_widest_columns_are_cut_to_a_common_limit() -> None:
    assert layout([Extent(90, 5), Extent(60, 5), Extent(12, 5), Extent(19, 19)], 100) == ((31, 31, 12, 19),)


def test_a_column_that_must_not_be_cut_goes_on_a_further_line_instead() -> None:
    assert layout([Extent(30, 16), Extent(19, 19)], 40) == ((19, 19),)
    assert layout([Extent(30, 16), Extent(19, 19)], 36) == ((30,), (19,))


def test_of_two_layouts_with_as_many_lines_the_one_that_cuts_fewer_columns_is_taken() -> None:
    assert layout([Extent(112, 16), Extent(18, 12), Extent(40, 40)], 60) == ((38, 18), (40,))


def test_a_terminal_that_is_narrower_than_a_column_cuts_it() -> None:
    assert layout([Extent(10, 6), Extent(19, 19)], 15) == ((10,), (13,))


@given(EXTENTS, st.integers(3, 250))
def test_every_column_is_placed_and_every_line_fits(columns: list[Extent], width: int) -> None:
    form = layout(columns, width)
    assert len(list(chain(*form))) == len(columns)
    assert all(breadth(line) + (len(GAP) if number else 0) <= width for number, line in enumerate(form))
    for column, size in zip(columns, chain(*form), strict=True):
        assert size == column.whole or size >= min(column.least, width - len(GAP))
