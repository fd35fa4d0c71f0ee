"""One's own prices of instances, for what the list does not know or what was agreed with AWS."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from bailiff_bot.domain.gap import Gap
from bailiff_bot.domain.price_key import PriceKey


@dataclass(frozen=True, slots=True)
class OwnPrices:
    """The prices of a file of one's own, and what is wrong in it."""

    prices: Mapping[PriceKey, Decimal] = field(default_factory=dict)
    """An hour of an instance, in US dollars."""
    gaps: tuple[Gap, ...] = ()
