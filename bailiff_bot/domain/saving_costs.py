"""What an instance cost before a change and costs after it, at the prices of one day.

Each function is about what the change changes, and leaves out what stays as it is.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal

from bailiff_bot.domain.cost import Cost, CostPart
from bailiff_bot.domain.instance import Instance, InstanceState, Target
from bailiff_bot.domain.prices import Prices
from bailiff_bot.domain.saving import Saving
from bailiff_bot.domain.told_instance import ToldInstance

Stays = Callable[[Target, str], bool | None]
"""Returns whether a volume still exists; None if that is not known."""


def stop_costs(before: Instance, after: Instance, prices: Prices) -> tuple[Cost, Cost]:
    """Return what an instance cost that is stopped now, and what of that stays: nothing.

    It is about the compute and the addresses that it lost: its volumes and its Elastic IPs stay as they are.
    """
    lost = max(0, before.public_addresses - after.public_addresses)
    running = replace(before, volume_ids=(), public_addresses=lost)
    return prices.cost(running, {}), Cost()


def resize_costs(before: Instance, type_after: str, prices: Prices) -> tuple[Cost, Cost] | None:
    """Return what an instance of each type costs to run; None if the second is not certainly cheaper."""
    first, second = _compute(before, prices), _compute(replace(before, type=type_after), prices)
    is_priced = not (first.not_priced or second.not_priced)
    return (first, second) if is_priced and second.compute < first.compute else None


def deletion_costs(before: Instance, told: ToldInstance, prices: Prices) -> tuple[Cost, dict[str, Decimal | None]]:
    """Return what an instance cost that was deleted, and what each of its volumes cost of that.

    Its addresses are left out: an Elastic IP stays, and EC2 does not say of one that is gone whether it had any.
    """
    volumes = dict(_volume_costs(before, told, prices))
    # A scheduler stopped it every now and then: nobody knows what it cost to run.
    compute = Cost() if told.is_scheduled else _compute(before, prices)
    priced = sum((usd for usd in volumes.values() if usd is not None), Decimal(0))
    missing = frozenset({CostPart.VOLUMES} if None in volumes.values() else ())
    return compute + Cost(volumes=priced, not_priced=missing), volumes


def image_cost(told: ToldInstance, prices: Prices) -> Cost:
    """Return what an image costs at its largest: a snapshot of the full size of every volume."""
    is_known = len(told.volumes) == len(told.instance.volume_ids)
    gb = sum(one.gb for one in told.volumes)
    usd = prices.snapshot_usd(told.instance.target.region, gb) if is_known else None
    return Cost(not_priced=frozenset({CostPart.VOLUMES})) if usd is None else Cost(volumes=usd)


def with_known_volumes(saving: Saving, stays: Stays) -> Saving:
    """Return a saving without what its volumes cost that do not stay, if that is known of all of them by now.

    It is asked only of a saving that counts: AWS takes a while to delete volumes.
    """
    if not (saving.volumes and saving.counts):
        return saving
    known = {one: stays(saving.before.target, one) for one in saving.volumes}
    if None in known.values():
        return saving
    staying = sum((usd or Decimal(0) for one, usd in saving.volumes.items() if known[one]), Decimal(0))
    after = replace(saving.cost_after, volumes=staying) + (saving.image or Cost())
    return replace(saving, volumes={}, cost_after=after)


def _compute(instance: Instance, prices: Prices) -> Cost:
    return prices.cost(replace(instance, volume_ids=(), public_addresses=0), {})


def _volume_costs(before: Instance, told: ToldInstance, prices: Prices) -> Iterator[tuple[str, Decimal | None]]:
    known = {one.id: one for one in told.volumes}
    stopped = replace(before, state=InstanceState.STOPPED, public_addresses=0)
    for volume_id in before.volume_ids:
        cost = prices.cost(replace(stopped, volume_ids=(volume_id,)), known)
        yield volume_id, None if cost.not_priced else cost.usd
