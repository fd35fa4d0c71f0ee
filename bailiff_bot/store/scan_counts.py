"""What is kept of a scan, to tell whether a later one is plausible: an outage leaves what was counted before it."""

from collections.abc import Mapping
from dataclasses import replace

from bailiff_bot.domain.history import Count
from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.inventory import WHOLE_ACCOUNT, Inventory
from bailiff_bot.usecases.snapshots import Snapshot, count_of


def counted(snapshot: Snapshot, before: Count | None) -> Count:
    """Return what a scan counted; what it could not count is as in the count `before`.

    A directory that is complete and merely doubted counts as it is, or one that did shrink would be doubted for ever.
    """
    inventory, people = snapshot.inventory, snapshot.people
    gaps = tuple(gap for gap in people.gaps if gap not in snapshot.doubts)
    count = count_of(inventory, replace(people, gaps=gaps))
    if before is None:
        return count
    known = before.people if count.people is None else count.people
    return replace(count, instances={**_missed(inventory, before), **count.instances}, people=known)


def _missed(inventory: Inventory, before: Count) -> Mapping[Target, int]:
    """Return what was counted before in what was not read now, and not in what nobody asks for any more."""
    unread = {one.target for one in inventory.unread}
    accounts = {target.account for target in unread if target.region == WHOLE_ACCOUNT}
    return {
        target: number for target, number in before.instances.items() if target in unread or target.account in accounts
    }
