"""What is not judged one by one: machines that a controller names and replaces, and instances with an exempting tag."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
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
"""The tags that tell a managed machine, those of a cluster before those of the groups that it makes for itself. A key
that ends with a slash is a prefix, behind which the name stands."""

_KEYS = frozenset(key for key, _ in CONTROLLER_TAGS)
_PREFIX = next(key for key in _KEYS if key.endswith("/"))

UNNAMED_KINDS = frozenset({"EMR cluster", "EC2 fleet", "spot fleet"})
"""Controllers that AWS numbers and nobody names: they are judged by the name that their members share."""


@dataclass(frozen=True, slots=True, order=True)
class Controller:
    """What names and replaces machines in one target."""

    target: Target
    kind: str
    name: str


def controller_of(instance: Instance) -> Controller | None:
    """Return the controller of a managed machine, None for any other."""
    if _KEYS.isdisjoint(instance.tags) and _PREFIX not in "\n".join(instance.tags):
        return None  # nearly all are none, and are spared the search
    for key, kind in CONTROLLER_TAGS:
        if key.endswith("/"):
            found = min((tag.removeprefix(key) for tag in instance.tags if tag.startswith(key)), default=None)
        else:
            found = instance.tags.get(key)
        if found is not None:
            return Controller(instance.target, kind, found)
    return None


def group_by_controller(instances: Iterable[Instance]) -> dict[Controller, tuple[Instance, ...]]:
    """Return the members of each controller by their ids, the controllers in the order of their names."""
    members: dict[Controller, list[Instance]] = defaultdict(list)
    for instance in instances:
        if controller := controller_of(instance):
            members[controller].append(instance)
    return {controller: tuple(sorted(members[controller], key=attrgetter("id"))) for controller in sorted(members)}


def representative(controller: Controller, members: tuple[Instance, ...]) -> Instance:
    """Return the one instance by which a controller is judged: its name, its oldest member, the tags they all share."""
    oldest = min(members, key=lambda member: (member.state is not InstanceState.RUNNING, member.launched_at, member.id))
    shared = dict(set.intersection(*(set(member.tags.items()) for member in members)))
    name = shared.get("Name", controller.name) if controller.kind in UNNAMED_KINDS else controller.name
    return replace(oldest, tags={**shared, "Name": name})


def is_exempt(instance: Instance, patterns: tuple[str, ...]) -> bool:
    """Return whether a tag exempts an instance; a pattern is `key` or `key=value`, `*` allowed in both."""
    return any(_has_matching_tag(pattern, instance) for pattern in patterns)


def _has_matching_tag(pattern: str, instance: Instance) -> bool:
    key, _, value = pattern.partition("=")
    if "*" not in key:
        return key in instance.tags and matches(value or "*", instance.tags[key])
    return any(matches(key, tag) and matches(value or "*", held) for tag, held in instance.tags.items())
