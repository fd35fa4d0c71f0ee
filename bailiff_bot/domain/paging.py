"""A long list of rows in pages."""

from collections.abc import Sequence
from dataclasses import dataclass

from bailiff_bot.domain.report import Row

PAGE_SIZE = 20
"""A Slack view has 100 blocks, and a row with its buttons is two."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of some rows."""

    rows: tuple[Row, ...]
    number: int
    """From 1."""
    count: int
    """The number of pages: at least 1."""
    total: int
    """The number of rows on all pages."""

    @property
    def start(self) -> int:
        """The number of rows before this page."""
        return (self.number - 1) * PAGE_SIZE


def page_of(rows: Sequence[Row], number: int) -> Page:
    """Return a page of rows: the nearest one if there is no page of this number."""
    count = max(1, -(-len(rows) // PAGE_SIZE))
    number = min(max(number, 1), count)
    start = (number - 1) * PAGE_SIZE
    return Page(tuple(rows[start : start + PAGE_SIZE]), number, count, len(rows))
