"""The requests that the oracle is asked: what the bot does, and near-misses of it. The same ones at each run."""

import json
from collections.abc import Callable
from importlib.resources import files
from random import Random
from typing import Any

COUNT = 240
ACCOUNT, OTHER_ACCOUNT = "111122223333", "444455556666"
REGIONS = ("eu-west-1", "us-east-1")
INSTANCES = ("i-0aaaaaaaaaaaaaaa1", "i-0bbbbbbbbbbbbbbb2")
WILDCARD_ACTIONS = ("DescribeInstances", "DescribeImages", "DescribeVolumes", "DescribeSpotInstanceRequests")
INSTANCE_ACTIONS = (
    "StopInstances",
    "StartInstances",
    "TerminateInstances",
    "RebootInstances",
    "DescribeInstanceAttribute",
)
TAG_KEYS = (
    ("Name",),
    ("bailiff:owner",),
    ("Name", "bailiff:owner"),
    ("Name", "Owner"),
    ("bailiff:actions",),
    ("name",),
)
PERSON = "agr@octo.example"

Document = dict[str, Any]
Request = dict[str, Any]


def policies() -> dict[str, Document]:
    """Return the policies of the roles, and some that use what else the sandbox's IAM knows."""
    folder = files("bailiff_bot.sandbox.aws.iam") / "policies"
    named = {name: json.loads((folder / f"{name}.json").read_text("utf-8")) for name in ("act", "delete", "read")}
    return named | {f"probe-{number}": _document(statement) for number, statement in enumerate(_PROBES)}


def requests() -> list[Request]:
    """Return the requests, without the answers."""
    random = Random(21)  # noqa: S311 - they must be the same at each run
    names = list(policies())
    makers = (_on_instance, _on_instance, _tags, _tags, _image, _read)
    return [random.choice(makers)(random, random.choice(names)) for _ in range(COUNT)]


def _document(*statements: Document) -> Document:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _allow(action: str | list[str], resource: str | list[str], **rest: Any) -> Document:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **rest}


