"""Parses the body of DescribeInstances into instances."""

from datetime import UTC, datetime

import pytest

from bailiff_bot.aws.botocore_parser import parse_with_botocore
from bailiff_bot.aws.errors import Unreadable
from bailiff_bot.aws.instance_parser import transition_date
from bailiff_bot.aws.page_parser import Page, parse_page
from bailiff_bot.domain.billing import Billing
from bailiff_bot.domain.instance import Instance, InstanceState
from bailiff_bot.domain.inventory import UnreadReason
from tests.unit.aws.ec2_responses import (
    EC2,
    TARGET,
    Content,
    Elements,
    describe_instances_body,
    instance_element,
    reservation_element,
    tag_elements,
)

LAUNCHED = datetime(2026, 11, 1, 8, tzinfo=UTC)
STOPPED_BY_AWS = "Server.ScheduledStop: Stopped due to scheduled retirement (2019-05-02 07:00:00 GMT)"


def parse(body: bytes) -> Page:
    return parse_page([body], TARGET)


def parse_instance(**changed: Content | None) -> Instance:
    (found,) = parse(describe_instances_body(reservation_element(instance_element(**changed)))).instances
    return found


def refusal_detail(body: bytes) -> str:
    with pytest.raises(Unreadable) as caught:
        parse(body)
    assert caught.value.reason is UnreadReason.BAD_ANSWER
    return caught.value.detail


def test_an_instance_without_tags_has_none() -> None:
    expected = Instance("i-1", TARGET, "t3.micro", InstanceState.RUNNING, LAUNCHED, billing=Billing())
    assert parse_instance() == expected


def test_tags_are_kept_as_they_are() -> None:
    given = {"Name": "  `agr` <!channel> & été 🦀 ", "blank": "", "blanks": "  "}
    assert parse_instance(tagSet=tag_elements(*given.items())).tags == given


def test_a_blank_name_stays_blank() -> None:
    assert parse_instance(tagSet=[("item", [("key", "Name"), ("value", "  \r")])]).name == "  \n"


def test_a_tag_without_value_has_an_empty_one() -> None:
    assert parse_instance(tagSet=[("item", [("key", "bare")])]).tags == {"bare": ""}


@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        ([("managed", "true"), ("principal", "eks.amazonaws.com")], "eks.amazonaws.com"),
        ([("hiddenByDefault", "true"), ("managed", "true")], ""),
        ([("managed", "true"), ("principal", "")], ""),
        ([("managed", "false")], None),
        ([("managed", "false"), ("principal", "eks.amazonaws.com")], None),
        ([("principal", "eks.amazonaws.com")], None),
        ("", None),
        (None, None),
    ],
)
def test_an_aws_service_that_manages_the_instance_is_its_operator(
    operator: Content | None, expected: str | None
) -> None:
    found = parse_instance(operator=operator)
    assert found.operator == expected
    assert found.is_operator_managed is (expected is not None)
    body = describe_instances_body(reservation_element(instance_element(operator=operator)))
    assert parse_with_botocore([body], TARGET).instances == [found]


def billed(**changed: Content | None) -> Instance:
    """Return the instance as both parsers read it."""
    body = describe_instances_body(reservation_element(instance_element(**changed)))
    [found] = parse(body).instances
    assert parse_with_botocore([body], TARGET).instances == [found]
    return found


def test_what_an_instance_is_billed_by_is_read() -> None:
    found = billed(
        usageOperation="RunInstances:0002",
        placement=[("availabilityZone", "us-east-1-nyc-1a"), ("groupName", ""), ("tenancy", "dedicated")],
        instanceLifecycle="spot",
        outpostArn="arn:aws:outposts:us-east-1:111122223333:outpost/op-1",
    )
    assert found.billing == Billing("RunInstances:0002", "dedicated", "spot", "us-east-1-nyc-1a", on_outpost=True)


def test_what_ec2_leaves_out_or_empty_of_it_has_its_default() -> None:
    empty = billed(usageOperation="", placement=[("tenancy", "")], instanceLifecycle="", outpostArn="")
    assert empty.billing == billed(placement=None).billing == Billing()


def test_instances_that_are_billed_alike_share_one_object() -> None:
    assert billed(usageOperation="RunInstances:0010").billing is billed(usageOperation="RunInstances:0010").billing


