"""What every rule must have. A new rule needs an example here, and then fails each test whose promise it forgot."""

from dataclasses import fields, replace

import pytest

from bailiff_bot.domain.case import Case, CaseMaker
from bailiff_bot.domain.instance import STEADY_STATES, Instance, InstanceState
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.rules import RULES, RuleId, build_rules, judge_case, policy_fingerprint
from tests.builders import DIRECTORY, NOW, PARIS, instance

POLICY = Policy(allowed_regions=frozenset({"eu-west-1"}), reads_usage=True)
BREAKING: dict[RuleId, Instance] = {
    RuleId.NAMED: instance(1, None),
    RuleId.OWNED: instance(1, "machine"),
    RuleId.KNOWN_OWNER: instance(1, "ZZZ-x"),
    RuleId.DELETED_WHEN_ABANDONED: instance(1, "AGR-x", stopped=20),
    RuleId.STOPPED_WHEN_UNUSED: instance(1, "AGR-x", age=40),
    RuleId.ALLOWED_REGION: instance(1, "AGR-x", target=PARIS),
}
"""For each rule an instance that breaks it, and no other one."""
ASKING = {RuleId.STOPPED_WHEN_UNUSED}
"""The rules that only ask whether an instance is needed."""
OTHER_THRESHOLDS = {
    "stopped_days": 16,
    "running_days": 31,
    "grace_hours": 25,
    "allowed_regions": frozenset({"x"}),
    "reads_usage": False,
    "idle_days": 13,
    "idle_cpu": 4,
    "idle_network_mb": 6,
    "used_cpu": 11,
    "used_network_mb": 1001,
}


def case_of(found: Instance) -> Case:
    [case] = CaseMaker(DIRECTORY, POLICY, {}, NOW).single([found])
    return case


def test_every_rule_is_in_the_catalogue_in_the_order_of_precedence() -> None:
    assert list(RULES) == list(build_rules(POLICY)) == list(RuleId)


@pytest.mark.parametrize("rule", RuleId)
def test_a_case_that_breaks_a_rule_has_its_finding_with_evidence(rule: RuleId) -> None:
    [finding] = judge_case(case_of(BREAKING[rule]), build_rules(POLICY), NOW)
    assert finding.rule is rule
    assert finding.evidence
    assert finding.asks is (rule in ASKING)


@pytest.mark.parametrize("rule", RuleId)
@pytest.mark.parametrize("state", [state for state in InstanceState if state not in STEADY_STATES])
def test_a_case_that_breaks_a_rule_is_never_called_right_while_it_is_between_states(
    rule: RuleId, state: InstanceState
) -> None:
    one, case = build_rules(POLICY)[rule], case_of(replace(BREAKING[rule], state=state))
    assert one.check(case, NOW) or one.undetermined(case, NOW)


@pytest.mark.parametrize("rule", RuleId)
def test_a_case_that_breaks_no_rule_is_called_right_by_every_rule(rule: RuleId) -> None:
    one, case = build_rules(POLICY)[rule], case_of(instance(1, "AGR-x"))
    assert (one.check(case, NOW), one.undetermined(case, NOW)) == (None, None)


@pytest.mark.parametrize("rule", RuleId)
def test_the_cases_of_a_rule_can_be_sorted_and_no_two_have_the_same_place(rule: RuleId) -> None:
    sort_key = RULES[rule].sort_key
    one, other = case_of(BREAKING[rule]), case_of(replace(BREAKING[rule], id="i-2"))
    assert sort_key(one) != sort_key(other)
    assert sorted([one, other], key=sort_key) == sorted([other, one], key=sort_key)


@pytest.mark.parametrize(
    ("rule", "threshold"), [(rule, one.name) for rule, kind in RULES.items() for one in fields(kind)]
)
def test_a_threshold_of_any_rule_changes_the_fingerprint_of_the_policy(rule: RuleId, threshold: str) -> None:
    other = replace(POLICY, **{threshold: OTHER_THRESHOLDS[threshold]})  # type: ignore[arg-type]
    assert build_rules(other)[rule] != build_rules(POLICY)[rule]
    assert policy_fingerprint(other) != policy_fingerprint(POLICY)


def test_marks_of_usage_do_not_change_the_fingerprint_while_usage_is_not_read() -> None:
    assert policy_fingerprint(Policy(idle_cpu=50)) == policy_fingerprint(Policy())
    assert policy_fingerprint(Policy(reads_usage=True)) != policy_fingerprint(Policy())


@pytest.mark.parametrize("rule", RuleId)
def test_the_thresholds_of_every_rule_are_fields_of_the_policy(rule: RuleId) -> None:
    assert {one.name for one in fields(RULES[rule])} <= {one.name for one in fields(Policy)}


@pytest.mark.parametrize("rule", RuleId)
def test_a_rule_explains_what_it_compared_with_each_of_its_thresholds(rule: RuleId) -> None:
    policy = replace(Policy(**OTHER_THRESHOLDS), reads_usage=True)  # type: ignore[arg-type]
    one = build_rules(policy)[rule]
    reasons = one.explain(case_of(BREAKING[rule]))
    text = " ".join((reasons.threshold, *(str(fact.value) for fact in reasons.facts)))
    for field in fields(one):
        value = getattr(one, field.name)
        assert isinstance(value, bool) or (", ".join(value) if isinstance(value, frozenset) else str(value)) in text
    assert reasons.facts
    assert all(fact.what and fact.source for fact in reasons.facts)
