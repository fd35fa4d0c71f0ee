"""What a scan shows of savings: new ones, those that last, and those that are over.

Of each kind an instance has at most one saving at a time, and each begins with what the others left. So together they
never save more than the instance cost when a digest told of it.
"""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime

from bailiff_bot.domain.cost import Cost
from bailiff_bot.domain.done_action import DoneAction, deletion, stop_at
from bailiff_bot.domain.instance import STEADY_STATES, Instance, InstanceState, Target
from bailiff_bot.domain.prices import Prices
from bailiff_bot.domain.saving import COUNTS_FOR, Saving, SavingKind, Span
from bailiff_bot.domain.saving_costs import (
    Stays,
    deletion_costs,
    image_cost,
    resize_costs,
    stop_costs,
    with_known_volumes,
)
from bailiff_bot.domain.subject import Subject
from bailiff_bot.domain.told_instance import ToldInstance, slim


@dataclass(frozen=True, slots=True)
class ScanView:
    """What a scan shows of the instances that were told of or that save something."""

    at: datetime
    """When the scan began."""
    read: AbstractSet[Target]
    instances: Mapping[Subject, Instance]
    """Those that exist."""
    managed: AbstractSet[Subject]
    """Those about which a controller decides."""
    prices: Prices
    stays: Stays
    actions: Mapping[Subject, tuple[DoneAction, ...]] = field(default_factory=dict)
    """What Bailiff itself did."""


@dataclass(frozen=True, slots=True)
class Followed:
    """An instance whose savings are followed."""

    told: ToldInstance | None
    """As a digest told of it; None if no digest did lately, or if it is gone."""
    savings: tuple[Saving, ...] = ()
    """In the order in which they began; also those that are over."""


@dataclass(frozen=True, slots=True)
class _Change:
    """An instance that may have changed since a digest told of it."""

    told: ToldInstance
    left: Instance
    """As the savings that last left it."""
    view: ScanView

    def done(self) -> tuple[DoneAction, ...]:
        """Return what Bailiff did to it."""
        return self.view.actions.get(self.told.subject, ())


@dataclass(frozen=True, slots=True)
class SavingState:
    """What is remembered of savings before a scan."""

    last_scan: datetime | None
    """When the last scan began that was recorded."""
    followed: Mapping[Subject, Followed]
    actions: Mapping[Subject, tuple[DoneAction, ...]]
    """What Bailiff did lately."""


def after_scan(subject: Subject, before: Followed, view: ScanView) -> Followed:
    """Return an instance and its savings after a scan. While its target is unread, nothing changes."""
    now = view.instances.get(subject)
    is_unsteady = now is not None and now.state not in STEADY_STATES
    if subject.target not in view.read or subject in view.managed or is_unsteady:
        return before
    seen = replace(before, savings=tuple(_seen(one, now, view) for one in before.savings))
    return _with_new(seen, seen.told, now, view) if seen.told else seen


def _seen(saving: Saving, now: Instance | None, view: ScanView) -> Saving:
    if saving.is_over:
        return saving
    if _lasts(saving, now):
        unseen = _unseen(saving, now, view)
        lasting = replace(saving, lasted_until=max(saving.lasted_until, view.at), unseen=unseen)
        return with_known_volumes(lasting, view.stays)
    # An instance that is there again was never deleted: nothing of that counts.
    until = saving.since if saving.kind is SavingKind.DELETED else saving.lasted_until
    return replace(saving, is_over=True, lasted_until=until)


def _unseen(saving: Saving, now: Instance | None, view: ScanView) -> Span | None:
    """Return when nobody saw whether a saving lasted, before the instance was deleted: it may have been started."""
    is_first = now is None and saving.unseen is None and saving.kind is not SavingKind.DELETED
    return (saving.lasted_until, max(saving.lasted_until, view.at)) if is_first else saving.unseen


