"""A deletion that was asked for: an image is made, every owner can cancel, it is decided again, then it is done."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bailiff_bot.domain.action_result import ActionResult
from bailiff_bot.domain.instance import Target

_TOLD_WITHIN = timedelta(hours=1)
"""Owners who are told later get all of the time to cancel, counted from then."""
IMAGE_TIME = timedelta(days=7)
"""So long after it was due, a deletion waits for its image. EC2 makes even one of a large disk within days."""


class DeletionStage(StrEnum):
    """How far a deletion is."""

    IMAGING = "imaging"
    """Its image is asked for, and AWS has not said its id yet."""
    WAITING = "waiting"
    """The image is being made or there, and everybody can cancel."""
    TERMINATING = "terminating"
    """It was decided again, and AWS is being asked. Nobody can cancel any more."""
    OVER = "over"
    """It was done, failed, or somebody cancelled it."""


CANCELLABLE = frozenset({DeletionStage.IMAGING, DeletionStage.WAITING})
"""The stages in which a deletion can be cancelled."""


@dataclass(frozen=True, slots=True)
class Deletion:
    """A deletion that was asked for."""

    id: str
    result: ActionResult
    """The request: its `made_id` is `id`, its `until` is when it is due."""
    stage: DeletionStage
    changed_at: datetime
    """When it came into this stage."""
    address: str
    """The confirmed e-mail address of who asked."""
    image_name: str
    """Empty if no image is wanted, or once the image of a deletion that is over is known to be gone."""
    image_id: str = ""
    """Empty as long as AWS has not said it."""
    told_at: datetime | None = None
    """When the owners were told that it was asked for; None if they were not yet. Before that it is never due."""

    @property
    def target(self) -> Target:
        """Where the instance is."""
        return self.result.offer.subject.target

    @property
    def instance_id(self) -> str:
        """The instance."""
        return self.result.offer.subject.id

    @property
    def due_at(self) -> datetime:
        """When it is decided again: if the owners were told late, as much later."""
        until, at = self.result.until or self.result.at, self.result.at
        is_late = self.told_at is not None and self.told_at - at > _TOLD_WITHIN
        return self.told_at + (until - at) if self.told_at and is_late else until


@dataclass(frozen=True, slots=True)
class OldImage:
    """An image that Bailiff made long ago, and never deletes."""

    deletion: Deletion
    size: int
    """GiB; 0 if AWS did not say it."""


def image_name(instance_id: str, deletion_id: str) -> str:
    """Return the name of the image, the same at each try. EC2 allows 3 to 128 of letters, digits and some signs."""
    return f"bailiff-{instance_id}-{deletion_id}"


def launch_url(target: Target, image_id: str) -> str:
    """Return the address in the AWS console that launches an instance from an image."""
    hosts = {"aws-cn": "console.amazonaws.cn", "aws-us-gov": "console.amazonaws-us-gov.com"}
    host = hosts.get(target.partition, f"{target.region}.console.aws.amazon.com")
    return f"https://{host}/ec2/home?region={target.region}#LaunchInstances:ami={image_id}"
