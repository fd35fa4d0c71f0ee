"""The policies of the sessions: each allows one step on one instance, or the reading before a decision.

A session may do what both its policy and the role's policy allow. So a session that is stolen, or a bug of Bailiff,
reaches one instance. STS accepts at most `MAX_LENGTH` characters.
"""

import json
import re
from typing import Any

from bailiff_bot.aws.errors import Unreadable
from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.inventory import UnreadReason

MAX_LENGTH = 2_048

_INSTANCE_ID = re.compile(r"i-[0-9a-f]{8,17}", re.ASCII)
"""Anything else could be a pattern in a policy: `i-*` is every instance."""

Statement = dict[str, Any]


def instance_policy(action: str, target: Target, instance_id: str) -> str:
    """Return a policy that allows an action such as `ec2:StopInstances` on one instance. Raises Unreadable."""
    return _policy(_allow(action, _instance(target, instance_id)))


def tag_policy(target: Target, instance_id: str, key: str) -> str:
    """Return a policy that allows to write one tag of one instance. Raises Unreadable.

    `ForAllValues` is true for a call without any key, hence `Null`.
    """
    only_this_key = {"ForAllValues:StringEquals": {"aws:TagKeys": [key]}, "Null": {"aws:TagKeys": "false"}}
    return _policy(_allow("ec2:CreateTags", _instance(target, instance_id), Condition=only_this_key))


def image_policy(target: Target, instance_id: str) -> str:
    """Return a policy that allows to make an image of one instance, and to tag it while it is made.

    Raises Unreadable.
    """
    made = [_arn(target, "image/*"), _arn(target, "snapshot/*")]
    while_made = {"StringEquals": {"ec2:CreateAction": "CreateImage"}}
    return _policy(
        _allow("ec2:CreateImage", [_instance(target, instance_id), *made]),
        _allow("ec2:CreateTags", made, Condition=while_made),
    )


def details_policy(target: Target, instance_id: str) -> str:
    """Return a policy that allows to read all that a decision about one instance needs. Raises Unreadable.

    EC2 knows no permission for single resources for most of it. It does for DescribeInstanceAttribute, which can also
    read user data.
    """
    reads = ["Instances", "InstanceTypes", "SpotInstanceRequests", "Volumes"]
    return _policy(
        _allow([f"ec2:Describe{name}" for name in reads], "*"),
        _allow("ec2:DescribeInstanceAttribute", _instance(target, instance_id)),
    )


def read_images_policy() -> str:
    """Return a policy that allows to read images."""
    return _policy(_allow("ec2:DescribeImages", "*"))


def _policy(*statements: Statement) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, separators=(",", ":"))


def _allow(action: str | list[str], resource: str | list[str], **condition: Any) -> Statement:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **condition}


def _instance(target: Target, instance_id: str) -> str:
    if not _INSTANCE_ID.fullmatch(instance_id):
        raise Unreadable(UnreadReason.FAILED, f"{instance_id!r} is not the id of an instance")
    return _arn(target, f"instance/{instance_id}", target.account)


def _arn(target: Target, resource: str, account: str = "") -> str:
    """Return an ARN of EC2. Those of images and snapshots name no account."""
    return f"arn:{target.partition}:ec2:{target.region}:{account}:{resource}"
