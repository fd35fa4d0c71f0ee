"""What a message says, as a value: a summary, a headline, and parts in order.

A document knows no limit of Slack or of a terminal. A renderer fits it into them, and counts what it leaves out; the
document says where the reader finds that.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from bailiff_bot.domain.report import Report, Row, TableId


@dataclass(frozen=True, slots=True)
class Bold:
    """Bold text."""

    text: str


@dataclass(frozen=True, slots=True)
class Code:
    """Text to be typed, such as a command."""

    text: str


@dataclass(frozen=True, slots=True)
class Link:
    """Text that links to a URL."""

    text: str
    url: str


Span = str | Bold | Code | Link
Line = tuple[Span, ...]
"""A line of text. It has no markup: a plain string is shown unchanged."""


def text_of(span: Span) -> str:
    """Return the text of a span."""
    return span if isinstance(span, str) else span.text


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One line: plain text, or text with a bold lead. A lead alone is the heading of what follows."""

    lead: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Counts:
    """A list of counts, each with what is counted."""

    items: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Bullets:
    """A bulleted list."""

    items: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """Consecutive rows of a table of a report."""

    report: Report
    table: TableId
    rows: tuple[Row, ...]
    zone: tzinfo
    """The time zone of days."""
    name: str
    """The table in a few words: `No name`."""
    title: str = ""
    """The table with its count: `No name: 3 instances`. Empty if the paragraph before it says that."""
    advice: str = ""
    """What to do about its instances, as a sentence without a full stop."""
    start: int = 0
    """The number of rows of the table before these."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A line chart of one series."""

    title: str
    series: str
    """The name of the values."""
    points: tuple[tuple[str, int], ...]
    """Each value with its label, which is unique."""
    text_title: str
    """The title where only the first and the last value are shown."""


@dataclass(frozen=True, slots=True)
class Button:
    """A button. A click sends its key and its value to the bot."""

    key: str
    """Stable from one version to the next: a message with the button stays in Slack."""
    text: str
    value: str
    """What the click is about. Slack refuses an empty one."""
    primary: bool = False
    """Whether it stands out: at most one button of a message."""
    danger: bool = False
    """Whether it warns: what it does cannot be taken back."""
    url: str = ""
    """The address that it opens; empty if the bot does something."""


@dataclass(frozen=True, slots=True)
class Buttons:
    """Buttons side by side, and a menu of more. A renderer without clicks omits them."""

    buttons: tuple[Button, ...]
    name: str = "buttons"
    """Unique in a message or view: two buttons with one key and one value are told apart by it."""
    menu: tuple[Button, ...] = ()
    """At most five, behind three dots. A choice there does what a click on the button does."""

    @property
    def all(self) -> tuple[Button, ...]:
        """The buttons side by side, then those of the menu."""
        return (*self.buttons, *self.menu)


@dataclass(frozen=True, slots=True)
class Item:
    """A line with buttons of its own. If a message has no room for it, it is left out as a whole."""

    line: Line
    buttons: Buttons
    """Possibly none."""


@dataclass(frozen=True, slots=True)
class SmallPrint:
    """A few lines below the rest, such as the coverage. No renderer leaves them out."""

    lines: tuple[str, ...]


Part = Paragraph | Counts | Bullets | Grid | Chart | Item | Buttons | SmallPrint


@dataclass(frozen=True, slots=True)
class Document:
    """What a message says."""

    summary: str
    """A full sentence, for a notification."""
    headline: str
    """Empty if the message needs none, because its first part is a sentence."""
    parts: tuple[Part, ...]
    rest_in: str = ""
    """Where the reader finds what a renderer leaves out: `in the CSV`."""
    rest_button: Button | None = None
    """Shown where something is left out: it opens the place where the reader finds the rest."""

    def more(self, count: int, noun: str = "") -> str:
        """Return the line that counts what is left out, and says where it is."""
        place = f": {self.rest_in}" if self.rest_in else ""
        return f"{count:,} more{noun and f' {noun}'}{place}."

    def caption(self, grid: Grid) -> str:
        """Return a grid's title; with the numbers of its lines, if it does not show the whole table."""
        count = len(grid.report.table(grid.table).rows)
        if len(grid.rows) == count:
            return grid.title
        lines = f"lines {grid.start + 1:,} to {grid.start + len(grid.rows):,} of {count:,}"
        return f"{grid.title}, {lines}; all are {self.rest_in}"


Payload = Mapping[str, Any]
"""A rendered document, as JSON. Only its renderer and the transport know the structure."""
Render = Callable[[Document], Payload]
"""Renders a document as one message."""


def sentence(text: str) -> Document:
    """Return a document of one sentence."""
    return Document(text, "", (Paragraph(text=text),))
