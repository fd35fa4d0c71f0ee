"""Reads a duration that somebody types: `14d`, `2w 3d`, `12h`."""

from dataclasses import dataclass
from datetime import timedelta

from pytimeparse.timeparse import timeparse

_MAX_LENGTH = 40
"""Characters of the longest text that is read."""


@dataclass(frozen=True, slots=True)
class NoDuration:
    """Why a text is no duration."""

    reason: str
    """A sentence that says what to type instead."""


def parse_duration(text: str) -> timedelta | NoDuration:
    """Return the positive duration that a text means, or why it means none. Never raises.

    Units are weeks, days, hours, minutes and seconds. A month has no fixed length, so there is none.
    """
    words = " ".join(text.split())
    # `1:30` could be minutes or hours. pytimeparse takes it for minutes.
    seconds = timeparse(words) if len(words) <= _MAX_LENGTH and ":" not in words else None
    if seconds is None:
        return NoDuration("The duration is not understood: type it like 14d, 2w 3d or 12h.")
    if seconds <= 0:
        return NoDuration("The duration must be longer than zero: type it like 14d, 2w 3d or 12h.")
    try:
        return timedelta(seconds=seconds)
    except OverflowError:
        return NoDuration("The duration is too long: type it like 14d, 2w 3d or 12h.")
