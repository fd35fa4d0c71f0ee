"""What happened since the last digest, in words: what is new, fixed, still owed or not known, thanks, and the trend."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from bailiff_bot.domain.changes import Changes, fixed_by
from bailiff_bot.domain.history import TREND_LENGTH, DigestHistory, TrendPoint, trend_point
from bailiff_bot.domain.report import Report
from bailiff_bot.messages.wording import date, display_name, plural

_MIN_TREND = 2
"""A point alone is no trend."""
_MAX_THANKED = 5
"""So many are thanked by name; the others are counted."""
_MAX_NAME = 60
"""Characters of a name among those who are thanked."""
_WEEKDAYS = "Mon Tue Wed Thu Fri Sat Sun".split()
_BARS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True, slots=True)
class ChangesText:
    """What a digest tells of the time since the last one, and of those before."""

    changes: Changes
    points: tuple[TrendPoint, ...]
    """The latest digests, oldest first, this one included."""
    zone: tzinfo
    """In which an instant is a day."""


def changes_text(report: Report, changes: Changes, memory: DigestHistory, zone: tzinfo) -> ChangesText:
    """Return what the digest of a report tells of what is remembered."""
    return ChangesText(changes, (*memory.trend, trend_point(report))[-TREND_LENGTH:], zone)


def since_line(changes_text: ChangesText) -> str:
    """Return how many instances are new, fixed and still owing; empty for the first digest, as all would be new."""
    changes = changes_text.changes
    if changes.since is None:
        return ""
    new = sum(row.count for row in changes.new)
    fixed = sum(one.count for one in changes.fixed)
    still = sum(row.count for row, _ in changes.still_open)
    parts = [f"{new:,} new" if new else "nothing new", f"{fixed:,} fixed" if fixed else "nothing fixed"]
    parts += [f"{still:,} still owed{_longest(still, changes)}"] if still else []
    return f"Since {_day(changes.since, changes_text)}: {', '.join(parts)}"


def _longest(still: int, changes: Changes) -> str:
    days = max(days for _, days in changes.still_open)
    return f" ({'the longest ' if still > 1 else ''}for {plural(days, 'day')})" if days else ""


def _day(instant: datetime, changes_text: ChangesText) -> str:
    """Return a day, with the time where it is that of the digest itself."""
    local, today = instant.astimezone(changes_text.zone), changes_text.points[-1].at.astimezone(changes_text.zone)
    day = f"{_WEEKDAYS[local.weekday()]} {date(instant, changes_text.zone)}"
    return f"{day}, {local:%H:%M}" if local.date() == today.date() else day


def fixed_line(changes_text: ChangesText) -> str:
    """Return how many instances were fixed, for a digest that has nothing else to tell; empty where none were."""
    fixed = sum(one.count for one in changes_text.changes.fixed)
    if not fixed or changes_text.changes.since is None:
        return ""
    return f"{plural(fixed, 'was', 'were')} fixed since {_day(changes_text.changes.since, changes_text)}"


def undetermined_line(changes_text: ChangesText) -> str:
    """Return of how many instances it is not known whether they are fixed, and why; empty where there are none."""
    why: Counter[str] = Counter()
    for open_finding in changes_text.changes.undetermined_subjects:
        why[changes_text.changes.undetermined[open_finding.key]] += open_finding.count
    reasons = ", ".join(f"{count:,} ({reason})" for reason, count in sorted(why.items()))
    return f"Not known whether fixed: {reasons}" if reasons else ""


def dropped_line(changes_text: ChangesText) -> str:
    """Return how many instances owe nothing any more since the rules changed; empty where there are none."""
    count = sum(one.count for one in changes_text.changes.dropped_subjects)
    return f"No longer asked for, since the rules changed: {count:,}" if count else ""


def thanks_line(changes_text: ChangesText) -> str:
    """Return the thanks to those who paid since the last digest; empty where nobody is known to have."""
    paid = fixed_by(changes_text.changes.fixed)
    if not paid:
        return ""
    named = [f"{_short_name(name)} ({count:,})" for name, count in paid[:_MAX_THANKED]]
    named += [plural(len(paid) - _MAX_THANKED, "other")] if len(paid) > _MAX_THANKED else []
    *others, last = named
    return f"Thanks to {', '.join(others)} and {last}" if others else f"Thanks to {last}"


def _short_name(name: str) -> str:
    text = display_name(name)
    return text if len(text) <= _MAX_NAME else text[: _MAX_NAME - 1] + "…"


def trend(changes_text: ChangesText) -> tuple[tuple[str, TrendPoint], ...]:
    """Return the digests of the trend, oldest first, each with a label of its own; none as long as they make none.

    Two digests of one scan are one. One for which nothing could be read has no place in it: nobody knows what was owed.
    """
    seen = (point for point in changes_text.points if point.instances or point.complete)
    labelled = tuple({_label(point, changes_text): point for point in seen}.items())
    return labelled if len(labelled) >= _MIN_TREND else ()


def _label(point: TrendPoint, changes_text: ChangesText) -> str:
    """Return the shortest label that no other digest of the trend has: the day, with the time, with year and second."""
    ways: tuple[Callable[[datetime], str], ...] = (
        lambda instant: date(instant, changes_text.zone),
        lambda instant: f"{date(instant, changes_text.zone)} {instant.astimezone(changes_text.zone):%H:%M}",
    )
    for way in ways:
        if [way(at) for at in {other.at for other in changes_text.points}].count(way(point.at)) == 1:
            return way(point.at)
    return f"{point.at.astimezone(changes_text.zone):%Y-%m-%d %H:%M:%S}"


def trend_line(changes_text: ChangesText) -> str:
    """Return the trend as a line of text, for where no chart can be shown; empty where there is none."""
    points = [point for _, point in trend(changes_text)]
    if not points:
        return ""
    counts = [point.flagged_count for point in points]
    return f"Trend of the last {len(points)} digests: {counts[0]:,} {_sparkline(counts)} {counts[-1]:,}"


def _sparkline(values: Sequence[int]) -> str:
    top = max(*values, 1)
    return "".join(_BARS[value * (len(_BARS) - 1) // top] for value in values)


def incomplete_digests_line(changes_text: ChangesText) -> str:
    """Return the digests of the trend that did not see everything, for a dip there is no success; empty: all did."""
    labelled = trend(changes_text)
    missed = [label for label, point in labelled if not point.complete]
    if not missed:
        return ""
    which = "all of them" if len(missed) == len(labelled) else ", ".join(missed)
    return f"Incomplete digests in the trend: {which}"
