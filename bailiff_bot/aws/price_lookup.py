"""Which product of AWS's price list has the price of a key.

A product is a price only if exactly one matches, in US dollars, in the expected unit and above zero. AWS keeps prices
beside each other that look alike: unused reservations, capacity blocks, idle addresses, other kinds of snapshots.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from bailiff_bot.aws.price_product import Product, price_of
from bailiff_bot.domain.listed_price import ListedPrice
from bailiff_bot.domain.price_key import PriceKey, PriceKind

_EC2 = "AmazonEC2"
_MONTHS_OF_GB = {"gb-mo": 1, "gb-month": 1}
_GROUPS = {
    PriceKind.IOPS: "EBS IOPS",
    PriceKind.IOPS_TIER_2: "EBS IOPS Tier 2",
    PriceKind.IOPS_TIER_3: "EBS IOPS Tier 3",
}
_GROUP_OF_A_LOCAL_ZONE = re.compile(r"\d-")
"""What only the code of a Local Zone's group has: `us-east-1-nyc-1`."""

_SNAPSHOT_USAGE = re.compile(r"(.+-)?EBS:SnapshotUsage")
"""The usage type of standard snapshots; outside us-east-1 the region's code is in front."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """How the product of a price is found."""

    service: str
    """The code of the service that lists it."""
    filters: Mapping[str, str]
    """What GetProducts is asked for: fields with their values."""
    units: Mapping[str, int]
    """The units that its price may have, in lower case, each with the number of our units in one."""


def lookup_of(key: PriceKey) -> Lookup:
    """Return how the product of a price is found."""
    return _LOOKUPS[key.kind](key)


def listed_price(key: PriceKey, products: Iterable[Product]) -> ListedPrice:
    """Return the price of a key. It has none if not exactly one of the products has it.

    What does not match is passed over, whatever was asked for.
    """
    lookup = lookup_of(key)
    matching = [product for product in products if _matches(product, key, lookup)]
    price = price_of(matching[0]) if len(matching) == 1 else None
    size = lookup.units.get(price.unit.lower()) if price else None
    return ListedPrice(price.usd / size, matching[0].version) if price and size else ListedPrice(None)


def _matches(product: Product, key: PriceKey, lookup: Lookup) -> bool:
    fields = {**product.attributes, "productFamily": product.family}
    return (
        product.service == lookup.service
        and all(fields.get(name) == value for name, value in lookup.filters.items())
        and fields.get("locationType") == _location_type(key.region)
        and _is_of_kind(key.kind, fields)
    )


def _location_type(region: str) -> str:
    """Return what the list calls a region: Outposts, for example, have the code of their region."""
    return "AWS Local Zone" if _GROUP_OF_A_LOCAL_ZONE.search(region) else "AWS Region"


def _is_of_kind(kind: PriceKind, fields: Mapping[str, str]) -> bool:
    """Return False for a product that no filter tells from the one that is meant."""
    if kind is PriceKind.COMPUTE:
        return fields.get("marketoption", "OnDemand") == "OnDemand"
    if kind is PriceKind.SNAPSHOT:
        return bool(_SNAPSHOT_USAGE.fullmatch(fields.get("usagetype", "")))
    return True


def _compute(key: PriceKey) -> Lookup:
    filters = {
        "instanceType": key.name,
        "regionCode": key.region,
        "operation": key.operation,
        "tenancy": key.tenancy,
        "capacitystatus": "Used",
    }
    return Lookup(_EC2, filters, {"hrs": 1})


def _storage(key: PriceKey) -> Lookup:
    return Lookup(_EC2, {"productFamily": "Storage", **_of_volume(key)}, _MONTHS_OF_GB)


def _iops(key: PriceKey) -> Lookup:
    filters = {"productFamily": "System Operation", "group": _GROUPS[key.kind], **_of_volume(key)}
    return Lookup(_EC2, filters, {"iops-mo": 1})


def _throughput(key: PriceKey) -> Lookup:
    """Return the lookup of a MiB a second: some regions list it by the GiB."""
    filters = {"productFamily": "Provisioned Throughput", **_of_volume(key)}
    return Lookup(_EC2, filters, {"mibps-mo": 1, "gibps-mo": 1024})


def _address(key: PriceKey) -> Lookup:
    filters = {
        "group": "VPCPublicIPv4Address",
        "groupDescription": "Hourly charge for In-use Public IPv4 Addresses",
        "regionCode": key.region,
    }
    return Lookup("AmazonVPC", filters, {"hrs": 1})


def _snapshot(key: PriceKey) -> Lookup:
    return Lookup(_EC2, {"productFamily": "Storage Snapshot", "regionCode": key.region}, _MONTHS_OF_GB)


def _of_volume(key: PriceKey) -> Mapping[str, str]:
    return {"volumeApiName": key.name, "regionCode": key.region}


_LOOKUPS: Mapping[PriceKind, Callable[[PriceKey], Lookup]] = {
    PriceKind.COMPUTE: _compute,
    PriceKind.STORAGE: _storage,
    PriceKind.IOPS: _iops,
    PriceKind.IOPS_TIER_2: _iops,
    PriceKind.IOPS_TIER_3: _iops,
    PriceKind.THROUGHPUT: _throughput,
    PriceKind.ADDRESS: _address,
    PriceKind.SNAPSHOT: _snapshot,
}
