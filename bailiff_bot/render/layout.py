"""How wide the columns of a table are in a terminal, and how many lines a row takes."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, combinations, pairwise

GAP = "  "
"""Between two columns, and the indent of a row's second and later lines."""


@dataclass(frozen=True, slots=True)
class Extent:
    """A column in cells: its full width, and the least width to which it may be cut."""

    whole: int
    least: int


Layout = tuple[tuple[int, ...], ...]
"""For each line of a row, the widths of its columns in cells. The columns keep their order."""


def layout(columns: Sequence[Extent], width: int | None) -> Layout:
    """Return the layout with the fewest lines a row; of these, the one that cuts the fewest columns, then cells.

    `width` is in cells; None: unlimited. On a line, the widest columns are cut first, to a common limit. If even the
    least widths do not fit, a row takes more lines. A column is cut below its least width only if it does not fit on a
    line of its own.
    """
    if width is None:
        return (tuple(column.whole for column in columns),)
    for lines in range(1, len(columns)):
        if fitting := list(_layouts(columns, lines, width)):
            return min(fitting, key=lambda found: (*_loss(columns, found), max(map(breadth, found))))
    room = max(1, width - len(GAP))
    return tuple((min(column.whole, room),) for column in columns)


def breadth(widths: Sequence[int]) -> int:
    """Return how many cells a line of columns takes, gaps included."""
    return sum(widths) + len(GAP) * (len(widths) - 1)


def _loss(columns: Sequence[Extent], form: Layout) -> tuple[int, int]:
    lost = [column.whole - size for column, size in zip(columns, chain(*form), strict=True)]
    return sum(map(bool, lost)), sum(lost)


def _layouts(columns: Sequence[Extent], lines: int, width: int) -> Iterator[Layout]:
    room = width if lines == 1 else width - len(GAP)
    for breaks in combinations(range(1, len(columns)), lines - 1):
        bounds = pairwise((0, *breaks, len(columns)))
        shrunk = [_shrunk(columns[start:end], room) for start, end in bounds]
        if all(shrunk):
            yield tuple(shrunk)


def _shrunk(columns: Sequence[Extent], room: int) -> tuple[int, ...]:
    """Return the widths of columns that fit into `room` cells; empty if even the least widths do not fit."""

    def widths(limit: int) -> tuple[int, ...]:
        return tuple(max(min(column.whole, limit), min(column.least, column.whole, room)) for column in columns)

    limit = bisect_right(range(room + 1), room, key=lambda limit: breadth(widths(limit))) - 1
    return widths(limit) if limit >= 0 else ()