def test_the_volumes_are_in_the_order_of_the_mapping() -> None:
    mappings: Elements = [
        ("item", [("deviceName", ROOT), ("ebs", [("volumeId", "vol-2")])]),
        ("item", [("deviceName", "/dev/sdb"), ("virtualName", "ephemeral0")]),
        ("item", [("deviceName", DATA), ("ebs", [("status", "attached"), ("volumeId", "vol-1")])]),
        ("item", [("deviceName", "/dev/sdg"), ("ebs", [("volumeId", "")])]),
    ]
    assert billed(blockDeviceMapping=mappings).volume_ids == ("vol-2", "vol-1")


def addresses(*public: str | None) -> tuple[str, Content]:
    """Return an interface with private addresses, each with its public one. EC2 repeats that of the first."""
    associations: list[Elements] = [[("association", [("publicIp", one)])] if one else [] for one in public]
    content: Elements = [("privateIpAddressesSet", [("item", one) for one in associations])]
    repeated: Elements = [("association", [("publicIp", public[0])])] if public and public[0] else []
    return "item", [*content, *repeated]


def two_addresses_in_one() -> tuple[str, Content]:
    association: Content = [("publicIp", "18.1.1.1"), ("publicIp", "18.1.1.2")]
    return "item", [("privateIpAddressesSet", [("item", [("association", association)])])]


@pytest.mark.parametrize(
    ("interfaces", "count"),
    [
        ([addresses("18.1.1.1")], 1),
        ([addresses("18.1.1.1", None, "18.1.1.3"), addresses("18.1.1.4")], 3),
        ([addresses(None)], 0),
        ([addresses(), ("item", "")], 0),
        ([], 1),
        (None, 1),
    ],
)
def test_public_addresses_are_those_of_the_interfaces_or_without_any_that_of_the_instance(
    interfaces: Content | None, count: int
) -> None:
    assert billed(networkInterfaceSet=interfaces, ipAddress="18.1.1.1").public_addresses == count


def test_an_instance_without_any_address_has_none() -> None:
    assert billed(ipAddress="").public_addresses == billed().public_addresses == 0


def test_an_operator_with_a_field_twice_is_refused() -> None:
    twice: Content = [("managed", "false"), ("managed", "true")]
    body = describe_instances_body(reservation_element(instance_element(operator=twice)))
    assert refusal_detail(body) == "operator has a field twice"


def test_equal_texts_are_one_string() -> None:
    rows = [
        instance_element(instanceId=f"i-{number}", tagSet=tag_elements(("team", "platform"))) for number in range(2)
    ]
    one, other = parse(describe_instances_body(reservation_element(*rows))).instances
    assert one.type is other.type
    assert [id(text) for text in (*one.tags, *one.tags.values())] == [
        id(text) for text in (*other.tags, *other.tags.values())
    ]


def test_every_instance_of_every_reservation_is_returned() -> None:
    rows = [instance_element(instanceId=f"i-{number}") for number in range(3)]
    found = parse(
        describe_instances_body(reservation_element(*rows[:2]), reservation_element(), reservation_element(rows[2]))
    ).instances
    assert [row.id for row in found] == ["i-0", "i-1", "i-2"]


@pytest.mark.parametrize("name", ["pending", "running", "stopping", "stopped"])
def test_an_instance_that_exists_is_returned(name: str) -> None:
    assert parse_instance(instanceState=[("name", name)]).state == name


@pytest.mark.parametrize("name", ["shutting-down", "terminated"])
def test_a_terminated_instance_is_not_returned(name: str) -> None:
    assert (
        parse(describe_instances_body(reservation_element(instance_element(instanceState=[("name", name)])))).instances
        == []
    )


@pytest.mark.parametrize(
    "text", ["2026-11-01T08:00:00.000Z", "2026-11-01T08:00:00Z", "2026-11-01T00:00:00-08:00", "1793520000"]
)
def test_the_launch_time_is_in_utc(text: str) -> None:
    launched = parse_instance(launchTime=text).launched_at
    assert (launched, launched.tzinfo) == (LAUNCHED, UTC)


def interface(index: str, attached: str) -> tuple[str, Content]:
    return "item", [("attachment", [("deviceIndex", index), ("attachTime", attached)]), ("status", "in-use")]


