"""Documents as monospace text: for the terminal, and for messages whose blocks Slack refuses."""

from collections.abc import Iterator, Sequence
from itertools import chain

from tabulate import tabulate

from bailiff_bot.messages.document import (
    Bullets,
    Chart,
    Counts,
    Document,
    Grid,
    Paragraph,
    Part,
    SmallPrint,
    text_of,
)
from bailiff_bot.render.cells import cells, cut, padded, wrapped
from bailiff_bot.render.columns import columns
from bailiff_bot.render.layout import GAP, ColumnWidths, Layout, choose_layout, line_width

_BARS = "▁▂▃▄▅▆▇█"


def as_text(document: Document, width: int | None = None) -> str:
    """Return a document as text. There are blank lines between its parts if one of them is a table.

    No line is wider than `width` cells. None: unlimited, and nothing is cut.
    """
    separator = "\n\n" if any(isinstance(part, Grid) for part in document.parts) else "\n"
    texts = (_sentence(document.headline, width), *(_part(part, document, width) for part in document.parts))
    return separator.join(filter(None, texts))


def _part(part: Part, document: Document, width: int | None) -> str:
    if isinstance(part, Grid):
        return "\n\n".join(filter(None, (_sentence(_title(part, document), width), _table(part, width))))
    return "\n".join(_sentence(text, width) for text in _sentences(part))


def _sentences(part: Part) -> Iterator[str]:
    match part:
        case Paragraph():
            yield _paragraph(part)
        case Counts():
            yield from (f"{count:>6,}  {name}" for count, name in part.items)
        case Bullets():
            yield from (f"- {''.join(map(text_of, item))}" for item in part.items)
        case Chart():
            values = [value for _, value in part.points]
            yield f"{part.text_title}: {values[0]:,} {_sparkline(values)} {values[-1]:,}"
        case SmallPrint():
            yield from part.lines


def _paragraph(paragraph: Paragraph) -> str:
    if paragraph.text:
        return f"{paragraph.lead} {paragraph.text}".lstrip()
    return paragraph.lead if paragraph.lead.endswith((".", ":")) else f"{paragraph.lead}:"


def _title(grid: Grid, document: Document) -> str:
    advice = f" {grid.advice}." if grid.advice else ""
    return f"{document.caption(grid)}.{advice}" if grid.title else ""


def _sparkline(values: Sequence[int]) -> str:
    highest = max(*values, 1)
    return "".join(_BARS[value * (len(_BARS) - 1) // highest] for value in values)


def _sentence(text: str, width: int | None) -> str:
    return text if width is None else "\n".join(wrapped(text, width))


def _table(grid: Grid, width: int | None) -> str:
    """Return the rows of a grid below their headings. No cell is read as a number; without a width none is cut."""
    shown = columns(grid.report, grid.table, grid.zone)
    headings = [column.heading for column in shown]
    body = [[column.text(row) for column in shown] for row in grid.rows]
    if width is None:
        return tabulate(body, headers=headings, tablefmt="simple", disable_numparse=True, preserve_whitespace=True)
    full_widths = [max(map(cells, texts)) for texts in zip(headings, *body, strict=True)]
    widths = [ColumnWidths(full, column.min_cells or full) for column, full in zip(shown, full_widths, strict=True)]
    return "\n".join(cut(line, width) for line in _lines(headings, body, choose_layout(widths, width)))


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
