"""The condition operators of policy documents.

From https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html. An operator
that is not here raises when the document is loaded: it is never passed over.
"""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum

from bailiff_bot.sandbox.aws.iam.context import Context
from bailiff_bot.sandbox.aws.iam.errors import PolicyError
from bailiff_bot.sandbox.aws.iam.patterns import matches, matches_arn, substitute

_OPERATOR = re.compile(r"(?:(?P<quantifier>ForAllValues|ForAnyValue):)?(?P<name>[A-Za-z]+?)(?P<if_exists>IfExists)?")

Comparison = Callable[[str, str, Context], bool]
"""Compares the value of the policy with that of the request."""


class Quantifier(Enum):
    """How many values of the request must match."""

    NONE = ""
    ALL = "ForAllValues"
    ANY = "ForAnyValue"


def _equals(expected: str, actual: str, context: Context) -> bool:
    return substitute(expected, context) == actual


def _equals_ignoring_case(expected: str, actual: str, context: Context) -> bool:
    value = substitute(expected, context)
    return value is not None and value.lower() == actual.lower()


def _compares_times(compare: Callable[[datetime, datetime], bool]) -> Comparison:
    return lambda expected, actual, _: compare(_time(actual), _time(expected))


def _time(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    return time if time.tzinfo else time.replace(tzinfo=UTC)


_COMPARISONS: dict[str, Comparison] = {
    "StringEquals": _equals,
    "StringEqualsIgnoreCase": _equals_ignoring_case,
    "StringLike": matches,
    "ArnEquals": matches_arn,  # the same as ArnLike, says IAM
    "ArnLike": matches_arn,
    "Bool": _equals_ignoring_case,
    "DateLessThan": _compares_times(operator.lt),
    "DateLessThanEquals": _compares_times(operator.le),
    "DateGreaterThan": _compares_times(operator.gt),
    "DateGreaterThanEquals": _compares_times(operator.ge),
}
_NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
}


@dataclass(frozen=True, slots=True)
class Condition:
    """One operator with one key."""

    name: str
    """The operator without its quantifier and without `IfExists`."""
    key: str
    expected: tuple[str, ...]
    quantifier: Quantifier = Quantifier.NONE
    if_exists: bool = False

    def is_met(self, context: Context) -> bool:
        """Return True if the request meets it."""
        actual = context.get(self.key)
        if self.name == "Null":
            return any((value.lower() == "true") == (not actual) for value in self.expected)
        if self.quantifier is Quantifier.ALL:
            return all(self._accepts(value, context) for value in actual)
        if not actual:
            return self._is_met_without_key()
        return any(self._accepts(value, context) for value in actual)

    def _is_met_without_key(self) -> bool:
        """Return True for a negated operator: a missing key equals nothing. `ForAnyValue` needs a value."""
        return self.if_exists or (self.name in _NEGATED and self.quantifier is Quantifier.NONE)

    def _accepts(self, actual: str, context: Context) -> bool:
        positive = _NEGATED.get(self.name, self.name)
        found = any(_COMPARISONS[positive](value, actual, context) for value in self.expected)
        return found != (self.name in _NEGATED)


def make_condition(text: str, key: str, expected: tuple[str, ...]) -> Condition:
    """Return a condition. Raises PolicyError if the sandbox does not know the operator."""
    match = _OPERATOR.fullmatch(text)
    if match is None or match["name"] not in {*_COMPARISONS, *_NEGATED, "Null"}:
        raise PolicyError(f"Unknown condition operator {text!r}: add it to the sandbox's IAM, or use another")
    if match["name"] == "Null" and (match["if_exists"] or match["quantifier"]):
        raise PolicyError(f"{text!r} is not allowed: Null has neither IfExists nor a quantifier")
    if match["name"].startswith("Date"):
        _check_times(expected)
    return Condition(
        match["name"], key, expected, Quantifier(match["quantifier"] or ""), if_exists=bool(match["if_exists"])
    )


def _check_times(expected: tuple[str, ...]) -> None:
    try:
        for value in expected:
            _time(value)
    except ValueError as error:
        raise PolicyError(f"A time such as 2026-11-20T09:00:00Z is needed: {error}") from error
