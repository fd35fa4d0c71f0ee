"""What an instance is charged for a month: quantities, each with the key of its price."""

from collections.abc import Iterator
from dataclasses import dataclass

from bailiff_bot.domain.billing import Billing
from bailiff_bot.domain.cost import HOURS_A_MONTH, CostPart
from bailiff_bot.domain.instance import Instance, InstanceState
from bailiff_bot.domain.price_key import PriceKey, PriceKind, compute_key, price_region
from bailiff_bot.domain.volume import Volume, Volumes

_FREE_IOPS, _FREE_THROUGHPUT = 3_000, 125
"""What every gp3 volume has without a charge; its throughput in MiB a second."""

_IO2_TIERS = {
    PriceKind.IOPS: (0, 32_000),
    PriceKind.IOPS_TIER_2: (32_000, 64_000),
    PriceKind.IOPS_TIER_3: (64_000, None),
}
"""The IOPS of each price: those above the first number, up to the second. The list has them in descriptions alone."""

_Amount = tuple[PriceKind, int | None]
"""A quantity of a kind of price. None: EC2 did not tell it."""


@dataclass(frozen=True, slots=True)
class Charge:
    """One thing that is charged, for a month."""

    part: CostPart
    key: PriceKey | None
    """None if it has no price: the list does not have it, or what it depends on was not read."""
    quantity: int = 0
    """In the unit of the price."""


def charges(instance: Instance, volumes: Volumes) -> Iterator[Charge]:
    """Yield all that an instance is charged for."""
    billing = instance.billing or Billing()
    region = price_region(instance.target.region, billing)
    if instance.state is InstanceState.RUNNING:
        yield Charge(CostPart.COMPUTE, compute_key(instance.type, instance.target.region, billing), HOURS_A_MONTH)
    for volume_id in instance.volume_ids:
        yield from volume_charges(volumes.get(volume_id), region)
    if addresses := instance.public_addresses:
        yield Charge(
            CostPart.ADDRESSES, PriceKey(PriceKind.ADDRESS, region) if region else None, HOURS_A_MONTH * addresses
        )


def volume_charges(volume: Volume | None, region: str | None) -> Iterator[Charge]:
    """Yield what a volume is charged for in a region of the price list.

    `volume` is None if it was not read, `region` if its code is not known.
    """
    if volume is None or region is None:
        yield Charge(CostPart.VOLUMES, None)
        return
    for kind, quantity in _amounts(volume):
        if quantity is None:
            yield Charge(CostPart.VOLUMES, None)
        elif quantity:
            yield Charge(CostPart.VOLUMES, PriceKey(kind, region, volume.type), quantity)


def _amounts(volume: Volume) -> Iterator[_Amount]:
    """Yield what of a volume has a price. EC2 tells the IOPS of gp2 too, which cost nothing."""
    yield PriceKind.STORAGE, volume.gb
    if volume.type == "gp3":
        yield PriceKind.IOPS, _above(_FREE_IOPS, volume.iops)
        yield PriceKind.THROUGHPUT, _above(_FREE_THROUGHPUT, volume.throughput)
    elif volume.type == "io1":
        yield PriceKind.IOPS, volume.iops
    elif volume.type == "io2":
        yield from _io2_amounts(volume.iops)


def _io2_amounts(iops: int | None) -> Iterator[_Amount]:
    for kind, (above, up_to) in _IO2_TIERS.items():
        yield kind, _above(above, iops if iops is None or up_to is None else min(iops, up_to))


def _above(free: int, quantity: int | None) -> int | None:
    return None if quantity is None else max(0, quantity - free)
