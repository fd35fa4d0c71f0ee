"""What several savings amount to in a period, and whom to thank for them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal

from bailiff_bot.domain.saving import Saving
from bailiff_bot.domain.subject import Subject

_FIRST_DAYS = 7
"""In the first days of a month, what was saved since its first would be next to nothing."""


@dataclass(frozen=True, slots=True)
class SavingsTotal:
    """What was saved in a period."""

    since: datetime
    usd: Decimal
    """What was saved in the period, in US dollars, not rounded."""
    usd_a_month: Decimal
    """What is saved from now on."""
    instances: int
    not_priced: int
    """Of how many of these instances something has no price, or is not known yet."""
    thanked: tuple[tuple[str, int], ...]
    """The names of those who did it, each with the number of instances, the largest first."""


def savings_total(savings: Iterable[Saving], since: datetime, now: datetime, last_scan: datetime) -> SavingsTotal:
    """Return what was saved from a time to now. `last_scan` is the time of the last scan that recorded savings."""
    counting = saved_between(savings, since, now)
    by_name: dict[str, set[Subject]] = defaultdict(set)
    for saving in counting:
        for name in saving.names:
            by_name[name].add(saving.subject)
    return SavingsTotal(
        since,
        sum((one.usd_between(since, now) for one in counting), Decimal(0)),
        sum((one.usd for one in counting if one.lasts(last_scan)), Decimal(0)),
        len({one.subject for one in counting}),
        len({one.subject for one in counting if one.not_priced}),
        tuple(sorted(((name, len(found)) for name, found in by_name.items()), key=lambda pair: (-pair[1], pair[0]))),
    )


def saved_between(savings: Iterable[Saving], start: datetime, end: datetime) -> tuple[Saving, ...]:
    """Return the savings that count in a period, the latest first."""
    found = (one for one in savings if one.counts and one.since < end and min(one.lasted_until, one.counts_to) > start)
    return tuple(sorted(found, key=lambda one: (one.since, one.subject, one.kind), reverse=True))


def month_start(now: datetime, zone: tzinfo) -> datetime:
    """Return from when on a digest says what was saved: the first of this month, or early in it that of the last."""
    local = now.astimezone(zone)
    first = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    if local.day > _FIRST_DAYS:
        return first
    return (first - timedelta(days=1)).replace(day=1)
