"""The changes since the last digest as sentences: new, fixed, still open and undetermined; thanks; and the trend."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from bailiff_bot.domain.changes import Changes, fixed_by
from bailiff_bot.domain.cleared import Cleared
from bailiff_bot.domain.history import TREND_LENGTH, DigestHistory, TrendPoint, trend_point
from bailiff_bot.domain.report import Report
from bailiff_bot.messages.formatting import date, plural, short_name

_MIN_TREND = 2
"""A single point is not a trend."""
_MAX_THANKED = 5
"""How many owners are thanked by name; the others are counted."""
_WEEKDAYS = "Mon Tue Wed Thu Fri Sat Sun".split()


@dataclass(frozen=True, slots=True)
class ChangesText:
    """The changes since the last digest and the trend, for the sentences of a digest."""

    changes: Changes
    points: tuple[TrendPoint, ...]
    """The latest digests, oldest first, this one included."""
    zone: tzinfo
    """The time zone of days and times."""


NO_CHANGES = ChangesText(Changes(None, (), (), (), (), (), {}), (), UTC)
"""For a report that is no digest."""


def changes_text(report: Report, changes: Changes, history: DigestHistory, zone: tzinfo) -> ChangesText:
    """Return the changes and the trend of the digest of a report."""
    return ChangesText(changes, (*history.trend, trend_point(report))[-TREND_LENGTH:], zone)


def since_line(changes_text: ChangesText) -> str:
    """Return how many instances are new, fixed and still open; empty for the first digest, where all would be new."""
    changes = changes_text.changes
    if changes.since is None:
        return ""
    new = sum(row.count for row in changes.new)
    fixed = sum(open_finding.count for open_finding in changes.fixed)
    still_open = sum(row.count for row, _ in changes.still_open)
    parts = [f"{new:,} new" if new else "nothing new", f"{fixed:,} fixed" if fixed else "nothing fixed"]
    parts += [f"{still_open:,} still open{_longest(still_open, changes)}"] if still_open else []
    return f"Since {_day(changes.since, changes_text)}: {', '.join(parts)}"


def _longest(still_open: int, changes: Changes) -> str:
    """Return for how many days the oldest finding is open, in parentheses; empty for less than a day."""
    days = max(days for _, days in changes.still_open)
    return f" ({'longest: ' if still_open > 1 else 'for '}{plural(days, 'day')})" if days else ""


def _day(instant: datetime, changes_text: ChangesText) -> str:
    """Return a day with its weekday, and with the time if it is the day of this digest."""
    local, today = instant.astimezone(changes_text.zone), changes_text.points[-1].at.astimezone(changes_text.zone)
    day = f"{_WEEKDAYS[local.weekday()]} {date(instant, changes_text.zone)}"
    return f"{day}, {local:%H:%M}" if local.date() == today.date() else day


def fixed_line(changes_text: ChangesText) -> str:
    """Return how many instances were fixed, for a digest without findings; empty if none were."""
    fixed = sum(open_finding.count for open_finding in changes_text.changes.fixed)
    if not fixed or changes_text.changes.since is None:
        return ""
    return f"{plural(fixed, 'was', 'were')} fixed since {_day(changes_text.changes.since, changes_text)}"


def undetermined_line(changes_text: ChangesText) -> str:
    """Return how many instances are undetermined, for each reason; empty if there are none."""
    counts: Counter[str] = Counter()
    for open_finding in changes_text.changes.undetermined_subjects:
        counts[changes_text.changes.undetermined[open_finding.key].reason] += open_finding.count
    reasons = ", ".join(f"{count:,} ({reason})" for reason, count in sorted(counts.items()))
    return f"Could not be checked this time: {reasons}" if reasons else ""


def dropped_line(changes_text: ChangesText) -> str:
    """Return how many instances the changed rules no longer report; empty if there are none."""
    count = sum(open_finding.count for open_finding in changes_text.changes.dropped_subjects)
    return f"No longer counted (the rules changed): {count:,}" if count else ""


def kept_line(changes_text: ChangesText) -> str:
    """Return how many instances are kept for now, by an exemption; empty if there are none."""
    count = sum(open_finding.count for open_finding in changes_text.changes.kept_subjects)
    return f"Kept for now: {count:,}" if count else ""


def cleared_line(changes_text: ChangesText) -> str:
    """Return how many instances ended a finding by their metrics, for each reason; empty if there are none."""
    changes = changes_text.changes
    counts: Counter[Cleared] = Counter()
    for open_finding in changes.cleared_subjects:
        counts[changes.cleared[open_finding.key]] += open_finding.count
    reasons = ", ".join(f"{counts[reason]:,} {reason.value}" for reason in Cleared if counts[reason])
    return f"By their metrics: {reasons}" if reasons else ""


def thanks_line(changes_text: ChangesText) -> str:
    """Return the thanks to owners who fixed instances since the last digest; empty if no owner is known."""
    counts = fixed_by(changes_text.changes.fixed)
    if not counts:
        return ""
    thanked = [f"{short_name(name)} ({count:,})" for name, count in counts[:_MAX_THANKED]]
    thanked += [plural(len(counts) - _MAX_THANKED, "other")] if len(counts) > _MAX_THANKED else []
    *others, last = thanked
    return f"Thanks to {', '.join(others)} and {last}" if others else f"Thanks to {last}"


def trend(changes_text: ChangesText) -> tuple[tuple[str, TrendPoint], ...]:
    """Return the points of the trend, oldest first, each with a unique label; empty if there are too few.

    Two digests of the same scan count once. A digest for which nothing could be read is omitted.
    """
    readable = (point for point in changes_text.points if point.instances or point.complete)
    labelled = tuple({_label(point, changes_text): point for point in readable}.items())
    return labelled if len(labelled) >= _MIN_TREND else ()


def _label(point: TrendPoint, changes_text: ChangesText) -> str:
    """Return the shortest label that is unique in the trend: day, day and time, or date and time with seconds."""
    formats: tuple[Callable[[datetime], str], ...] = (
        lambda instant: date(instant, changes_text.zone),
        lambda instant: f"{date(instant, changes_text.zone)} {instant.astimezone(changes_text.zone):%H:%M}",
    )
    instants = {other.at for other in changes_text.points}
    for label in formats:
        if [label(instant) for instant in instants].count(label(point.at)) == 1:
            return label(point.at)
    return f"{point.at.astimezone(changes_text.zone):%Y-%m-%d %H:%M:%S}"


def incomplete_digests_line(changes_text: ChangesText) -> str:
    """Return which digests of the trend did not read every target: a dip there is no success; empty if all did."""
    labelled = trend(changes_text)
    incomplete = [label for label, point in labelled if not point.complete]
    if not incomplete:
        return ""
    which = "all of them" if len(incomplete) == len(labelled) else ", ".join(incomplete)
    return f"Incomplete digests in the trend: {which}"
