"""Records after each scan what was saved."""

from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import structlog

from bailiff_bot.domain.controller import group_instances
from bailiff_bot.domain.gap import GapSource, gaps_of
from bailiff_bot.domain.instance import Instance, Target
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.prices import Prices
from bailiff_bot.domain.saving_changes import Followed, SavingState, ScanView, after_scan
from bailiff_bot.domain.saving_questions import questions
from bailiff_bot.domain.snapshot import Snapshot
from bailiff_bot.domain.subject import Subject, instance_subject
from bailiff_bot.domain.volume import Volumes

log = structlog.get_logger()


class SavingRecorder(Protocol):
    """Stores what was saved. Raises StoreError."""

    def state(self, at: datetime) -> SavingState:
        """Return the instances whose savings a scan is about that began `at` a time, and what Bailiff did to them."""
        ...

    def record(self, before: SavingState, after: Mapping[Subject, Followed], at: datetime) -> bool:
        """Save what a scan changes. Returns False, and saves nothing, if one was recorded since `before` was read."""
        ...


@dataclass(frozen=True, slots=True)
class RecordingSavings:
    """Takes a snapshot, and records what it shows to be saved."""

    take_snapshot: Callable[[], Snapshot]
    store: SavingRecorder
    policy: Policy

    def __call__(self) -> Snapshot:
        """Return a new snapshot, after its savings were recorded. Raises StoreError."""
        snapshot = self.take_snapshot()
        implausible = gaps_of(GapSource.COUNT, snapshot.gaps)
        if implausible:
            log.info("savings.not_recorded", reason=implausible[0].reason)
        elif snapshot.prices is not None:
            while not self._recorded(snapshot, snapshot.prices):
                pass  # another process recorded a scan meanwhile
        return snapshot

    def _recorded(self, snapshot: Snapshot, prices: Prices) -> bool:
        """Record a scan, unless a later one is recorded. Returns False if it must be tried again."""
        at = snapshot.inventory.scanned_at
        before = self.store.state(at)
        if before.last_scan is not None and before.last_scan >= at:
            return True
        view = _view(snapshot, prices, before, self.policy)
        after = {subject: after_scan(subject, found, view) for subject, found in before.followed.items()}
        return self.store.record(before, after, at)


def _view(snapshot: Snapshot, prices: Prices, before: SavingState, policy: Policy) -> ScanView:
    inventory = snapshot.inventory
    instances = _followed_instances(snapshot, before)
    managed = group_instances(instances.values(), policy, inventory.scanned_at).managed
    return ScanView(
        inventory.scanned_at,
        frozenset(inventory.read),
        instances,
        frozenset(map(instance_subject, managed)),
        prices,
        _StayingVolumes(snapshot, _unread(snapshot)).stays,
        before.actions,
    )


def _followed_instances(snapshot: Snapshot, before: SavingState) -> dict[Subject, Instance]:
    """Return the instances of a scan that are followed. A fleet is large, and few of it are."""
    ids = {subject.id for subject in before.followed}
    found = (one for one in snapshot.inventory.instances if one.id in ids)
    return {instance_subject(one): one for one in found}


@dataclass(frozen=True, slots=True)
class _StayingVolumes:
    """Tells which volumes exist, of those that a scan asked for."""

    snapshot: Snapshot
    unread: AbstractSet[Target | None]
    """The targets whose volumes were not all read; None stands for all."""

    def stays(self, target: Target, volume_id: str) -> bool | None:
        """Return whether a volume still exists; None if that is not known."""
        if volume_id in self.snapshot.volumes:
            return True
        return None if target in self.unread or None in self.unread else False


def _unread(snapshot: Snapshot) -> frozenset[Target | None]:
    return frozenset(gap.where for gap in gaps_of(GapSource.VOLUMES, snapshot.gaps))


@dataclass(frozen=True, slots=True)
class SavingQuestions:
    """Tells what else must be priced so that savings can be valued."""

    store: SavingRecorder

    def __call__(self, snapshot: Snapshot) -> Iterator[tuple[Instance, Volumes]]:
        """Yield further instances of which the prices are needed, each with the volumes that are remembered of it.

        It must also be read which of their volumes exist. Raises StoreError.
        """
        before = self.store.state(snapshot.inventory.scanned_at)
        instances = _followed_instances(snapshot, before)
        yield from questions(before.followed.values(), instances, frozenset(snapshot.inventory.read))
