"""Small checks that the rules of Block Kit are built from: strings, numbers, lists, records."""

from collections.abc import Iterator, Mapping
from typing import Any

from bailiff_bot.sandbox.slack.blocks.problem import Check, Problem


def string(max_length: int, min_length: int = 1) -> Check:
    """Return the check of a string with this many characters."""

    def check(value: object, pointer: str) -> Iterator[Problem]:
        if not isinstance(value, str):
            yield Problem("value.kind", pointer, "must provide a string")
        elif len(value) < min_length:
            yield Problem("text.empty", pointer, f"must be more than {min_length - 1} characters")
        elif len(value) > max_length:
            yield Problem("text.long", pointer, f"must be less than {max_length + 1} characters")

    return check


def url(max_length: int = 3000) -> Check:
    """Return the check of a URL."""
    length = string(max_length)

    def check(value: object, pointer: str) -> Iterator[Problem]:
        yield from length(value, pointer)
        if isinstance(value, str) and value and not value.startswith(("https://", "http://", "mailto:", "slack://")):
            yield Problem("value.url", pointer, "must be a valid URL")

    return check


def number(low: float, high: float = float("inf"), *, whole: bool = True) -> Check:
    """Return the check of a number between two bounds, both included."""
    kinds = int if whole else (int, float)

    def check(value: object, pointer: str) -> Iterator[Problem]:
        if isinstance(value, bool) or not isinstance(value, kinds):
            yield Problem("value.kind", pointer, f"must provide {'an integer' if whole else 'a number'}")
        elif not low <= value <= high:
            yield Problem("value.range", pointer, f"must be between {low:g} and {high:g}")

    return check


def boolean(value: object, pointer: str) -> Iterator[Problem]:
    """Yield a problem if the value is not a boolean."""
    if not isinstance(value, bool):
        yield Problem("value.kind", pointer, "must provide a boolean")


def choice(*values: object) -> Check:
    """Return the check of a value that must be one of `values`."""

    def check(value: object, pointer: str) -> Iterator[Problem]:
        if value not in values:
            yield Problem("value.choice", pointer, "must be a valid enum value")

    return check


def array(item: Check, max_items: int, min_items: int = 0) -> Check:
    """Return the check of a list with this many items; `item` checks each of them."""

    def check(value: object, pointer: str) -> Iterator[Problem]:
        if not isinstance(value, list):
            yield Problem("value.kind", pointer, "must provide an array")
            return
        if len(value) > max_items:
            yield Problem("items.many", pointer, f"no more than {max_items} items allowed")
        if len(value) < min_items:
            yield Problem("items.few", pointer, f"no fewer than {min_items} items allowed")
        for index, element in enumerate(value):
            yield from item(element, f"{pointer}/{index}")

    return check


def record(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """Return the check of an object with these fields and no others; `tagged_union` checks `type`."""
    known = {**required, **(optional or {})}

    def check(value: object, pointer: str) -> Iterator[Problem]:
        if not isinstance(value, dict):
            yield Problem("value.kind", pointer, "must provide an object")
            return
        for name in required:
            if name not in value:
                yield Problem("value.missing", pointer, f"missing required field: {name}")
        for name, field in value.items():
            if name in known:
                yield from known[name](field, f"{pointer}/{name}")
            elif name != "type":
                yield Problem("value.unknown", pointer, f"invalid additional property: {name}")

    return check


def tagged_union(kinds: Mapping[str, Check]) -> Check:
    """Return the check of an object that is checked by the entry for its `type`."""

    def check(value: object, pointer: str) -> Iterator[Problem]:
        if not isinstance(value, dict):
            yield Problem("value.kind", pointer, "must provide an object")
        elif "type" not in value:
            yield Problem("value.missing", pointer, "missing required field: type")
        elif not isinstance(value["type"], str) or value["type"] not in kinds:
            yield Problem("type.unknown", f"{pointer}/type", f"unsupported type: {value['type']}")
        else:
            yield from kinds[value["type"]](value, pointer)

    return check


def with_rules(first: Check, *rules: Check) -> Check:
    """Return a check that runs `rules` only on values without problems in the first check."""

    def check(value: object, pointer: str) -> Iterator[Problem]:
        problems = list(first(value, pointer))
        yield from problems
        if not problems:
            for rule in rules:
                yield from rule(value, pointer)

    return check


def at_least_one(*names: str) -> Check:
    """Return the check of an object that must have at least one of these fields."""

    def check(value: Any, pointer: str) -> Iterator[Problem]:
        if not any(name in value for name in names):
            wanted = " or ".join(f"`{name}`" for name in names)
            yield Problem("value.either", pointer, f"must define either {wanted}")

    return check
