"""Converts instances of which a digest told, and savings, to JSON and back."""

from collections.abc import Mapping
from dataclasses import astuple
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from bailiff_bot.domain.billing import Billing
from bailiff_bot.domain.cost import Cost, CostPart
from bailiff_bot.domain.instance import Instance, InstanceState, Target
from bailiff_bot.domain.saving import Saving, SavingKind
from bailiff_bot.domain.told_instance import ToldInstance
from bailiff_bot.domain.volume import Volume
from bailiff_bot.store.types import instant_of, microseconds


def encode_told(told: ToldInstance) -> dict[str, Any]:
    """Return an instance of which a digest told as JSON."""
    return {
        "instance": encode_instance(told.instance),
        "volumes": [astuple(volume) for volume in told.volumes],
        "title": told.title,
        "names": told.owner_names,
        "evidence": told.evidence,
        "seen_at": microseconds(told.seen_at),
        "is_scheduled": told.is_scheduled,
    }


def decode_told(document: Mapping[str, Any], told_at: datetime | None = None) -> ToldInstance:
    """Return the instance that `encode_told` wrote. Without a time at which it was told of, that of its scan counts."""
    seen_at = instant_of(document["seen_at"])
    return ToldInstance(
        decode_instance(document["instance"]),
        tuple(Volume(*volume) for volume in document["volumes"]),
        document["title"],
        tuple(document["names"]),
        document["evidence"],
        seen_at,
        told_at or seen_at,
        document["is_scheduled"],
    )


def encode_saving(saving: Saving) -> dict[str, Any]:
    """Return as JSON what a saving has besides its kind and its times."""
    return {
        "before": encode_instance(saving.before),
        "after_type": saving.after_type,
        "cost_before": _encode_cost(saving.cost_before),
        "cost_after": _encode_cost(saving.cost_after),
        "title": saving.title,
        "evidence": saving.evidence,
        "told_at": microseconds(saving.told_at),
        "names": saving.names,
        "by_bailiff": saving.by_bailiff,
        "volumes": {one: None if usd is None else str(usd) for one, usd in saving.volumes.items()},
        "image": saving.image and _encode_cost(saving.image),
        "unseen": saving.unseen and [microseconds(one) for one in saving.unseen],
    }


def decode_saving(document: Mapping[str, Any], kind: str, times: Mapping[str, Any]) -> Saving:
    """Return a saving. `times` are its fields `since`, `lasted_until`, `counts_to` and `is_over`."""
    unseen = document["unseen"]
    return Saving(
        kind=SavingKind(kind),
        before=decode_instance(document["before"]),
        after_type=document["after_type"],
        cost_before=_decode_cost(document["cost_before"]),
        cost_after=_decode_cost(document["cost_after"]),
        title=document["title"],
        evidence=document["evidence"],
        told_at=instant_of(document["told_at"]),
        names=tuple(document["names"]),
        by_bailiff=document["by_bailiff"],
        volumes={one: None if usd is None else Decimal(usd) for one, usd in document["volumes"].items()},
        image=document["image"] and _decode_cost(document["image"]),
        unseen=unseen and (instant_of(unseen[0]), instant_of(unseen[1])),
        **times,
    )


def encode_instance(instance: Instance) -> list[Any]:
    """Return an instance without tags and usage as JSON."""
    return [
        instance.id,
        astuple(instance.target),
        instance.type,
        instance.state,
        microseconds(instance.launched_at),
        instance.billing and astuple(instance.billing),
        instance.volume_ids,
        instance.public_addresses,
    ]


def decode_instance(row: list[Any]) -> Instance:
    """Return the instance that `encode_instance` wrote."""
    instance_id, target, instance_type, state, launched, billing, volume_ids, addresses = row
    return Instance(
        instance_id,
        Target(*target),
        instance_type,
        InstanceState(state),
        instant_of(launched),
        billing=billing and Billing(*billing),
        volume_ids=tuple(volume_ids),
        public_addresses=addresses,
    )


def _encode_cost(cost: Cost) -> list[Any]:
    amounts = (cost.compute, cost.volumes, cost.addresses)
    return [*map(str, amounts), sorted(cost.not_priced), cost.listed_on and cost.listed_on.isoformat()]


def _decode_cost(row: list[Any]) -> Cost:
    compute, volumes, addresses, not_priced, listed_on = row
    parts = frozenset(map(CostPart, not_priced))
    amounts = (Decimal(compute), Decimal(volumes), Decimal(addresses))
    return Cost(*amounts, parts, listed_on and date.fromisoformat(listed_on))
