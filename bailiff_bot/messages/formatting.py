"""Counts, names, ages and dates as text."""

import unicodedata
from datetime import date as datetime_date
from datetime import datetime, timedelta, tzinfo

_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
"""Whatever the locale: the sentences are English."""
BLANK = "(blank)"
"""A name that holds nothing one could see."""
_MAX_NAME = 60
_LAYOUT_CHARACTERS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2028\u2029\u2066\u2067\u2068\u2069")
"""Line separators and marks of writing direction: they would break a cell or a line."""


def visible(text: str) -> str:
    """Return the text without control, direction and surrogate characters, so that it stays on its line."""
    if text.isascii() and text.isprintable():  # nearly every name, and much faster
        return text
    return "".join(
        character
        for character in text
        if character not in _LAYOUT_CHARACTERS and unicodedata.category(character) not in {"Cc", "Cs"}
    )


def display_name(name: str) -> str:
    """Return a name on one line; a name of which nothing could be seen is called blank."""
    text = visible(name).strip()
    return text if any(unicodedata.category(character)[0] in "LMNPS" for character in text) else BLANK


def short_name(name: str) -> str:
    """Return a name for a list of people: on one line, and at most 60 characters."""
    text = display_name(name)
    return text if len(text) <= _MAX_NAME else text[: _MAX_NAME - 1] + "…"


def plural(count: int, singular: str, plural: str = "") -> str:
    """Return a count with its noun: `1 region`, `1,234 regions`."""
    return f"{count:,} {singular if count == 1 else plural or singular + 's'}"


def ordinal(number: int) -> str:
    """Return a number as `1st`, `2nd`, `11th`."""
    teens = number % 100 in range(11, 14)
    return f"{number}{'th' if teens else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def sentence_case(text: str) -> str:
    """Return a text that starts with a capital letter."""
    return text[:1].upper() + text[1:]


def age(elapsed: timedelta) -> str:
    """Return how long ago something was: `just now`, `4 min ago`, `3 days ago`."""
    minutes = elapsed // timedelta(minutes=1)
    if minutes < 1:
        return "just now"
    if minutes < 60:  # noqa: PLR2004 - minutes in an hour
        return f"{minutes} min ago"
    hours = elapsed // timedelta(hours=1)
    return f"{hours} h ago" if hours < 48 else f"{elapsed.days} days ago"  # noqa: PLR2004 - two days


def date(instant: datetime, zone: tzinfo) -> str:
    """Return the day of an instant in a zone, for a sentence: `23 Nov`."""
    return day_month(instant.astimezone(zone))


def day_month(day: datetime_date) -> str:
    """Return a day for a sentence: `23 Nov`."""
    return f"{day.day} {_MONTHS[day.month - 1]}"


def date_time(instant: datetime, zone: tzinfo) -> str:
    """Return the day and the time of an instant in a zone: `23 Nov, 17:56 CET`."""
    return f"{date(instant, zone)}, {instant.astimezone(zone):%H:%M %Z}"


def instant(when: datetime, zone: tzinfo) -> str:
    """Return an instant in full, with the year: `2026-11-23 17:56 CET`."""
    return when.astimezone(zone).strftime("%Y-%m-%d %H:%M %Z")


def iso_day(instant: datetime, zone: tzinfo) -> str:
    """Return the day of an instant in a zone as `2026-11-23`, which sorts as text."""
    return instant.astimezone(zone).strftime("%Y-%m-%d")
