"""The regions of the made products: those of the fleet."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class PricedRegion:
    """A region of the Price List."""

    code: str
    location: str
    prefix: str
    """Of usage types; empty in us-east-1."""
    factor: Decimal
    """By which prices are higher than in us-east-1, about."""

    def usage_type(self, name: str) -> str:
        """Return a usage type of EC2 in the region."""
        return f"{self.prefix}-{name}" if self.prefix else name

    def attributes(self, service: str, usage_type: str, operation: str = "") -> dict[str, str]:
        """Return the attributes that every product of the region has."""
        return {
            "regionCode": self.code,
            "location": self.location,
            "locationType": "AWS Region",
            "servicecode": service,
            "usagetype": usage_type,
            "operation": operation,
        }


REGIONS = (
    PricedRegion("us-east-1", "US East (N. Virginia)", "", Decimal(1)),
    PricedRegion("eu-west-1", "EU (Ireland)", "EU", Decimal("1.11")),
    PricedRegion("eu-west-3", "EU (Paris)", "EUW3", Decimal("1.16")),
    PricedRegion("ap-southeast-2", "Asia Pacific (Sydney)", "APS2", Decimal("1.25")),
    PricedRegion("sa-east-1", "South America (Sao Paulo)", "SAE1", Decimal("1.6")),
)
