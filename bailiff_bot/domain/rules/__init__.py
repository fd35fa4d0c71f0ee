"""The catalogue of the team's rules, in order of precedence."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

from bailiff_bot.domain.case import Case
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.rules.allowed_region import AllowedRegion
from bailiff_bot.domain.rules.deleted_when_abandoned import DeletedWhenAbandoned
from bailiff_bot.domain.rules.naming import KnownOwner, Named, Owned
from bailiff_bot.domain.rules.rule import Breach, Rule
from bailiff_bot.domain.rules.stopped_when_unused import StoppedWhenUnused


class RuleId(StrEnum):
    """The rules, in order of precedence."""

    NAMED = "named"
    OWNED = "owned"
    KNOWN_OWNER = "known-owner"
    DELETED_WHEN_ABANDONED = "deleted-when-abandoned"
    STOPPED_WHEN_UNUSED = "stopped-when-unused"
    ALLOWED_REGION = "allowed-region"


RULES: Mapping[RuleId, type[Rule]] = {
    RuleId.NAMED: Named,
    RuleId.OWNED: Owned,
    RuleId.KNOWN_OWNER: KnownOwner,
    RuleId.DELETED_WHEN_ABANDONED: DeletedWhenAbandoned,
    RuleId.STOPPED_WHEN_UNUSED: StoppedWhenUnused,
    RuleId.ALLOWED_REGION: AllowedRegion,
}

Rules = Mapping[RuleId, Rule]
"""The rules of a policy, in order of precedence."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that a case breaks, and the evidence."""

    rule: RuleId
    evidence: str
    """Evidence as a noun phrase: "stopped for 112 days"."""
    asks: bool = False
    """True if it only asks whether the instance is needed; False if the instance is certainly wrong."""


@lru_cache(maxsize=4096)
def _shared_finding(rule: RuleId, breach: Breach) -> Finding:
    """Return one shared object for equal findings, to save memory: a fleet has a few hundred different ones."""
    return Finding(rule, breach.evidence, breach.asks)


def build_rules(policy: Policy) -> Rules:
    """Return the rules of a policy, in order of precedence."""
    return {
        rule_id: rule(**{one.name: getattr(policy, one.name) for one in fields(rule)})
        for rule_id, rule in RULES.items()
    }


def judge_case(case: Case, rules: Rules, as_of: datetime) -> tuple[Finding, ...]:
    """Return the findings of a case, in order of precedence."""
    return tuple(
        [_shared_finding(rule_id, breach) for rule_id, rule in rules.items() if (breach := rule.check(case, as_of))]
    )


_FIELDS_OF_ALL_RULES = frozenset({"exempt_tags", "managed_tags", "owner_tags", "owner_domain", "not_identifiers"})
"""They decide which instances are judged, and who owns them."""
_FIELDS_IF_SET = frozenset({"exempt_tag_days", "reads_usage"})
"""They count as those of all rules. Unset they are left out, so that an update changes no fingerprint."""
_FIELDS_OF_USAGE = frozenset({"idle_days", "idle_cpu", "idle_network_mb", "used_cpu", "used_network_mb"})
"""They count only if usage is read."""
_ORDERED_FIELDS = frozenset({"managed_tags", "owner_tags"})
"""The order of the values matters."""


def policy_fingerprint(policy: Policy) -> str:
    """Return all settings that influence findings, as text. Two policies with equal texts find the same."""
    names = _FIELDS_OF_ALL_RULES.union(_FIELDS_IF_SET, (one.name for rule in RULES.values() for one in fields(rule)))
    names -= {name for name in _FIELDS_IF_SET if not getattr(policy, name)}
    names -= frozenset() if policy.reads_usage else _FIELDS_OF_USAGE
    relevant = {one.name: _json_value(one.name, policy) for one in fields(Policy) if one.name in names}
    return json.dumps(relevant, separators=(",", ":"))


def _json_value(name: str, policy: Policy) -> Any:
    value = getattr(policy, name)
    return sorted(value) if isinstance(value, frozenset | tuple) and name not in _ORDERED_FIELDS else value
