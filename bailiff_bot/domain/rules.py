"""The team's rules, in order of precedence. Each rule is a pure function, built from a frozen policy.

A rule takes (instance, identity, as_of) and returns a finding or None. It reads no clock, no setting and no network.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from bailiff_bot.domain.identity import DirectoryStatus, Identity
from bailiff_bot.domain.instance import STEADY_STATES, Instance, InstanceState, days_between
from bailiff_bot.domain.policy import Policy


class RuleId(StrEnum):
    """The rules, in order of precedence."""

    NAMED = "named"
    OWNED = "owned"
    KNOWN_OWNER = "known-owner"
    DELETED_WHEN_ABANDONED = "deleted-when-abandoned"
    STOPPED_WHEN_UNUSED = "stopped-when-unused"
    ALLOWED_REGION = "allowed-region"


NAMING_RULES = frozenset({RuleId.NAMED, RuleId.OWNED, RuleId.KNOWN_OWNER})
"""The rules on the name. An instance breaks at most one of them."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that an instance breaks, and the evidence."""

    rule: RuleId
    evidence: str
    """Evidence as a noun phrase: "stopped for 112 days"."""


_shared_finding = lru_cache(maxsize=4096)(Finding)
"""Returns one shared object for equal findings, to save memory: a fleet has a few hundred different ones."""

Rule = Callable[[Instance, Identity, datetime], Finding | None]


def build_rules(policy: Policy) -> tuple[Rule, ...]:
    """Return the rules of a policy, in order of precedence."""
    return (
        _with_grace(timedelta(hours=policy.grace_hours), check_naming),
        _deleted_when_abandoned(policy.stopped_days),
        _stopped_when_unused(policy.running_days),
        *([_allowed_region(policy.allowed_regions)] if policy.allowed_regions else []),
    )


def check_rules(
    instance: Instance, identity: Identity, as_of: datetime, rules: tuple[Rule, ...]
) -> tuple[Finding, ...]:
    """Return the findings of an instance, in order of precedence."""
    return tuple([finding for rule in rules if (finding := rule(instance, identity, as_of))])


def check_naming(instance: Instance, identity: Identity, as_of: datetime) -> Finding | None:
    """Return the finding of the rules on the name, without regard to the grace; None if none is broken."""
    for rule in (_named, _owned, _known_owner):
        if finding := rule(instance, identity, as_of):
            return finding
    return None


def _with_grace(grace: timedelta, rule: Rule) -> Rule:
    """Return the rule with a grace: it reports nothing while the instance is in transition or was started recently."""

    def check_after_grace(instance: Instance, identity: Identity, as_of: datetime) -> Finding | None:
        if instance.state not in STEADY_STATES or as_of - instance.launched_at < grace:
            return None
        return rule(instance, identity, as_of)

    return check_after_grace


def _named(instance: Instance, identity: Identity, _as_of: datetime) -> Finding | None:
    if identity.identifier or (instance.name or "").strip():
        return None
    return _shared_finding(RuleId.NAMED, "no name" if instance.name is None else "a blank name")


def _owned(instance: Instance, identity: Identity, _as_of: datetime) -> Finding | None:
    if identity.identifier or not (instance.name or "").strip():
        return None
    return _shared_finding(RuleId.OWNED, "no identifier in front of the name")


def _known_owner(_instance: Instance, identity: Identity, _as_of: datetime) -> Finding | None:
    if identity.identifier_status is not DirectoryStatus.UNKNOWN:
        return None
    return _shared_finding(RuleId.KNOWN_OWNER, f"nobody is {identity.identifier}")


def _deleted_when_abandoned(days: int) -> Rule:
    def rule(instance: Instance, _identity: Identity, as_of: datetime) -> Finding | None:
        since = instance.stopped_at or instance.seen_stopped_since
        if since is None or (age := days_between(since, as_of)) < days:
            return None
        how_long = f"{age} days" if instance.stopped_at else f"at least {age} days"
        return _shared_finding(RuleId.DELETED_WHEN_ABANDONED, f"stopped for {how_long}")

    return rule


def _stopped_when_unused(days: int) -> Rule:
    def rule(instance: Instance, _identity: Identity, as_of: datetime) -> Finding | None:
        if instance.state is not InstanceState.RUNNING or (age := days_between(instance.launched_at, as_of)) < days:
            return None
        return _shared_finding(RuleId.STOPPED_WHEN_UNUSED, f"running for {age} days")

    return rule


def _allowed_region(regions: frozenset[str]) -> Rule:
    def rule(instance: Instance, _identity: Identity, _as_of: datetime) -> Finding | None:
        if instance.target.region in regions:
            return None
        return _shared_finding(RuleId.ALLOWED_REGION, f"in {instance.target.region}")

    return rule
