"""What botocore has to know of EC2: the two operations we call, of 800.

botocore builds a client from a description of its service. EC2's takes 0.2 s and 40 MB to read, and then tens of
milliseconds for each client; with the few shapes we need it is next to nothing. Ours says what botocore's does but for
one thing: the answer of DescribeInstances is a stream, which botocore hands over unread (`parse.page` reads it).

`python -m bailiff_bot.aws.service_model` writes it anew: after an operation was added, or botocore
describes one differently.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from botocore.loaders import Loader

BODY = "Body"
"""Where the answer of DescribeInstances has its stream."""

_OPERATIONS = ("DescribeInstances", "DescribeRegions")
_SERVICE = "ec2/2016-11-15/service-2"
_MODELS = Path(__file__).with_name("models")
_STREAM = {
    "DescribeInstancesResult": {"type": "structure", "members": {BODY: {"shape": "Stream"}}, "payload": BODY},
    "Stream": {"type": "blob", "streaming": True},
}

Json = dict[str, Any]

LOADER = Loader(extra_search_paths=[str(_MODELS)])
"""Finds our description of EC2 before botocore's, and botocore's of all else; reads each once in a process."""


def minimal_model(full_model: Json) -> Json:
    """Return what is needed of botocore's description of EC2."""
    operations = {name: _without_documentation(full_model["operations"][name]) for name in _OPERATIONS}
    shapes = full_model["shapes"] | _STREAM
    named = [operation[side]["shape"] for operation in operations.values() for side in ("input", "output")]
    needed = sorted({name for start in named for name in _referenced_shapes(start, shapes)})
    return {
        "version": full_model["version"],
        "metadata": full_model["metadata"],
        "operations": operations,
        "shapes": {name: _without_documentation(shapes[name]) for name in needed},
    }


def _referenced_shapes(name: str, shapes: Json) -> Iterator[str]:
    """Yield a shape and all that it is made of; none of ours holds itself."""
    yield name
    shape = shapes[name]
    parts = (*shape.get("members", {}).values(), *([shape["member"]] if "member" in shape else []))
    for part in parts:
        yield from _referenced_shapes(part["shape"], shapes)


def _without_documentation(node: Any) -> Any:
    """Leave the documentation out."""
    if not isinstance(node, dict):
        return node
    return {key: _without_documentation(value) for key, value in node.items() if key != "documentation"}


def write() -> None:
    """Write our description of EC2 from botocore's."""
    path = (_MODELS / _SERVICE).with_suffix(".json")
    path.write_text(json.dumps(minimal_model(Loader().load_data(_SERVICE)), indent=1) + "\n")


if __name__ == "__main__":
    write()
