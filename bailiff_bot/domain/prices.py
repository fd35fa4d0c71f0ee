"""Prices, and what an instance costs a month by them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from bailiff_bot.domain.charges import Charge, charges
from bailiff_bot.domain.cost import Cost, CostPart
from bailiff_bot.domain.instance import Instance
from bailiff_bot.domain.price_key import PriceKey, PriceKind
from bailiff_bot.domain.volume import Volumes


@dataclass(frozen=True, slots=True)
class Price:
    """A price of AWS's list."""

    usd: Decimal
    """In US dollars, for one unit of its kind."""
    listed_on: date | None = None
    """The date on which it was read, if it could not be renewed in time; None if it is current."""


@dataclass(frozen=True, slots=True)
class Prices:
    """The prices of what a snapshot has."""

    listed: Mapping[PriceKey, Price] = field(default_factory=dict)
    """The prices of AWS's list. What is not in it has no price."""
    own: Mapping[PriceKey, Decimal] = field(default_factory=dict)
    """One's own prices of instances by the hour, in US dollars. They are used in place of the list's."""
    factor: Decimal = Decimal(1)
    """What the list's prices of instances are multiplied by: 0.82 is a discount of 18 %."""

    def cost(self, instance: Instance, volumes: Volumes) -> Cost:
        """Return what an instance costs a month. What has no price is in `not_priced`."""
        return self._total(charges(instance, volumes))

    def snapshot_usd(self, region: str, gb: int) -> Decimal | None:
        """Return what a snapshot of `gb` gigabytes costs a month at most, in US dollars; None if it has no price.

        AWS bills the blocks that are stored, which is less if they are empty or in an earlier snapshot.
        """
        price = self.listed.get(snapshot_key(region))
        return price.usd * gb if price else None

    def _total(self, charged: Iterable[Charge]) -> Cost:
        usd = dict.fromkeys(CostPart, Decimal(0))
        not_priced, dates = set(), set()
        for charge in charged:
            price = self._price(charge.key) if charge.key else None
            if price is None:
                not_priced.add(charge.part)
                continue
            usd[charge.part] += price.usd * charge.quantity
            dates.add(price.listed_on)
        return Cost(
            usd[CostPart.COMPUTE],
            usd[CostPart.VOLUMES],
            usd[CostPart.ADDRESSES],
            frozenset(not_priced),
            min((one for one in dates if one), default=None),
        )

    def _price(self, key: PriceKey) -> Price | None:
        if own := self.own.get(key):
            return Price(own)
        price = self.listed.get(key)
        if price is None or key.kind is not PriceKind.COMPUTE:
            return price
        return Price(price.usd * self.factor, price.listed_on)


def keys_of(instance: Instance, volumes: Volumes) -> frozenset[PriceKey]:
    """Return the keys of all prices that the cost of an instance needs."""
    return frozenset(charge.key for charge in charges(instance, volumes) if charge.key)


def own_key(instance_type: str, region: str, operation: str) -> PriceKey:
    """Return the key of one's own price: it is for on-demand instances of the tenancy that is shared."""
    return PriceKey(PriceKind.COMPUTE, region, instance_type, operation, "Shared")


def snapshot_key(region: str) -> PriceKey:
    """Return the key of the price of a snapshot in a region."""
    return PriceKey(PriceKind.SNAPSHOT, region)
