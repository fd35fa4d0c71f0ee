"""What people said of who owns an instance, in words."""

from collections.abc import Sequence
from datetime import tzinfo

from bailiff_bot.domain.ownership import Assignment, Disclaimer
from bailiff_bot.messages.formatting import date, instant, short_name

_ENDS = "the name or an owner tag changes"
"""What ends either, apart from `bailiff:owner`, the tag of Bailiff itself."""


def disclaimed_text(disclaimers: Sequence[Disclaimer], zone: tzinfo) -> str:
    """Return who said on which day that an instance is not theirs. `disclaimers` is not empty."""
    first, *others = disclaimers
    if not others:
        return f"{short_name(first.name)} said on {date(first.said_at, zone)} that it is not theirs"
    said = [f"{short_name(one.name)} ({date(one.said_at, zone)})" for one in disclaimers]
    return f"{', '.join(said[:-1])} and {said[-1]} said that it is not theirs"


def disclaimer_line(disclaimer: Disclaimer, zone: tzinfo) -> str:
    """Return since when somebody is no owner, and what ends that."""
    said, until = instant(disclaimer.said_at, zone), instant(disclaimer.until, zone)
    return f"{short_name(disclaimer.name)}, said on {said}; ends on {until}, or when {_ENDS}"


def assignment_line(assignment: Assignment, zone: tzinfo) -> str:
    """Return who is assigned, by whom and when, and what ends that."""
    owner, assigner = short_name(assignment.name), short_name(assignment.assigner)
    assigned = f"{owner}, by {assigner} on {instant(assignment.assigned_at, zone)}"
    return f"{assigned}; ends when {_ENDS}, when somebody else is assigned, or when {owner} says “not mine”"
