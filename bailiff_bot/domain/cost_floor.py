"""What an instance must cost a month at least to be selected by a filter."""

from dataclasses import dataclass
from decimal import Decimal

from bailiff_bot.domain.cost import Cost


@dataclass(frozen=True, slots=True)
class CostFloor:
    """An amount that a cost must exceed, or reach if it is `inclusive`."""

    usd: Decimal
    """US dollars a month."""
    inclusive: bool = False

    @property
    def word(self) -> str:
        """The filter as somebody may type it: `cost>100`, `cost>=99.5`."""
        return f"cost{'>=' if self.inclusive else '>'}{self.usd.normalize():f}"

    def selects(self, cost: Cost | None) -> bool:
        """Return True if a cost is certainly that high: what has no price can only add to it.

        What is not priced at all is not selected, and neither is what has no cost.
        """
        if cost is None or (cost.not_priced and not cost.usd):
            return False
        return cost.usd >= self.usd if self.inclusive else cost.usd > self.usd

    def may_select(self, cost: Cost | None) -> bool:
        """Return True if only the parts without a price can tell whether a cost is that high."""
        return not self.selects(cost) and (cost is None or bool(cost.not_priced))
