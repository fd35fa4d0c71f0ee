"""The context keys of a request, such as `aws:ResourceTag/bailiff:actions`."""

from collections.abc import Mapping
from dataclasses import dataclass, field

_LITERALS = ("*", "?", "$")
"""`${*}` in a policy stands for an asterisk, which is then no wildcard."""


@dataclass(frozen=True, slots=True)
class Context:
    """The values of each key. The names of keys are compared without case, as IAM does."""

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By the name in lower case. A key without values counts as missing."""

    def get(self, key: str) -> tuple[str, ...]:
        """Return the values of a key; empty if it is missing."""
        return self.values.get(key.lower(), ())

    def variable(self, name: str) -> str | None:
        """Return the value of a policy variable; None unless the key has exactly one."""
        if name in _LITERALS:
            return name
        values = self.get(name)
        return values[0] if len(values) == 1 else None

    def plus(self, other: "Context") -> "Context":
        """Return the keys of both; those of the other one win."""
        return Context({**self.values, **other.values})


def make_context(values: Mapping[str, str | tuple[str, ...]]) -> Context:
    """Return a context from values or tuples of values. A key with an empty tuple is left out."""
    pairs = {key.lower(): (value,) if isinstance(value, str) else value for key, value in values.items()}
    return Context({key: value for key, value in pairs.items() if value})
