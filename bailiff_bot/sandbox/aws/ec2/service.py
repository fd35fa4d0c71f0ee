"""The calls of EC2 that the sandbox answers itself; every other call goes to moto. One call at a time."""

import threading
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from werkzeug.wrappers import Response

from bailiff_bot.sandbox.aws.ec2 import errors, images, state_changes
from bailiff_bot.sandbox.aws.ec2.delayed_changes import DelayedChanges
from bailiff_bot.sandbox.aws.ec2.tagging import check_tags
from bailiff_bot.sandbox.aws.ec2.volumes import VolumePage, volume_page
from bailiff_bot.sandbox.aws.instance_fixture import STATE_CODES
from bailiff_bot.sandbox.aws.moto_instances import MotoInstances
from bailiff_bot.sandbox.aws.protocols import xml_response
from bailiff_bot.sandbox.aws.signed_request import SignedRequest

_NAMESPACE = "http://ec2.amazonaws.com/doc/2016-11-15/"
_CHECKS: Mapping[str, Callable[[Any], None]] = MappingProxyType(
    {
        "StopInstances": state_changes.check_stop,
        "StartInstances": state_changes.check_start,
        "TerminateInstances": state_changes.check_terminate,
    }
)
_CHANGES: Mapping[str, Callable[[Any, DelayedChanges, datetime], None]] = MappingProxyType(
    {
        "StopInstances": state_changes.stop,
        "StartInstances": state_changes.start,
        "TerminateInstances": state_changes.terminate,
    }
)


class Ec2Service:
    """EC2 of both accounts.

    Arguments: the instances; the clock that dates and ends changes.
    """

    def __init__(self, instances: MotoInstances, clock: Callable[[], datetime]) -> None:
        self._instances = instances
        self._clock = clock
        self.lock = threading.RLock()
        """Held by whoever reads or changes the state of EC2."""
        self.transitions = DelayedChanges(clock)
        """Instances between two states."""
        self.pending_images = DelayedChanges(clock)

    def respond(self, call: SignedRequest, account: str, forward: Callable[[], Response]) -> Response:
        """Return the response to a call that is allowed. Raises `AwsApiError`. `forward` asks moto."""
        with self.lock:
            self.end_due_changes()
            if call.action in _CHANGES:
                return self._change_states(call, account)
            if call.action == "CreateImage":
                return self._create_image(call, account)
            if call.action == "CreateTags":
                check_tags(self._instances.backend(account, call.region), call.values("ResourceId"), call.tags("Tag"))
            if call.action == "DescribeSpotInstanceRequests":
                self._check_spot_requests(call, account)
            return forward()

    def end_due_changes(self) -> None:
        """Bring every instance and image into the state that it has by now."""
        self.transitions.end_due()
        self.pending_images.end_due()

    def tags_of(self, account: str, region: str, resource_id: str) -> Mapping[str, str]:
        """Return the tags of a resource; none if there is no such resource."""
        if self._instances.is_empty(account, region):
            return {}
        with self.lock:
            return dict(self._instances.backend(account, region).tags.get(resource_id, {}))

    def volume_page(self, call: SignedRequest, account: str) -> VolumePage:
        """Return the page of DescribeVolumes that a call asks for. Raises `AwsApiError`."""
        is_empty = self._instances.is_empty(account, call.region)
        return volume_page(call, account, None if is_empty else self._instances.backend(account, call.region))

    def _change_states(self, call: SignedRequest, account: str) -> Response:
        """Change all instances that are named, or none of them: EC2 may terminate some if others are protected."""
        instances = [self._instance(account, call.region, instance_id) for instance_id in call.instance_ids]
        for instance in instances:
            _CHECKS[call.action](instance)
        before = [instance.state for instance in instances]
        for instance in instances:
            _CHANGES[call.action](instance, self.transitions, self._clock())
        rows = zip(instances, before, strict=True)
        return _response(call.action, _instances_set(call.action, [(one.id, old, one.state) for one, old in rows]))

    def _create_image(self, call: SignedRequest, account: str) -> Response:
        instance = self._instance(account, call.region, call.form.get("InstanceId", ""))
        image = images.create_image(call, instance, self.pending_images, self._clock())
        return _response(call.action, f"<imageId>{image.id}</imageId>")

    def _instance(self, account: str, region: str, instance_id: str) -> Any:
        if not instance_id.startswith("i-"):
            raise errors.malformed_instance(instance_id)
        found = self._instances.in_region(account, region, instance_id)
        if found is None:
            raise errors.not_found("InstanceID", [instance_id])
        return found

    def _check_spot_requests(self, call: SignedRequest, account: str) -> None:
        known = self._instances.backend(account, call.region).spot_instance_requests
        if unknown := [one for one in call.values("SpotInstanceRequestId") if one not in known]:
            raise errors.not_found("SpotInstanceRequestID", unknown)


_PASSING = {"StopInstances": ("stopped", "stopping"), "StartInstances": ("running", "pending")}
_PASSING["TerminateInstances"] = ("terminated", "shutting-down")


def _instances_set(action: str, rows: list[tuple[str, str, str]]) -> str:
    """Return the answer's rows. EC2 names the state in between even if the change takes no time."""
    final, passing = _PASSING[action]
    items = (
        f"<item><instanceId>{instance_id}</instanceId>"
        f"{_state('currentState', passing if old != new == final else new)}{_state('previousState', old)}</item>"
        for instance_id, old, new in rows
    )
    return f"<instancesSet>{''.join(items)}</instancesSet>"


def _state(element: str, name: str) -> str:
    return f"<{element}><code>{STATE_CODES[name]}</code><name>{name}</name></{element}>"


def _response(action: str, inner: str) -> Response:
    request_id = f"<requestId>{uuid.uuid4()}</requestId>"
    return xml_response(
        f'<?xml version="1.0" encoding="UTF-8"?><{action}Response xmlns="{_NAMESPACE}">{request_id}{inner}'
        f"</{action}Response>"
    )
