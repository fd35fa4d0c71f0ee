from itertools import chain

from hypothesis import given
from hypothesis import strategies as st

from bailiff_bot.render.layout import GAP, ColumnWidths, choose_layout, line_width

COLUMNS = st.lists(st.builds(ColumnWidths, st.integers(1, 300), st.integers(1, 40)), min_size=1, max_size=10)


def test_the_widest_columns_are_cut_to_a_common_limit() -> None:
    columns = [ColumnWidths(90, 5), ColumnWidths(60, 5), ColumnWidths(12, 5), ColumnWidths(19, 19)]
    assert choose_layout(columns, 100) == ((31, 31, 12, 19),)


def test_a_column_that_must_not_be_cut_goes_on_a_further_line_instead() -> None:
    assert choose_layout([ColumnWidths(30, 16), ColumnWidths(19, 19)], 40) == ((19, 19),)
    assert choose_layout([ColumnWidths(30, 16), ColumnWidths(19, 19)], 36) == ((30,), (19,))


def test_of_two_layouts_with_as_many_lines_the_one_that_cuts_fewer_columns_is_taken() -> None:
    assert choose_layout([ColumnWidths(112, 16), ColumnWidths(18, 12), ColumnWidths(40, 40)], 60) == ((38, 18), (40,))


def test_a_terminal_that_is_narrower_than_a_column_cuts_it() -> None:
    assert choose_layout([ColumnWidths(10, 6), ColumnWidths(19, 19)], 15) == ((10,), (13,))


@given(COLUMNS, st.integers(3, 250))
def test_every_column_is_placed_and_every_line_fits(columns: list[ColumnWidths], width: int) -> None:
    layout = choose_layout(columns, width)
    assert len(list(chain(*layout))) == len(columns)
    assert all(line_width(line) + (len(GAP) if number else 0) <= width for number, line in enumerate(layout))
    for column, size in zip(columns, chain(*layout), strict=True):
        assert size == column.full or size >= min(column.minimum, width - len(GAP))
