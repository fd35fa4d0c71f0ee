"""A snapshot: the inventory of a scan, what the directory and the price list said at that time, and all gaps."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bailiff_bot.domain.gap import Gap, GapSource
from bailiff_bot.domain.identity import People
from bailiff_bot.domain.instance import Instance, Target
from bailiff_bot.domain.inventory import Inventory
from bailiff_bot.domain.plausibility import ScanCount, check_plausibility
from bailiff_bot.domain.prices import Prices
from bailiff_bot.domain.volume import Volumes

COMPARE_WITHIN = timedelta(days=1)
"""A scan is compared with the counts of this period. So a real decrease is accepted after a day."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An inventory, and what the directory and the price list said at that time."""

    inventory: Inventory
    people: People
    other_gaps: tuple[Gap, ...] = ()
    """The gaps of every other source, such as implausible counts."""
    prices: Prices | None = None
    """The prices of what breaks a rule; None if prices are off."""
    volumes: Volumes = field(default_factory=dict)
    """The volumes of the instances that break a rule, as far as they were read."""

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """All gaps, of every source."""
        return (*self.inventory.gaps, *self.people.gaps, *self.other_gaps)


def scan_count(inventory: Inventory, people: People) -> ScanCount:
    """Return how many instances a scan counted in each target, and how many people the directory listed."""
    count_by_target = Counter(instance.target for instance in inventory.instances)
    instances = {target: count_by_target[target] for target in inventory.read}
    return ScanCount(inventory.scanned_at, instances, len(people.addresses) if people.complete else None)


def with_plausibility(snapshot: Snapshot, earlier: Iterable[ScanCount]) -> Snapshot:
    """Return a snapshot with a gap for each count that is implausible compared with earlier ones.

    A directory that suddenly lists far fewer people is incomplete too. Otherwise `known-owner` would report people who
    are only missing from the directory's answer.
    """
    people = snapshot.people
    warnings = check_plausibility(scan_count(snapshot.inventory, people), earlier)
    if warnings.people:
        people = replace(people, gaps=(*people.gaps, Gap(GapSource.DIRECTORY, None, warnings.people)))
    implausible = (Gap(GapSource.COUNT, None, why) for why in (warnings.people, warnings.fleet) if why)
    return replace(snapshot, people=people, other_gaps=(*snapshot.other_gaps, *implausible))


@dataclass(frozen=True, slots=True)
class InstanceUpdate:
    """An instance that was read again after the scan, because something was done to it."""

    target: Target
    instance_id: str
    read_at: datetime
    instance: Instance | None
    """As it was read; None if it is gone."""


def with_updates(snapshot: Snapshot, updates: Iterable[InstanceUpdate]) -> Snapshot:
    """Return a snapshot with the instances of `updates`, in the order of time, in place of those that it has.

    An instance that the snapshot does not have is not added: its target may be unread, or another scan removed it.
    """
    latest = {(one.target, one.instance_id): one for one in updates}
    if not latest:
        return snapshot
    inventory = snapshot.inventory
    instances = (_updated(one, latest.get((one.target, one.id))) for one in inventory.instances)
    return replace(snapshot, inventory=replace(inventory, instances=tuple(filter(None, instances))))


def _updated(instance: Instance, update: InstanceUpdate | None) -> Instance | None:
    """Return the newer instance, with what only our own scans know; None if it is gone."""
    if update is None or update.instance is None:
        return None if update else instance
    newer = update.instance
    is_same_stop = (newer.state, newer.launched_at) == (instance.state, instance.launched_at)
    stopped = instance.first_seen_stopped if is_same_stop else newer.first_seen_stopped
    return replace(newer, first_exempt=instance.first_exempt, first_seen_stopped=stopped, usage=instance.usage)
