"""A table as monospace text."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from tabulate import tabulate

from bailiff_bot.render.cells import cells, cut, padded
from bailiff_bot.render.layout import GAP, ColumnWidths, Layout, choose_layout, line_width


def draw_table(headings: Mapping[str, int | None], body: Sequence[Sequence[str]], width: int | None) -> str:
    """Return rows of texts below their headings. No text is read as a number.

    `headings` has for each column the cells to which it may be cut; None: it is not cut. No line is wider than `width`
    cells. None: unlimited, and nothing is cut.
    """
    names = list(headings)
    if width is None:
        return tabulate(body, headers=names, tablefmt="simple", disable_numparse=True, preserve_whitespace=True)
    full_widths = [max(map(cells, texts)) for texts in zip(names, *body, strict=True)]
    widths = [ColumnWidths(full, headings[name] or full) for name, full in zip(names, full_widths, strict=True)]
    return "\n".join(cut(line, width) for line in _lines(names, body, choose_layout(widths, width)))


def _lines(headings: Sequence[str], body: Sequence[Sequence[str]], layout: Layout) -> Iterator[str]:
    """Yield the lines of a table: one line a row if the terminal is wide enough, else several.

    tabulate cannot draw a row on several lines, so it draws only tables without a limit.
    """
    yield from chain(_row(headings, layout), [_rule(layout)], *(_row(texts, layout) for texts in body))


def _row(texts: Sequence[str], layout: Layout) -> Iterator[str]:
    remaining = iter(texts)
    for number, widths in enumerate(layout):
        line = GAP.join(padded(cut(next(remaining), size), size) for size in widths)
        yield f"{GAP if number else ''}{line}".rstrip()


def _rule(layout: Layout) -> str:
    first, *further = layout
    if not further:
        return GAP.join("-" * size for size in first)
    return "-" * max(line_width(first), *(len(GAP) + line_width(widths) for widths in further))
