"""The parts of a document as blocks, each with its length."""

from collections.abc import Iterator, Sequence
from typing import Literal

from slackblocks import (
    ActionsBlock,
    AxisConfig,
    Block,
    DataPoint,
    DataSeries,
    DataVisualizationBlock,
    Element,
    LineChart,
    Option,
    OverflowMenu,
    SectionBlock,
    Text,
    TextType,
)
from slackblocks import Button as ButtonElement

from bailiff_bot.messages.document import (
    Bold,
    Bullets,
    Button,
    Buttons,
    Chart,
    Counts,
    Document,
    Grid,
    Item,
    Line,
    Link,
    Paragraph,
    Part,
    SmallPrint,
    Span,
    text_of,
)
from bailiff_bot.slack.blocks.elements import bullets, context, paragraph
from bailiff_bot.slack.blocks.fitting import SizedPart, slack_length, truncated
from bailiff_bot.slack.blocks.grids import sized_grid
from bailiff_bot.slack.blocks.menus import MENU, menu_value

_MAX_LINE = 1_000
"""Characters of one paragraph or list item, URLs aside."""
_MAX_SMALL_PRINT_LINE, _MAX_SMALL_PRINT = 1_500, 6_000
"""Characters of one line of small print, and of all together. Slack's own limit for a line is 3,000."""
MAX_COUNT_LINE = 100
"""Characters of the line that counts what is left out."""


def sized(part: Part, document: Document) -> SizedPart:  # noqa: PLR0911 - one for each kind of part
    """Return a part of a document with its length."""
    match part:
        case Paragraph():
            line = _cut(_paragraph_line(part))
            return SizedPart(_line_length(line), (), 1, lambda _: [paragraph(line)])
        case Counts() | Bullets():
            return _sized_list(_lines(part), document)
        case Grid():
            return sized_grid(part, document)
        case Chart():
            return _sized_chart(part)
        case Item():
            return _sized_item(part)
        case Buttons():
            return _sized_buttons(part)
        case SmallPrint():
            return _sized_small_print(part)


def _cut(line: Line) -> Line:
    """Return a line of limited length. A line that is too long is cut and ends with an ellipsis."""
    kept: list[Span] = []
    room = _MAX_LINE
    for span in line:
        text = text_of(span)
        if room:
            shown = truncated(text, room)
            kept.append(_with_text(span, shown))
            room = 0 if shown != text else room - slack_length(shown)
    return tuple(kept)


def _with_text(span: Span, text: str) -> Span:
    match span:
        case str():
            return text
        case Link():
            return Link(text, span.url)
        case _:
            return type(span)(text)


def _line_length(line: Line) -> int:
    """Return how many characters Slack may count in a line, with the URLs of its links."""
    return sum(slack_length(text_of(span)) + (len(span.url) if isinstance(span, Link) else 0) for span in line)


def _paragraph_line(part: Paragraph) -> Line:
    return Bold(part.lead) if part.lead else "", f" {part.text}" if part.lead and part.text else part.text


def _lines(part: Counts | Bullets) -> Sequence[Line]:
    if isinstance(part, Bullets):
        return part.items
    return [(Bold(f"{count:,}"), f"  {name}") for count, name in part.items]


def _sized_list(lines: Sequence[Line], document: Document) -> SizedPart:
    items = [_cut(line) for line in lines]

    def draw(count: int) -> list[Block]:
        shown: list[Block] = [bullets(items[:count])] if count else []
        omitted = len(items) - count
        return [*shown, *([context([document.more(omitted)])] if omitted else [])]

    return SizedPart(MAX_COUNT_LINE, tuple(map(_line_length, items)), len(items), draw)


def _sized_chart(chart: Chart) -> SizedPart:
    points = [DataPoint(label, value) for label, value in chart.points]
    lines = LineChart([DataSeries(chart.series, points)], AxisConfig([point.label for point in points]))
    labels = 2 * sum(slack_length(point.label) for point in points)
    length = slack_length(chart.title) + slack_length(chart.series) + labels
    return SizedPart(length, (), 1, lambda _: [DataVisualizationBlock(chart.title, lines)])


def _sized_small_print(part: SmallPrint) -> SizedPart:
    limit = min(_MAX_SMALL_PRINT_LINE, _MAX_SMALL_PRINT // max(len(part.lines), 1))
    lines = [truncated(line, limit) for line in part.lines]
    return SizedPart(sum(map(slack_length, lines)), (), 1, lambda _: [context(lines)], essential=True)


def _sized_item(part: Item) -> SizedPart:
    line = _cut(part.line)
    length = _line_length(line) + _buttons_length(part.buttons)
    return SizedPart(length, (), 1, lambda _: _item_blocks(line, part.buttons))


def _item_blocks(line: Line, buttons: Buttons) -> list[Block]:
    """Return a line and its buttons: one block if the line is plain text with a single button beside it."""
    match line, buttons.buttons, buttons.menu:
        case _, (), ():
            return [paragraph(line)]
        case (str(text),), (button,), ():
            return [SectionBlock(Text(text, TextType.PLAINTEXT), accessory=_button(button))]
    return [paragraph(line), buttons_block(buttons)]


def _sized_buttons(part: Buttons) -> SizedPart:
    return SizedPart(_buttons_length(part), (), 1, lambda _: [buttons_block(part)], essential=True)


def _buttons_length(part: Buttons) -> int:
    return sum(slack_length(button.text + button.value) + len(button.url) for button in part.all)


def buttons_block(part: Buttons) -> ActionsBlock:
    """Return buttons as a block."""
    elements: list[Element] = [_button(button) for button in part.buttons]
    return ActionsBlock([*elements, *_menu(part.menu)], block_id=part.name)


def _menu(buttons: Sequence[Button]) -> Iterator[OverflowMenu]:
    if buttons:
        yield OverflowMenu(MENU, [_option(button) for button in buttons])


def _option(button: Button) -> Option:
    return Option(Text(button.text, TextType.PLAINTEXT), menu_value(button.key, button.value), url=button.url or None)


def _button(button: Button) -> ButtonElement:
    style: Literal["primary", "danger"] | None = "primary" if button.primary else "danger" if button.danger else None
    return ButtonElement(button.text, action_id=button.key, value=button.value, style=style, url=button.url or None)
