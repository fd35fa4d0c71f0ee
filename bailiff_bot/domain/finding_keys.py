"""Converts finding keys to JSON and back: a stored message holds the findings that it lists."""

from collections.abc import Iterable
from typing import Any

from bailiff_bot.domain.history import FindingKey
from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.rules import RuleId
from bailiff_bot.domain.subject import Subject

_RULES = frozenset(RuleId)


def dump_keys(keys: Iterable[FindingKey]) -> list[list[str]]:
    """Return the keys as JSON, sorted."""
    return [
        [target.account, target.region, target.partition, key.subject.id, key.rule]
        for key in sorted(keys)
        for target in [key.subject.target]
    ]


def load_keys(rows: Iterable[Any]) -> frozenset[FindingKey]:
    """Return the keys that `dump_keys` wrote, without keys of rules that no longer exist."""
    return frozenset(load_key(*row) for row in rows if row[-1] in _RULES)


def load_key(account: str, region: str, partition: str, subject: str, rule: str) -> FindingKey:
    """Return the key with these parts."""
    return FindingKey(Subject(Target(account, region, partition), subject), RuleId(rule))
