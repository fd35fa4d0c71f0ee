"""The interface to what changes something in EC2. `bailiff_bot.aws.actions` implements it."""

from collections.abc import Mapping
from typing import Protocol

from bailiff_bot.domain.aws_step import Actor, RoleKind, StepResult
from bailiff_bot.domain.gap import Gap
from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.instance_details import InstanceDetails, MachineImage


class Ec2Actions(Protocol):
    """Reads and changes single instances, each call in a session of its own that allows just that. Raises nothing.

    Every call ends within 20 seconds.
    """

    def has_role(self, account: str, kind: RoleKind) -> bool:
        """Return True if an account has a role of a kind."""
        ...

    def details(self, actor: Actor, target: Target, instance_id: str, kind: RoleKind) -> InstanceDetails | Gap | None:
        """Return an instance, read with the role of a kind; None if it is gone, a gap if it could not be read."""
        ...

    def stop(self, actor: Actor, target: Target, instance_id: str) -> StepResult:
        """Stop an instance."""
        ...

    def start(self, actor: Actor, target: Target, instance_id: str) -> StepResult:
        """Start an instance."""
        ...

    def tag(self, actor: Actor, target: Target, instance_id: str, key: str, value: str) -> StepResult:
        """Write a tag: `Name` or `bailiff:owner`; the role may write no other."""
        ...

    def make_image(
        self, actor: Actor, target: Target, instance_id: str, name: str, tags: Mapping[str, str]
    ) -> StepResult:
        """Begin to make an image with a name that is the same at each try. If it exists already, that is the result."""
        ...

    def image(self, actor: Actor, target: Target, *, name: str = "", image_id: str = "") -> MachineImage | Gap | None:
        """Return an image of the account by its id, or else by its name; None if there is none."""
        ...

    def terminate(self, actor: Actor, target: Target, instance_id: str) -> StepResult:
        """Terminate an instance."""
        ...
