"""Reads the words of a filter. What each word is, its form decides; whether such a thing exists, the report."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from bailiff_bot.domain.identifier import is_identifier
from bailiff_bot.domain.report_filter import ReportFilter
from bailiff_bot.domain.rules import RuleId
from bailiff_bot.messages.rule_texts import rule_words
from bailiff_bot.slack.handlers.cost_words import read_costs

_ADDRESS = re.compile(r"(?=.{,254}$)[^\s@]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+")
_ACCOUNT = re.compile(r"[0-9]{12}|[0-9]{4}-[0-9]{4}-[0-9]{4}")
_REGION = re.compile(r"[a-z]{2,3}(?:-[a-z]{2,15}){1,3}-[0-9]{1,2}")
_RULES = rule_words()
_MAX_RULE_WORDS = max(name.count("-") + 1 for name in _RULES)

Value = TypeVar("Value", bound=str)


def with_whole_rules(words: Sequence[str]) -> Iterator[str]:
    """Yield the words, those that name a rule together as one: `long running` as `long-running`."""
    start = 0
    while start < len(words):
        ends = range(min(start + _MAX_RULE_WORDS, len(words)), start, -1)
        end = next((end for end in ends if "-".join(words[start:end]).lower() in _RULES), start + 1)
        yield "-".join(words[start:end])
        start = end


def read_filter(words: Sequence[str]) -> ReportFilter:
    """Return the filter of words that are filters, with at most one cost."""
    return ReportFilter(
        owners=_values(_owner, words),
        accounts=_values(_account, words),
        regions=_values(_region, words),
        rules=_values(_rule, words),
        cost=next(iter(read_costs(words)), None),
    )


def is_filter(word: str) -> bool:
    """Return True if a word has the form of an owner, an account, a region or a cost, or names a rule."""
    return any(read(word) for read in _READERS) or bool(read_costs([word]))


def _values(read: Callable[[str], Value | None], words: Sequence[str]) -> tuple[Value, ...]:
    return tuple(dict.fromkeys(value for word in words if (value := read(word))))


def _owner(word: str) -> str | None:
    if is_identifier(word):
        return word.upper()
    return address if _ADDRESS.fullmatch(address := word.casefold()) else None


def _account(word: str) -> str | None:
    return word.replace("-", "") if _ACCOUNT.fullmatch(word) else None


def _region(word: str) -> str | None:
    return word.lower() if _REGION.fullmatch(word.lower()) else None


def _rule(word: str) -> RuleId | None:
    return _RULES.get(word.lower())


_READERS: tuple[Callable[[str], str | None], ...] = (_owner, _account, _region, _rule)
"""At most one of them reads a word."""
