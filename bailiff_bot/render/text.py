"""Documents as monospace text: for the terminal, and for messages whose blocks Slack refuses."""

from collections.abc import Iterator, Sequence

from bailiff_bot.domain.report import Row
from bailiff_bot.messages.document import (
    Bullets,
    Chart,
    Counts,
    Document,
    Grid,
    Item,
    Paragraph,
    Part,
    SmallPrint,
    text_of,
)
from bailiff_bot.render.cells import wrapped
from bailiff_bot.render.columns import Column, columns
from bailiff_bot.render.table import draw_table

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
        case Item():
            yield f"- {''.join(map(text_of, part.line))}"
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
    """Return the rows of a grid below their headings."""
    shown = columns(grid.report, grid.table, grid.zone)
    texts = [_texts(column, grid.rows) for column in shown]
    headings = {heading: column.min_cells for column, (heading, *_) in zip(shown, texts, strict=True)}
    return draw_table(headings, list(zip(*(cells for _, *cells in texts), strict=True)), width)


def _texts(column: Column, rows: Sequence[Row]) -> list[str]:
    """Return the heading and the cells of a column. Amounts are one below the other by their last digit."""
    texts = [column.heading, *map(column.text, rows)]
    return [text.rjust(max(map(len, texts))) for text in texts] if column.is_amount else texts
