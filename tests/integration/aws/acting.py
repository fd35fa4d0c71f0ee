"""EC2's answers to the calls of actions, and an AWS that gives them: the instance exists and everything succeeds."""

import re
from itertools import count

from bailiff_bot.aws.actions.ec2_actions import AwsActions
from bailiff_bot.domain.aws_step import Actor
from bailiff_bot.domain.instance import Target
from bailiff_bot.usecases.ec2 import Ec2Actions
from tests.integration.aws.fake_aws import EC2, LAB_ACCOUNT, AwsReply, AwsRequest, FakeAws, in_an_hour, role_keys

IMPLEMENTS: type[Ec2Actions] = AwsActions
"""mypy checks that the adapter has the methods of the interface."""
ADA = Actor("U0ADA00001", "ada@octo.example")
TARGET = Target(LAB_ACCOUNT, "eu-west-1")
INSTANCE = "i-0123456789abcdef0"
VOLUME = "vol-0123456789abcdef0"
IMAGE = "ami-0123456789abcdef0"
IMAGE_NAME = "bailiff-4711"
ACT_ROLE = f"arn:aws:iam::{LAB_ACCOUNT}:role/bailiff-act"
DELETE_ROLE = f"arn:aws:iam::{LAB_ACCOUNT}:role/bailiff-delete"


def actions(*, dry_run: bool = False, external_id: str | None = "agreed-upon-id") -> AwsActions:
    return AwsActions([ACT_ROLE], [DELETE_ROLE], external_id, dry_run=dry_run)


def answer(action: str, content: str) -> AwsReply:
    """Return a reply of EC2 with this XML inside."""
    body = f'<{action}Response xmlns="{EC2}"><requestId>req-1</requestId>{content}</{action}Response>'
    return AwsReply(body.encode())


VOLUMES = (
    f"<blockDeviceMapping><item><deviceName>/dev/xvda</deviceName><ebs><volumeId>{VOLUME}</volumeId>"
    "<deleteOnTermination>true</deleteOnTermination></ebs></item></blockDeviceMapping>"
)
SPOT = "<instanceLifecycle>spot</instanceLifecycle><spotInstanceRequestId>sir-1</spotInstanceRequestId>"
ROOT = "<rootDeviceType>ebs</rootDeviceType>"


def described(extra: str = "", *, state: str = "running", root: str = ROOT, volumes: str = VOLUMES) -> AwsReply:
    """Return DescribeInstances of one instance, on demand and without a public address unless `extra` says it."""
    return answer(
        "DescribeInstances",
        f"<reservationSet><item><reservationId>r-1</reservationId><instancesSet><item><instanceId>{INSTANCE}</instanceId>"
        f"<instanceType>m5.large</instanceType><instanceState><code>16</code><name>{state}</name></instanceState>"
        "<launchTime>2026-11-01T08:00:00.000Z</launchTime><reason/><tagSet><item><key>Name</key><value>agr-web</value>"
        f"</item></tagSet>{root}{volumes}{extra}</item></instancesSet></item></reservationSet>",
    )


def attribute(request: AwsRequest) -> AwsReply:
    """Return DescribeInstanceAttribute: the instance is not protected."""
    return protection(request, value="false")


def protection(request: AwsRequest, value: str) -> AwsReply:
    name = request.form["Attribute"]
    return answer(
        request.action, f"<instanceId>{request.form['InstanceId']}</instanceId><{name}><value>{value}</value></{name}>"
    )


def spot_request(kind: str) -> AwsReply:
    return answer(
        "DescribeSpotInstanceRequests",
        f"<spotInstanceRequestSet><item><spotInstanceRequestId>sir-1</spotInstanceRequestId><type>{kind}</type></item>"
        "</spotInstanceRequestSet>",
    )


def instance_type(storage: str) -> AwsReply:
    return answer(
        "DescribeInstanceTypes",
        "<instanceTypeSet><item><instanceType>m5.large</instanceType>"
        f"<instanceStorageSupported>{storage}</instanceStorageSupported></item></instanceTypeSet>",
    )


def image(state: str = "available", extra: str = "", source: str = INSTANCE) -> AwsReply:
    return answer(
        "DescribeImages",
        f"<imagesSet><item><imageId>{IMAGE}</imageId><name>{IMAGE_NAME}</name><imageState>{state}</imageState>"
        f"<sourceInstanceId>{source}</sourceInstanceId><blockDeviceMapping><item><ebs><volumeSize>8</volumeSize></ebs>"
        f"</item></blockDeviceMapping>{extra}</item></imagesSet>",
    )


def changed(request: AwsRequest) -> AwsReply:
    """Return the answer to StopInstances, StartInstances or TerminateInstances."""
    return answer(
        request.action,
        f"<instancesSet><item><instanceId>{request.form['InstanceId.1']}</instanceId></item></instancesSet>",
    )


def prepare(aws: FakeAws) -> FakeAws:
    """Let everything succeed. Each session of a role gets keys of its own."""
    numbers = count(1)
    aws.on("AssumeRole", lambda _request: role_keys(next(numbers), in_an_hour()))
    aws.on("DescribeInstances", described())
    aws.on("DescribeInstanceAttribute", attribute)
    aws.on("DescribeSpotInstanceRequests", spot_request("persistent"))
    aws.on("DescribeInstanceTypes", instance_type("false"))
    aws.on(
        "DescribeVolumes",
        answer("DescribeVolumes", f"<volumeSet><item><volumeId>{VOLUME}</volumeId><size>8</size></item></volumeSet>"),
    )
    aws.on("DescribeImages", image())
    for action in ("StopInstances", "StartInstances", "TerminateInstances"):
        aws.on(action, changed)
    aws.on("CreateTags", answer("CreateTags", "<return>true</return>"))
    aws.on("CreateImage", answer("CreateImage", f"<imageId>{IMAGE}</imageId>"))
    return aws


def session_of(aws: FakeAws, action: str) -> AwsRequest:
    """Return the AssumeRole whose keys signed the last call of an action."""
    call = next(request for request in reversed(aws.requests) if request.action == action)
    number = int(re.sub(r"\D", "", call.access_key))
    return [request for request in aws.requests if request.action == "AssumeRole"][number - 1]
