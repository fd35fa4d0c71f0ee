"""What an instance costs a month at list price, in US dollars."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

HOURS_A_MONTH = 730


class CostPart(StrEnum):
    """What is priced of an instance, each by itself."""

    COMPUTE = "compute"
    VOLUMES = "volumes"
    ADDRESSES = "addresses"


@dataclass(frozen=True, slots=True)
class Cost:
    """What an instance, or several, cost a month at list price, in US dollars, not rounded."""

    compute: Decimal = Decimal(0)
    volumes: Decimal = Decimal(0)
    addresses: Decimal = Decimal(0)
    not_priced: frozenset[CostPart] = field(default_factory=frozenset)
    """The parts of which something has no price. It is not in the sum, and never taken for nothing."""
    listed_on: date | None = None
    """The date of the oldest price that could not be renewed in time; None if all are current."""

    @property
    def usd(self) -> Decimal:
        """All that is priced."""
        return self.compute + self.volumes + self.addresses

    def __add__(self, other: "Cost") -> "Cost":
        """Return what both cost together."""
        return Cost(
            self.compute + other.compute,
            self.volumes + other.volumes,
            self.addresses + other.addresses,
            self.not_priced | other.not_priced,
            min((one for one in (self.listed_on, other.listed_on) if one), default=None),
        )
