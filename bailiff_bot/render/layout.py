"""How wide the columns of a table are in a terminal, and how many lines a row takes."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, combinations, pairwise

GAP = "  "
"""Between two columns, and the indent of a row's second and later lines."""


@dataclass(frozen=True, slots=True)
class ColumnWidths:
    """A column in cells: its full width, and the minimum to which it may be cut."""

    full: int
    minimum: int


Layout = tuple[tuple[int, ...], ...]
"""For each line of a row, the widths of its columns in cells. The columns keep their order."""


def choose_layout(columns: Sequence[ColumnWidths], width: int) -> Layout:
    """Return the layout with the fewest lines a row; of these, the one that cuts the fewest columns, then cells.

    `width` is that of the terminal in cells. On a line, the widest columns are cut first, to a common limit. If even
    the minimums do not fit, a row takes more lines. A column is cut below its minimum only if it does not fit on a line
    of its own.
    """
    for lines in range(1, len(columns)):
        if fitting := list(_layouts(columns, lines, width)):
            return min(fitting, key=lambda found: (*_cut_amount(columns, found), max(map(line_width, found))))
    room = max(1, width - len(GAP))
    return tuple((min(column.full, room),) for column in columns)


def line_width(widths: Sequence[int]) -> int:
    """Return how many cells a line of columns takes, gaps included."""
    return sum(widths) + len(GAP) * (len(widths) - 1)


def _cut_amount(columns: Sequence[ColumnWidths], chosen: Layout) -> tuple[int, int]:
    """Return how many columns a layout cuts, and how many cells in all."""
    lost = [column.full - size for column, size in zip(columns, chain(*chosen), strict=True)]
    return sum(map(bool, lost)), sum(lost)


def _layouts(columns: Sequence[ColumnWidths], lines: int, width: int) -> Iterator[Layout]:
    room = width if lines == 1 else width - len(GAP)
    for breaks in combinations(range(1, len(columns)), lines - 1):
        bounds = pairwise((0, *breaks, len(columns)))
        fitted = [_fit(columns[start:end], room) for start, end in bounds]
        if all(fitted):
            yield tuple(fitted)


def _fit(columns: Sequence[ColumnWidths], room: int) -> tuple[int, ...]:
    """Return the widths of columns that fit into `room` cells; empty if even the minimums do not fit."""

    def widths(limit: int) -> tuple[int, ...]:
        return tuple(max(min(column.full, limit), min(column.minimum, column.full, room)) for column in columns)

    limit = bisect_right(range(room + 1), room, key=lambda limit: line_width(widths(limit))) - 1
    return widths(limit) if limit >= 0 else ()
