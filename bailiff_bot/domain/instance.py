"""What one row of DescribeInstances means to us, and where it was read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class InstanceState(StrEnum):
    """The states of an EC2 instance."""

    PENDING = "pending"
    RUNNING = "running"
    SHUTTING_DOWN = "shutting-down"
    TERMINATED = "terminated"
    STOPPING = "stopping"
    STOPPED = "stopped"


GONE_STATES = frozenset({InstanceState.SHUTTING_DOWN, InstanceState.TERMINATED})
"""An instance in one of these states owes nothing and is in no inventory."""

_STOPPED_STATES = frozenset({InstanceState.STOPPING, InstanceState.STOPPED})

STEADY_STATES = frozenset({InstanceState.RUNNING, InstanceState.STOPPED})
"""The others are on their way to one of these, and only judged by where they are."""


@dataclass(frozen=True, slots=True, order=True)
class Target:
    """What is read in one piece: one region of one account."""

    account: str
    """The account's twelve digits."""
    region: str
    partition: str = "aws"
    """`aws`, `aws-cn` or `aws-us-gov`: where the console is."""


@dataclass(frozen=True, slots=True)
class Instance:
    """An EC2 instance, as far as the rules and the messages need it."""

    id: str
    target: Target
    type: str
    state: InstanceState
    launched_at: datetime
    """The last start (EC2's LaunchTime), in UTC: it moves when a stopped instance is started again."""
    transitioned_at: datetime | None = None
    """The date in EC2's StateTransitionReason, in UTC, when it has one."""
    tags: Mapping[str, str] = field(default_factory=dict)
    first_seen_stopped: datetime | None = None
    """When we first saw it stopped, in UTC, where EC2 does not date its stop: it may have been stopped for longer."""

    @property
    def name(self) -> str | None:
        """The value of the Name tag, as it is; None without one."""
        return self.tags.get("Name")

    @property
    def stopped_at(self) -> datetime | None:
        """When it was stopped; None when it is not, or when EC2 does not date it."""
        return self.transitioned_at if self.state is InstanceState.STOPPED else None

    @property
    def seen_stopped_since(self) -> datetime | None:
        """Since when it was seen stopped, where EC2 does not date that; a start in between begins the watch anew."""
        if self.last_action_is_dated or self.first_seen_stopped is None:
            return None
        return max(self.first_seen_stopped, self.launched_at)

    @property
    def last_action(self) -> datetime:
        """When it was stopped, or told to, if that is known; else when it was started."""
        stopped = self.transitioned_at if self.state in _STOPPED_STATES else None
        return stopped or self.launched_at

    @property
    def last_action_is_dated(self) -> bool:
        """Whether `last_action` is what it says, not the start of an instance that was stopped nobody knows when."""
        return self.state is not InstanceState.STOPPED or self.transitioned_at is not None


def days_between(earlier: datetime, later: datetime) -> int:
    """Return the elapsed 24-hour periods between two aware instants, rounded down; negative when reversed."""
    return (later - earlier).days
