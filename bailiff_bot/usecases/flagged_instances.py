"""Which instances of a snapshot break a rule."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bailiff_bot.domain.clock import Clock
from bailiff_bot.domain.instance import Instance
from bailiff_bot.domain.ownership import OwnershipClaims, live_ownership
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.report import judge
from bailiff_bot.domain.snapshot import Snapshot


class ClaimStore(Protocol):
    """Stores what was said in Slack of who owns an instance. Raises StoreError."""

    def live(self, now: datetime) -> OwnershipClaims:
        """Return what is not over."""
        ...


@dataclass(frozen=True, slots=True)
class FlaggedInstances:
    """Finds the instances that break a rule."""

    policy: Policy
    claims: ClaimStore
    clock: Clock

    def __call__(self, snapshot: Snapshot) -> Iterator[Instance]:
        """Yield the instances that break a rule, also those that an exemption granted in Slack keeps from it.

        The exemption may end before the next scan. Raises StoreError.
        """
        now = self.clock()
        ownership = live_ownership(self.claims.live(now), now)
        report = judge(snapshot, self.policy, snapshot.inventory.scanned_at, ownership=ownership)
        return (instance for row in report.flagged for instance in row.instances)
