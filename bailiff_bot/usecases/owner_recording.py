"""Records after each scan who owns which instance, so that an owner of an hour is told from an owner of a month."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from bailiff_bot.domain.case import Case, CaseMaker
from bailiff_bot.domain.clock import Clock
from bailiff_bot.domain.controller import group_instances
from bailiff_bot.domain.gap import GapSource, gaps_of
from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.owner_sightings import owned_for
from bailiff_bot.domain.ownership import Ownership, OwnershipClaims, live_ownership
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.snapshot import Snapshot
from bailiff_bot.domain.subject import Subject

log = structlog.get_logger()


class SightingStore(Protocol):
    """Stores since when scans have shown each owner. Raises StoreError."""

    def record(self, cases: Sequence[Case], read: AbstractSet[Target], at: datetime) -> None:
        """Save which owners a scan shows that began `at` a time, and which changed. An earlier scan changes nothing."""
        ...


class SightingReader(Protocol):
    """Finds since when scans have shown each owner. Raises StoreError."""

    def since(self, subject: Subject) -> Mapping[str, datetime]:
        """Return by e-mail address since when scans have shown each owner of an instance."""
        ...


class ClaimStore(Protocol):
    """Stores what was said in Slack of who owns an instance. Raises StoreError."""

    def live(self, now: datetime) -> OwnershipClaims:
        """Return what is not over."""
        ...


@dataclass(frozen=True, slots=True)
class RecordingOwners:
    """Takes a snapshot, and records the owners that it shows."""

    take_snapshot: Callable[[], Snapshot]
    store: SightingStore
    claims: ClaimStore
    policy: Policy
    clock: Clock

    def __call__(self) -> Snapshot:
        """Return a new snapshot, after its owners were recorded. Raises StoreError."""
        snapshot = self.take_snapshot()
        if reason := unsure_of_owners(snapshot):
            log.info("owners.not_recorded", reason=reason)
        else:
            self._record(snapshot)
        return snapshot

    def _record(self, snapshot: Snapshot) -> None:
        now, inventory = self.clock(), snapshot.inventory
        ownership = live_ownership(self.claims.live(now), now)
        cases = tuple(_single_cases(snapshot, self.policy, ownership))
        self.store.record(cases, frozenset(inventory.read), inventory.scanned_at)


def unsure_of_owners(snapshot: Snapshot) -> str:
    """Return why the owners in a snapshot are not certain, so that nothing is recorded; empty if they are."""
    gaps = (*gaps_of(GapSource.COUNT, snapshot.gaps), *snapshot.people.gaps)
    return gaps[0].reason if gaps else ""


def _single_cases(snapshot: Snapshot, policy: Policy, ownership: Ownership) -> Iterator[Case]:
    """Yield the cases of the instances that no controller replaces, as a report makes them."""
    inventory, cases = snapshot.inventory, CaseMaker(snapshot.people, policy, ownership, snapshot.inventory.scanned_at)
    groups = group_instances(inventory.instances, policy, inventory.scanned_at)
    yield from cases.single(groups.single)
    yield from cases.exempt(groups.exempt)


@dataclass(frozen=True, slots=True)
class OwnerAges:
    """Tells for how long scans have shown an owner."""

    store: SightingReader

    def owned_for(self, subject: Subject, address: str, now: datetime) -> timedelta:
        """Return for how long an instance has had this owner, by e-mail address. Zero if no scan shows it.

        Raises StoreError.
        """
        return owned_for(self.store.since(subject), address, now)
