"""What each rule says of a row of the report, and why."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from bailiff_bot.domain.gap import Gap
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.report import Row
from bailiff_bot.domain.rules import Finding, RuleId, build_rules, judge_case
from bailiff_bot.domain.rules.reasons import Reasons


class Outcome(Enum):
    """What a rule says of a row."""

    BROKEN = auto()
    EXEMPT = auto()
    """It is broken, which does not count, because of an exemption."""
    UNDETERMINED = auto()
    NOT_BROKEN = auto()


@dataclass(frozen=True, slots=True)
class RuleExplanation:
    """What a rule says of a row, and why."""

    rule: RuleId
    outcome: Outcome
    reasons: Reasons
    finding: Finding | None
    """If it is broken, whether or not that counts."""
    gap: Gap | None
    """Why the rule cannot tell; None if it can."""


def explain_rules(row: Row, policy: Policy, as_of: datetime) -> Iterator[RuleExplanation]:
    """Yield what each rule says of a row that was judged by a policy, as of a time, in order of precedence."""
    rules = build_rules(policy)
    findings = {finding.rule: finding for finding in judge_case(row.case, rules, as_of)}
    for rule_id, rule in rules.items():
        finding = findings.get(rule_id)
        gap = None if finding else rule.undetermined(row.case, as_of)
        yield RuleExplanation(rule_id, _outcome(finding, gap, row), rule.explain(row.case), finding, gap)


def _outcome(finding: Finding | None, gap: Gap | None, row: Row) -> Outcome:
    if finding:
        return Outcome.BROKEN if finding in row.findings else Outcome.EXEMPT
    return Outcome.UNDETERMINED if gap else Outcome.NOT_BROKEN
