"""What tests and the demo set on the sandbox's IAM and EC2: roles, slow changes, images that fail."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bailiff_bot.sandbox.aws.ec2 import images
from bailiff_bot.sandbox.aws.ec2.service import Ec2Service
from bailiff_bot.sandbox.aws.iam.roles import Roles
from bailiff_bot.sandbox.aws.moto_instances import MotoInstances
from bailiff_bot.sandbox.fixtures import role_arn


class RoleControls:
    """Replaces the policies of roles. `role` is a name, such as `bailiff-act`."""

    _roles: Roles

    def set_role_policy(self, account: str, role: str, document: str | Mapping[str, Any]) -> None:
        """Replace what a role may do, for its present sessions, too. Raises PolicyError, or LookupError."""
        self._roles.set_permissions(role_arn(account, role), document)

    def set_trust_policy(self, account: str, role: str, document: str | Mapping[str, Any]) -> None:
        """Replace who may assume a role. Raises PolicyError, or LookupError."""
        self._roles.set_trust(role_arn(account, role), document)

    def refuse_role(self, account: str, role: str) -> None:
        """Let AssumeRole of a role fail with AccessDenied. Raises LookupError."""
        self._roles.refuse(role_arn(account, role))

    def withdraw_permission(self, action: str) -> None:
        """Refuse an action, such as `pricing:GetProducts`, to everyone, as IAM refuses what no policy allows."""
        self._roles.withdraw(action)

    def restore_permission(self, action: str) -> None:
        """Undo `withdraw_permission`."""
        self._roles.restore(action)

    def withdrawn_permissions(self) -> tuple[str, ...]:
        """Return the actions that are refused to everyone."""
        return self._roles.withdrawn()

    def reset_roles(self) -> None:
        """Make every role as it was at the start."""
        self._roles.reset()


class Ec2Controls:
    """Makes changes in EC2 slow, and ends them. Without `duration`, a change takes until a test ends it."""

    _ec2: Ec2Service
    _instances: MotoInstances

    def delay_transitions(self, duration: timedelta | None = None) -> None:
        """Let later stops, starts and terminations take time: the state is `stopping`, `pending`, `shutting-down`."""
        self._ec2.transitions.duration = duration

    def finish_transitions(self) -> None:
        """End every stop, start and termination that has begun."""
        with self._ec2.lock:
            self._ec2.transitions.end_all()

    def delay_images(self, duration: timedelta | None = None) -> None:
        """Let later images be `pending` for some time. By default they are available when they are first read."""
        self._ec2.pending_images.duration = duration

    def finish_images(self) -> None:
        """Make every pending image available."""
        with self._ec2.lock:
            self._ec2.pending_images.end_all()

    def fail_images(self) -> None:
        """Let every pending image fail."""
        with self._ec2.lock:
            pending = set(self._ec2.pending_images.keys())
            for image in self._instances.images():
                if image.id in pending:
                    self._ec2.pending_images.discard(image.id)
                    images.fail(image)

    def image_names(self) -> tuple[str, ...]:
        """Return the name of each image."""
        with self._ec2.lock:
            return tuple(str(one.name) for one in self._instances.images())

    def elastic_addresses(self, account: str, region: str) -> dict[str, str]:
        """Return the id of the instance of each Elastic IP; empty if it has none."""
        with self._ec2.lock:
            addresses = self._instances.backend(account, region).addresses
            return {one.public_ip: one.instance.id if one.instance else "" for one in addresses}
