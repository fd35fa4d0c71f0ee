"""A snapshot: the inventory of a scan, what the directory said at that time, and whether both are plausible."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from bailiff_bot.domain.history import ScanCount
from bailiff_bot.domain.identity import People
from bailiff_bot.domain.inventory import Inventory
from bailiff_bot.domain.plausibility import check_plausibility

COMPARE_WITHIN = timedelta(days=1)
"""A scan is compared with the counts of this period. So a real decrease is accepted after a day."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An inventory, and what the directory said at that time."""

    inventory: Inventory
    people: People
    plausibility_warnings: tuple[str, ...] = ()
    """Why the counts are not plausible. While there is a warning, nobody is notified and nothing is called fixed."""


def scan_count(inventory: Inventory, people: People) -> ScanCount:
    """Return how many instances a scan counted in each target, and how many people the directory listed."""
    count_by_target = Counter(instance.target for instance in inventory.instances)
    instances = {target: count_by_target[target] for target in inventory.read}
    return ScanCount(inventory.scanned_at, instances, len(people.addresses) if people.complete else None)


def with_plausibility(inventory: Inventory, people: People, earlier: Iterable[ScanCount]) -> Snapshot:
    """Return the snapshot of a scan, with a warning for each count that is implausible compared with earlier ones.

    A directory that suddenly lists far fewer people counts as incomplete.
    """
    warnings = check_plausibility(scan_count(inventory, people), earlier)
    if warnings.people:
        people = replace(people, gaps=(*people.gaps, warnings.people))
    return Snapshot(inventory, people, tuple(filter(None, (warnings.people, warnings.fleet))))