def _lasts(saving: Saving, now: Instance | None) -> bool:
    if saving.kind is SavingKind.DELETED:
        return now is None
    if now is None:
        return saving.counts  # else it is a part of what the deletion saves
    if saving.kind is SavingKind.STOPPED:
        # Each start moves the time of the launch, also one between two scans.
        return now.state is InstanceState.STOPPED and now.launched_at <= saving.since
    return now.type == saving.after_type


def _with_new(before: Followed, told: ToldInstance, now: Instance | None, view: ScanView) -> Followed:
    change = _Change(told, _left(told.instance, before.savings), view)
    if now is None:
        return Followed(None, _with(before.savings, _deletion(change)))
    if change.left.state is not InstanceState.RUNNING:
        return before
    if now.state is not InstanceState.STOPPED:
        return replace(before, savings=_with(before.savings, _resize(change, now)))
    since = now.transitioned_at or view.at
    if now.stopped_by_aws or since < told.told_at:
        # Nobody stopped it because of the digest. From now on, only what a stopped instance costs can be saved.
        return replace(before, told=replace(told, instance=slim(now), seen_at=view.at))
    return replace(before, savings=_with(before.savings, _stop(change, now, since)))


def _left(told: Instance, savings: Iterable[Saving]) -> Instance:
    """Return an instance as the savings that last left it."""
    for saving in savings:
        if not saving.is_over and saving.kind is SavingKind.STOPPED:
            told = replace(told, state=InstanceState.STOPPED)
        if not saving.is_over and saving.kind is SavingKind.RESIZED:
            told = replace(told, type=saving.after_type)
    return told


def _with(savings: tuple[Saving, ...], found: Saving | None) -> tuple[Saving, ...]:
    """Return savings with a new one, unless one of its kind lasts. It follows earlier ones of its kind."""
    same = [one for one in savings if found and one.kind is found.kind]
    if found is None or any(not one.is_over for one in same):
        return savings
    since = max((found.since, *(one.lasted_until for one in same)))
    counts_to = since + COUNTS_FOR
    if found.kind is SavingKind.RESIZED:  # it is a part of the same saving
        counts_to = min((counts_to, *(one.counts_to for one in same)))
    return (*savings, replace(found, since=since, lasted_until=max(found.lasted_until, since), counts_to=counts_to))


def _stop(change: _Change, now: Instance, since: datetime) -> Saving | None:
    if change.told.is_scheduled:
        return None
    costs = stop_costs(change.left, now, change.view.prices)
    return _saving(SavingKind.STOPPED, since, change, costs, stop_at(change.done(), since))


def _resize(change: _Change, now: Instance) -> Saving | None:
    costs = None if change.told.is_scheduled else resize_costs(change.left, now.type, change.view.prices)
    if costs is None:
        return None
    since = max(now.launched_at, change.told.seen_at)
    return replace(_saving(SavingKind.RESIZED, since, change, costs, None), after_type=now.type)


def _deletion(change: _Change) -> Saving | None:
    """Return what a deletion saves; None if it may be AWS that ended the instance.

    AWS ends a machine without a volume when its host is retired. Others it only stops.
    """
    done, view = deletion(change.done()), change.view
    if done is None and not change.left.volume_ids:
        return None
    cost, volumes = deletion_costs(change.left, change.told, view.prices)
    since = min(max(done.at, change.told.seen_at), view.at) if done else view.at
    found = _saving(SavingKind.DELETED, since, change, (cost, Cost(volumes=cost.volumes)), done)
    has_image = done is not None and done.has_image
    return replace(found, volumes=volumes, image=image_cost(change.told, view.prices) if has_image else None)


def _saving(
    kind: SavingKind, since: datetime, change: _Change, costs: tuple[Cost, Cost], done: DoneAction | None
) -> Saving:
    told = change.told
    return Saving(
        kind=kind,
        since=since,
        before=change.left,
        after_type=change.left.type,
        cost_before=costs[0],
        cost_after=costs[1],
        lasted_until=change.view.at,
        counts_to=since + COUNTS_FOR,
        title=told.title,
        evidence=told.evidence,
        told_at=told.told_at,
        names=(done.name,) if done else told.owner_names,
        by_bailiff=done is not None,
    )
