"""An EC2 instance, and the target in which it was read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bailiff_bot.domain.billing import Billing
from bailiff_bot.domain.usage_figures import UsageFigures


class InstanceState(StrEnum):
    """The states of an EC2 instance."""

    PENDING = "pending"
    RUNNING = "running"
    SHUTTING_DOWN = "shutting-down"
    TERMINATED = "terminated"
    STOPPING = "stopping"
    STOPPED = "stopped"


GONE_STATES = frozenset({InstanceState.SHUTTING_DOWN, InstanceState.TERMINATED})
"""An inventory contains no instance in one of these states."""

_STOPPED_STATES = frozenset({InstanceState.STOPPING, InstanceState.STOPPED})

STEADY_STATES = frozenset({InstanceState.RUNNING, InstanceState.STOPPED})
"""In the other states an instance is in transition. Only `allowed-region` judges it then."""


@dataclass(frozen=True, slots=True, order=True)
class Target:
    """One region of one account: the unit of a scan."""

    account: str
    """The account's number, twelve digits."""
    region: str
    partition: str = "aws"
    """`aws`, `aws-cn` or `aws-us-gov`. It decides the address of the AWS console."""


@dataclass(frozen=True, slots=True)
class FirstExempt:
    """The first scan that saw an instance with an exempting tag."""

    tag: str
    """The key of the tag."""
    at: datetime


@dataclass(frozen=True, slots=True)
class Instance:
    """An EC2 instance, with the fields that the rules and the messages need."""

    id: str
    target: Target
    type: str
    state: InstanceState
    launched_at: datetime
    """The last start (EC2's LaunchTime), in UTC. It changes at every start."""
    transitioned_at: datetime | None = None
    """The date in EC2's StateTransitionReason, in UTC; None if there is none."""
    tags: Mapping[str, str] = field(default_factory=dict)
    first_seen_stopped: datetime | None = None
    """The first scan that saw it stopped, in UTC, if EC2 does not date the stop. The stop may be earlier."""
    attached_at: datetime | None = None
    """The earlier attach time of its primary network interface and its root volume, in UTC; None if EC2 gives none."""
    first_exempt: FirstExempt | None = None
    """When it was first seen with an exempting tag, also if it has none any more; None if it never was."""
    operator: str | None = None
    """The AWS service that manages it (EC2's Operator.Principal); empty if EC2 does not name it; None without one."""
    billing: Billing | None = None
    """What AWS bills it by; None if it was not read."""
    volume_ids: tuple[str, ...] = ()
    """The EBS volumes that are attached to it, in the order of EC2."""
    public_addresses: int = 0
    """The number of its public IPv4 addresses."""
    usage: UsageFigures | None = None
    """What CloudWatch says of it; None if it was not asked or did not answer."""
    stopped_by_aws: bool = False
    """True if EC2 says that AWS itself stopped it, and nobody who uses it: for a retired host, or a spot reclaim."""

    @property
    def name(self) -> str | None:
        """The unchanged value of the Name tag; None without one."""
        return self.tags.get("Name")

    @property
    def is_operator_managed(self) -> bool:
        """True if an AWS service manages it (EC2's Operator.Managed)."""
        return self.operator is not None

    @property
    def created_at(self) -> datetime:
        """When it was created: the last start, or the first attachment if that is earlier. No start changes it.

        The primary network interface cannot be detached, but a root volume can be replaced.
        """
        return min(self.launched_at, self.attached_at or self.launched_at)

    @property
    def stopped_at(self) -> datetime | None:
        """When it was stopped; None if it is not stopped or EC2 does not date the stop."""
        return self.transitioned_at if self.state is InstanceState.STOPPED else None

    @property
    def seen_stopped_since(self) -> datetime | None:
        """The time since which Bailiff has seen it stopped, if EC2 does not date the stop; else None.

        A start in between resets it.
        """
        if self.last_action_is_dated or self.first_seen_stopped is None:
            return None
        return max(self.first_seen_stopped, self.launched_at)

    @property
    def last_action(self) -> datetime:
        """The last stop, if the instance is stopped or stopping and EC2 dates the stop; else the last start."""
        stopped_at = self.transitioned_at if self.state in _STOPPED_STATES else None
        return stopped_at or self.launched_at

    @property
    def last_action_is_dated(self) -> bool:
        """False if the instance is stopped and EC2 does not date the stop. Then `last_action` is the last start."""
        return self.state is not InstanceState.STOPPED or self.transitioned_at is not None


def days_between(earlier: datetime, later: datetime) -> int:
    """Return the 24-hour periods between two aware times, rounded down; negative if `later` is the earlier one."""
    return (later - earlier).days
