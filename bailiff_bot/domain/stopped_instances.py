"""Dates the stop of an instance without a stop time from EC2 by the first scan that saw it stopped.

The real stop may be older, never younger.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from bailiff_bot.domain.instance import Instance, InstanceState, Target
from bailiff_bot.domain.inventory import Inventory

InstanceKey = tuple[Target, str]
"""An instance's target and id."""


@dataclass(frozen=True, slots=True)
class StopTimes:
    """What a scan changes in the recorded stop times, and the inventory that has them."""

    inventory: Inventory
    """With `first_seen_stopped` of each stopped instance without a stop time from EC2."""
    new: Mapping[InstanceKey, datetime]
    """Since when an instance is seen stopped, where that is not recorded yet."""
    restarted: tuple[InstanceKey, ...]
    """Recorded instances that are not stopped any more, in targets that were read."""


def stop_times(inventory: Inventory, recorded: Mapping[InstanceKey, datetime]) -> StopTimes:
    """Return what a scan shows about stops. `recorded` has since when earlier scans saw each instance stopped."""
    stopped = {_key(one): one for one in inventory.instances if one.state is InstanceState.STOPPED}
    first_seen = {
        key: _first_seen(one, recorded.get(key), inventory.scanned_at)
        for key, one in stopped.items()
        if _is_undated(one)
    }
    read = frozenset(inventory.read)
    return StopTimes(
        _dated_inventory(inventory, first_seen),
        {key: seen for key, seen in first_seen.items() if recorded.get(key) != seen},
        tuple(key for key in recorded if key not in stopped and key[0] in read),
    )


def _key(instance: Instance) -> InstanceKey:
    return instance.target, instance.id


def _is_undated(instance: Instance) -> bool:
    return instance.state is InstanceState.STOPPED and instance.transitioned_at is None


def _first_seen(instance: Instance, recorded: datetime | None, now: datetime) -> datetime:
    """Return the recorded time, or `now` if the instance was started since: then this is another stop."""
    return recorded if recorded is not None and recorded >= instance.launched_at else now


def _dated_inventory(inventory: Inventory, first_seen: Mapping[InstanceKey, datetime]) -> Inventory:
    if not first_seen:
        return inventory
    return replace(inventory, instances=tuple(_dated(one, first_seen) for one in inventory.instances))


def _dated(instance: Instance, first_seen: Mapping[InstanceKey, datetime]) -> Instance:
    return replace(instance, first_seen_stopped=first_seen[_key(instance)]) if _is_undated(instance) else instance
