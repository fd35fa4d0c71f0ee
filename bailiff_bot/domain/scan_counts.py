"""Computes the count of a scan to save, with which later scans are compared for plausibility.

A target or a directory that could not be read keeps its previous count, so an outage does not look like a real change.
"""

from collections.abc import Mapping
from dataclasses import replace

from bailiff_bot.domain.gap import GapSource, gaps_of
from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.inventory import ALL_REGIONS, Inventory
from bailiff_bot.domain.plausibility import ScanCount
from bailiff_bot.domain.snapshot import Snapshot, scan_count


def count_to_save(snapshot: Snapshot, previous: ScanCount | None) -> ScanCount:
    """Return the count of a scan. Whatever the scan could not count has the value of the `previous` count.

    A complete directory with an implausible count counts with its new size. Otherwise a directory that really shrank
    would cause a warning at every scan.
    """
    inventory, people = snapshot.inventory, snapshot.people
    implausible = {gap.reason for gap in gaps_of(GapSource.COUNT, snapshot.gaps)}
    gaps = tuple(gap for gap in people.gaps if gap.reason not in implausible)
    count = scan_count(inventory, replace(people, gaps=gaps))
    if previous is None:
        return count
    people_count = previous.people if count.people is None else count.people
    return replace(
        count,
        instances_by_target={**_previous_counts(inventory, previous), **count.instances_by_target},
        people=people_count,
    )


def _previous_counts(inventory: Inventory, previous: ScanCount) -> Mapping[Target, int]:
    """Return the previous counts of the targets that are unread now, without targets that are no longer scanned."""
    unread = {gap.where for gap in inventory.gaps if gap.where}
    unread_accounts = {target.account for target in unread if target.region == ALL_REGIONS}
    return {
        target: count
        for target, count in previous.instances_by_target.items()
        if target in unread or target.account in unread_accounts
    }
