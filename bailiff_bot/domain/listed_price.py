"""What AWS's price list answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from bailiff_bot.domain.gap import Gap
from bailiff_bot.domain.price_key import PriceKey


@dataclass(frozen=True, slots=True)
class ListedPrice:
    """What the list says of a key."""

    usd: Decimal | None
    """In US dollars, for one unit of its kind; None if the list has no price for it, or several."""
    version: str = ""
    """The version of the list; empty if it has no price, or does not say it."""


@dataclass(frozen=True, slots=True)
class LookedUp:
    """What was looked up."""

    prices: Mapping[PriceKey, ListedPrice]
    """What the list answered. What is missing could not be looked up."""
    gaps: tuple[Gap, ...] = ()
    """Why something could not be looked up: at most one for each reason."""
