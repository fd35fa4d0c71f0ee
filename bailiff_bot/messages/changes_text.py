"""What happened since the last digest, in words: what is new, fixed, still owed or not known, thanks, and the trend."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from bailiff_bot.domain.changes import Changes, paid_by
from bailiff_bot.domain.history import TREND, Memory, Point, point_of
from bailiff_bot.domain.report import Report
from bailiff_bot.messages.wording import date, plural
from bailiff_bot.render.columns import shown

_LEAST = 2
"""A point alone is no trend."""
_THANKED = 5
"""So many are thanked by name; the others are counted."""
_NAME = 60
"""Characters of a name among those who are thanked."""
_WEEKDAYS = "Mon Tue Wed Thu Fri Sat Sun".split()
_BARS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True, slots=True)
class Story:
    """What a digest tells of the time since the last one, and of those before."""

    changes: Changes
    points: tuple[Point, ...]
    """The latest digests, oldest first, this one included."""
    zone: tzinfo
    """In which an instant is a day."""


def story_of(report: Report, changes: Changes, memory: Memory, zone: tzinfo) -> Story:
    """Return what the digest of a report tells of what is remembered."""
    return Story(changes, (*memory.points, point_of(report))[-TREND:], zone)


def since_line(story: Story) -> str:
    """Return how many instances are new, fixed and still owing; empty for the first digest, as all would be new."""
    changes = story.changes
    if changes.since is None:
        return ""
    new = sum(row.count for row in changes.new)
    fixed = sum(one.count for one in changes.fixed)
    still = sum(row.count for row, _ in changes.still)
    parts = [f"{new:,} new" if new else "nothing new", f"{fixed:,} fixed" if fixed else "nothing fixed"]
    parts += [f"{still:,} still owed{_longest(still, changes)}"] if still else []
    return f"Since {_day(changes.since, story)}: {', '.join(parts)}"


def _longest(still: int, changes: Changes) -> str:
    days = max(days for _, days in changes.still)
    return f" ({'the longest ' if still > 1 else ''}for {plural(days, 'day')})" if days else ""


def _day(instant: datetime, story: Story) -> str:
    """Return a day, with the time where it is that of the digest itself."""
    local, today = instant.astimezone(story.zone), story.points[-1].at.astimezone(story.zone)
    day = f"{_WEEKDAYS[local.weekday()]} {date(instant, story.zone)}"
    return f"{day}, {local:%H:%M}" if local.date() == today.date() else day


def fixed_line(story: Story) -> str:
    """Return how many instances were fixed, for a digest that has nothing else to tell; empty where none were."""
    fixed = sum(one.count for one in story.changes.fixed)
    if not fixed or story.changes.since is None:
        return ""
    return f"{plural(fixed, 'was', 'were')} fixed since {_day(story.changes.since, story)}"


def unseen_line(story: Story) -> str:
    """Return of how many instances it is not known whether they are fixed, and why; empty where there are none."""
    why: Counter[str] = Counter()
    for sighting in story.changes.unseen:
        why[story.changes.unsure[sighting.key]] += sighting.count
    reasons = ", ".join(f"{count:,} ({reason})" for reason, count in sorted(why.items()))
    return f"Not known whether fixed: {reasons}" if reasons else ""


def unasked_line(story: Story) -> str:
    """Return how many instances owe nothing any more since the rules changed; empty where there are none."""
    count = sum(one.count for one in story.changes.unasked)
    return f"No longer asked for, since the rules changed: {count:,}" if count else ""


def thanks_line(story: Story) -> str:
    """Return the thanks to those who paid since the last digest; empty where nobody is known to have."""
    paid = paid_by(story.changes.fixed)
    if not paid:
        return ""
    named = [f"{_brief(name)} ({count:,})" for name, count in paid[:_THANKED]]
    named += [plural(len(paid) - _THANKED, "other")] if len(paid) > _THANKED else []
    *others, last = named
    return f"Thanks to {', '.join(others)} and {last}" if others else f"Thanks to {last}"


def _brief(name: str) -> str:
    text = shown(name)
    return text if len(text) <= _NAME else text[: _NAME - 1] + "…"


def trend(story: Story) -> tuple[tuple[str, Point], ...]:
    """Return the digests of the trend, oldest first, each with a label of its own; none as long as they make none.

    Two digests of one scan are one. One for which nothing could be read has no place in it: nobody knows what was owed.
    """
    seen = (point for point in story.points if point.instances or point.complete)
    labelled = tuple({_label(point, story): point for point in seen}.items())
    return labelled if len(labelled) >= _LEAST else ()


def _label(point: Point, story: Story) -> str:
    """Return the shortest label that no other digest of the trend has: the day, with the time, with year and second."""
    ways: tuple[Callable[[datetime], str], ...] = (
        lambda instant: date(instant, story.zone),
        lambda instant: f"{date(instant, story.zone)} {instant.astimezone(story.zone):%H:%M}",
    )
    for way in ways:
        if [way(at) for at in {other.at for other in story.points}].count(way(point.at)) == 1:
            return way(point.at)
    return f"{point.at.astimezone(story.zone):%Y-%m-%d %H:%M:%S}"


def trend_line(story: Story) -> str:
    """Return the trend as a line of text, for where no chart can be shown; empty where there is none."""
    points = [point for _, point in trend(story)]
    if not points:
        return ""
    first, last = points[0].owing, points[-1].owing
    return f"Trend of the last {len(points)} digests: {first:,} {_spark([one.owing for one in points])} {last:,}"


def _spark(values: Sequence[int]) -> str:
    top = max(*values, 1)
    return "".join(_BARS[value * (len(_BARS) - 1) // top] for value in values)


def incomplete_line(story: Story) -> str:
    """Return the digests of the trend that did not see everything, for a dip there is no success; empty: all did."""
    labelled = trend(story)
    missed = [label for label, point in labelled if not point.complete]
    if not missed:
        return ""
    which = "all of them" if len(missed) == len(labelled) else ", ".join(missed)
    return f"Incomplete digests in the trend: {which}"
