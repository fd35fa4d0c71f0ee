"""Stop, start and terminate: what EC2 refuses, and what becomes of the instance."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from bailiff_bot.sandbox.aws import moto_instances
from bailiff_bot.sandbox.aws.ec2 import errors
from bailiff_bot.sandbox.aws.ec2.delayed_changes import DelayedChanges
from bailiff_bot.sandbox.aws.ec2.launching import launch_again, spot_request
from bailiff_bot.sandbox.aws.instance_fixture import EBS
from bailiff_bot.sandbox.aws.running import record_stop

STOPPABLE, STARTABLE = {"running", "stopping", "stopped"}, {"running", "pending", "stopped"}
"""The states from which EC2 accepts the call; in some of them it changes nothing. It terminates in every state."""


def check_stop(instance: Any) -> None:
    """Raise the `AwsApiError` of StopInstances, if EC2 refuses it."""
    if instance.state not in STOPPABLE:
        raise errors.wrong_state(instance.id, "stopped")
    if instance.root_device_type != EBS:
        raise errors.instance_store(instance.id)
    if (request := spot_request(instance)) is not None and request.type == "one-time":
        raise errors.one_time_spot(instance.id)
    if instance.disable_api_stop:
        raise errors.protected(instance.id, "stopped", "disableApiStop")


def check_start(instance: Any) -> None:
    """Raise the `AwsApiError` of StartInstances, if EC2 refuses it."""
    if instance.state not in STARTABLE:
        raise errors.wrong_state(instance.id, "started")


def check_terminate(instance: Any) -> None:
    """Raise the `AwsApiError` of TerminateInstances, if EC2 refuses it: one that is terminated can be again."""
    if instance.state == "terminated":
        return
    for attribute, is_protected in (
        ("disableApiTermination", instance.disable_api_termination),
        ("disableApiStop", instance.disable_api_stop),
    ):
        if is_protected:
            raise errors.protected(instance.id, "terminated", attribute)


def stop(instance: Any, changes: DelayedChanges, now: datetime) -> None:
    """Stop an instance; one that stops or has stopped stays as it is."""
    if instance.state in {"stopping", "stopped"}:
        return
    moto_instances.stop(instance, now)
    _set_spot_status(instance, "disabled", "instance-stopped-by-user")
    _pass_through(instance, "stopping", "stopped", changes)


def start(instance: Any, changes: DelayedChanges, now: datetime) -> None:
    """Start an instance; one that starts or runs stays as it is."""
    if instance.state in {"pending", "running"}:
        return
    moto_instances.start(instance, now)
    _set_spot_status(instance, "active", "fulfilled")
    _pass_through(instance, "pending", "running", changes)


def terminate(instance: Any, changes: DelayedChanges, now: datetime) -> None:
    """Terminate an instance with the volumes that are deleted with it. Its Elastic IP stays, without instance.

    A persistent spot request launches another instance.
    """
    if instance.state in {"shutting-down", "terminated"}:
        return
    request = spot_request(instance)
    _give_up_addresses(instance)
    instance.terminate()
    record_stop(instance, now)
    moto_instances.set_reason(instance, moto_instances.user_initiated(now))
    _set_spot_status(instance, "closed", "instance-terminated-by-user")
    if request is not None and request.type == "persistent":
        moto_instances.set_age(launch_again(request), now, now)
        _set_spot_status(request.instance, "active", "fulfilled")
    _pass_through(instance, "shutting-down", "terminated", changes)


def _pass_through(instance: Any, passing: str, final: str, changes: DelayedChanges) -> None:
    moto_instances.set_state(instance, passing)
    changes.begin(instance.id, _state_setter(instance, final))


def _state_setter(instance: Any, state: str) -> Callable[[], None]:
    return lambda: moto_instances.set_state(instance, state)


def _set_spot_status(instance: Any, state: str, code: str) -> None:
    request = spot_request(instance)
    if request is not None:
        request.state, request._status_code = state, code  # noqa: SLF001 - moto has no other way


def _give_up_addresses(instance: Any) -> None:
    for address in list(instance.ec2_backend.addresses):
        if address.instance is instance:
            instance.ec2_backend.disassociate_address(address=address.public_ip)
    for interface in instance.nics.values():
        interface.public_ip = None
