"""The lean parser gives the result of botocore's parser for any body, in pieces of any size."""

from collections.abc import Callable, Iterable
from itertools import chain
from typing import Any
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from bailiff_bot.aws import page_parser
from bailiff_bot.aws.botocore_parser import parse_with_botocore
from bailiff_bot.aws.errors import Unreadable
from bailiff_bot.aws.page_parser import Page
from bailiff_bot.domain.instance import Target
from tests.builders import scaled
from tests.unit.aws.ec2_responses import TARGET, describe_instances_body

CHARACTERS = st.characters(codec="utf-8", exclude_characters="\ufffe\uffff", exclude_categories=["Cc", "Cs"])
BLANKS = st.text(" \t\n\r", max_size=3)
TEXT = st.one_of(BLANKS, st.text(CHARACTERS, max_size=12), st.sampled_from(["<&>\"'", "]]>", "&amp;", "Name"]))
ID = st.sampled_from(["i-1", "i-2", "i-3"]) | TEXT
STATE = st.sampled_from(["running", "stopped", "stopping", "pending", "terminated"]) | TEXT
TIME = st.one_of(
    st.datetimes().map(lambda moment: f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"),
    st.datetimes().map(lambda moment: moment.isoformat()),
    st.integers(0, 2**33).map(str),
    st.sampled_from(["2026-11-01T08:00:00Z", "2026-11-01T08:00:00+02:00", "2026-02-30T08:00:00.000Z", "20261101"]),
    TEXT,
)
EC2_TIME = st.datetimes().map(lambda moment: f"{moment:%Y-%m-%dT%H:%M:%S}.000Z")
REASON = st.sampled_from(["", "User initiated (2016-06-23 23:39:15 GMT)", "gone (2016-06-23 23:39:15 UTC) "]) | TEXT


Strategy = st.SearchStrategy[Any]

MOSTLY_ONCE = st.sampled_from([1] * 20 + [0, 2])
NEVER_TWICE = st.sampled_from([1] * 20 + [0])


def elements(name: str, content: Strategy, times: Strategy = MOSTLY_ONCE) -> Strategy:
    """Draw the element, as often as `times` says."""
    one = st.tuples(st.just(name), content)
    return times.flatmap(lambda count: st.lists(one, min_size=count, max_size=count))


def shuffled(*elements: Strategy) -> Strategy:
    """Draw the elements in any order."""
    return st.tuples(*elements).map(lambda lists: list(chain.from_iterable(lists))).flatmap(st.permutations)


def items(content: Strategy, most: int = 3) -> Strategy:
    return st.lists(st.tuples(st.just("item"), content), max_size=most)


TAGS = items(shuffled(elements("key", TEXT), elements("value", TEXT)))
ATTACHMENT = shuffled(
    elements("deviceIndex", st.sampled_from(["0", "0", "1", " 0", "00", "x", ""])), elements("attachTime", EC2_TIME)
)
ADDRESS = st.sampled_from(["54.194.252.215", "18.1.2.3", ""]) | TEXT
ASSOCIATION = shuffled(elements("publicIp", ADDRESS), elements("ipOwnerId", TEXT))
ADDRESSES = items(shuffled(elements("association", ASSOCIATION, NEVER_TWICE), elements("primary", TEXT)), most=2)
INTERFACES = items(
    shuffled(
        elements("attachment", ATTACHMENT, NEVER_TWICE),
        elements("privateIpAddressesSet", ADDRESSES, NEVER_TWICE),
        elements("association", ASSOCIATION, NEVER_TWICE),
        elements("tagSet", TAGS),
    ),
    most=2,
)
DEVICE = st.sampled_from(["/dev/xvda", "/dev/xvda", "/dev/sdf", ""])
VOLUME = shuffled(elements("volumeId", TEXT), elements("attachTime", EC2_TIME))
MAPPINGS = items(shuffled(elements("deviceName", DEVICE, NEVER_TWICE), elements("ebs", VOLUME, NEVER_TWICE)), most=2)
PLACEMENT = shuffled(
    elements("availabilityZone", st.sampled_from(["eu-west-1a", "us-east-1-nyc-1a", ""]) | TEXT),
    elements("tenancy", st.sampled_from(["default", "dedicated", "host", ""]) | TEXT),
    elements("groupName", TEXT, NEVER_TWICE),
)
OPERATOR = shuffled(
    elements("managed", st.sampled_from(["true", "true", "false", "", "True", " true"]) | TEXT, NEVER_TWICE),
    elements("principal", st.just("eks.amazonaws.com") | TEXT, NEVER_TWICE),
    elements("hiddenByDefault", st.sampled_from(["true", "false"]), NEVER_TWICE),
)
INSTANCE = shuffled(
    elements("instanceId", ID),
    elements("instanceType", st.just("t3.micro") | TEXT),
    # given two states, botocore takes the first; our parser refuses the instance
    elements("instanceState", shuffled(elements("name", STATE)), NEVER_TWICE),
    elements("launchTime", TIME),
    elements("reason", REASON),
    elements("tagSet", TAGS),
    elements("keyName", TEXT),
    elements("rootDeviceName", DEVICE),
    elements("blockDeviceMapping", MAPPINGS, NEVER_TWICE),
    elements("networkInterfaceSet", INTERFACES, NEVER_TWICE),
    elements("operator", OPERATOR, NEVER_TWICE),
    elements("usageOperation", st.sampled_from(["RunInstances", "RunInstances:0002", ""]) | TEXT),
    elements("placement", PLACEMENT, NEVER_TWICE),
    elements("instanceLifecycle", st.sampled_from(["spot", "capacity-block", ""]) | TEXT),
    elements("outpostArn", TEXT),
    elements("ipAddress", ADDRESS),
)
RESERVATION = shuffled(elements("reservationId", TEXT), elements("instancesSet", items(INSTANCE)))
BODY = st.builds(
    lambda reservations, more: describe_instances_body(*reservations, extra=more),
    st.lists(RESERVATION, max_size=3),
    elements("nextToken", TEXT),
)


def page_or_none(read: Callable[[Iterable[bytes], Target], Page], pieces: list[bytes]) -> Page | None:
    """Return the page, or None if the body is refused."""
    try:
        return read(pieces, TARGET)
    except Unreadable:
        return None


def split(body: bytes, size: int) -> list[bytes]:
    return [body[start : start + size] for start in range(0, len(body), size)]


@settings(max_examples=scaled(200), deadline=None)
@given(BODY, st.integers(1, 4000), st.integers(1, 4000))
def test_every_body_gives_the_result_of_botocore(body: bytes, size: int, min_parse_bytes: int) -> None:
    with patch.object(page_parser, "_MIN_PARSE_BYTES", min_parse_bytes):
        ours = page_or_none(page_parser.parse_page, split(body, size))
    assert ours == page_or_none(parse_with_botocore, [body])


@settings(max_examples=scaled(200), deadline=None)
@given(BODY, st.data())
def test_a_broken_body_is_refused_or_gives_the_result_of_botocore(body: bytes, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(body)))
    end = data.draw(st.integers(start, len(body)))
    broken = body[:start] + data.draw(st.binary(max_size=3)) + body[end:]
    ours = page_or_none(page_parser.parse_page, [broken])
    assert ours is None or ours == page_or_none(parse_with_botocore, [broken])
