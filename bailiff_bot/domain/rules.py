"""The team's rules, in order of precedence: each is pure, and built from a frozen policy.

A rule takes (instance, identity, now) and returns a finding, or None. It reads no clock, no setting and no network.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from bailiff_bot.domain.identity import Identity, Standing
from bailiff_bot.domain.instance import SETTLED, Instance, State, days_between
from bailiff_bot.domain.policy import Policy


class RuleId(StrEnum):
    """The rules, in order of precedence."""

    NAMED = "named"
    OWNED = "owned"
    KNOWN_OWNER = "known-owner"
    DELETED_WHEN_ABANDONED = "deleted-when-abandoned"
    STOPPED_WHEN_UNUSED = "stopped-when-unused"
    ALLOWED_REGION = "allowed-region"


NAMING = frozenset({RuleId.NAMED, RuleId.OWNED, RuleId.KNOWN_OWNER})
"""The rules on the name, of which one at most is broken."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that an instance breaks, and the evidence."""

    rule: RuleId
    evidence: str
    """What was seen, in words that need no verb: "stopped for 112 days"."""


_finding = lru_cache(maxsize=4096)(Finding)
"""Equal findings are one value: a fleet has a few hundred kinds."""

Rule = Callable[[Instance, Identity, datetime], Finding | None]


def rules(policy: Policy) -> tuple[Rule, ...]:
    """Return the team's rules under a policy, in order of precedence."""
    return (
        _after(timedelta(hours=policy.grace_hours), misnamed),
        _deleted_when_abandoned(policy.stopped_days),
        _stopped_when_unused(policy.running_days),
        *([_allowed_region(policy.allowed_regions)] if policy.allowed_regions else []),
    )


def findings(instance: Instance, identity: Identity, now: datetime, all_rules: tuple[Rule, ...]) -> tuple[Finding, ...]:
    """Return what an instance owes, in order of precedence."""
    return tuple([found for rule in all_rules if (found := rule(instance, identity, now))])


def misnamed(instance: Instance, identity: Identity, now: datetime) -> Finding | None:
    """Return which of the rules on the name is broken, as if there were no grace."""
    for rule in (_named, _owned, _known_owner):
        if found := rule(instance, identity, now):
            return found
    return None


def _after(grace: timedelta, rule: Rule) -> Rule:
    """Let a rule wait until an instance has settled and was started long enough ago."""

    def patient(instance: Instance, identity: Identity, now: datetime) -> Finding | None:
        if instance.state not in SETTLED or now - instance.launched < grace:
            return None
        return rule(instance, identity, now)

    return patient


def _named(instance: Instance, identity: Identity, _now: datetime) -> Finding | None:
    if identity.identifier or (instance.name or "").strip():
        return None
    return _finding(RuleId.NAMED, "no name" if instance.name is None else "a blank name")


def _owned(instance: Instance, identity: Identity, _now: datetime) -> Finding | None:
    if identity.identifier or not (instance.name or "").strip():
        return None
    return _finding(RuleId.OWNED, "no identifier in front of the name")


def _known_owner(_instance: Instance, identity: Identity, _now: datetime) -> Finding | None:
    if identity.standing is not Standing.UNKNOWN:
        return None
    return _finding(RuleId.KNOWN_OWNER, f"nobody is {identity.identifier}")


def _deleted_when_abandoned(days: int) -> Rule:
    def rule(instance: Instance, _identity: Identity, now: datetime) -> Finding | None:
        since = instance.stopped or instance.watched
        if since is None or (age := days_between(since, now)) < days:
            return None
        how_long = f"{age} days" if instance.stopped else f"at least {age} days"
        return _finding(RuleId.DELETED_WHEN_ABANDONED, f"stopped for {how_long}")

    return rule


def _stopped_when_unused(days: int) -> Rule:
    def rule(instance: Instance, _identity: Identity, now: datetime) -> Finding | None:
        if instance.state is not State.RUNNING or (age := days_between(instance.launched, now)) < days:
            return None
        return _finding(RuleId.STOPPED_WHEN_UNUSED, f"running for {age} days")

    return rule


def _allowed_region(regions: frozenset[str]) -> Rule:
    def rule(instance: Instance, _identity: Identity, _now: datetime) -> Finding | None:
        if instance.target.region in regions:
            return None
        return _finding(RuleId.ALLOWED_REGION, f"in {instance.target.region}")

    return rule
