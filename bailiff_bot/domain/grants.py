"""Exemptions that were granted in Slack: from which rules, until when, by whom. Each has an end."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bailiff_bot.domain.rules import Finding, RuleId
from bailiff_bot.domain.subject import Subject


@dataclass(frozen=True, slots=True)
class Grant:
    """An exemption from the rules that were broken when it was granted. A rule that is broken later is told."""

    id: str
    subject: Subject
    rules: frozenset[RuleId]
    until: datetime
    """The first instant without exemption, in UTC; when somebody ends it, that time."""
    reason: str
    granted_by: str
    """The id of the Slack user."""
    granter: str
    """The name that Slack showed of this user."""
    granted_at: datetime
    extensions: int = 0
    """How often in a row it was extended."""


Grants = Mapping[Subject, Mapping[RuleId, Grant]]
"""By subject and rule, the exemption that lasts longest, of those that are not over."""

FIRST_SHOWN_EXTENSION = 2
"""This extension and each further one is shown to administrators."""
NO_GRANTS: Grants = {}


def live_grants(grants: Iterable[Grant], now: datetime) -> Grants:
    """Return the exemptions that count now."""
    longest: dict[Subject, dict[RuleId, Grant]] = defaultdict(dict)
    for grant in sorted(grants, key=lambda one: (one.until, one.id)):
        if grant.granted_at <= now < grant.until:
            longest[grant.subject] |= dict.fromkeys(grant.rules, grant)
    return dict(longest)


def extension_number(earlier: Iterable[Grant], until: datetime) -> int:
    """Return which extension of `earlier`, the live ones, an exemption until `until` is; 0 if it outlasts none."""
    return max((grant.extensions + 1 for grant in earlier if grant.until < until), default=0)


def split_findings(
    findings: tuple[Finding, ...], granted: Mapping[RuleId, Grant]
) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """Return the findings that count, and those that are kept: an exemption from their rule was granted."""
    counting = tuple(finding for finding in findings if finding.rule not in granted)
    return counting, tuple(finding for finding in findings if finding.rule in granted)
