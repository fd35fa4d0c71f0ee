"""Finds the dates in a text that somebody typed, such as the value of a tag, and the instant at which each ends."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"\b(?P<month_name>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_TIME = (
    r"(?:(?:T|\s+(?:at\s+)?)(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?"
    r"(?:\s*(?P<half>[ap])\.?m\b\.?)?"
    r"(?:\s*(?P<offset>Z|UTC|GMT|[+-]\d{2}:?\d{2})(?!\w))?)?"
)
_OTHER_ZONE = re.compile(r"\s*[A-Z]{3,4}\b")
"""A zone such as PST behind a time. It is not understood, so the whole day counts."""
_FORMS = tuple(
    # Not inside a longer number, a version or an address: CHG-120261231, 10.12.20.26.
    re.compile(rf"(?<!\d)(?<!\d[./]){form}(?![./]?\d){_TIME}", re.IGNORECASE)
    for form in (
        r"(?P<year>\d{4})(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})",
        r"(?P<year>20\d{2})(?P<month>\d{2})(?P<day>\d{2})",
        r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4}|\d{2})",
        r"(?P<day_or_month>\d{1,2})(?P<mark>[-/])(?P<month_or_day>\d{1,2})(?P=mark)(?P<year>\d{4}|\d{2})",
        rf"{_DAY}(?:\s+of)?[\s-]*{_MONTH},?[\s-]*(?P<year>\d{{4}})",
        rf"{_MONTH}[\s-]*{_DAY},?[\s-]+(?P<year>\d{{4}})",
    )
)
_MONTH_ONLY = _MONTH.replace("?P<month_name>", "?:")
_INCOMPLETE = re.compile(
    r"(?<![\d./-])(?:"
    rf"\d{{1,2}}(?:st|nd|rd|th)?(?:\s+of)?[\s-]*{_MONTH_ONLY}|{_MONTH_ONLY}[\s-]*\d{{1,4}}"
    r"|20\d{2}[-/]\d{1,2}|\d{1,2}[-/]20\d{2})(?![./-]?\d)",
    re.IGNORECASE,
)
"""What looks like a date, and has no year or no day."""

_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"))
_LAST_DAY = date(9998, 12, 31)
"""Later days, such as 9999-12-31 for "for ever", have no end that can be represented; they are read as this one."""

_IS_BEGINNING = re.compile(
    r"(?<![a-z])(?:since|from|created|started|as\s+of|depuis)(?:[\s_-]*(?:on|at|the|le|by\s+\w+))*[\s:=]*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class EndDate:
    """A date in a text, read as the end of something."""

    until: datetime
    """The first instant after it, in UTC: the one it names, or the end of its day in the team's zone."""
    ambiguous: bool = False
    """True if day and month could be exchanged. Then `until` is the later reading."""


def end_dates(text: str, zone: tzinfo) -> tuple[list[EndDate], bool]:
    """Return the dates in a text that may be an end, and whether it also holds something that only looks like one.

    A date after "since", "from", "created" or "as of" is a beginning, and so no end. With dots the day comes first;
    with slashes or dashes day and month may come in either order. A year has four digits.
    """
    text = text.translate(_DASHES)
    matches = [match for form in _FORMS for match in form.finditer(text)]
    found = [None if _IS_BEGINNING.search(text[: match.start()]) else _read(match, zone) for match in matches]
    understood = [end for end in found if end]
    return understood, len(understood) < len(found) or (not found and _INCOMPLETE.search(text) is not None)


def _read(match: re.Match[str], zone: tzinfo) -> EndDate | None:
    readings = sorted(set(_readings(match, zone)))
    return EndDate(readings[-1], ambiguous=len(readings) > 1) if readings else None


def _readings(match: re.Match[str], zone: tzinfo) -> Iterator[datetime]:
    for year, month, day in _numbers(match.groupdict()):
        try:
            yield _end(min(date(year, month, day), _LAST_DAY), match, zone)
        except (ValueError, OverflowError):
            continue


def _numbers(groups: dict[str, str | None]) -> list[tuple[int, int, int]]:
    """Return the possible readings of a match as year, month and day. A year of two digits has none."""
    year = groups["year"] or ""
    if len(year) < len("2026"):
        return []
    if groups.get("day_or_month"):
        first, second = int(groups["day_or_month"] or 0), int(groups["month_or_day"] or 0)
        return [(int(year), second, first), (int(year), first, second)]
    name = groups.get("month_name")
    month = _MONTHS.index(name[:3].lower()) + 1 if name else int(groups["month"] or 0)
    return [(int(year), month, int(groups["day"] or 0))]


def _end(day: date, match: re.Match[str], zone: tzinfo) -> datetime:
    """Return the first instant after a day, or the instant if a time is given. Raises ValueError if there is none."""
    hour, minute, second, half, offset = match.group("hour", "minute", "second", "half", "offset")
    if hour is None or (offset is None and _OTHER_ZONE.match(match.string, match.end())):
        return datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
    of_24 = int(hour) % 12 + 12 * (half in "pP") if half else int(hour)
    at = datetime.combine(day, time(of_24, int(minute), int(second or 0)))
    return at.replace(tzinfo=_offset(offset) if offset else zone).astimezone(UTC)


def _offset(text: str) -> timezone:
    if text[0] not in "+-":
        return UTC
    return timezone((1 if text[0] == "+" else -1) * timedelta(hours=int(text[1:3]), minutes=int(text[-2:])))
