"""The made prices of volumes, snapshots and public addresses, by region."""

from collections.abc import Iterator
from decimal import Decimal

from bailiff_bot.sandbox.aws.pricing.product import EC2, VPC, Price, Product, make_product
from bailiff_bot.sandbox.aws.pricing.regions import REGIONS, PricedRegion

_GB_MONTH = "GB-Mo"
_VOLUMES = (
    ("standard", "", "Magnetic", "0.05"),
    ("gp2", ".gp2", "General Purpose", "0.10"),
    ("gp3", ".gp3", "General Purpose", "0.08"),
    ("io1", ".piops", "Provisioned IOPS", "0.125"),
    ("io2", ".io2", "Provisioned IOPS", "0.125"),
    ("st1", ".st1", "Throughput Optimized HDD", "0.045"),
    ("sc1", ".sc1", "Cold HDD", "0.015"),
)
"""API name, suffix of the usage type, name, dollars a GB and month in us-east-1."""
_IOPS = (
    ("gp3", ".gp3", "EBS IOPS", "0.005"),
    ("io1", ".piops", "EBS IOPS", "0.065"),
    ("io2", ".io2", "EBS IOPS", "0.065"),
    ("io2", ".io2.tier2", "EBS IOPS Tier 2", "0.0455"),
    ("io2", ".io2.tier3", "EBS IOPS Tier 3", "0.03185"),
)
"""API name, suffix of the usage type, group, dollars for each of them and month."""
_SNAPSHOTS = (
    ("EBS:SnapshotUsage", "0.05"),
    ("EBS:SnapshotArchiveStorage", "0.0125"),
    ("EBS:SnapshotUsageUnderBilling", "0"),
)
_ADDRESSES = (("InUseAddress", "In-use"), ("IdleAddress", "Idle"))
_ADDRESS_USD = Decimal("0.005")


def storage_products() -> Iterator[Product]:
    """Yield the made products of every region."""
    for region in REGIONS:
        yield from _volumes(region)
        yield from _iops(region)
        yield _throughput(region)
        yield from _snapshots(region)
        yield from _addresses(region)


def _volumes(region: PricedRegion) -> Iterator[Product]:
    for name, suffix, kind, usd in _VOLUMES:
        attributes = _attributes(region, f"EBS:VolumeUsage{suffix}", volumeApiName=name, volumeType=kind)
        unit = "GB-month" if name == "io2" else _GB_MONTH
        yield make_product(attributes, _price(region, usd, unit, f"{kind} ({name}) provisioned storage"), "Storage")


def _iops(region: PricedRegion) -> Iterator[Product]:
    for name, suffix, group, usd in _IOPS:
        usage_type = f"EBS:VolumeP-IOPS{suffix}"
        attributes = _attributes(region, usage_type, volumeApiName=name, group=group, groupDescription="IOPS")
        yield make_product(
            attributes, _price(region, usd, "IOPS-Mo", f"provisioned IOPS of {name}"), "System Operation"
        )
    requests = {"volumeApiName": "standard", "group": "EBS I/O Requests", "groupDescription": "Input/Output Operation"}
    attributes = _attributes(region, "EBS:VolumeIOUsage", **requests)
    yield make_product(
        attributes, _price(region, "0.00000005", "IOs", "requests of magnetic volumes"), "System Operation"
    )


def _throughput(region: PricedRegion) -> Product:
    """Return the price of gp3's throughput, which is listed by the GiB/s."""
    group = {"group": "EBS Throughput", "groupDescription": "Charge per Provisioned mbps"}
    attributes = _attributes(region, "EBS:VolumeP-Throughput.gp3", volumeApiName="gp3", **group)
    price = _price(region, "40.96", "GiBps-mo", "provisioned throughput of gp3")
    return make_product(attributes, price, "Provisioned Throughput")


def _snapshots(region: PricedRegion) -> Iterator[Product]:
    for usage_type, usd in _SNAPSHOTS:
        attributes = _attributes(region, usage_type, storageMedia="Amazon S3")
        yield make_product(attributes, _price(region, usd, _GB_MONTH, "snapshot data stored"), "Storage Snapshot")


def _addresses(region: PricedRegion) -> Iterator[Product]:
    """Yield the prices of public addresses. Their usage types have a prefix even in us-east-1."""
    for usage_type, kind in _ADDRESSES:
        attributes = {
            **region.attributes(VPC, f"{region.prefix or 'USE1'}-PublicIPv4:{usage_type}"),
            "group": "VPCPublicIPv4Address",
            "groupDescription": f"Hourly charge for {kind} Public IPv4 Addresses",
        }
        yield make_product(attributes, Price(_ADDRESS_USD, "Hrs", f"$0.005 per {kind} public IPv4 address per hour"))


def _attributes(region: PricedRegion, usage_type: str, **attributes: str) -> dict[str, str]:
    return {**region.attributes(EC2, region.usage_type(usage_type)), **attributes}


def _price(region: PricedRegion, usd: str, unit: str, what: str) -> Price:
    amount = Decimal(usd) * region.factor
    return Price(amount, unit, f"${amount:f} per {unit} of {what} - {region.location}")
