"""How wide the columns of a table are in a terminal, and on how many lines a row stands."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, combinations, pairwise

GAP = "  "
"""Between two columns, and in front of a row's second and further lines."""


@dataclass(frozen=True, slots=True)
class Extent:
    """How many cells a column takes: all that it holds, and the least to which it may be cut."""

    whole: int
    least: int


Layout = tuple[tuple[int, ...], ...]
"""For each line of a row, the widths of the columns on it. The columns keep their order."""


def layout(columns: Sequence[Extent], width: int | None) -> Layout:
    """Return the layout with the fewest lines a row; of those, that with the fewest columns, then cells cut.

    `width` is in cells; None: unlimited.

    On a line, the widest columns are cut first, to a common limit. Where even the least widths do not fit, a row takes
    more lines. A column is cut below its least width only where it does not fit on a line of its own.
    """
    if width is None:
        return (tuple(column.whole for column in columns),)
    for lines in range(1, len(columns)):
        if fitting := list(_layouts(columns, lines, width)):
            return min(fitting, key=lambda found: (*_loss(columns, found), max(map(breadth, found))))
    room = max(1, width - len(GAP))
    return tuple((min(column.whole, room),) for column in columns)


def breadth(widths: Sequence[int]) -> int:
    """Return how many cells a line of columns takes."""
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
    """Return the widths that fit into so many cells; empty where there are none."""

    def widths(limit: int) -> tuple[int, ...]:
        return tuple(max(min(column.whole, limit), min(column.least, column.whole, room)) for column in columns)

    limit = bisect_right(range(room + 1), room, key=lambda limit: breadth(widths(limit))) - 1
    return widths(limit) if limit >= 0 else ()
