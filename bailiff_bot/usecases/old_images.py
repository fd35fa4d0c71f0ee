"""Finds the images of deleted instances that are older than the team wants to keep them. Bailiff deletes none."""

from collections.abc import Iterable
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from bailiff_bot.domain.aws_step import Actor
from bailiff_bot.domain.clock import Clock
from bailiff_bot.domain.deletion import Deletion, OldImage
from bailiff_bot.domain.gap import Gap
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
        found = list(self.executor.map(self._look, old))
        self.store.forget_images(deletion.id for deletion, image in zip(old, found, strict=True) if image is None)
        return tuple(filter(None, found))

    def _look(self, deletion: Deletion) -> OldImage | None:
        """Return the image of a deletion; None if it is gone."""
        actor = Actor(deletion.result.user_id, deletion.address)
        found = self.ec2.image(actor, deletion.target, image_id=deletion.image_id)
        if found is None:
            return None
        size = 0 if isinstance(found, Gap) else found.size
        return OldImage(deletion, size)
