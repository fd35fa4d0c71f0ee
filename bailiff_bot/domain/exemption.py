"""Until when an instance is exempt from the rules: by a tag, or by an exemption that was granted in Slack."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum

from bailiff_bot.domain.end_dates import end_dates
from bailiff_bot.domain.instance import FirstExempt
from bailiff_bot.domain.patterns import matches
from bailiff_bot.domain.policy import Policy

NO = frozenset({"false", "no", "off", "0", "n", "f"})
"""The values, case-folded, with which an exempting tag exempts nothing."""

_LONGEST_TAG = timedelta(days=365)
"""An end that is further away is none."""


class TagNote(StrEnum):
    """What the owner is told of the value of an exempting tag. The values are those of `exemptions.yaml`."""

    NO_END = "no end"
    NOT_UNDERSTOOD = "not understood"
    AMBIGUOUS = "ambiguous"


@dataclass(frozen=True, slots=True)
class Exempted:
    """Whether something is exempt at a certain time, and until when."""

    exempt: bool
    until: datetime | None = None
    """The first instant without exemption, in UTC; also if it is over. None: no end, or never exempt."""
    note: TagNote | None = None
    since: FirstExempt | None = None
    """From when the days of `Policy.exempt_tag_days` count, if they decide the end."""


NOT_EXEMPT = Exempted(exempt=False)


def exempted_by_tag(value: str, now: datetime, zone: tzinfo) -> Exempted:
    """Return what the value of an exempting tag means: a date in it is its end. A day ends at midnight in `zone`."""
    if value.strip().casefold() in NO:
        return NOT_EXEMPT
    ends, has_other_dates = end_dates(value, zone)
    if not ends:
        return Exempted(exempt=True, note=TagNote.NOT_UNDERSTOOD if has_other_dates else TagNote.NO_END)
    last = max(ends, key=lambda end: end.until)
    if _too_far(last.until, now, zone):
        return Exempted(exempt=True, note=TagNote.NO_END)
    return Exempted(last.until > now, last.until, TagNote.AMBIGUOUS if last.ambiguous else None)


def _too_far(until: datetime, now: datetime, zone: tzinfo) -> bool:
    last_day = (until - timedelta(microseconds=1)).astimezone(zone).date()
    return last_day - now.astimezone(zone).date() > _LONGEST_TAG


def longest(by_tag: Exempted, granted: Iterable[datetime], now: datetime) -> Exempted:
    """Return the longest exemption: of a tag, and of those that were granted until the times in `granted`."""
    if by_tag.exempt and by_tag.until is None:
        return by_tag
    ends = [*granted, *([by_tag.until] if by_tag.until else [])]
    until = max(ends, default=None)
    return Exempted(until is not None and until > now, until, by_tag.note)


@dataclass(frozen=True, slots=True)
class ExemptingTag:
    """An exempting tag, and what its value means."""

    key: str
    value: str
    exempted: Exempted
    reads_value: bool = True
    """False if `BAILIFF_EXEMPT_TAGS` asks for exactly this value, which so cannot be a date."""


def tag_exemption(tags: Mapping[str, str], policy: Policy, now: datetime, first: FirstExempt | None = None) -> Exempted:
    """Return the longest exemption by an instance's tags. `first` is when it was first seen with an exempting tag.

    A tag whose exact value is in `policy.exempt_tags` has no end; any other value is read.
    """
    return max((tag.exempted for tag in exempting_tags(tags, policy, now, first)), key=_length, default=NOT_EXEMPT)


def exempting_tags(
    tags: Mapping[str, str], policy: Policy, now: datetime, first: FirstExempt | None = None
) -> Iterator[ExemptingTag]:
    """Yield each exempting tag of an instance, also one that exempts nothing any more.

    `policy.exempt_tag_days` end a tag without an end of its own. They count from `first`; from `now` if it is None.
    """
    for tag in tags_as_read(tags, policy, now):
        yield replace(tag, exempted=_with_end(tag, policy, now, first))


def _with_end(tag: ExemptingTag, policy: Policy, now: datetime, first: FirstExempt | None) -> Exempted:
    exempted = tag.exempted
    if not policy.exempt_tag_days or not exempted.exempt or exempted.until:
        return exempted
    since = first or FirstExempt(tag.key, now)
    until = since.at + timedelta(days=policy.exempt_tag_days)
    note = None if exempted.note is TagNote.NO_END else exempted.note
    return Exempted(until > now, until, note, since)


def tags_as_read(tags: Mapping[str, str], policy: Policy, now: datetime) -> Iterator[ExemptingTag]:
    """Yield each exempting tag of an instance with what its value alone means."""
    for pattern in policy.exempt_tags:
        key, _, wanted = pattern.partition("=")
        is_exact = bool(wanted) and "*" not in wanted
        for tag, value in _matching(key, tags):
            if matches(wanted or "*", value):
                exempted = _WITHOUT_END if is_exact else exempted_by_tag(value, now, policy.zone)
                yield ExemptingTag(tag, value, exempted, reads_value=not is_exact)


_WITHOUT_END = Exempted(exempt=True, note=TagNote.NO_END)


def _length(exempted: Exempted) -> tuple[bool, bool, float]:
    until = exempted.until
    return exempted.exempt, until is None, until.timestamp() if until else 0


def _matching(key: str, tags: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the tags whose key is `key`, in which `*` matches any text."""
    if "*" not in key:
        return [(key, tags[key])] if key in tags else []
    return [(tag, tags[tag]) for tag in tags if matches(key, tag)]
