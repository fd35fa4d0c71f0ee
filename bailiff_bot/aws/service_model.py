"""A small model of EC2 for botocore, with the operations that Bailiff calls instead of about 800.

botocore builds a client from a model of its service. The full model of EC2 takes 0.2 s and 40 MB to load, and then tens
of milliseconds for each client. The small model takes next to no time. It differs from botocore's in two points: the
answer of DescribeInstances is a stream, which botocore returns unread (`page_parser` reads it), and large shapes have
only the members that are read.

`python -m bailiff_bot.aws.service_model` writes the model again. Run it after an operation was added here, or after
botocore's model of an operation changed.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from botocore.loaders import Loader

BODY = "Body"
"""The key of the stream in the answer of DescribeInstances."""

READ_BY_SCANS = ("DescribeInstances", "DescribeRegions", "DescribeVolumes")
READ_BY_ACTIONS = (
    "DescribeImages",
    "DescribeInstanceAttribute",
    "DescribeInstances",
    "DescribeInstanceTypes",
    "DescribeSpotInstanceRequests",
    "DescribeVolumes",
)
CHANGES = ("CreateImage", "CreateTags", "StartInstances", "StopInstances", "TerminateInstances")
_OPERATIONS = sorted({*READ_BY_SCANS, *READ_BY_ACTIONS, *CHANGES})
_SERVICE = "ec2/2016-11-15/service-2"
_MODELS = Path(__file__).with_name("models")
_STREAM = {
    "DescribeInstancesResult": {"type": "structure", "members": {BODY: {"shape": "Stream"}}, "payload": BODY},
    "Stream": {"type": "blob", "streaming": True},
}
_READ_MEMBERS = {
    "Image": ("ImageId", "Name", "State", "StateReason", "SourceInstanceId", "BlockDeviceMappings"),
    "InstanceAttribute": ("InstanceId", "DisableApiStop", "DisableApiTermination"),
    "InstanceTypeInfo": ("InstanceType", "InstanceStorageSupported"),
    "SpotInstanceRequest": ("SpotInstanceRequestId", "Type"),
    "Volume": ("VolumeId", "Size", "VolumeType", "Iops", "Throughput"),
}
"""The members that are read of large shapes. The answer of DescribeInstanceAttribute can hold user data, too."""

Json = dict[str, Any]

LOADER = Loader(extra_search_paths=[str(_MODELS)])
"""Loads the small model of EC2, and botocore's models of all other services. Each is loaded once in a process."""


def minimal_model(full_model: Json) -> Json:
    """Return the needed part of botocore's model of EC2."""
    operations = {name: _without_documentation(full_model["operations"][name]) for name in _OPERATIONS}
    shapes = full_model["shapes"] | _STREAM
    shapes |= {name: _with_members(shapes[name], members) for name, members in _READ_MEMBERS.items()}
    sides = [operation[side] for operation in operations.values() for side in ("input", "output") if side in operation]
    roots = [side["shape"] for side in sides]
    needed = sorted({name for root in roots for name in _referenced_shapes(root, shapes)})
    return {
        "version": full_model["version"],
        "metadata": full_model["metadata"],
        "operations": operations,
        "shapes": {name: _without_documentation(shapes[name]) for name in needed},
    }


def _with_members(shape: Json, members: tuple[str, ...]) -> Json:
    """Return a structure with these of its members only."""
    return shape | {"members": {name: shape["members"][name] for name in members}}


def _referenced_shapes(name: str, shapes: Json) -> Iterator[str]:
    """Yield the name of a shape and of all shapes that it refers to. No shape may refer to itself."""
    yield name
    shape = shapes[name]
    parts = (*shape.get("members", {}).values(), *([shape["member"]] if "member" in shape else []))
    for part in parts:
        yield from _referenced_shapes(part["shape"], shapes)


def _without_documentation(node: Any) -> Any:
    """Return a copy without documentation."""
    if not isinstance(node, dict):
        return node
    return {key: _without_documentation(value) for key, value in node.items() if key != "documentation"}


def write() -> None:
    """Write the small model of EC2 from botocore's model."""
    path = (_MODELS / _SERVICE).with_suffix(".json")
    path.write_text(json.dumps(minimal_model(Loader().load_data(_SERVICE)), indent=1) + "\n")


if __name__ == "__main__":
    write()
