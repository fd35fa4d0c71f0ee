"""What one row of DescribeInstances means to us, and where it was read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    """The states of an EC2 instance."""

    PENDING = "pending"
    RUNNING = "running"
    SHUTTING_DOWN = "shutting-down"
    TERMINATED = "terminated"
    STOPPING = "stopping"
    STOPPED = "stopped"


GONE = frozenset({State.SHUTTING_DOWN, State.TERMINATED})
"""An instance in one of these states owes nothing and is in no inventory."""

_DOWN = frozenset({State.STOPPING, State.STOPPED})

SETTLED = frozenset({State.RUNNING, State.STOPPED})
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
    state: State
    launched: datetime
    """The last start (EC2's LaunchTime), in UTC: it moves when a stopped instance is started again."""
    transitioned: datetime | None = None
    """The date in EC2's StateTransitionReason, in UTC, when it has one."""
    tags: Mapping[str, str] = field(default_factory=dict)
    seen_stopped: datetime | None = None
    """When we first saw it stopped, in UTC, where EC2 does not date its stop: it may have been stopped for longer."""

    @property
    def name(self) -> str | None:
        """The value of the Name tag, as it is; None without one."""
        return self.tags.get("Name")

    @property
    def stopped(self) -> datetime | None:
        """When it was stopped; None when it is not, or when EC2 does not date it."""
        return self.transitioned if self.state is State.STOPPED else None

    @property
    def watched(self) -> datetime | None:
        """Since when it was seen stopped, where EC2 does not date that; a start in between begins the watch anew."""
        if self.dated or self.seen_stopped is None:
            return None
        return max(self.seen_stopped, self.launched)

    @property
    def last_action(self) -> datetime:
        """When it was stopped, or told to, if that is known; else when it was started."""
        stopped = self.transitioned if self.state in _DOWN else None
        return stopped or self.launched

    @property
    def dated(self) -> bool:
        """Whether `last_action` is what it says, not the start of an instance that was stopped nobody knows when."""
        return self.state is not State.STOPPED or self.transitioned is not None


def days_between(earlier: datetime, later: datetime) -> int:
    """Return the elapsed 24-hour periods between two aware instants, rounded down; negative when reversed."""
    return (later - earlier).days
