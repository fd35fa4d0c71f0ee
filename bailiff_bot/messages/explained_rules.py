"""What was read of an instance, and what each rule says of it, as lines."""

from collections.abc import Iterator
from datetime import datetime, tzinfo

from bailiff_bot.domain.explanation import Explanation
from bailiff_bot.domain.facts import Fact
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.rule_explanation import Outcome, RuleExplanation
from bailiff_bot.messages.document import Bold, Line
from bailiff_bot.messages.formatting import instant, visible
from bailiff_bot.messages.rule_texts import controller_remedy, remedy, title


def fact_text(fact: Fact, zone: tzinfo) -> str:
    """Return something that was read, with its source: `launched: 2026-11-23 17:56 CET (EC2's LaunchTime)`."""
    return f"{fact.what}: {_value(fact.value, zone)} ({fact.source})"


def _value(value: datetime | str | None, zone: tzinfo) -> str:
    if value is None:
        return "none"
    return instant(value, zone) if isinstance(value, datetime) else visible(value)


def rule_lines(explained: Explanation, policy: Policy, as_of: datetime, zone: tzinfo) -> Iterator[Line]:
    """Yield for each rule what it says, its threshold and what it compared."""
    for rule in explained.rules:
        outcome = _outcome(rule, _advice(rule, explained, policy))
        facts = (fact_text(fact, zone) for fact in rule.reasons.facts)
        yield Bold(title(rule.rule, policy)), f": {' · '.join((outcome, _threshold(rule, as_of, zone), *facts))}"


def _advice(rule: RuleExplanation, explained: Explanation, policy: Policy) -> str:
    return (controller_remedy if explained.row.controller else remedy)(rule.rule, policy)


def _outcome(rule: RuleExplanation, advice: str) -> str:
    if rule.gap:
        return f"Bailiff cannot tell now ({rule.gap.reason})"
    if not rule.finding:
        return "not broken"
    if rule.outcome is Outcome.EXEMPT:
        return f"broken, but exempt ({rule.finding.evidence})"
    return f"{'a question' if rule.finding.asks else 'broken'} ({rule.finding.evidence}): {advice}"


def _threshold(rule: RuleExplanation, as_of: datetime, zone: tzinfo) -> str:
    at = rule.reasons.broken_from
    later = f", reached {instant(at, zone)}" if at and at > as_of else ""
    return f"threshold: {rule.reasons.threshold}{later}"
