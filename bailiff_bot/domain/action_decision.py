"""Decides whether an action is done, from what was read at this moment. `tests/cases/actions.yaml` has the answers."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from bailiff_bot.domain.action import (
    AWS_ACTIONS,
    Action,
    ActionWarning,
    Brake,
    CurrentInstance,
    Done,
    ImageState,
    Keeper,
    Lifecycle,
    Membership,
    Refusal,
    Request,
    UnreadInstance,
    Verdict,
    Volumes,
)
from bailiff_bot.domain.action_limits import UNDO_TIME, ActionLimits, is_acceptable
from bailiff_bot.domain.instance import STEADY_STATES, InstanceState

_NOT_FOR_EXEMPT = frozenset({Action.STOP, Action.DELETE})
_UNASKED = frozenset({Membership.FULL, Membership.UNASKED})
_ALWAYS_OFFERED = frozenset({Action.UNDO, Action.END, Action.CANCEL})
_ALSO_FOR_COMPLIANT = _ALWAYS_OFFERED | {Action.ASSIGN}


_BY_WHO_DID_IT = frozenset({Action.END, Action.CANCEL})
"""Who granted an exemption or asked for a deletion may end that, owner or not."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What is decided, and what to say before it is confirmed."""

    outcome: Verdict | Refusal
    warnings: frozenset[ActionWarning] = frozenset()
    """Empty unless the action is done."""


def decide(request: Request, limits: ActionLimits) -> Decision:
    """Return whether an action is done now, or the first reason why not."""
    for refusal in Refusal:
        if _applies(refusal, request, limits):
            return Decision(refusal)
    if request.due and request.due.image is ImageState.PENDING:
        return Decision(Verdict.WAIT)
    return Decision(Verdict.DO, frozenset(_warnings(request)))


def _applies(refusal: Refusal, request: Request, limits: ActionLimits) -> bool:
    if check := _REQUEST_CHECKS.get(refusal):
        return check(request, limits)
    # Only a refusal for what was read remains; before it, UNREAD and GONE were looked at.
    instance = request.instance
    return isinstance(instance, CurrentInstance) and _INSTANCE_CHECKS[refusal](request, instance)


def _is_not_theirs(request: Request, _: ActionLimits) -> bool:
    person, undone = request.person, request.undone
    if request.action is Action.NOT_MINE:
        return not person.owns  # an administrator assigns it instead
    if request.action is Action.ASSIGN:
        return not person.is_admin
    if undone and undone.by_self and (request.action in _BY_WHO_DID_IT or undone.action is Action.NOT_MINE):
        return False  # who said "not mine" is no owner, and may take it back
    if request.action is Action.UNDO and undone and undone.action is not Action.STOP and not undone.by_self:
        return not person.is_admin  # another owner's stop may be undone: that restores; an exemption is its owner's
    return not person.owns and not person.is_admin


def _is_too_new(request: Request, limits: ActionLimits) -> bool:
    person = request.person
    return request.action in AWS_ACTIONS and not person.is_admin and person.owner_for < limits.owner_settled


_REQUEST_CHECKS: Mapping[Refusal, Callable[[Request, ActionLimits], bool]] = {
    Refusal.NOT_A_MEMBER: lambda request, _: request.person.membership not in _UNASKED,
    Refusal.CANNOT_CHECK_YOU: lambda request, _: (
        request.person.membership is Membership.UNASKED or not request.directory_read
    ),
    Refusal.DONE_ALREADY: lambda request, _: request.done is Done.YES,
    Refusal.CANCELLED: lambda request, _: request.due is not None and request.due.is_cancelled,
    Refusal.NOT_ENABLED: lambda request, _: not request.is_enabled and request.action not in _ALWAYS_OFFERED,
    Refusal.UNREAD: lambda request, _: request.instance is UnreadInstance.UNREAD,
    Refusal.GONE: lambda request, _: _is_gone(request.instance),
    Refusal.NOT_YOURS: _is_not_theirs,
    Refusal.OWNER_TOO_NEW: _is_too_new,
    Refusal.NO_IMAGE: lambda request, _: request.due is not None and request.due.image is ImageState.FAILED,
    Refusal.TOO_LATE: lambda request, _: _is_too_late(request),
    Refusal.BRAKE: lambda request, _: request.action in AWS_ACTIONS and request.brake is not Brake.NONE,
    Refusal.INPUT: lambda request, limits: not request.is_form and not is_acceptable(request, limits),
}


