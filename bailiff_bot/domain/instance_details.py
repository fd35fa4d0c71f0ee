"""What an action must know of an instance beyond what a scan reads. Read at the click, with the role that acts."""

from dataclasses import dataclass
from datetime import datetime

from bailiff_bot.domain.action import ImageState, Lifecycle
from bailiff_bot.domain.instance import InstanceState


@dataclass(frozen=True, slots=True)
class Volume:
    """A volume of an instance."""

    id: str
    device: str
    """Such as `/dev/xvda`."""
    size: int
    """GiB; 0 if it could not be read."""
    is_deleted_with_instance: bool
    """EC2's `DeleteOnTermination`."""


@dataclass(frozen=True, slots=True)
class InstanceDetails:
    """An instance as EC2 describes it to the role that acts."""

    state: InstanceState
    name: str
    """The value of its Name tag; empty without one."""
    launched_at: datetime
    """The last start, in UTC."""
    transitioned_at: datetime | None = None
    """The date in StateTransitionReason, in UTC; None if there is none."""
    lifecycle: Lifecycle = Lifecycle.ON_DEMAND
    has_instance_store_root: bool = False
    is_stop_protected: bool = False
    is_termination_protected: bool = False
    has_local_disk: bool = False
    """Its type has instance-store disks."""
    public_addresses: tuple[str, ...] = ()
    """Public addresses that are no Elastic IPs: it loses them when it stops."""
    elastic_addresses: tuple[str, ...] = ()
    """Elastic IPs: they stay, and cost, when it is deleted."""
    volumes: tuple[Volume, ...] = ()
    has_hibernation: bool = False
    """Hibernation is enabled: an image of it may not start."""


@dataclass(frozen=True, slots=True)
class MachineImage:
    """An image that was made of an instance."""

    id: str
    name: str
    state: ImageState
    reason: str = ""
    """Why it failed; empty if it did not."""
    size: int = 0
    """GiB of its volumes; 0 if EC2 does not say it."""
