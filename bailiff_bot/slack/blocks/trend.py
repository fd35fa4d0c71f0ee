"""The changes since the last digest as blocks: a few lines, and the trend as a native chart."""

from collections.abc import Iterator

from slackblocks import (
    AxisConfig,
    Block,
    DataPoint,
    DataSeries,
    DataVisualizationBlock,
    LineChart,
)

from bailiff_bot.domain.history import subject_of
from bailiff_bot.domain.report import Report, Row
from bailiff_bot.messages.changes_text import (
    ChangesText,
    dropped_line,
    since_line,
    thanks_line,
    trend,
    undetermined_line,
)
from bailiff_bot.slack.blocks.message import bold, paragraph

_SERIES_NAME = "Owe something"


def changes_blocks(changes_text: ChangesText) -> Iterator[Block]:
    """Yield the paragraphs about the changes: the counts, then undetermined, dropped and thanks, if there are any."""
    since, _, counts = since_line(changes_text).partition(": ")
    if since:
        yield paragraph(bold(f"{since}:"), f" {counts}")
    for text in (undetermined_line(changes_text), dropped_line(changes_text), thanks_line(changes_text)):
        if text:
            yield paragraph(f"{text}.")


def trend_chart(changes_text: ChangesText) -> Iterator[Block]:
    """Yield the trend as a line chart; nothing if there is no trend."""
    points = [DataPoint(label, point.flagged_count) for label, point in trend(changes_text)]
    if points:
        axis = AxisConfig([point.label for point in points])
        title = f"Instances that owe something, {len(points)} digests"
        yield DataVisualizationBlock(title, LineChart([DataSeries(_SERIES_NAME, points)], axis))


def new_rows(changes_text: ChangesText, report: Report, already_listed: tuple[Row, ...]) -> tuple[Row, ...]:
    """Return the new rows that are not `already_listed`, the most urgent first; none in the first digest."""
    if changes_text.changes.since is None:
        return ()
    new = {subject_of(row) for row in changes_text.changes.new} - {subject_of(row) for row in already_listed}
    return tuple(row for row in report.most_urgent(len(report.flagged)) if subject_of(row) in new)
