"""Reads durations that people type."""

from datetime import timedelta

from pytimeparse.timeparse import timeparse

_LONGEST = timedelta(days=36_500)
_MAX_LENGTH = 60
"""Characters of a text that is read."""


def parse_duration(text: str, longest: timedelta = _LONGEST) -> timedelta:
    """Return a duration such as `7d`, `2w 3d` or `36 hours`. Raises ValueError with one line that says what is wrong.

    A number needs a unit. Months and years are no units, since they have no fixed length.
    """
    typed = " ".join(text.split())  # pytimeparse takes minutes for a text with 200 blanks between two words
    shown = typed if len(typed) <= _MAX_LENGTH else f"{typed[:_MAX_LENGTH]}…"
    seconds = timeparse(typed) if shown == typed and ":" not in typed else None  # `1:30` could be minutes or hours
    if seconds is None:
        raise ValueError(f"{shown!r} is not a duration: write a number and a unit, such as 7d, 2w or 36h")
    if not 0 < seconds <= longest.total_seconds():
        raise ValueError(f"{shown!r} should be more than nothing, and at most {longest.days}d")
    return timedelta(seconds=seconds)
