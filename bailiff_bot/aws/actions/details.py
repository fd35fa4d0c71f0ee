"""Reads all that a decision about one instance needs. A part that cannot be read makes the whole unread."""

from collections.abc import Mapping
from typing import Any

from bailiff_bot.aws.actions.described_instance import DescribedInstance, parse_described_instance
from bailiff_bot.aws.error_mapping import translate_aws_errors
from bailiff_bot.aws.errors import Unreadable
from bailiff_bot.aws.response_fields import required_field, text_field
from bailiff_bot.aws.service_model import BODY
from bailiff_bot.aws.xml_fields import bad_answer
from bailiff_bot.domain.action import Lifecycle
from bailiff_bot.domain.instance import GONE_STATES
from bailiff_bot.domain.instance_details import InstanceDetails, Volume

_LIFECYCLES = {"one-time": Lifecycle.SPOT_ONE_TIME, "persistent": Lifecycle.SPOT_PERSISTENT}
_UNSUPPORTED = ("UnsupportedOperation", "Unsupported")


def read_details(ec2: Any, instance_id: str) -> InstanceDetails | None:
    """Return an instance, or None if EC2 does not know it any more. Raises Unreadable.

    Of one that is terminated, or about to be, only the state and the name are read.
    """
    described = _describe(ec2, instance_id)
    if described is None:
        return None
    if described.state in GONE_STATES:
        return _details(described)
    sizes = _volume_sizes(ec2, [volume.id for volume in described.volumes])
    return _details(
        described,
        lifecycle=_spot_lifecycle(ec2, described.spot_request_id) if described.is_spot else Lifecycle.ON_DEMAND,
        is_stop_protected=_is_protected(ec2, described, "disableApiStop"),
        is_termination_protected=_is_protected(ec2, described, "disableApiTermination"),
        has_local_disk=_has_local_disk(ec2, described.type),
        volumes=tuple(
            Volume(one.id, one.device, sizes[one.id], one.is_deleted_with_instance) for one in described.volumes
        ),
    )


def _details(described: DescribedInstance, **read: Any) -> InstanceDetails:
    return InstanceDetails(
        state=described.state,
        name=described.name,
        launched_at=described.launched_at,
        transitioned_at=described.transitioned_at,
        has_instance_store_root=described.has_instance_store_root,
        public_addresses=described.public_addresses,
        elastic_addresses=described.elastic_addresses,
        has_hibernation=described.has_hibernation,
        **read,
    )


def _describe(ec2: Any, instance_id: str) -> DescribedInstance | None:
    try:
        with translate_aws_errors():
            body = ec2.describe_instances(InstanceIds=[instance_id])[BODY]
    except Unreadable as error:
        if error_code(error) == "InvalidInstanceID.NotFound":
            return None
        raise
    try:
        with translate_aws_errors():
            content = body.read()
    finally:
        body.close()
    return parse_described_instance(content, instance_id)


def _is_protected(ec2: Any, described: DescribedInstance, attribute: str) -> bool:
    """Return an attribute. EC2 has none of the two for a spot instance."""
    try:
        answer = _call(ec2.describe_instance_attribute, InstanceId=described.id, Attribute=attribute)
    except Unreadable as error:
        if described.is_spot and error_code(error) in _UNSUPPORTED:
            return False
        raise
    name = attribute[0].upper() + attribute[1:]
    value = required_field(required_field(answer, name), "Value")
    if not isinstance(value, bool):
        raise bad_answer(f"the answer has an invalid {name}")
    return value


def _spot_lifecycle(ec2: Any, request_id: str) -> Lifecycle:
    answer = _call(ec2.describe_spot_instance_requests, SpotInstanceRequestIds=[request_id])
    kind = text_field(_row(answer, "SpotInstanceRequests", "SpotInstanceRequestId", request_id), "Type")
    if kind not in _LIFECYCLES:
        raise bad_answer(f"a spot request of the unknown type {kind!r}")
    return _LIFECYCLES[kind]


def _has_local_disk(ec2: Any, instance_type: str) -> bool:
    answer = _call(ec2.describe_instance_types, InstanceTypes=[instance_type])
    value = required_field(_row(answer, "InstanceTypes", "InstanceType", instance_type), "InstanceStorageSupported")
    return value is not False


def _volume_sizes(ec2: Any, ids: list[str]) -> dict[str, int]:
    if not ids:
        return {}
    answer = _call(ec2.describe_volumes, VolumeIds=ids)
    return {one: required_field(_row(answer, "Volumes", "VolumeId", one), "Size") for one in ids}


def _call(method: Any, **parameters: Any) -> Mapping[str, Any]:
    with translate_aws_errors():
        answer: Mapping[str, Any] = method(**parameters)
    return answer


def _row(answer: Mapping[str, Any], rows: str, key: str, value: str) -> Mapping[str, Any]:
    """Return the row that is about what was asked. Raises Unreadable if the answer has none."""
    for row in required_field(answer, rows):
        if row.get(key) == value:
            found: Mapping[str, Any] = row
            return found
    raise bad_answer(f"the answer says nothing of {value}")


def error_code(error: Unreadable) -> str:
    """Return AWS's code of an error; empty if AWS did not answer."""
    response = getattr(error.__cause__, "response", None) or {}
    return str(response.get("Error", {}).get("Code") or "")
