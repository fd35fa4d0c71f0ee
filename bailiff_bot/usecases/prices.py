"""Reads after a scan what the instances that break a rule cost: their volumes, and the prices of all that they use."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Protocol

import structlog

from bailiff_bot.domain.instance import Instance, Target
from bailiff_bot.domain.own_prices import OwnPrices
from bailiff_bot.domain.price_key import PriceKey
from bailiff_bot.domain.prices import Prices, keys_of, snapshot_key
from bailiff_bot.domain.snapshot import Snapshot
from bailiff_bot.domain.volume import Volumes, VolumesRead
from bailiff_bot.usecases.listed_prices import ListedPrices

log = structlog.get_logger()

Choose = Callable[[Snapshot], Iterable[Instance]]
"""Returns instances of a snapshot, or others, whose cost is needed. Raises StoreError."""


class VolumeReader(Protocol):
    """Reads EBS volumes."""

    def read(self, wanted: Mapping[Target, Collection[str]]) -> VolumesRead:
        """Return the volumes with these ids, and a gap for each target that failed. It raises nothing."""
        ...


class OwnPriceReader(Protocol):
    """Reads one's own prices."""

    def read(self) -> OwnPrices:
        """Return the prices. What is wrong in them is a gap; it raises nothing."""
        ...


class NoOwnPrices:
    """Without prices of one's own."""

    def read(self) -> OwnPrices:
        """Return none."""
        return OwnPrices()


def no_further(_snapshot: Snapshot) -> Iterable[Instance]:
    """Return no further instances."""
    return ()


@dataclass(frozen=True, slots=True)
class PriceInstances:
    """Adds prices and volumes to a snapshot: an enrichment."""

    listed: ListedPrices
    volumes: VolumeReader
    own: OwnPriceReader
    factor: Decimal
    """What the list's prices of instances are multiplied by."""
    flagged: Choose
    """The instances that break a rule."""
    further: Choose = no_further
    """Others whose cost is needed, too."""

    def __call__(self, snapshot: Snapshot) -> Snapshot:
        """Return the snapshot with prices, volumes, and a gap for what could not be read. Raises StoreError."""
        instances = (*self.flagged(snapshot), *self.further(snapshot))
        read, own = self.volumes.read(_volume_ids(instances)), self.own.read()
        wanted = frozenset(_keys(instances, read.volumes))
        listed = self.listed.find(wanted - own.prices.keys())
        log.info("prices.read", instances=len(instances), volumes=len(read.volumes), prices=len(listed.prices))
        return replace(
            snapshot,
            prices=Prices(listed.prices, {key: own.prices[key] for key in wanted & own.prices.keys()}, self.factor),
            volumes=read.volumes,
            other_gaps=(*snapshot.other_gaps, *read.gaps, *own.gaps, *listed.gaps),
        )


def _volume_ids(instances: Iterable[Instance]) -> dict[Target, set[str]]:
    found: dict[Target, set[str]] = {}
    for instance in instances:
        if instance.volume_ids:
            found.setdefault(instance.target, set()).update(instance.volume_ids)
    return found


def _keys(instances: Iterable[Instance], volumes: Volumes) -> Iterator[PriceKey]:
    """Yield what the costs of instances need, and those of the images that could be made of them."""
    for instance in instances:
        yield from keys_of(instance, volumes)
        if instance.volume_ids:
            yield snapshot_key(instance.target.region)
