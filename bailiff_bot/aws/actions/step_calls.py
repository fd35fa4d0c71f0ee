"""The calls of EC2 that change something: what each is called with, what its session allows, and what confirms it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from bailiff_bot.aws.actions.session_policies import image_policy, instance_policy, tag_policy
from bailiff_bot.domain.aws_step import RoleKind, Step
from bailiff_bot.domain.instance import Target

_STEP_BY_TAG = {"Name": Step.RENAME, "bailiff:owner": Step.SET_OWNER}
WRITABLE_TAGS = frozenset(_STEP_BY_TAG)
"""The keys of the tags that Bailiff writes on instances."""

Answer = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StepCall:
    """One call of EC2."""

    step: Step
    role: RoleKind
    operation: str
    """EC2's name of it, such as `StopInstances`."""
    method: str
    """The method of botocore's client."""
    parameters: Mapping[str, Any]
    policy: str
    """The policy of its session."""
    confirms: Callable[[Answer], bool]
    """Returns True if an answer says that EC2 did it. A page of a proxy does not."""
    is_repeatable: bool = True
    """True if EC2 does nothing more when it is called twice."""


def stop_call(target: Target, instance_id: str) -> StepCall:
    """Return the call that stops an instance. Raises Unreadable, as the others do, for what is no instance's id."""
    return _state_call(Step.STOP, RoleKind.ACTION, "Stop", "Stopping", target, instance_id)


def start_call(target: Target, instance_id: str) -> StepCall:
    """Return the call that starts an instance."""
    return _state_call(Step.START, RoleKind.ACTION, "Start", "Starting", target, instance_id)


def terminate_call(target: Target, instance_id: str) -> StepCall:
    """Return the call that terminates one instance: a call for several can fail in part."""
    return _state_call(Step.TERMINATE, RoleKind.DELETE, "Terminate", "Terminating", target, instance_id)


def tag_call(target: Target, instance_id: str, key: str, value: str) -> StepCall:
    """Return the call that writes one of `WRITABLE_TAGS`."""
    return StepCall(
        step=_STEP_BY_TAG[key],
        role=RoleKind.ACTION,
        operation="CreateTags",
        method="create_tags",
        parameters={"Resources": [instance_id], "Tags": [{"Key": key, "Value": value}]},
        policy=tag_policy(target, instance_id, key),
        confirms=lambda answer: "RequestId" in answer["ResponseMetadata"],  # the body has nothing else
    )


def image_call(target: Target, instance_id: str, name: str, tags: Mapping[str, str]) -> StepCall:
    """Return the call that makes an image. It never restarts an instance that was started meanwhile.

    It is not repeatable: CreateImage has no client token.
    """
    rows = [{"Key": key, "Value": value} for key, value in tags.items()]
    kinds = ("image", "snapshot") if rows else ()
    specifications = [{"ResourceType": kind, "Tags": rows} for kind in kinds]
    return StepCall(
        step=Step.MAKE_IMAGE,
        role=RoleKind.DELETE,
        operation="CreateImage",
        method="create_image",
        parameters={"InstanceId": instance_id, "Name": name, "NoReboot": True, "TagSpecifications": specifications},
        policy=image_policy(target, instance_id),
        confirms=lambda answer: bool(answer.get("ImageId")),
        is_repeatable=False,
    )


def _state_call(step: Step, role: RoleKind, verb: str, participle: str, target: Target, instance_id: str) -> StepCall:  # noqa: PLR0913, PLR0917 - what EC2 calls the same thing
    operation = f"{verb}Instances"
    return StepCall(
        step=step,
        role=role,
        operation=operation,
        method=f"{verb.lower()}_instances",
        parameters={"InstanceIds": [instance_id]},
        policy=instance_policy(f"ec2:{operation}", target, instance_id),
        confirms=partial(_names_instance, f"{participle}Instances", instance_id),
    )


def _names_instance(key: str, instance_id: str, answer: Answer) -> bool:
    return any(row.get("InstanceId") == instance_id for row in answer.get(key, ()))
