"""What Bailiff does to single instances: the adapter behind the interface `Ec2Actions`."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

from bailiff_bot.aws.access import Limits, role_access
from bailiff_bot.aws.actions.details import read_details
from bailiff_bot.aws.actions.images import FoundImage, find_image
from bailiff_bot.aws.actions.session_policies import details_policy, read_images_policy
from bailiff_bot.aws.actions.step_calls import (
    WRITABLE_TAGS,
    StepCall,
    image_call,
    start_call,
    stop_call,
    tag_call,
    terminate_call,
)
from bailiff_bot.aws.actions.step_denials import POLICY_FILES
from bailiff_bot.aws.actions.step_sessions import ActingRole
from bailiff_bot.aws.actions.steps import carry_out
from bailiff_bot.aws.deadline import deadline
from bailiff_bot.aws.errors import Unreadable
from bailiff_bot.domain.aws_step import Actor, RoleKind, StepOutcome, StepResult
from bailiff_bot.domain.gap import Gap
from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.instance_details import InstanceDetails, MachineImage
from bailiff_bot.domain.inventory import UnreadReason, unread_gap

LIMITS = Limits(connect_timeout=2.0, read_timeout=6.0, max_attempts=2, target_deadline=9.0)
"""Somebody waits for the answer. The attempts are those of reading calls."""
_WHOLE_DEADLINE = 17.0
"""Seconds for a call of the interface, which makes several of AWS. A connection that is just made may take 2 s more."""
_NAME_IS_TAKEN = "InvalidAMIName.Duplicate"

T = TypeVar("T")


class AwsActions:
    """Reads and changes single instances. It implements `bailiff_bot.usecases.ec2.Ec2Actions`.

    Arguments: the ARNs of the roles that act and of those that delete, one for each account; the external id that their
    trust policies demand; with `dry_run`, EC2 only checks the permissions.
    """

    def __init__(
        self,
        action_role_arns: Iterable[str] = (),
        delete_role_arns: Iterable[str] = (),
        external_id: str | None = None,
        *,
        dry_run: bool,
        limits: Limits = LIMITS,
    ) -> None:
        arns = {RoleKind.ACTION: action_role_arns, RoleKind.DELETE: delete_role_arns}
        roles = {kind: [role_access(arn, external_id) for arn in some] for kind, some in arns.items()}
        self._roles = {(role.account, kind): role for kind, some in roles.items() for role in some}
        self._dry_run = {"DryRun": True} if dry_run else {}
        self._limits = limits

    def has_role(self, account: str, kind: RoleKind) -> bool:
        """Return True if an account has a role of a kind."""
        return (account, kind) in self._roles

    def details(self, actor: Actor, target: Target, instance_id: str, kind: RoleKind) -> InstanceDetails | Gap | None:
        """Return an instance, read with the role of a kind; None if it is gone, a gap if it could not be read."""
        policy = partial(details_policy, target, instance_id)
        return self._read(actor, target, kind, policy, lambda ec2: read_details(ec2, instance_id))

    def stop(self, actor: Actor, target: Target, instance_id: str) -> StepResult:
        """Stop an instance."""
        return self._do(actor, target, partial(stop_call, target, instance_id))

    def start(self, actor: Actor, target: Target, instance_id: str) -> StepResult:
        """Start an instance."""
        return self._do(actor, target, partial(start_call, target, instance_id))

    def tag(self, actor: Actor, target: Target, instance_id: str, key: str, value: str) -> StepResult:
        """Write a tag: `Name` or `bailiff:owner`."""
        if key not in WRITABLE_TAGS:
            return StepResult(StepOutcome.REFUSED, f"Bailiff does not write the tag {key}")
        return self._do(actor, target, partial(tag_call, target, instance_id, key, value))

    def make_image(
        self, actor: Actor, target: Target, instance_id: str, name: str, tags: Mapping[str, str]
    ) -> StepResult:
        """Begin to make an image. If this instance has one with this name already, that is the result."""
        with deadline(_WHOLE_DEADLINE):
            result = self._do(actor, target, partial(image_call, target, instance_id, name, tags))
            if result.code != _NAME_IS_TAKEN:
                return result
            return _made_before(self._find_image(actor, target, name, ""), result, instance_id)

    def image(self, actor: Actor, target: Target, *, name: str = "", image_id: str = "") -> MachineImage | Gap | None:
        """Return an image of the account by its id, or else by its name; None if there is none."""
        found = self._find_image(actor, target, "" if image_id else name, image_id)
        return found.image if isinstance(found, FoundImage) else found

    def terminate(self, actor: Actor, target: Target, instance_id: str) -> StepResult:
        """Terminate an instance."""
        return self._do(actor, target, partial(terminate_call, target, instance_id))

    def _do(self, actor: Actor, target: Target, build: Callable[[], StepCall]) -> StepResult:
        try:
            call = build()
        except Unreadable as error:
            return StepResult(StepOutcome.REFUSED, error.detail)
        role = self._roles.get((target.account, call.role))
        if role is None:
            return StepResult(StepOutcome.REFUSED, _no_role(target, call.role))
        call = replace(call, parameters={**call.parameters, **self._dry_run})
        with deadline(_WHOLE_DEADLINE):
            return carry_out(call, ActingRole(role, actor, target.region, self._limits))

    def _find_image(self, actor: Actor, target: Target, name: str, image_id: str) -> FoundImage | Gap | None:
        return self._read(
            actor, target, RoleKind.DELETE, read_images_policy, lambda ec2: find_image(ec2, name, image_id)
        )

    def _read(
        self, actor: Actor, target: Target, kind: RoleKind, policy: Callable[[], str], read: Callable[[Any], T]
    ) -> T | Gap:
        """Return what `read` reads in a session of its own, or why it could not be read."""
        role = self._roles.get((target.account, kind))
        if role is None:
            return unread_gap(target, UnreadReason.ACCESS_DENIED, _no_role(target, kind))
        acting = ActingRole(role, actor, target.region, self._limits)
        try:
            with deadline(_WHOLE_DEADLINE), acting.session(policy()) as ec2:
                return read(ec2)
        except Unreadable as error:
            return _gap(error, target, kind)


def _made_before(found: FoundImage | Gap | None, refused: StepResult, instance_id: str) -> StepResult:
    """Return the result for a name that an image has already."""
    if isinstance(found, FoundImage) and found.instance_id in {instance_id, ""}:
        return StepResult(StepOutcome.DONE, request_id=refused.request_id, image_id=found.image.id)
    if isinstance(found, FoundImage):
        return replace(refused, reason=f"the image {found.image.id} of another instance has this name")
    reason = "an image with this name was made before, but it could not be read"
    return replace(refused, outcome=StepOutcome.UNKNOWN, reason=reason)


def _no_role(target: Target, kind: RoleKind) -> str:
    setting = "BAILIFF_ACTION_ROLE_ARNS" if kind is RoleKind.ACTION else "BAILIFF_DELETE_ROLE_ARNS"
    return f"{setting} names no role of the account {target.account}"


def _gap(error: Unreadable, target: Target, kind: RoleKind) -> Gap:
    denied = error.reason is UnreadReason.ACCESS_DENIED
    remedy = f"compare the role's policy with {POLICY_FILES[kind]}" if denied else error.remedy
    return unread_gap(target, error.reason, error.detail, remedy)
