"""What a price is looked up by in AWS's price list."""

import re
from dataclasses import dataclass
from enum import StrEnum

from bailiff_bot.domain.billing import Billing

_LISTED_TENANCIES = {"default": "Shared", "dedicated": "Dedicated"}
"""The names of the price list for EC2's tenancies. A host is paid for by itself, whatever runs on it."""

_SAME_PRICE = {"RunInstances:00g0": "RunInstances"}
"""Operations that are billed as another one: RHEL with an own subscription costs what Linux costs."""

_OF_A_REGION = re.compile(r"[a-z]")
_OF_A_LOCAL_ZONE = re.compile(r"(-[a-z]{3}-\d+)[a-z]")
"""What the name of a zone has after its region: `us-east-1a`, and `us-east-1-nyc-1a` of the group `us-east-1-nyc-1`."""


class PriceKind(StrEnum):
    """The kinds of prices, each with the unit of its price."""

    COMPUTE = "compute"
    """An hour of an instance type."""
    STORAGE = "storage"
    """A gigabyte of a volume type for a month."""
    IOPS = "iops"
    """A provisioned operation a second for a month: of io2 those up to 32,000."""
    IOPS_TIER_2 = "iops-tier-2"
    """The same for io2, from 32,001 to 64,000."""
    IOPS_TIER_3 = "iops-tier-3"
    """The same for io2, above 64,000."""
    THROUGHPUT = "throughput"
    """A provisioned MiB a second for a month."""
    ADDRESS = "address"
    """An hour of a public IPv4 address in use."""
    SNAPSHOT = "snapshot"
    """A gigabyte of a snapshot for a month."""


@dataclass(frozen=True, slots=True, order=True)
class PriceKey:
    """What one price is looked up by."""

    kind: PriceKind
    region: str
    """The region code of the price list: a region, or the group of a Local Zone."""
    name: str = ""
    """The type of the instance or of the volume; empty for what has none."""
    operation: str = ""
    """The UsageOperation of an instance; empty for what has none."""
    tenancy: str = ""
    """The tenancy of an instance as the price list calls it: `Shared` or `Dedicated`; empty for what has none."""


def compute_key(instance_type: str, region: str, billing: Billing) -> PriceKey | None:
    """Return the key of an hour of an instance; None if the list has no price for it.

    It has none for spot, capacity blocks, hosts, Outposts and Wavelength Zones, or where EC2 gives no operation.
    """
    place, tenancy = price_region(region, billing), _LISTED_TENANCIES.get(billing.tenancy)
    if not (place and tenancy and billing.operation) or billing.lifecycle != "on-demand":
        return None
    return PriceKey(PriceKind.COMPUTE, place, instance_type, listed_operation(billing.operation), tenancy)


def listed_operation(operation: str) -> str:
    """Return the operation under which the list has the price of another one."""
    return _SAME_PRICE.get(operation, operation)


def price_region(region: str, billing: Billing) -> str | None:
    """Return the region code that the list has for the zone of an instance; None if that is not known.

    A Local Zone has prices of its own. The code of a Wavelength Zone does not follow from its name. An Outpost stands
    in an ordinary zone, and was paid for.
    """
    if billing.on_outpost or not billing.zone.startswith(region):
        return None
    rest = billing.zone.removeprefix(region)
    if _OF_A_REGION.fullmatch(rest):
        return region
    local = _OF_A_LOCAL_ZONE.fullmatch(rest)
    return region + local[1] if local else None
