"""What AWS bills an instance by, besides its type and region."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Billing:
    """What AWS bills an instance by, as DescribeInstances tells it. Many instances share one."""

    operation: str = ""
    """EC2's UsageOperation (`RunInstances:0002` is Windows); empty if EC2 gives none."""
    tenancy: str = "default"
    """`default`, `dedicated` or `host`."""
    lifecycle: str = "on-demand"
    """EC2's InstanceLifecycle: `spot`, `capacity-block`, `scheduled`; `on-demand` if EC2 gives none."""
    zone: str = ""
    """The availability zone, Local Zone or Wavelength Zone; empty if EC2 gives none."""
    on_outpost: bool = False
