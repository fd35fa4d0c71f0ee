"""Reads the files for deployment: policies in JSON, and CloudFormation's templates."""

import json
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"


class Tags(yaml.SafeLoader):
    """CloudFormation's YAML: a tag such as !Ref stands before its value."""


Tags.add_multi_constructor("!", lambda loader, suffix, node: {suffix: construct(loader, node)})


def construct(loader: yaml.SafeLoader, node: yaml.Node) -> Any:
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    assert isinstance(node, yaml.ScalarNode)
    return loader.construct_scalar(node)


def template_file(name: str) -> Any:
    return yaml.load((DEPLOY / name).read_text(), Tags)  # noqa: S506 - a SafeLoader


def policy(name: str) -> Any:
    return json.loads((DEPLOY / name).read_text())


def actions(document: Any) -> set[str]:
    listed = [statement["Action"] for statement in document["Statement"]]
    return {action for some in listed for action in ([some] if isinstance(some, str) else some)}
