"""What a call needs to be allowed, and whether a policy allows it: as much of IAM as the policies of `deploy/` use.

A condition or a pattern that this file does not know raises KeyError: nothing is allowed by mistake.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from tests.integration.aws.fake_aws import AwsRequest

RESOURCE_BY_PREFIX = ("image/*", "snapshot/*")


@dataclass(frozen=True, slots=True)
class Needed:
    """One permission that a call needs."""

    action: str
    resource: str
    context: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Allowed:
    """One action on one pattern of resources that a policy allows, or denies."""

    action: str
    resource: str
    condition: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, hash=False)

    def matches(self, needed: Needed) -> bool:
        same = self.action == needed.action and fnmatchcase(needed.resource, self.resource)
        return same and all(
            OPERATORS[operator](needed.context.get(key, ()), listed(values))
            for operator, pairs in self.condition.items()
            for key, values in pairs.items()
        )


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


OPERATORS: dict[str, Callable[[Sequence[str], list[Any]], bool]] = {
    "StringEquals": lambda found, values: bool(found) and found[0] in values,
    "StringEqualsIgnoreCase": lambda found, values: bool(found) and found[0].lower() in values,
    "ForAllValues:StringEquals": lambda found, values: set(found) <= set(values),
    "Null": lambda found, values: values == ["true" if not found else "false"],
}


def entries(document: Any, effect: str = "Allow") -> Iterator[Allowed]:
    for statement in document["Statement"]:
        if statement["Effect"] == effect:
            for action in listed(statement["Action"]):
                for resource in listed(statement["Resource"]):
                    yield Allowed(action, resource, statement.get("Condition", {}))


def allows(document: Any, needed: Needed) -> bool:
    denied = any(one.matches(needed) for one in entries(document, "Deny"))
    return not denied and any(one.matches(needed) for one in entries(document))


def needed_for(request: AwsRequest, account: str, tags: Mapping[str, str] | None = None) -> Iterator[Needed]:
    """Yield what a call of EC2 needs, from the service authorization reference. `tags` are those of the instance."""
    form, action = request.form, f"ec2:{request.action}"
    tagged = {f"aws:ResourceTag/{key}": (value,) for key, value in (tags or {}).items()}
    made = [f"arn:aws:ec2:{request.region}::{pattern}" for pattern in RESOURCE_BY_PREFIX]
    ids = [value for key, value in form.items() if key.startswith(("InstanceId", "ResourceId"))]
    instances = [f"arn:aws:ec2:{request.region}:{account}:instance/{one}" for one in ids]
    if request.action in {"DescribeInstances", "DescribeImages"} or not instances:
        yield Needed(action, "*")
        return
    keys = {
        "aws:TagKeys": tuple(value for key, value in form.items() if key.startswith("Tag.") and key.endswith("Key"))
    }
    for instance in instances:
        yield Needed(action, instance, {**tagged, **keys} if request.action == "CreateTags" else tagged)
    if request.action == "CreateImage":
        yield from (Needed(action, one) for one in made)
    if any(key.startswith("TagSpecification") for key in form):
        yield from (Needed("ec2:CreateTags", one, {"ec2:CreateAction": (request.action,)}) for one in made)
