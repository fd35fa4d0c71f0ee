"""An EBS volume, with the fields that its price depends on."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bailiff_bot.domain.gap import Gap


@dataclass(frozen=True, slots=True)
class Volume:
    """An EBS volume, as DescribeVolumes tells it."""

    id: str
    type: str
    """EC2's VolumeType: `gp3`, `io2` and so on."""
    gb: int
    """Its size in GiB, which AWS bills as gigabytes."""
    iops: int | None = None
    """None if EC2 gives none."""
    throughput: int | None = None
    """In MiB a second; None if EC2 gives none."""


Volumes = Mapping[str, Volume]
"""Volumes by their id. One that is not in it was not read."""


@dataclass(frozen=True, slots=True)
class VolumesRead:
    """What was read of volumes."""

    volumes: Volumes = field(default_factory=dict)
    gaps: tuple[Gap, ...] = ()
    """One for each target of which not all volumes could be read."""
