"""Finds the images of deleted instances that are older than the team wants to keep them. Bailiff deletes none."""

from collections.abc import Iterable
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol

from bailiff_bot.domain.aws_step import Actor
from bailiff_bot.domain.clock import Clock
from bailiff_bot.domain.deletion import Deletion, OldImage
from bailiff_bot.domain.gap import Gap
from bailiff_bot.domain.instance_details import MachineImage
from bailiff_bot.usecases.ec2 import Ec2Actions


class DeletionStore(Protocol):
    """Finds deletions. Raises StoreError."""

    def with_images(self) -> tuple[Deletion, ...]:
        """Return the deletions that are over and of which there may be an image, in the order of time."""
        ...

    def forget_images(self, ids: Iterable[str]) -> None:
        """Record that the images of deletions are gone."""
        ...


@dataclass(frozen=True, slots=True)
class OldImages:
    """Finds old images, by the ids that were recorded when they were made."""

    store: DeletionStore
    ec2: Ec2Actions
    executor: Executor
    keep_for: timedelta
    """Younger images are not listed."""
    clock: Clock

    def find(self) -> tuple[OldImage, ...]:
        """Return the old images that exist, the oldest first. What AWS does not show is listed all the same.

        Raises StoreError.
        """
        since = self.clock() - self.keep_for
        old = [one for one in self.store.with_images() if one.result.at <= since]
        looked = list(zip(old, self.executor.map(self._look, old), strict=True))
        self.store.forget_images(deletion.id for deletion, found in looked if found is None)
        return tuple(image for deletion, found in looked if (image := _old_image(deletion, found)))

    def _look(self, deletion: Deletion) -> MachineImage | Gap | None:
        """Return the image of a deletion; None if it is gone, or was never made."""
        actor = Actor(deletion.result.user_id, deletion.address)
        known = {"image_id": deletion.image_id} if deletion.image_id else {"name": deletion.image_name}
        return self.ec2.image(actor, deletion.target, **known)


def _old_image(deletion: Deletion, found: MachineImage | Gap | None) -> OldImage | None:
    """Return an image to list; None without one, or if AWS does not show one of which nobody saved the id."""
    if isinstance(found, MachineImage):
        return OldImage(replace(deletion, image_id=found.id), found.size)
    return OldImage(deletion, 0) if found and deletion.image_id else None