def _is_too_late(request: Request) -> bool:
    undone = request.undone
    return request.action is Action.UNDO and undone is not None and request.at - undone.at >= UNDO_TIME


def _is_gone(instance: CurrentInstance | UnreadInstance) -> bool:
    if isinstance(instance, CurrentInstance):
        return instance.state is InstanceState.TERMINATED
    return instance is UnreadInstance.GONE


def _needed_state(request: Request) -> InstanceState | None:
    """Return the state that the action wants; None if it is possible in every state."""
    action = request.action
    if action is Action.STOP:
        return InstanceState.RUNNING
    undoes_stop = request.undone is not None and request.undone.action is Action.STOP
    return InstanceState.STOPPED if action is Action.DELETE or undoes_stop else None


def _is_protected(request: Request, instance: CurrentInstance) -> bool:
    if request.action is Action.DELETE:
        return instance.is_stop_protected or instance.is_termination_protected  # EC2 refuses either
    return request.action is Action.STOP and instance.is_stop_protected


_INSTANCE_CHECKS: Mapping[Refusal, Callable[[Request, CurrentInstance], bool]] = {
    Refusal.COMPLIANT: lambda request, instance: instance.is_compliant and request.action not in _ALSO_FOR_COMPLIANT,
    Refusal.NOT_ABANDONED: lambda request, instance: request.action is Action.DELETE and not instance.is_abandoned,
    Refusal.MANAGED: lambda request, instance: request.action in AWS_ACTIONS and instance.is_managed,
    Refusal.EXEMPT: lambda request, instance: request.action in _NOT_FOR_EXEMPT and instance.kept_by is Keeper.OTHERS,
    Refusal.BUSY: lambda request, instance: _needed_state(request) is not None and instance.state not in STEADY_STATES,
    Refusal.WRONG_STATE: lambda request, instance: _needed_state(request) not in {None, instance.state},
    Refusal.NOT_STOPPABLE: lambda request, instance: (
        request.action is Action.STOP
        and (instance.lifecycle is Lifecycle.SPOT_ONE_TIME or instance.has_instance_store_root)
    ),
    Refusal.SPOT_REQUEST: lambda request, instance: (
        request.action is Action.DELETE and instance.lifecycle is Lifecycle.SPOT_PERSISTENT
    ),
    Refusal.PROTECTED: _is_protected,
}


def _warnings(request: Request) -> Iterator[ActionWarning]:
    instance = request.instance
    if request.due is None and isinstance(instance, CurrentInstance):
        for warning, check in _WARNINGS.get(request.action, {}).items():
            if check(instance):
                yield warning


_WARNINGS: Mapping[Action, Mapping[ActionWarning, Callable[[CurrentInstance], bool]]] = {
    Action.STOP: {
        ActionWarning.DISK_LOST: lambda instance: instance.has_local_disk,
        ActionWarning.ADDRESS_LOST: lambda instance: instance.has_public_address,
        ActionWarning.SCHEDULED: lambda instance: instance.is_scheduled,
        ActionWarning.IN_USE: lambda instance: instance.is_used,
        ActionWarning.STACK: lambda instance: instance.is_in_stack,
    },
    Action.DELETE: {
        ActionWarning.VOLUMES_DELETED: lambda instance: Volumes.DELETED in instance.volumes,
        ActionWarning.VOLUMES_KEPT: lambda instance: Volumes.KEPT in instance.volumes,
        ActionWarning.ADDRESS_KEPT: lambda instance: instance.has_elastic_address,
        ActionWarning.STACK: lambda instance: instance.is_in_stack,
    },
}
