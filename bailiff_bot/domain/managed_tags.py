"""The tags that mark managed machines: those of known controllers, and those that the settings add."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from bailiff_bot.domain.patterns import matches


@dataclass(frozen=True, slots=True)
class ManagedTag:
    """A tag that marks a managed machine. Its value is the name of the controller."""

    key: str
    """If it ends with `*`, any text may stand there. That text is then the name of the controller."""
    kind: str
    """The kind of the controller. People read it."""
    requires: tuple[str, str] | None = None
    """The key and the value (`*` is allowed) of a tag without which the machine is not managed."""
    name_tag: str = ""
    """The members' tag with a name that people gave, if the controller's own name is an id; else empty."""

    def controller_name(self, tags: Mapping[str, str]) -> str | None:
        """Return the name of the controller of a machine with these tags; None if this tag does not mark it."""
        if self.requires and not _has_tag(tags, *self.requires):
            return None
        if self.prefix is None:
            return tags.get(self.key)
        return min((key.removeprefix(self.prefix) for key in tags if key.startswith(self.prefix)), default=None)

    @property
    def prefix(self) -> str | None:
        """What a key starts with; None if the whole key counts."""
        return self.key[:-1] if self.key.endswith("*") else None


def _has_tag(tags: Mapping[str, str], key: str, pattern: str) -> bool:
    return key in tags and matches(pattern, tags[key])


_BUILT_IN = (
    ManagedTag("eks:cluster-name", "EKS cluster"),
    ManagedTag("kubernetes.io/cluster/*", "Kubernetes cluster"),
    ManagedTag("sigs.k8s.io/cluster-api-provider-aws/cluster/*", "Cluster API cluster"),
    ManagedTag("karpenter.sh/nodepool", "Karpenter node pool"),
    ManagedTag("karpenter.sh/provisioner-name", "Karpenter provisioner"),  # before 0.32
    ManagedTag("aws:elasticmapreduce:job-flow-id", "EMR cluster", name_tag="Name"),
    ManagedTag("parallelcluster:cluster-name", "ParallelCluster"),
    ManagedTag("ClusterName", "ParallelCluster", requires=("aws-parallelcluster-node-type", "*")),  # before 3.0
    ManagedTag("ClusterId", "Databricks cluster", requires=("Vendor", "Databricks"), name_tag="ClusterName"),
    ManagedTag("DatabricksInstancePoolId", "Databricks pool", requires=("Vendor", "Databricks"), name_tag="Name"),
    ManagedTag("elasticbeanstalk:environment-name", "Beanstalk environment"),
    ManagedTag("spotinst:ocean:launchspec:name", "Spot Ocean group"),
    ManagedTag("spotinst:aws:ec2:group:id", "Spot Elastigroup", name_tag="Name"),
    ManagedTag("spotinst:aws:ec2:group:createdBy", "Spot by NetApp", name_tag="Name"),
    ManagedTag("aws:autoscaling:groupName", "auto-scaling group"),
    ManagedTag("aws:ec2:fleet-id", "EC2 fleet", name_tag="Name"),
    ManagedTag("aws:ec2spot:fleet-request-id", "spot fleet", name_tag="Name"),
)
"""The first match counts. Cluster tags come before group tags, because a cluster creates groups of its own.

Sources: the tags by which these programs find their own machines; docs.databricks.com, "Default tag keys and values".
"""


@lru_cache(maxsize=16)
def managed_tags(entries: tuple[str, ...]) -> tuple[ManagedTag, ...]:
    """Return the tags of the entries in the settings, then the built-in ones. Raises ValueError for a bad entry."""
    return (*map(_parse, entries), *_BUILT_IN)


def _parse(entry: str) -> ManagedTag:
    """Return the tag of an entry `key=Label` or `key=value=Label`. Raises ValueError for anything else."""
    match [part.strip() for part in entry.split("=")]:
        case [key, label] if label and key.strip("*") and "*" not in key[:-1]:
            return ManagedTag(key, label)
        case [key, value, label] if label and value and key and "*" not in key:
            return ManagedTag(key, label, requires=(key, value), name_tag="Name")
    raise ValueError(f"should look like key=Label or key=value=Label, and {entry!r} does not")
