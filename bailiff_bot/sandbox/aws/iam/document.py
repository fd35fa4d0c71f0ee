"""Policy documents: parsed once, and refused if a part of them is not understood."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bailiff_bot.sandbox.aws.iam.conditions import Condition, make_condition
from bailiff_bot.sandbox.aws.iam.errors import PolicyError

VERSION = "2012-10-17"
"""The version that has policy variables; documents of the older one are refused."""
_ACTIONS, _RESOURCES = ("Action", "NotAction"), ("Resource", "NotResource")
_KNOWN = frozenset({"Sid", "Effect", "Principal", "Condition", *_ACTIONS, *_RESOURCES})


@dataclass(frozen=True, slots=True)
class Patterns:
    """The patterns of `Action` or `NotAction`, or of `Resource` or `NotResource`."""

    values: tuple[str, ...]
    excluded: bool = False
    """True: everything but these."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement of a policy."""

    allows: bool
    """False: it denies."""
    actions: Patterns
    resources: Patterns
    conditions: tuple[Condition, ...] = ()
    principals: tuple[str, ...] = ()
    """Of a trust policy: account ids, ARNs or `*`."""


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy document."""

    statements: tuple[Statement, ...]


def parse_policy(document: str | Mapping[str, Any], *, is_trust: bool = False) -> Policy:
    """Return a policy from JSON, or from what JSON says. Raises PolicyError with what is wrong.

    Arguments: the document; True for a trust policy, which has principals and no resources.
    """
    content = _json(document) if isinstance(document, str) else document
    if not isinstance(content, Mapping) or content.get("Version") != VERSION:
        raise PolicyError(f"A policy is an object with the Version {VERSION}")
    if unknown := sorted(set(content) - {"Version", "Id", "Statement"}):
        raise PolicyError(f"Unknown element of a policy: {unknown[0]}")
    statements = content.get("Statement", [])
    return Policy(tuple(_statement(one, is_trust=is_trust) for one in _listed(statements)))


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise PolicyError(f"The policy is not JSON: {error}") from error


def _statement(content: Any, *, is_trust: bool) -> Statement:
    if not isinstance(content, Mapping) or content.get("Effect") not in {"Allow", "Deny"}:
        raise PolicyError("A statement is an object with the Effect Allow or Deny")
    if unknown := sorted(set(content) - _KNOWN):
        raise PolicyError(f"Unknown element of a statement: {unknown[0]}")
    if is_trust != ("Principal" in content):
        raise PolicyError("A trust policy names principals, another policy does not")
    return Statement(
        allows=content["Effect"] == "Allow",
        actions=_patterns(content, _ACTIONS),
        resources=Patterns(("*",)) if is_trust else _patterns(content, _RESOURCES),
        conditions=_conditions(content.get("Condition", {})),
        principals=_principals(content["Principal"]) if is_trust else (),
    )


def _patterns(content: Mapping[str, Any], names: tuple[str, str]) -> Patterns:
    given = [name for name in names if name in content]
    if len(given) != 1:
        raise PolicyError(f"A statement has either {names[0]} or {names[1]}")
    return Patterns(_strings(content[given[0]]), excluded=given[0] == names[1])


def _conditions(content: Any) -> tuple[Condition, ...]:
    if not isinstance(content, Mapping) or not all(isinstance(keys, Mapping) for keys in content.values()):
        raise PolicyError("A Condition is an object of operators, each an object of keys")
    return tuple(
        make_condition(operator, key, _strings(values))
        for operator, keys in content.items()
        for key, values in keys.items()
    )


def _principals(content: Any) -> tuple[str, ...]:
    if content == "*":
        return ("*",)
    if not isinstance(content, Mapping) or set(content) != {"AWS"}:
        raise PolicyError("The sandbox knows principals of AWS only: accounts, users and roles")
    return _strings(content["AWS"])


def _strings(value: Any) -> tuple[str, ...]:
    values = tuple(str(one).lower() if isinstance(one, bool) else one for one in _listed(value))
    if not values or not all(isinstance(one, str) for one in values):
        raise PolicyError(f"A string or a list of strings is needed, not {value!r}")
    return values


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
