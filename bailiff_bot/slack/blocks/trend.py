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
from bailiff_bot.messages.changes_text import Story, since_line, thanks_line, trend, unasked_line, unseen_line
from bailiff_bot.slack.blocks.message import bold, paragraph

_SERIES = "Owe something"


def changed(story: Story) -> Iterator[Block]:
    """Yield what is new, fixed and still owed, not known or not asked for, and whom to thank, if there is any of it."""
    since, _, counts = since_line(story).partition(": ")
    if since:
        yield paragraph(bold(f"{since}:"), f" {counts}")
    for told in (unseen_line(story), unasked_line(story), thanks_line(story)):
        if told:
            yield paragraph(f"{told}.")


def chart(story: Story) -> Iterator[Block]:
    """Yield the trend, if there is one."""
    points = [DataPoint(label, point.owing) for label, point in trend(story)]
    if points:
        axis = AxisConfig([point.label for point in points])
        title = f"Instances that owe something, {len(points)} digests"
        yield DataVisualizationBlock(title, LineChart([DataSeries(_SERIES, points)], axis))


def new_beside(story: Story, report: Report, named: tuple[Row, ...]) -> tuple[Row, ...]:
    """Return what is new and not among those that are named already, the worst first; none in the first digest."""
    if story.changes.since is None:
        return ()
    new = {subject_of(row) for row in story.changes.new} - {subject_of(row) for row in named}
    return tuple(row for row in report.worst(len(report.owing)) if subject_of(row) in new)
