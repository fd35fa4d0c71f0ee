"""Dates the exemption of an instance by the first scan that saw it with an exempting tag."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bailiff_bot.domain.exemption import tags_as_read
from bailiff_bot.domain.instance import FirstExempt, Instance
from bailiff_bot.domain.inventory import Inventory
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.stopped_instances import InstanceKey


@dataclass(frozen=True, slots=True)
class ExemptTimes:
    """What a scan changes in the recorded times, and the inventory that has them."""

    inventory: Inventory
    """With `first_exempt` of each instance for which it is known."""
    new: Mapping[InstanceKey, FirstExempt]
    """The instances that are exempted by a tag, and are not recorded yet."""
    gone: tuple[InstanceKey, ...]
    """Recorded instances that do not exist any more, in targets that were read."""


def exempt_times(inventory: Inventory, recorded: Mapping[InstanceKey, FirstExempt], policy: Policy) -> ExemptTimes:
    """Return what a scan shows about exempting tags. `recorded` is what earlier scans saw.

    An instance that loses the tag keeps its time, so taking the tag off and on again does not start the time again.
    """
    found = {(one.target, one.id): one for one in inventory.instances}
    new = {
        key: first
        for key, one in found.items()
        if key not in recorded and (first := _first_exempt(one, inventory, policy))
    }
    read = frozenset(inventory.read)
    gone = tuple(key for key in recorded if key not in found and key[0] in read)
    return ExemptTimes(_with_times(inventory, {**recorded, **new}), new, gone)


def _first_exempt(instance: Instance, inventory: Inventory, policy: Policy) -> FirstExempt | None:
    at = inventory.scanned_at
    return next(
        (FirstExempt(tag.key, at) for tag in tags_as_read(instance.tags, policy, at) if tag.exempted.exempt), None
    )


def _with_times(inventory: Inventory, times: Mapping[InstanceKey, FirstExempt]) -> Inventory:
    if not times:
        return inventory
    return replace(inventory, instances=tuple(_with_time(one, times) for one in inventory.instances))


def _with_time(instance: Instance, times: Mapping[InstanceKey, FirstExempt]) -> Instance:
    first = times.get((instance.target, instance.id))
    return replace(instance, first_exempt=first) if first else instance
