"""Instances that are not judged one by one: managed machines, judged by their controller, and exempt instances."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from operator import attrgetter

from bailiff_bot.domain.exemption import Exempted, tag_exemption
from bailiff_bot.domain.instance import Instance, InstanceState, Target
from bailiff_bot.domain.managed_tags import ManagedTag, managed_tags
from bailiff_bot.domain.policy import Policy


@dataclass(frozen=True, slots=True, order=True)
class Controller:
    """Names and replaces machines in one target, such as an auto-scaling group or a cluster."""

    target: Target
    kind: str
    name: str
    name_tag: str = field(default="", compare=False)
    """The members' tag with a name that people gave, if `name` is an id or blank; else empty."""


OPERATOR_KIND = "AWS service"
"""The kind of the controller of machines that an AWS service manages (EC2's Operator). Its name is the principal."""


def controller_of(instance: Instance, tags: Iterable[ManagedTag]) -> Controller | None:
    """Return the controller of a managed machine; None for any other instance. The first of the tags counts.

    An AWS service that manages it is its controller only without such a tag: a cluster is the better name.
    """
    for tag in tags:
        name = tag.controller_name(instance.tags)
        if name is not None:
            return Controller(instance.target, tag.kind, name, tag.name_tag if name.strip() else "Name")
    if instance.is_operator_managed:
        return Controller(instance.target, OPERATOR_KIND, instance.operator or "", "Name")
    return None


@dataclass(frozen=True, slots=True)
class InstanceGroups:
    """The instances of an inventory by how they are judged, each in exactly one list."""

    single: list[Instance] = field(default_factory=list)
    """Judged one by one."""
    managed: list[Instance] = field(default_factory=list)
    """Judged with their controller."""
    exempt: list[tuple[Instance, Exempted]] = field(default_factory=list)
    """Not judged, because a tag exempts them."""


def group_instances(instances: Iterable[Instance], policy: Policy, as_of: datetime) -> InstanceGroups:
    """Return the instances by how they are judged. An exempt machine is not judged with its controller either."""
    groups = InstanceGroups()
    tags = managed_tags(policy.managed_tags)
    is_special = _special_tags(policy.exempt_tags, tags)
    for instance in instances:
        if not (is_special(instance.tags) or instance.is_operator_managed):
            groups.single.append(instance)  # a fast path: most instances have none of these tags
        elif (exempted := tag_exemption(instance.tags, policy, as_of, instance.first_exempt)).exempt:
            groups.exempt.append((instance, exempted))
        elif controller_of(instance, tags):
            groups.managed.append(instance)
        else:
            groups.single.append(instance)
    return groups


def _special_tags(exempt_tags: tuple[str, ...], tags: tuple[ManagedTag, ...]) -> Callable[[Mapping[str, str]], bool]:
    """Return a fast function that is True for an instance's tags if one of them may exempt it or mark it as managed."""
    exempt_keys = [pattern.partition("=")[0] for pattern in exempt_tags]
    if any("*" in key for key in exempt_keys):
        return lambda _: True
    keys = frozenset(tag.key for tag in tags).union(exempt_keys)
    prefixes = re.compile("|".join(re.escape(tag.prefix) for tag in tags if tag.prefix))
    return lambda own: not keys.isdisjoint(own) or bool(prefixes.search("\n".join(own)))


def group_by_controller(
    instances: Iterable[Instance], tags: tuple[ManagedTag, ...]
) -> dict[Controller, tuple[Instance, ...]]:
    """Return the members of each controller, sorted by id; the controllers are sorted by target, kind and name."""
    members: dict[Controller, list[Instance]] = defaultdict(list)
    for instance in instances:
        if controller := controller_of(instance, tags):
            members[controller].append(instance)
    return {controller: tuple(sorted(members[controller], key=attrgetter("id"))) for controller in sorted(members)}


def representative(controller: Controller, members: tuple[Instance, ...]) -> Instance:
    """Return the instance by which a controller is judged.

    It is the oldest member, running ones first, with the tags that all members share and the controller's name. The
    controller is as old as its first member.
    """
    # A principal is no name that people gave: in "eks.amazonaws.com" EKS is nobody's identifier.
    own_name = "" if controller.kind == OPERATOR_KIND else controller.name
    oldest = min(members, key=lambda member: (member.state is not InstanceState.RUNNING, member.launched_at, member.id))
    shared = dict(set.intersection(*(set(member.tags.items()) for member in members)))
    name = shared.get(controller.name_tag, own_name) if controller.name_tag else own_name
    created_at = min(member.created_at for member in members)
    return replace(oldest, tags={**shared, "Name": name}, attached_at=created_at)
