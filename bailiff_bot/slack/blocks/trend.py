"""What happened since the last digest, as pieces of a message: a few lines, and the trend as a native chart."""

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
    """Yield what is new, fixed and still owed, not known or not asked for, and whom to thank, if there is any of it."""
    since, _, counts = since_line(changes_text).partition(": ")
    if since:
        yield paragraph(bold(f"{since}:"), f" {counts}")
    for told in (undetermined_line(changes_text), dropped_line(changes_text), thanks_line(changes_text)):
        if told:
            yield paragraph(f"{told}.")


def trend_chart(changes_text: ChangesText) -> Iterator[Block]:
    """Yield the trend, if there is one."""
    points = [DataPoint(label, point.flagged_count) for label, point in trend(changes_text)]
    if points:
        axis = AxisConfig([point.label for point in points])
        title = f"Instances that owe something, {len(points)} digests"
        yield DataVisualizationBlock(title, LineChart([DataSeries(_SERIES_NAME, points)], axis))


def new_rows(changes_text: ChangesText, report: Report, already_named: tuple[Row, ...]) -> tuple[Row, ...]:
    """Return what is new and not among those that are named already, the worst first; none in the first digest."""
    if changes_text.changes.since is None:
        return ()
    new = {subject_of(row) for row in changes_text.changes.new} - {subject_of(row) for row in already_named}
    return tuple(row for row in report.most_urgent(len(report.flagged)) if subject_of(row) in new)
