"""Parses the body of DescribeInstances with botocore's own parser and its complete model of EC2.

It reads any XML that botocore can read, in 0.5 s for a page and with the whole page in memory. `page_parser` must give
the same results for what EC2 writes. It leaves everything else to this parser: comments, CDATA, other namespaces.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from http import HTTPStatus
from typing import Any
from xml.parsers.expat import ExpatError, ParserCreate

from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.parsers import EC2QueryParser

from bailiff_bot.aws.billing_fields import shared_billing
from bailiff_bot.aws.error_mapping import translate_aws_errors
from bailiff_bot.aws.instance_parser import is_by_aws, transition_date
from bailiff_bot.aws.page_parser import Page
from bailiff_bot.aws.response_fields import required_field, text_field
from bailiff_bot.aws.xml_fields import bad_answer
from bailiff_bot.domain.billing import Billing
from bailiff_bot.domain.instance import GONE_STATES, Instance, InstanceState, Target


def parse_with_botocore(chunks: Iterable[bytes], target: Target) -> Page:
    """Return the page whose body arrives in `chunks`.

    Raises Unreadable if botocore cannot read it, if a field that Bailiff uses is missing or invalid, or if it has a
    document type: only that can define entities, which can make a small body huge.
    """
    body = b"".join(chunks)
    _refuse_document_type(body)
    with translate_aws_errors():
        answer = _Parser().parse({"body": body, "headers": {}, "status_code": HTTPStatus.OK}, _output_shape())
    token = answer.get("NextToken")
    if isinstance(token, list):
        raise bad_answer("the answer has two tokens for the next page")
    return Page(list(instances(answer, target)), token or None)


class _Parser(EC2QueryParser):  # type: ignore[misc]  # botocore is untyped
    """botocore's parser, except that it refuses a repeated state. botocore would use the first."""

    def _handle_structure(self, shape: Any, node: Any) -> Any:
        if shape.name == "InstanceState" and isinstance(node, list):
            raise bad_answer("an instance has a state twice")
        return super()._handle_structure(shape, node)


def _refuse_document_type(body: bytes) -> None:
    parser = ParserCreate(EC2QueryParser.DEFAULT_ENCODING)
    parser.StartDoctypeDeclHandler = _refuse
    with suppress(ExpatError):  # botocore says what is wrong
        parser.Parse(body, True)  # noqa: FBT003 - expat's argument


def _refuse(*_: object) -> None:
    raise bad_answer("the answer has a document type, which EC2 never sends")


def instances(response: Mapping[str, Any], target: Target) -> Iterator[Instance]:
    """Yield the instances in an answer of boto3, without those that are terminated. Raises Unreadable."""
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
        operator=_operator(row.get("Operator", {})),
        billing=_billing(row),
        volume_ids=tuple(_volume_ids(row)),
        public_addresses=_public_address_count(row),
        stopped_by_aws=is_by_aws(_optional(row, "StateTransitionReason")),
    )


def _operator(row: Mapping[str, Any]) -> str | None:
    return _optional(row, "Principal") if row.get("Managed") is True else None


def _billing(row: Mapping[str, Any]) -> Billing:
    placement = row.get("Placement", {})
    return shared_billing(
        _optional(row, "UsageOperation"),
        _optional(placement, "Tenancy"),
        _optional(row, "InstanceLifecycle"),
        _optional(placement, "AvailabilityZone"),
        _optional(row, "OutpostArn"),
    )


def _volume_ids(row: Mapping[str, Any]) -> Iterator[str]:
    volumes = (_optional(mapping.get("Ebs", {}), "VolumeId") for mapping in row.get("BlockDeviceMappings", ()))
    return filter(None, volumes)


def _public_address_count(row: Mapping[str, Any]) -> int:
    """Return the number of addresses of the interfaces. Without an interface, count the instance's own."""
    interfaces = row.get("NetworkInterfaces", ())
    addresses = [address for interface in interfaces for address in interface.get("PrivateIpAddresses", ())]
    associations = [address.get("Association", {}) for address in addresses]
    found = [_optional(one, "PublicIp") for one in associations] if interfaces else [_optional(row, "PublicIpAddress")]
    return len(list(filter(None, found)))


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