def volume(device: str, attached: str) -> tuple[str, Content]:
    return "item", [("deviceName", device), ("ebs", [("volumeId", "vol-1"), ("attachTime", attached)])]


MAY, JUNE = datetime(2026, 5, 4, 8, tzinfo=UTC), datetime(2026, 6, 4, 8, tzinfo=UTC)
IN_MAY, IN_JUNE, LATER = "2026-05-04T08:00:00.000Z", "2026-06-04T08:00:00.000Z", "2026-11-20T08:00:00.000Z"
ROOT, DATA = "/dev/xvda", "/dev/sdf"


@pytest.mark.parametrize(
    ("interfaces", "volumes", "created"),
    [
        ([], [], LAUNCHED),
        ([interface("0", IN_MAY)], [], MAY),
        ([interface("1", IN_MAY), interface("0", IN_JUNE)], [], JUNE),
        ([interface("1", IN_MAY)], [], LAUNCHED),
        ([interface("0", LATER)], [], LAUNCHED),
        ([("item", [("status", "available")])], [], LAUNCHED),
        ([], [volume(ROOT, IN_MAY)], MAY),
        ([], [volume(DATA, IN_MAY), volume(ROOT, IN_JUNE)], JUNE),
        ([], [volume(DATA, IN_MAY)], LAUNCHED),
        ([], [("item", [("deviceName", ROOT)])], LAUNCHED),
        ([interface("0", IN_MAY)], [volume(ROOT, IN_JUNE)], MAY),
        ([interface("0", IN_JUNE)], [volume(ROOT, IN_MAY)], MAY),
    ],
)
def test_the_creation_is_dated_by_the_primary_interface_and_the_root_volume(
    interfaces: Elements, volumes: Elements, created: datetime
) -> None:
    fields = instance_element(rootDeviceName=ROOT, blockDeviceMapping=volumes, networkInterfaceSet=interfaces)
    body = describe_instances_body(reservation_element(fields))
    for read in (parse_page, parse_with_botocore):
        [found] = read([body], TARGET).instances
        assert (found.created_at, found.created_at.tzinfo) == (created, UTC)


def test_without_a_root_device_no_volume_dates_the_creation() -> None:
    assert parse_instance(blockDeviceMapping=[volume(ROOT, IN_MAY), volume("", IN_MAY)]).created_at == LAUNCHED


@pytest.mark.parametrize(
    ("reason", "date"),
    [
        ("", None),
        ("User initiated", None),
        ("Server.InternalError: Internal error on launch", None),
        ("User initiated (2016-06-23 23:39:15 GMT)", datetime(2016, 6, 23, 23, 39, 15, tzinfo=UTC)),
        ("User initiated (2016-06-23 23:39:15 UTC)", datetime(2016, 6, 23, 23, 39, 15, tzinfo=UTC)),
        (STOPPED_BY_AWS, datetime(2019, 5, 2, 7, tzinfo=UTC)),
        ("Moved (2015-01-01 00:00:00 GMT) (2016-01-01 00:00:00 GMT)", datetime(2016, 1, 1, tzinfo=UTC)),
        ("User initiated (2016-13-41 23:39:15 GMT)", None),
        ("User initiated (2016-06-23 23:39:15 CEST)", None),
    ],
)
def test_the_last_date_in_parentheses_is_the_date_of_the_transition(reason: str, date: datetime | None) -> None:
    assert transition_date(reason) == date
    assert parse_instance(reason=reason).transitioned_at == date


@pytest.mark.parametrize(
    ("reason", "by_aws"),
    [
        ("", False),
        ("User initiated (2016-06-23 23:39:15 GMT)", False),
        ("Client.InstanceInitiatedShutdown: Instance initiated shutdown", False),
        ("Client.InternalError: Client error on launch", True),
        ("Server.SpotInstanceShutdown: Spot Instance shutdown (2019-05-02 07:00:00 GMT)", True),
        (STOPPED_BY_AWS, True),
    ],
)
def test_a_stop_by_aws_is_told_from_one_by_a_user(reason: str, *, by_aws: bool) -> None:
    body = describe_instances_body(reservation_element(instance_element(reason=reason)))
    for read in (parse_page, parse_with_botocore):
        [found] = read([body], TARGET).instances
        assert found.stopped_by_aws is by_aws