_ALL_INSTANCES = "arn:aws:ec2:*:*:instance/*"
_PROBES: tuple[Document, ...] = (
    {"Effect": "Allow", "NotAction": ["ec2:Terminate*", "ec2:*tags"], "Resource": "*"},
    {"Effect": "Allow", "Action": "EC2:*", "NotResource": f"arn:aws:ec2:*:*:instance/{INSTANCES[0]}"},
    _allow("ec2:*", "*", Condition={"StringNotEquals": {"aws:ResourceTag/bailiff:actions": ["never", "other"]}}),
    _allow("ec2:*", "*", Condition={"StringEqualsIfExists": {"aws:ResourceTag/bailiff:actions": "other"}}),
    _allow("ec2:*", "*", Condition={"StringLike": {"aws:SourceIdentity": "*@octo.example"}}),
    _allow("ec2:*", "*", Condition={"StringNotLike": {"aws:SourceIdentity": "*@octo.example"}}),
    _allow("ec2:*", "*", Condition={"StringEqualsIgnoreCase": {"aws:ResourceTag/BAILIFF:actions": "NEVER"}}),
    _allow("ec2:*", "*", Condition={"ForAnyValue:StringEquals": {"aws:TagKeys": ["Name", "Owner"]}}),
    _allow("ec2:*", "*", Condition={"ForAllValues:StringNotEquals": {"aws:TagKeys": ["Owner", "bailiff:actions"]}}),
    _allow("ec2:*", "*", Condition={"ForAnyValue:StringNotLike": {"aws:TagKeys": ["bailiff:*"]}}),
    _allow("ec2:*", "*", Condition={"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/bailiff-*"}}),
    _allow("ec2:*", "*", Condition={"ArnNotEquals": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/bailiff-act"}}),
    _allow("ec2:*", "*", Condition={"Null": {"aws:ResourceTag/bailiff:actions": "true"}}),
    _allow("ec2:*", "*", Condition={"DateLessThan": {"aws:TokenIssueTime": "2026-11-20T09:00:00Z"}}),
    _allow("ec2:*", "*", Condition={"StringEquals": {"aws:ResourceTag/bailiff:owner": "${aws:SourceIdentity}"}}),
    _allow("ec2:*", "*", Condition={"BoolIfExists": {"aws:ViaAWSService": "false"}, "Null": {"aws:TagKeys": "true"}}),
)


def _on_instance(random: Random, policy: str) -> Request:
    action = random.choice(INSTANCE_ACTIONS)
    region, instance = random.choice(REGIONS), random.choice(INSTANCES)
    session = random.choice(_SESSIONS)(random, action, _instance_arn(region, instance))
    return _request(random, policy, (action, _instance_arn(region, instance)), session, _resource_tags(random))


def _tags(random: Random, policy: str) -> Request:
    """Tags of an instance, or of an image with and without its making; sometimes no tag at all."""
    keys = random.choice(((), *TAG_KEYS))
    context: dict[str, Any] = {f"aws:RequestTag/{key}": "x" for key in keys}
    context |= {"aws:TagKeys": list(keys)} if keys else {}
    action = random.choice(("CreateTags",) * 5 + ("DeleteTags",))
    if action == "CreateTags" and random.random() < 0.4:
        resource = f"arn:aws:ec2:{random.choice(REGIONS)}::{random.choice(('image/ami-0a', 'snapshot/snap-0a'))}"
        cause = random.choice(("CreateImage", "RunInstances", ""))
        context |= {"ec2:CreateAction": cause} if cause else {}
    else:
        resource = _instance_arn(random.choice(REGIONS), random.choice(INSTANCES))
        context |= _resource_tags(random)
    session = random.choice((_none, _none, _only_a_key, _only_a_key, *_SESSIONS))(random, "CreateTags", resource)
    return _request(random, policy, (action, resource), session, context)


def _image(random: Random, policy: str) -> Request:
    region, instance = random.choice(REGIONS), random.choice(INSTANCES)
    arns = (_instance_arn(region, instance), f"arn:aws:ec2:{region}::image/ami-0a", f"arn:aws:ec2:{region}::snapshot/s")
    resource = random.choice(arns)
    context = _resource_tags(random) if resource == arns[0] else {}
    session = random.choice((*_SESSIONS, _image_session))(random, "CreateImage", resource)
    return _request(random, policy, ("CreateImage", resource), session, context)


def _read(random: Random, policy: str) -> Request:
    action = random.choice((*WILDCARD_ACTIONS, "DeregisterImage"))
    resource = "arn:aws:ec2:eu-west-1::image/ami-0a" if action == "DeregisterImage" else "*"
    session = random.choice((_none, _none, _right, _wrong_action))(random, action, resource)
    return _request(random, policy, (action, resource), session, {})


def _request(
    random: Random, policy: str, call: tuple[str, str], session: Document | None, context: dict[str, Any]
) -> Request:
    role = random.choice(("bailiff-act", "bailiff-delete"))
    caller = {
        "aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/{role}",
        "aws:TokenIssueTime": random.choice(("2026-11-20T08:59:59Z", "2026-11-20T09:00:00Z")),
    }
    caller |= {"aws:SourceIdentity": random.choice((PERSON, "eve@else.example"))} if random.random() < 0.9 else {}
    return {
        "policy": policy,
        "session": session,
        "account": ACCOUNT,
        "principal": f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/bailiff-U0AGR00001",
        "action": f"ec2:{call[0]}",
        "resource": call[1],
        "context": caller | context,
    }


def _resource_tags(random: Random) -> dict[str, str]:
    """Tags of an instance: often none."""
    tag = random.choice((None, None, None, "never", "Never", "other"))
    tags = {} if tag is None else {"aws:ResourceTag/bailiff:actions": tag}
    return tags | ({"aws:ResourceTag/bailiff:owner": PERSON} if random.random() < 0.4 else {})


def _instance_arn(region: str, instance: str, account: str = ACCOUNT) -> str:
    return f"arn:aws:ec2:{region}:{account}:instance/{instance}"


def _none(_random: Random, _action: str, _resource: str) -> None:
    """No session policy."""


def _right(_random: Random, action: str, resource: str) -> Document:
    return _document(_allow(f"ec2:{action}", resource))


def _wrong_action(_random: Random, _action: str, resource: str) -> Document:
    return _document(_allow("ec2:RunInstances", resource))


def _wrong_place(random: Random, action: str, _resource: str) -> Document:
    arns = (
        _instance_arn("eu-central-1", INSTANCES[0]),
        _instance_arn(REGIONS[0], INSTANCES[0], OTHER_ACCOUNT),
        _instance_arn(REGIONS[0], INSTANCES[0] + "0"),
    )
    return _document(_allow(f"ec2:{action}", random.choice(arns)))


def _wide(_random: Random, _action: str, _resource: str) -> Document:
    return _document(_allow("ec2:*", ["arn:aws:ec2:eu-*:*:*", "arn:aws:ec2:*::image/*"]))


def _denies(_random: Random, action: str, resource: str) -> Document:
    deny = {"Effect": "Deny", "Action": f"ec2:{action[:4]}*", "Resource": f"{resource[:-1]}?"}
    return _document(_allow("*", "*"), deny)


def _only_a_key(random: Random, _action: str, resource: str) -> Document:
    condition: Document = {"ForAllValues:StringEquals": {"aws:TagKeys": [random.choice(("Name", "bailiff:owner"))]}}
    condition |= {"Null": {"aws:TagKeys": "false"}} if random.random() < 0.7 else {}
    return _document(_allow("ec2:CreateTags", resource, Condition=condition))


def _image_session(_random: Random, _action: str, _resource: str) -> Document:
    made = [f"arn:aws:ec2:{REGIONS[0]}::image/*", f"arn:aws:ec2:{REGIONS[0]}::snapshot/*"]
    return _document(_allow("ec2:CreateImage", [_instance_arn(REGIONS[0], INSTANCES[0]), *made]))


_SESSIONS: tuple[Callable[[Random, str, str], Document | None], ...] = (
    _none,
    _right,
    _right,
    _right,
    _wrong_action,
    _wrong_place,
    _wide,
    _denies,
)
