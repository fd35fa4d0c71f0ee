"""For how long a price of AWS's list is used after it was read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bailiff_bot.domain.listed_price import ListedPrice
from bailiff_bot.domain.price_key import PriceKey
from bailiff_bot.domain.prices import Price

OVERDUE_FOR = timedelta(days=30)
"""A price that cannot be renewed is used for this long after it should have been."""


@dataclass(frozen=True, slots=True)
class StoredPrice:
    """What the list said of a key some time ago."""

    listed: ListedPrice
    read_at: datetime


_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)

StoredPrices = Mapping[PriceKey, StoredPrice]


def outdated(wanted: Iterable[PriceKey], stored: StoredPrices, now: datetime, renew_after: timedelta) -> list[PriceKey]:
    """Return the keys of which nothing recent is stored: first those of which nothing is, then the oldest."""
    recent = {key for key, one in stored.items() if now - one.read_at < renew_after}
    return sorted(set(wanted) - recent, key=lambda key: (stored[key].read_at if key in stored else _BEFORE_ALL, key))


def usable(stored: StoredPrices, now: datetime, renew_after: timedelta) -> dict[PriceKey, Price]:
    """Return the prices that may still be used. One that should have been renewed has the date on which it was read."""
    return {
        key: Price(one.listed.usd, one.read_at.date() if now - one.read_at >= renew_after else None)
        for key, one in stored.items()
        if one.listed.usd is not None and now - one.read_at < renew_after + OVERDUE_FOR
    }
