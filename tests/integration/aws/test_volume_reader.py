"""The sizes of volumes are read by their ids, in every target, with its own permission."""

from collections.abc import Sequence

import pytest

from bailiff_bot.aws.access import Limits
from bailiff_bot.aws.volume_reader import VolumeReader
from bailiff_bot.domain.gap import GapSource
from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.inventory import UnreadReason
from bailiff_bot.domain.volume import Volume
from tests.integration.aws.fake_aws import (
    BOT_ACCOUNT,
    EC2,
    HTML,
    LAB_ACCOUNT,
    LAB_ROLE,
    AwsReply,
    AwsRequest,
    FakeAws,
    in_an_hour,
    role_keys,
)

HERE, THERE = Target(BOT_ACCOUNT, "eu-west-1"), Target(BOT_ACCOUNT, "us-east-1")
LIMITS = Limits(max_attempts=1, read_timeout=0.3, target_deadline=2.0, scan_deadline=3.0)
READER = VolumeReader(limits=LIMITS)


def volumes(rows: Sequence[str], next_token: str = "") -> AwsReply:
    items = "".join(f"<item>{row}</item>" for row in rows)
    token = f"<nextToken>{next_token}</nextToken>" if next_token else ""
    return AwsReply(f'<R xmlns="{EC2}"><volumeSet>{items}</volumeSet>{token}</R>'.encode())


def gp3(volume_id: str, size: str = "8") -> str:
    return (
        f"<volumeId>{volume_id}</volumeId><size>{size}</size><volumeType>gp3</volumeType><iops>3000</iops>"
        "<throughput>125</throughput>"
    )


def asked_ids(request: AwsRequest) -> list[str]:
    assert request.form["Filter.1.Name"] == "volume-id"
    return [value for key, value in request.form.items() if key.startswith("Filter.1.Value.")]


@pytest.fixture
def aws(fake_aws: FakeAws) -> FakeAws:
    fake_aws.on("DescribeVolumes", lambda request: volumes([gp3(one) for one in asked_ids(request)]))
    fake_aws.on("AssumeRole", role_keys(1, in_an_hour()))
    return fake_aws


def test_at_most_200_volumes_are_asked_for_in_a_call(aws: FakeAws) -> None:
    ids = [f"vol-{number:04}" for number in range(450)]
    found = READER.read({HERE: ids, THERE: ["vol-x"]})
    assert found.gaps == ()
    assert sorted(found.volumes) == [*ids, "vol-x"]
    assert found.volumes["vol-x"] == Volume("vol-x", "gp3", 8, 3000, 125)
    asked = [len(asked_ids(request)) for request in aws.requests if request.region == "eu-west-1"]
    assert asked == [200, 200, 50]


def test_all_pages_are_read_and_a_volume_that_is_gone_is_left_out(aws: FakeAws) -> None:
    pages = {"": volumes([gp3("vol-1")], "next"), "next": volumes([])}
    aws.on("DescribeVolumes", lambda request: pages[request.form.get("NextToken", "")])
    found = READER.read({HERE: ["vol-1", "vol-2"]})
    assert (set(found.volumes), found.gaps) == ({"vol-1"}, ())


def test_each_account_is_read_with_its_role(aws: FakeAws) -> None:
    lab = Target(LAB_ACCOUNT, "eu-west-1")
    found = VolumeReader([LAB_ROLE], None, None, LIMITS).read({lab: ["vol-1"], HERE: ["vol-2"]})
    assert set(found.volumes) == {"vol-1", "vol-2"}
    keys = {asked_ids(one)[0]: one.access_key for one in aws.requests if one.action == "DescribeVolumes"}
    assert keys == {"vol-1": "ASIAROLEKEY000000001", "vol-2": "AKIAOWNKEY0000000000"}


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (
            AwsReply(b"<Response><Errors><Error><Code>UnauthorizedOperation</Code></Error></Errors></Response>", 403),
            UnreadReason.ACCESS_DENIED,
        ),
        (AwsReply(HTML), UnreadReason.BAD_ANSWER),
        (AwsReply(f'<R xmlns="{EC2}"/>'.encode()), UnreadReason.BAD_ANSWER),
        (volumes([gp3("vol-1", "-1")]), UnreadReason.BAD_ANSWER),
        (volumes(["<volumeId>vol-1</volumeId><size>8</size>"]), UnreadReason.BAD_ANSWER),
        (volumes([gp3("vol-1")], "again"), UnreadReason.BAD_ANSWER),
        (AwsReply(hang=True), UnreadReason.TIMED_OUT),
    ],
)
def test_a_target_that_fails_is_a_gap_and_leaves_the_others(
    aws: FakeAws, answer: AwsReply, reason: UnreadReason
) -> None:
    aws.on("DescribeVolumes", answer, "us-east-1")
    found = READER.read({HERE: ["vol-1"], THERE: ["vol-2"]})
    [gap] = found.gaps
    assert (gap.source, gap.where, gap.reason) == (GapSource.VOLUMES, THERE, reason)
    assert "vol-1" in found.volumes
    assert ("ec2:DescribeVolumes" in gap.remedy) == (reason is UnreadReason.ACCESS_DENIED)


def test_nothing_is_asked_for_instances_without_volumes(aws: FakeAws) -> None:
    assert READER.read({HERE: []}) == READER.read({})
    assert aws.requests == []
