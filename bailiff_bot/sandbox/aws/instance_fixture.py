"""One seeded instance; all times are relative to the start of the sandbox."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from bailiff_bot.sandbox.aws.usage_patterns import UsagePattern
from bailiff_bot.sandbox.fixtures import OWN_ACCOUNT

STATE_CODES = {"pending": 0, "running": 16, "shutting-down": 32, "terminated": 48, "stopping": 64, "stopped": 80}
"""EC2's codes of the instance states."""

STOPPED_BY_USER = "User initiated ({date})"
STOPPED_BY_AWS = "Server.ScheduledStop: Stopped due to scheduled retirement ({date})"


ROOT_DEVICE = "/dev/sda1"
ON_DEMAND, SPOT_ONE_TIME, SPOT_PERSISTENT = "on-demand", "spot-one-time", "spot-persistent"
CAPACITY_BLOCK = "capacity-block"
"""The lifecycles of an instance; a spot request is valid once, or asks for another instance when one ends. A capacity
block is paid in advance."""
EBS, INSTANCE_STORE = "ebs", "instance-store"
"""The kinds of root devices. What is on an instance store is lost when an instance stops, so EC2 stops none."""


LINUX, WINDOWS, OWN_WINDOWS, RED_HAT = "RunInstances", "RunInstances:0002", "RunInstances:0800", "RunInstances:0010"
"""What an instance is billed as (`UsageOperation`): Windows with its licence, or with the customer's."""
PLATFORMS = {LINUX: "Linux/UNIX", WINDOWS: "Windows", OWN_WINDOWS: "Windows BYOL", RED_HAT: "Red Hat Enterprise Linux"}
"""EC2's `PlatformDetails`."""


@dataclass(frozen=True, slots=True)
class VolumeFixture:
    """A volume of an instance."""

    device: str = ROOT_DEVICE
    size: int = 8
    """GiB."""
    is_deleted_with_instance: bool = True
    """EC2's `DeleteOnTermination`."""
    type: str = "gp3"
    iops: int | None = None
    """None: what EC2 says of a volume that nobody chose it for."""
    throughput: int | None = None
    """MiB/s; None: likewise."""

    @property
    def told_iops(self) -> int | None:
        """What DescribeVolumes tells, also of gp2, where they cost nothing; None: magnetic volumes have none."""
        if self.iops is not None:
            return self.iops
        return {"gp2": min(max(100, 3 * self.size), 16_000), "gp3": 3000}.get(self.type)

    @property
    def told_throughput(self) -> int | None:
        """What DescribeVolumes tells; only gp3 has it."""
        return self.throughput or (125 if self.type == "gp3" else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceFixture:
    """An instance of the seeded fleet, and where Bailiff should report it."""

    key: str
    """A short key, unique in the fleet; the instance id is derived from it."""
    name: str | None
    """The Name tag; None: no Name tag."""
    since_start: timedelta
    """The time since the last start (`LaunchTime`)."""
    expected_table: str
    """Its table by the fleet's policy; `absent`: the instance is gone; `unread`: the bot may not read the region."""
    other_broken_rules: tuple[str, ...] = ()
    """Other rules that it breaks."""
    state: str = "running"
    reason: str = ""
    """`StateTransitionReason`; `{date}` stands for the time of the stop."""
    since_stop: timedelta = timedelta(0)
    """The time since the stop, if the reason has a date."""
    since_creation: timedelta | None = None
    """The time since its creation, if that was before the last start."""
    account: str = OWN_ACCOUNT
    region: str = "eu-west-1"
    type: str = "t3.medium"
    """Types such as `m5d.large` have local disks."""
    tags: tuple[tuple[str, str], ...] = ()
    """Tags other than Name."""
    lifecycle: str = ON_DEMAND
    operation: str = LINUX
    tenancy: str = "default"
    zone: str = ""
    """The availability zone; empty: one of the region."""
    root_device: str = EBS
    volumes: tuple[VolumeFixture, ...] = (VolumeFixture(),)
    """The root volume first. An instance with its root on an instance store has only the others."""
    is_stop_protected: bool = False
    """EC2's `disableApiStop`, which refuses termination, too."""
    is_termination_protected: bool = False
    """EC2's `disableApiTermination`."""
    has_public_address: bool = False
    """It has a public address of its own, which it loses when it stops."""
    has_elastic_address: bool = False
    has_hibernation: bool = False
    usage: UsagePattern = UsagePattern.NONE
    managed_by: str = ""
    """The service of AWS that runs it (`Operator.Principal`); empty: none."""

    @property
    def id(self) -> str:
        """The instance id; it is the same in every run."""
        return "i-" + hashlib.sha256(self.key.encode()).hexdigest()[:17]

    def all_tags(self) -> dict[str, str]:
        """Return all tags, with Name."""
        named = {} if self.name is None else {"Name": self.name}
        return named | dict(self.tags)

    def launched_at(self, now: datetime) -> datetime:
        """Return its last start, in whole seconds as in EC2."""
        return (now - self.since_start).replace(microsecond=0)

    def created_at(self, now: datetime) -> datetime:
        """Return its creation."""
        return (now - (self.since_creation or self.since_start)).replace(microsecond=0)

    def stopped_at(self, now: datetime) -> datetime:
        """Return when it stopped, if it does not run."""
        return max(now - self.since_stop, self.launched_at(now))

    def reason_at(self, now: datetime) -> str:
        """Return `StateTransitionReason` as AWS writes it."""
        return self.reason.replace("{date}", format_transition_time(now - self.since_stop))


def format_transition_time(time: datetime) -> str:
    """Return a time as `StateTransitionReason` writes it: `2016-06-23 23:39:15 GMT`."""
    return f"{time:%Y-%m-%d %H:%M:%S} GMT"
