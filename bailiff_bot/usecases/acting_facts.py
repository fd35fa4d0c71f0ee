"""What actions in AWS are decided by, besides what every action is."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from bailiff_bot.domain.action import Action, Brake, CurrentInstance, Volumes
from bailiff_bot.domain.asker import Asker
from bailiff_bot.domain.aws_step import Actor, RoleKind
from bailiff_bot.domain.gap import Gap
from bailiff_bot.domain.instance_details import InstanceDetails, Volume
from bailiff_bot.domain.subject import Subject
from bailiff_bot.usecases.brakes import BrakeReader
from bailiff_bot.usecases.ec2 import Ec2Actions
from bailiff_bot.usecases.owner_recording import OwnerAges

ROLE_OF: Mapping[Action, RoleKind] = {
    Action.STOP: RoleKind.ACTION,
    Action.RENAME: RoleKind.ACTION,
    Action.DELETE: RoleKind.DELETE,
}
"""The role that each action needs."""


@dataclass(frozen=True, slots=True)
class ActingFacts:
    """Reads what only actions in AWS need. Methods raise StoreError."""

    ec2: Ec2Actions
    owner_ages: OwnerAges
    brakes: BrakeReader

    def has_role(self, action: Action, account: str) -> bool:
        """Return True if an account has the role that an action needs, or it needs none."""
        kind = ROLE_OF.get(action)
        return kind is None or self.ec2.has_role(account, kind)

    def brake(self, user_id: str, action: Action, now: datetime) -> Brake:
        """Return which brake keeps a user from an action."""
        return self.brakes.read().reached(user_id, action, now) if action in ROLE_OF else Brake.NONE

    def brake_of_due(self) -> Brake:
        """Return the brake for a deletion that is due: it took its slot when it was asked for."""
        brakes = self.brakes.read()
        if brakes.switch and brakes.switch.is_on:
            return Brake.ALL
        return Brake.IMPLAUSIBLE if brakes.is_implausible else Brake.NONE

    def details(self, action: Action, asker: Asker, subject: Subject) -> InstanceDetails | Gap | None:
        """Return an instance, as the role sees it that the action needs; None if it is gone."""
        return self.ec2.details(actor_of(asker), subject.target, subject.id, ROLE_OF[action])


def actor_of(asker: Asker) -> Actor:
    """Return for whom a step is done."""
    return Actor(asker.user_id, asker.address)


def with_details(instance: CurrentInstance, details: InstanceDetails) -> CurrentInstance:
    """Return an instance with what the role sees of it. The role read it later."""
    return replace(
        instance,
        name=details.name,
        state=details.state,
        lifecycle=details.lifecycle,
        has_instance_store_root=details.has_instance_store_root,
        is_stop_protected=details.is_stop_protected,
        is_termination_protected=details.is_termination_protected,
        has_local_disk=details.has_local_disk,
        has_public_address=bool(details.public_addresses),
        has_elastic_address=bool(details.elastic_addresses),
        volumes=frozenset(map(_fate, details.volumes)),
    )


def _fate(volume: Volume) -> Volumes:
    return Volumes.DELETED if volume.is_deleted_with_instance else Volumes.KEPT
