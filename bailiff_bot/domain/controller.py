"""Instances that are not judged one by one: managed machines, judged by their controller, and exempt instances."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from operator import attrgetter

from bailiff_bot.domain.instance import Instance, InstanceState, Target
from bailiff_bot.domain.patterns import matches

CONTROLLER_TAGS = (
    ("eks:cluster-name", "EKS cluster"),
    ("kubernetes.io/cluster/", "Kubernetes cluster"),
    ("karpenter.sh/nodepool", "Karpenter node pool"),
    ("aws:elasticmapreduce:job-flow-id", "EMR cluster"),
    ("elasticbeanstalk:environment-name", "Beanstalk environment"),
    ("aws:autoscaling:groupName", "auto-scaling group"),
    ("aws:ec2:fleet-id", "EC2 fleet"),
    ("aws:ec2spot:fleet-request-id", "spot fleet"),
)
"""The tags that mark a managed machine, with the kind of its controller; the first match counts. Cluster tags come
before group tags, because a cluster creates groups of its own. A key that ends with a slash is a prefix; the
controller's name follows it."""

_KEYS = frozenset(key for key, _ in CONTROLLER_TAGS)
_PREFIX = next(key for key in _KEYS if key.endswith("/"))

UNNAMED_KINDS = frozenset({"EMR cluster", "EC2 fleet", "spot fleet"})
"""Controllers to which AWS gives an id and nobody gives a name. The shared Name tag of their members counts instead."""


@dataclass(frozen=True, slots=True, order=True)
class Controller:
    """Names and replaces machines in one target, such as an auto-scaling group or a cluster."""

    target: Target
    kind: str
    name: str


def controller_of(instance: Instance) -> Controller | None:
    """Return the controller of a managed machine; None for any other instance."""
    for key, kind in CONTROLLER_TAGS:
        if key.endswith("/"):
            name = min((tag.removeprefix(key) for tag in instance.tags if tag.startswith(key)), default=None)
        else:
            name = instance.tags.get(key)
        if name is not None:
            return Controller(instance.target, kind, name)
    return None


@dataclass(frozen=True, slots=True)
class InstanceGroups:
    """The instances of an inventory by how they are judged, each in exactly one list."""

    single: list[Instance] = field(default_factory=list)
    """Judged one by one."""
    managed: list[Instance] = field(default_factory=list)
    """Judged with their controller."""
    exempt: list[Instance] = field(default_factory=list)
    """Not judged."""


def group_instances(instances: Iterable[Instance], exempt_tags: tuple[str, ...]) -> InstanceGroups:
    """Return the instances by how they are judged. An exempt machine is not judged with its controller either."""
    groups = InstanceGroups()
    exempt_keys = [pattern.partition("=")[0] for pattern in exempt_tags]
    special_keys = _KEYS.union(exempt_keys)
    has_wildcard = "*" in "".join(exempt_keys)
    for instance in instances:
        tags = instance.tags
        if not has_wildcard and special_keys.isdisjoint(tags) and _PREFIX not in "\n".join(tags):
            groups.single.append(instance)  # a fast path: most instances have none of these tags
        elif is_exempt(instance, exempt_tags):
            groups.exempt.append(instance)
        elif controller_of(instance):
            groups.managed.append(instance)
        else:
            groups.single.append(instance)
    return groups


def group_by_controller(instances: Iterable[Instance]) -> dict[Controller, tuple[Instance, ...]]:
    """Return the members of each controller, sorted by id; the controllers are sorted by target, kind and name."""
    members: dict[Controller, list[Instance]] = defaultdict(list)
    for instance in instances:
        if controller := controller_of(instance):
            members[controller].append(instance)
    return {controller: tuple(sorted(members[controller], key=attrgetter("id"))) for controller in sorted(members)}


def representative(controller: Controller, members: tuple[Instance, ...]) -> Instance:
    """Return the instance by which a controller is judged.

    It is the oldest member, running ones first, with the tags that all members share and the controller's name. The
    controller is as old as its first member.
    """
    oldest = min(members, key=lambda member: (member.state is not InstanceState.RUNNING, member.launched_at, member.id))
    shared = dict(set.intersection(*(set(member.tags.items()) for member in members)))
    name = shared.get("Name", controller.name) if controller.kind in UNNAMED_KINDS else controller.name
    created_at = min(member.created_at for member in members)
    return replace(oldest, tags={**shared, "Name": name}, attached_at=created_at)


def is_exempt(instance: Instance, patterns: tuple[str, ...]) -> bool:
    """Return True if a tag exempts an instance. A pattern is `key` or `key=value`; both may contain `*`."""
    return any(_has_matching_tag(pattern, instance) for pattern in patterns)


def _has_matching_tag(pattern: str, instance: Instance) -> bool:
    key, _, value = pattern.partition("=")
    if "*" not in key:
        return key in instance.tags and matches(value or "*", instance.tags[key])
    return any(matches(key, tag) and matches(value or "*", tag_value) for tag, tag_value in instance.tags.items())
