"""Finds prices: those that are stored and recent, else from AWS's price list."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bailiff_bot.domain.clock import Clock
from bailiff_bot.domain.gap import Gap
from bailiff_bot.domain.listed_price import ListedPrice, LookedUp
from bailiff_bot.domain.price_age import StoredPrice, outdated, usable
from bailiff_bot.domain.price_key import PriceKey
from bailiff_bot.domain.prices import Price


class PriceList(Protocol):
    """AWS's price list."""

    def look_up(self, keys: Iterable[PriceKey]) -> LookedUp:
        """Return what the list says of each key. What could not be looked up is a gap; it raises nothing."""
        ...


class PriceStore(Protocol):
    """Stores what the list said. Raises StoreError."""

    def load(self) -> Mapping[PriceKey, StoredPrice]:
        """Return all that is stored."""
        ...

    def save(self, found: Mapping[PriceKey, ListedPrice], read_at: datetime) -> None:
        """Save what the list said at a time, in place of what it said before."""
        ...


@dataclass(frozen=True, slots=True)
class FoundPrices:
    """Prices, and why some could not be found or renewed."""

    prices: Mapping[PriceKey, Price]
    gaps: tuple[Gap, ...] = ()


@dataclass(frozen=True, slots=True)
class ListedPrices:
    """Finds prices of the list."""

    price_list: PriceList
    store: PriceStore
    renew_after: timedelta
    """A price that is older is looked up again."""
    clock: Clock

    def find(self, wanted: Collection[PriceKey]) -> FoundPrices:
        """Return the prices of keys. Asks the list for those that are not stored, or too old. Raises StoreError."""
        if not wanted:
            return FoundPrices({})
        now, kept = self.clock(), self.store.load()
        stored = {key: kept[key] for key in wanted if key in kept}
        missing = outdated(wanted, stored, now, self.renew_after)
        looked_up = self.price_list.look_up(missing) if missing else LookedUp({})
        self.store.save(looked_up.prices, now)
        stored |= {key: StoredPrice(listed, now) for key, listed in looked_up.prices.items()}
        return FoundPrices(usable(stored, now, self.renew_after), looked_up.gaps)
