"""DescribeInstances with botocore's own parser and its complete EC2 model.

The lean parser must give the same results, and is measured against it.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any
from unittest.mock import patch

from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.parsers import create_parser

from bailiff_bot.aws import target_reader
from bailiff_bot.aws.error_mapping import translate_aws_errors
from bailiff_bot.aws.instance_parser import transition_date
from bailiff_bot.aws.page_parser import Page
from bailiff_bot.aws.response_fields import required_field, text_field
from bailiff_bot.aws.xml_fields import bad_answer
from bailiff_bot.domain.instance import GONE_STATES, Instance, InstanceState, Target


def install() -> None:
    """Make the scans of this process use botocore's parser."""
    patch.object(target_reader, "parse_page", parse_page).start()


def parse_page(pieces: Iterable[bytes], target: Target) -> Page:
    """Do what `bailiff_bot.aws.page_parser.parse_page` does. Raises Unreadable."""
    body = b"".join(pieces)
    with translate_aws_errors():
        response = create_parser("ec2").parse({"body": body, "headers": {}, "status_code": 200}, _output_shape())
    token = response.get("NextToken")
    if isinstance(token, list):
        raise bad_answer("the answer has two tokens for the next page")
    return Page(list(instances(response, target)), token or None)


def instances(response: Mapping[str, Any], target: Target) -> Iterator[Instance]:
    """Yield the instances of a boto3 response that still exist. Raises Unreadable."""
    for reservation in required_field(response, "Reservations"):
        for row in required_field(reservation, "Instances"):
            instance = _instance(row, target)
            if instance.state not in GONE_STATES:
                yield instance


def _instance(row: Mapping[str, Any], target: Target) -> Instance:
    return Instance(
        id=text_field(row, "InstanceId"),
        target=target,
        type=text_field(row, "InstanceType"),
        state=_state(text_field(required_field(row, "State"), "Name")),
        launched_at=required_field(row, "LaunchTime").astimezone(UTC),
        transitioned_at=transition_date(_optional(row, "StateTransitionReason")),
        tags={text_field(tag, "Key"): _optional(tag, "Value") for tag in row.get("Tags", ())},
        attached_at=min(_attach_times(row), default=None),
    )


def _attach_times(row: Mapping[str, Any]) -> Iterator[datetime]:
    """Yield the attach times of the primary network interface and of the root volume."""
    interfaces = [interface.get("Attachment", {}) for interface in row.get("NetworkInterfaces", ())]
    root, mappings = _optional(row, "RootDeviceName"), row.get("BlockDeviceMappings", ())
    volumes = [mapping.get("Ebs", {}) for mapping in mappings if root and mapping.get("DeviceName") == root]
    for attachment in (*(one for one in interfaces if one.get("DeviceIndex") == 0), *volumes):
        if "AttachTime" in attachment:
            yield attachment["AttachTime"].astimezone(UTC)


def _state(name: str) -> InstanceState:
    if name not in set(InstanceState):
        raise bad_answer(f"an instance in the unknown state {name!r}")
    return InstanceState(name)


def _optional(row: Mapping[str, Any], key: str) -> str:
    return text_field(row, key) if row.get(key) else ""


@cache
def _output_shape() -> Any:
    model = ServiceModel(Loader().load_service_model("ec2", "service-2"))
    return model.operation_model("DescribeInstances").output_shape
