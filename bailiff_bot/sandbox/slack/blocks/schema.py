"""Small checks to build the rules of Block Kit from: texts, numbers, lists, records."""

from collections.abc import Iterator, Mapping
from typing import Any

from bailiff_bot.sandbox.slack.blocks.problem import Check, Problem


def string(max_length: int, min_length: int = 1) -> Check:
    """Check for a string of so many characters."""

    def check(value: object, at: str) -> Iterator[Problem]:
        if not isinstance(value, str):
            yield Problem("value.kind", at, "must provide a string")
        elif len(value) < min_length:
            yield Problem("text.empty", at, f"must be more than {min_length - 1} characters")
        elif len(value) > max_length:
            yield Problem("text.long", at, f"must be less than {max_length + 1} characters")

    return check


def url(max_length: int = 3000) -> Check:
    """Check for an address."""
    length = string(max_length)

    def check(value: object, at: str) -> Iterator[Problem]:
        yield from length(value, at)
        if isinstance(value, str) and value and not value.startswith(("https://", "http://", "mailto:", "slack://")):
            yield Problem("value.url", at, "must be a valid URL")

    return check


def number(low: float, high: float = float("inf"), *, whole: bool = True) -> Check:
    """Check for a number within these bounds, both included."""
    kinds = int if whole else (int, float)

    def check(value: object, at: str) -> Iterator[Problem]:
        if isinstance(value, bool) or not isinstance(value, kinds):
            yield Problem("value.kind", at, f"must provide {'an integer' if whole else 'a number'}")
        elif not low <= value <= high:
            yield Problem("value.range", at, f"must be between {low:g} and {high:g}")

    return check


def boolean(value: object, at: str) -> Iterator[Problem]:
    """Check for true or false."""
    if not isinstance(value, bool):
        yield Problem("value.kind", at, "must provide a boolean")


def choice(*values: object) -> Check:
    """Check for one of these values."""

    def check(value: object, at: str) -> Iterator[Problem]:
        if value not in values:
            yield Problem("value.choice", at, "must be a valid enum value")

    return check


def array(item: Check, max_items: int, min_items: int = 0) -> Check:
    """Check for a list of so many items, each of them checked."""

    def check(value: object, at: str) -> Iterator[Problem]:
        if not isinstance(value, list):
            yield Problem("value.kind", at, "must provide an array")
            return
        if len(value) > max_items:
            yield Problem("items.many", at, f"no more than {max_items} items allowed")
        if len(value) < min_items:
            yield Problem("items.few", at, f"no fewer than {min_items} items allowed")
        for index, one in enumerate(value):
            yield from item(one, f"{at}/{index}")

    return check


def record(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """Check for an object with these fields and no others; `type` has been looked at before."""
    known = {**required, **(optional or {})}

    def check(value: object, at: str) -> Iterator[Problem]:
        if not isinstance(value, dict):
            yield Problem("value.kind", at, "must provide an object")
            return
        for name in required:
            if name not in value:
                yield Problem("value.missing", at, f"missing required field: {name}")
        for name, one in value.items():
            if name in known:
                yield from known[name](one, f"{at}/{name}")
            elif name != "type":
                yield Problem("value.unknown", at, f"invalid additional property: {name}")

    return check


def tagged_union(kinds: Mapping[str, Check]) -> Check:
    """Check for an object whose `type` says how to check it."""

    def check(value: object, at: str) -> Iterator[Problem]:
        if not isinstance(value, dict):
            yield Problem("value.kind", at, "must provide an object")
        elif "type" not in value:
            yield Problem("value.missing", at, "missing required field: type")
        elif not isinstance(value["type"], str) or value["type"] not in kinds:
            yield Problem("type.unknown", f"{at}/type", f"unsupported type: {value['type']}")
        else:
            yield from kinds[value["type"]](value, at)

    return check


def with_rules(first: Check, *rules: Check) -> Check:
    """Check several things; the others only look at what the first found well formed."""

    def check(value: object, at: str) -> Iterator[Problem]:
        found = list(first(value, at))
        yield from found
        if not found:
            for other in rules:
                yield from other(value, at)

    return check


def at_least_one(*names: str) -> Check:
    """Check that an object has one of these fields."""

    def check(value: Any, at: str) -> Iterator[Problem]:
        if not any(name in value for name in names):
            wanted = " or ".join(f"`{name}`" for name in names)
            yield Problem("value.either", at, f"must define either {wanted}")

    return check
