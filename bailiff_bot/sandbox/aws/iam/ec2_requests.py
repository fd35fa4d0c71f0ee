"""What IAM decides for a call of EC2: each action with each resource, and what is known of both.

From https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
"""

import re
from collections.abc import Callable, Iterator, Mapping

from bailiff_bot.sandbox.aws.iam.context import Context, make_context
from bailiff_bot.sandbox.aws.iam.evaluation import IamRequest
from bailiff_bot.sandbox.aws.signed_request import SignedRequest

TagsOf = Callable[[str], Mapping[str, str]]
"""Returns the tags of a resource with this id; none if there is no such resource."""

ON_INSTANCES = frozenset(
    """DescribeInstanceAttribute ModifyInstanceAttribute RebootInstances ResetInstanceAttribute StartInstances
    StopInstances TerminateInstances""".split()
)
"""The actions that are decided for each instance that a call names."""
ON_TAGGED_RESOURCES = frozenset({"CreateTags", "DeleteTags"})

_TYPES = {"i": "instance", "vol": "volume", "ami": "image", "snap": "snapshot"}
_WITHOUT_ACCOUNT = frozenset({"image", "snapshot"})
"""The types whose ARNs have no account."""
_SPECIFICATION = re.compile(r"TagSpecification\.(\d+)\.ResourceType")


def ec2_requests(call: SignedRequest, account: str, tags_of: TagsOf) -> Iterator[IamRequest]:
    """Yield what IAM decides for a call: all of it must be allowed."""
    if call.action in ON_INSTANCES and call.instance_ids:
        for instance_id in call.instance_ids:
            yield _request(call, account, instance_id, tags_of)
    elif call.action in ON_TAGGED_RESOURCES and (ids := call.values("ResourceId")):
        for resource_id in ids:
            yield _request(call, account, resource_id, tags_of, tags=call.tags("Tag"))
    elif call.action == "CreateImage":
        yield from _image_requests(call, account, tags_of)
    else:
        yield IamRequest(call.iam_action, "*", _region_context(call))


def resource_arn(region: str, account: str, kind: str, resource_id: str) -> str:
    """Return the ARN of a resource of EC2."""
    owner = "" if kind in _WITHOUT_ACCOUNT else account
    return f"arn:aws:ec2:{region}:{owner}:{kind}/{resource_id}"


def _image_requests(call: SignedRequest, account: str, tags_of: TagsOf) -> Iterator[IamRequest]:
    """Yield what is decided for the instance, the image and its snapshots. Their tags need CreateTags, too."""
    specifications = {call.form[match[0]]: match[1] for key in call.form if (match := _SPECIFICATION.fullmatch(key))}
    tags = {kind: call.tags(f"TagSpecification.{number}.Tag") for kind, number in specifications.items()}
    yield _request(call, account, call.form.get("InstanceId", ""), tags_of)
    for kind in ("image", "snapshot"):
        arn, context = resource_arn(call.region, account, kind, "*"), _region_context(call)
        if kind in tags:
            context = context.plus(_tag_context(tags[kind]))
        yield IamRequest(call.iam_action, arn, context)
        if kind in tags:
            yield IamRequest("ec2:CreateTags", arn, context.plus(make_context({"ec2:CreateAction": call.action})))


def _request(
    call: SignedRequest, account: str, resource_id: str, tags_of: TagsOf, tags: Mapping[str, str] | None = None
) -> IamRequest:
    kind = _TYPES.get(resource_id.partition("-")[0], "instance")
    present = make_context(
        {f"{key}/{name}": value for name, value in tags_of(resource_id).items() for key in _TAG_KEYS}
    )
    context = _region_context(call).plus(present).plus(_tag_context(tags or {}))
    return IamRequest(call.iam_action, resource_arn(call.region, account, kind, resource_id), context)


_TAG_KEYS = ("aws:ResourceTag", "ec2:ResourceTag")


def _tag_context(tags: Mapping[str, str]) -> Context:
    values = {f"aws:RequestTag/{name}": value for name, value in tags.items()}
    return make_context({**values, "aws:TagKeys": tuple(tags)})


def _region_context(call: SignedRequest) -> Context:
    return make_context({"aws:RequestedRegion": call.region, "ec2:Region": call.region})
