"""A long list is shown in pages, and a page that does not exist is the nearest one that does."""

from hypothesis import given
from hypothesis import strategies as st

from bailiff_bot.domain.paging import PAGE_SIZE, page_of
from bailiff_bot.domain.report import most_urgent_first
from tests.builders import instance, report

ROWS = most_urgent_first(report(*(instance(number, f"agr-{number}", age=200 - number) for number in range(61))).flagged)


def test_the_pages_together_are_all_rows_in_their_order() -> None:
    pages = [page_of(ROWS, number) for number in range(1, 5)]
    assert [row for page in pages for row in page.rows] == list(ROWS)
    assert [(page.number, page.count, page.start, len(page.rows)) for page in pages] == [
        (1, 4, 0, 20),
        (2, 4, 20, 20),
        (3, 4, 40, 20),
        (4, 4, 60, 1),
    ]


@given(st.integers(), st.integers(0, len(ROWS)))
def test_any_number_is_a_page_that_exists(number: int, length: int) -> None:
    page = page_of(ROWS[:length], number)
    assert 1 <= page.number <= page.count
    assert page.total == length
    assert 0 < len(page.rows) <= PAGE_SIZE or not length
