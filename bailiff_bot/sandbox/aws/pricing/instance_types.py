"""The made prices of instances: of each type and region for Linux and Windows, and the traps beside them."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from bailiff_bot.sandbox.aws.pricing.product import EC2, Price, Product, make_product
from bailiff_bot.sandbox.aws.pricing.regions import REGIONS, PricedRegion


@dataclass(frozen=True, slots=True)
class InstanceType:
    """A type, with its price for Linux in us-east-1."""

    name: str
    linux_usd: Decimal
    windows_usd: Decimal | None = None
    """The licence, in addition; None: there is no Windows for it."""
    has_capacity_blocks: bool = False


def _types(table: str) -> Iterator[InstanceType]:
    for line in table.strip().splitlines():
        name, linux, windows, *flags = line.split()
        yield InstanceType(name, Decimal(linux), None if windows == "-" else Decimal(windows), "blocks" in flags)


TYPES = tuple(
    _types("""
    t2.micro      0.0116   0.0046
    t2.medium     0.0464   0.0180
    t3.nano       0.0052   0.0046
    t3.micro      0.0104   0.0092
    t3.small      0.0208   0.0184
    t3.medium     0.0416   0.0184
    t3.large      0.0832   0.0276
    t3.xlarge     0.1664   0.0736
    t3.2xlarge    0.3328   0.1472
    t3a.medium    0.0376   0.0184
    t4g.small     0.0168   -
    t4g.medium    0.0336   -
    m5.large      0.0960   0.0920
    m5.xlarge     0.1920   0.1840
    m5.2xlarge    0.3840   0.3680
    m5.4xlarge    0.7680   0.7360
    m5d.large     0.1130   0.0920
    m6i.large     0.0960   0.0920
    m6i.xlarge    0.1920   0.1840
    m6g.large     0.0770   -
    m7i.large     0.1008   0.0920
    c5.large      0.0850   0.0920
    c5.xlarge     0.1700   0.1840
    c5.2xlarge    0.3400   0.3680
    c6i.large     0.0850   0.0920
    r5.large      0.1260   0.0920
    r5.xlarge     0.2520   0.1840
    r5.2xlarge    0.5040   0.3680
    r6i.large     0.1260   0.0920
    i3.large      0.1560   0.0920
    g4dn.xlarge   0.5260   0.1840
    g5.xlarge     1.0060   0.1840
    p3.2xlarge    3.0600   0.3680
    p4de.24xlarge 27.4471  4.4160   blocks
    """)
)
_DEDICATED = Decimal("1.0625")
_RESERVED = Decimal("0.63")
"""A dedicated instance, and one reserved for a year, against the price on demand; about AWS's."""
_LINUX = {"operatingSystem": "Linux", "licenseModel": "No License required", "preInstalledSw": "NA"}
_WINDOWS = {"operatingSystem": "Windows", "licenseModel": "No License required", "preInstalledSw": "NA"}
_OWN_LICENCE = {**_WINDOWS, "licenseModel": "Bring your own license"}


def instance_products() -> Iterator[Product]:
    """Yield the made products of every type in every region."""
    for region in REGIONS:
        for kind in TYPES:
            yield from _products(kind, region)


def _products(kind: InstanceType, region: PricedRegion) -> Iterator[Product]:
    linux = kind.linux_usd * region.factor
    yield _product(kind, region, linux, "BoxUsage", _LINUX, reserved=True)
    yield _product(kind, region, linux * _DEDICATED, "DedicatedUsage", {**_LINUX, "tenancy": "Dedicated"})
    yield _product(kind, region, linux, "UnusedBox", {**_LINUX, "capacitystatus": "UnusedCapacityReservation"})
    yield _product(
        kind, region, Decimal(0), "Reservation", {**_LINUX, "capacitystatus": "AllocatedCapacityReservation"}
    )
    if kind.windows_usd is not None:
        windows = linux + kind.windows_usd
        yield _product(kind, region, windows, "BoxUsage", {**_WINDOWS, "operation": "RunInstances:0002"})
        yield _product(kind, region, linux, "BoxUsage", {**_OWN_LICENCE, "operation": "RunInstances:0800"})
    if kind.has_capacity_blocks:
        block = {**_LINUX, "operation": "RunInstances:CB", "marketoption": "CapacityBlock"}
        yield _product(kind, region, Decimal(0), "BoxUsage", block)


def _product(  # noqa: PLR0913 - what a product is made of
    kind: InstanceType,
    region: PricedRegion,
    usd: Decimal,
    usage: str,
    changes: dict[str, str],
    *,
    reserved: bool = False,
) -> Product:
    attributes = {
        **region.attributes(EC2, region.usage_type(f"{usage}:{kind.name}"), "RunInstances"),
        "instanceType": kind.name,
        "tenancy": "Shared",
        "capacitystatus": "Used",
        "marketoption": "OnDemand",
        **changes,
    }
    system = attributes["operatingSystem"]
    price = Price(usd, "Hrs", f"${usd:.4f} per {usage} {system} {kind.name} Instance Hour")
    reservation = Price(usd * _RESERVED, "Hrs", f"{system}, {kind.name} reserved instance applied")
    return make_product(attributes, price, "Compute Instance", reservation if reserved else None)
