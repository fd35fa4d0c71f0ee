"""What is kept of a scan, to tell whether a later one is plausible: an outage leaves what was counted before it."""

from collections.abc import Mapping
from dataclasses import replace

from bailiff_bot.domain.history import ScanCount
from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.inventory import ALL_REGIONS, Inventory
from bailiff_bot.domain.snapshot import Snapshot, scan_count


def count_to_save(snapshot: Snapshot, previous: ScanCount | None) -> ScanCount:
    """Return what a scan counted; what it could not count is as in the count `before`.

    A directory that is complete and merely doubted counts as it is, or one that did shrink would be doubted for ever.
    """
    inventory, people = snapshot.inventory, snapshot.people
    gaps = tuple(gap for gap in people.gaps if gap not in snapshot.plausibility_warnings)
    count = scan_count(inventory, replace(people, gaps=gaps))
    if previous is None:
        return count
    known = previous.people if count.people is None else count.people
    return replace(
        count, instances_by_target={**_earlier_counts(inventory, previous), **count.instances_by_target}, people=known
    )


def _earlier_counts(inventory: Inventory, before: ScanCount) -> Mapping[Target, int]:
    """Return what was counted before in what was not read now, and not in what nobody asks for any more."""
    unread = {one.target for one in inventory.unread}
    accounts = {target.account for target in unread if target.region == ALL_REGIONS}
    return {
        target: number
        for target, number in before.instances_by_target.items()
        if target in unread or target.account in accounts
    }