@pytest.mark.parametrize(
    "fields",
    [
        instance_element(instanceId=None),
        instance_element(instanceId=""),
        [*instance_element(), ("instanceType", "t3.micro")],
        instance_element(instanceState=None),
        instance_element(instanceState=[("code", "16")]),
        instance_element(instanceState=[("name", "running"), ("name", "running")]),
        instance_element(instanceState=[("name", "dreaming")]),
        instance_element(launchTime=None),
        instance_element(launchTime="noon"),
        instance_element(launchTime="2026-02-30T08:00:00.000Z"),
        instance_element(tagSet=[("item", [("value", "x")])]),
        instance_element(tagSet=[("item", [("key", "Name"), ("key", "Name"), ("value", "x")])]),
        instance_element(networkInterfaceSet=[interface("first", IN_MAY)]),
        instance_element(networkInterfaceSet=[interface("0", "noon")]),
        instance_element(networkInterfaceSet=[interface("0", "")]),
        instance_element(networkInterfaceSet=[("item", [("attachment", ""), ("attachment", "")])]),
        instance_element(blockDeviceMapping=[volume(ROOT, "noon")], rootDeviceName=ROOT),
        [*instance_element(), ("tagSet", tag_elements(("a", "b"))), ("tagSet", tag_elements(("c", "d")))],
        [*instance_element(), ("usageOperation", "RunInstances"), ("usageOperation", "RunInstances:0002")],
        instance_element(networkInterfaceSet=[two_addresses_in_one()]),
        instance_element(placement=[("tenancy", "host"), ("tenancy", "default")]),
        instance_element(blockDeviceMapping=[("item", [("ebs", [("volumeId", "vol-1"), ("volumeId", "vol-2")])])]),
    ],
)
def test_an_instance_that_ec2_would_not_write_is_refused(fields: Elements) -> None:
    refusal_detail(
        describe_instances_body(reservation_element(instance_element(instanceId="i-0")), reservation_element(fields))
    )


WHOLE = describe_instances_body(reservation_element(instance_element()))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html></html>",
        b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head></html>",
        f'<X xmlns="{EC2}"/>'.encode(),
        WHOLE[:-1],
        WHOLE[: len(WHOLE) // 2],
        WHOLE + WHOLE,
        WHOLE.replace(b"</instanceId>", b"</instanceid>"),
        WHOLE.replace(b"i-1", b"i-\xff"),
        WHOLE.replace(b"i-1", b"&name;"),
        WHOLE.replace(b"instancesSet", b"instances"),
        WHOLE.replace(b"<instancesSet>", b'<instancesSet a="b">'),
        WHOLE.replace(b"</item></reservationSet>", b"<instancesSet/></item></reservationSet>"),
        WHOLE.replace(b"</reservationSet>", b"</reservationSet><reservationSet/>"),
        WHOLE.replace(b"<requestId>1</requestId>", b"<a><instancesSet></instancesSet></a>"),
        WHOLE.replace(b"i-1", b"i-1<!-- <instancesSet> -->"),
        WHOLE.replace(b"i-1", b"<![CDATA[i-1]]>"),
        WHOLE.replace(b"i-1", b"i-1<?php <instancesSet> ?>"),
        WHOLE.replace(b"<X", b'<!DOCTYPE X [<!ENTITY name "i-1">]><X').replace(b"i-1<", b"&name;<"),
        describe_instances_body(extra=[("nextToken", "2"), ("nextToken", "3")]),
    ],
)
def test_a_body_that_is_no_answer_is_refused(body: bytes) -> None:
    assert refusal_detail(body)


def test_an_empty_page_is_an_answer() -> None:
    assert parse(describe_instances_body()) == Page([], None)


def test_a_page_names_the_next() -> None:
    assert parse(describe_instances_body(extra=[("nextToken", "two")])).next_token == "two"


def test_a_page_may_be_larger_than_ten_megabytes() -> None:
    description = "x" * 11_000
    rows = [instance_element(instanceId=f"i-{number}", description=description) for number in range(1000)]
    assert len(parse(describe_instances_body(*map(reservation_element, rows))).instances) == 1000
    assert len(parse(describe_instances_body(reservation_element(*rows))).instances) == 1000
