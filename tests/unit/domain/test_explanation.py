"""An explanation never disagrees with the judgement that it explains."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given

from bailiff_bot.domain.explanation import Explanation, explain
from bailiff_bot.domain.grants import Grant, Grants, live_grants
from bailiff_bot.domain.history import LastNudge, finding_keys, is_nudge_due, subject_of
from bailiff_bot.domain.instance import InstanceState
from bailiff_bot.domain.next_events import ExemptionEnds, OwnerNotified, ThresholdReached
from bailiff_bot.domain.notification import NotificationHistory
from bailiff_bot.domain.owner import NoOwner, Owner
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.report import OtherTable, Report, Row, judge
from bailiff_bot.domain.rule_explanation import Outcome, explain_rules
from bailiff_bot.domain.rules import RuleId
from bailiff_bot.domain.rules.rule import Rule
from bailiff_bot.domain.rules.stopped_when_unused import StoppedWhenUnused
from bailiff_bot.domain.snapshot import Snapshot
from tests.builders import (
    ASG,
    DIRECTORY,
    NOW,
    Fleet,
    days_ago,
    example_count,
    fleets,
    instance,
    inventory,
    report,
)
from tests.unit.domain.test_verdicts import CASES, ec2_rows, report_of

MOMENT = timedelta(microseconds=1)
ADA = Owner("U1", "Ada")
WEEK = timedelta(days=7)


def explained(row: Row, judged: Report, grants: Grants | None = None, **history: Any) -> Explanation:
    owners = dict.fromkeys(row.identity.addresses, NoOwner("nobody"))
    return explain(row, judged, NotificationHistory(**{"owners": owners, **history}), grants=grants or {})


def only(judged: Report) -> Row:
    [row] = judged.rows
    return row


def broken(explanation: Explanation) -> list[RuleId]:
    return [rule.rule for rule in explanation.rules if rule.outcome is Outcome.BROKEN]


@pytest.mark.parametrize(("section", "case"), CASES)
def test_the_explanation_agrees_with_the_verdict_decided_by_hand(section: str, case: dict[str, Any]) -> None:
    judged = report_of(section, *ec2_rows(case))
    for row in judged.rows:
        explanation = explained(row, judged)
        assert broken(explanation) == [finding.rule for finding in row.findings]
        if "controller" not in case and not row.controller:
            assert broken(explanation) == case["expect"]["findings"]
        assert_reasons_agree(explanation, judged.as_of)


def assert_reasons_agree(explanation: Explanation, as_of: datetime) -> None:
    """Check that the time from which a rule is broken, which `explain` finds, is the one by which `check` judges."""
    for rule in explanation.rules:
        since = rule.reasons.broken_from
        assert (rule.finding is not None) == (since is not None and since <= as_of), rule
        assert (rule.finding is None) or (rule.gap is None)
        assert (rule.finding is not None) == (rule.outcome in {Outcome.BROKEN, Outcome.EXEMPT})


@given(fleets(60))
@example_count(60)
def test_the_explanation_names_exactly_the_findings_of_the_report(fleet: Fleet) -> None:
    for row in fleet.report.rows:
        explanation = explained(row, fleet.report)
        findings = tuple(rule.finding for rule in explanation.rules if rule.outcome is Outcome.BROKEN)
        assert findings == row.findings
        assert_reasons_agree(explanation, fleet.report.as_of)


@given(fleets(30))
@example_count(60)
def test_a_rule_is_broken_at_the_time_that_the_explanation_foretells_and_not_before(fleet: Fleet) -> None:
    snapshot, policy = Snapshot(fleet.inventory, fleet.people), fleet.report.policy
    for row in fleet.report.rows:
        for event in explained(row, fleet.report).next_events:
            assert isinstance(event, ThresholdReached)
            assert event.at > fleet.report.as_of
            assert event.rule in rules_at(event.at, row, snapshot, policy)
            assert event.rule not in rules_at(event.at - MOMENT, row, snapshot, policy)


def rules_at(
    at: datetime, row: Row, snapshot: Snapshot, policy: Policy, grants: tuple[Grant, ...] = ()
) -> frozenset[RuleId]:
    later = judge(snapshot, policy, at, live_grants(grants, at))
    [same] = [other for other in later.rows if row.instance.id in {one.id for one in other.instances}]
    return frozenset(finding.rule for finding in same.findings)


@given(fleets(30))
@example_count(60)
def test_the_owners_chain_ends_at_the_owners_of_the_report(fleet: Fleet) -> None:
    for row in fleet.report.rows:
        chain = explained(row, fleet.report).owner
        assert tuple(candidate for candidate, _ in chain.users) == row.identity.candidates
        assert chain.tags_count or row.identity.tag is None
        counting = [tag for tag in chain.tags if tag.key.strip() == row.identity.tag]
        assert bool(counting) == (row.identity.tag is not None)
        assert not counting or counting[0].owners


@pytest.mark.parametrize(
    ("tags", "until"),
    [
        ({"bailiff:exempt": "2026-11-30"}, "2026-12-01T00:00+00:00"),
        ({"bailiff:exempt": "2026-11-24"}, "2026-11-25T00:00+00:00"),
    ],
)
def test_the_end_of_a_tag_brings_the_rules_that_are_broken_by_then(tags: dict[str, str], until: str) -> None:
    found = (instance(1, None, age=28.5, tags=tags),)
    snapshot, policy = Snapshot(inventory(found), DIRECTORY), Policy()
    judged = judge(snapshot, policy, NOW)
    explanation = explained(only(judged), judged)
    assert broken(explanation) == []
    assert explanation.rules[0].outcome is Outcome.EXEMPT
    for event in explanation.next_events:
        rules = event.rules if isinstance(event, ExemptionEnds) else (getattr(event, "rule", None),)
        assert event.at
        assert rules_at(event.at, only(judged), snapshot, policy) >= set(rules)
        assert rules_at(event.at - MOMENT, only(judged), snapshot, policy).isdisjoint(rules)
    [end] = [event for event in explanation.next_events if isinstance(event, ExemptionEnds)]
    assert end.at == datetime.fromisoformat(until)
    assert RuleId.NAMED in end.rules


def test_a_tag_without_an_end_is_never_followed_by_anything() -> None:
    judged = report(instance(1, None, age=28, tags={"bailiff:exempt": ""}))
    explanation = explained(only(judged), judged)
    assert explanation.next_events == ()
    assert explanation.exemptions.endless


def test_a_granted_exemption_ends_for_its_rules_alone() -> None:
    found = (instance(1, "nobodys-box", age=40),)
    snapshot, policy = Snapshot(inventory(found), DIRECTORY), Policy()
    before = only(judge(snapshot, policy, NOW))
    grant = Grant("g", subject_of(before), frozenset({RuleId.OWNED}), NOW + WEEK, "demo", "U1", "Ada", days_ago(1))
    judged = judge(snapshot, policy, NOW, live_grants([grant], NOW))
    explanation = explained(only(judged), judged, live_grants([grant], NOW))
    outcomes = {rule.rule: rule.outcome for rule in explanation.rules}
    assert outcomes[RuleId.OWNED] is Outcome.EXEMPT
    assert outcomes[RuleId.STOPPED_WHEN_UNUSED] is Outcome.BROKEN
    assert explanation.next_events == (ExemptionEnds(NOW + WEEK, (RuleId.OWNED,)),)
    assert RuleId.OWNED in rules_at(NOW + WEEK, before, snapshot, policy, (grant,))
    assert RuleId.OWNED not in rules_at(NOW + WEEK - MOMENT, before, snapshot, policy, (grant,))


def test_an_exempt_machine_of_a_controller_is_judged_with_it_later() -> None:
    judged = report(instance(1, "node", tags={ASG: "web", "bailiff:exempt": "2026-11-30"}))
    explanation = explained(only(judged), judged)
    assert explanation.later_controller
    assert explanation.later_controller.name == "web"
    assert explanation.rules == ()
    assert explanation.next_events == (ExemptionEnds(datetime.fromisoformat("2026-12-01T00:00Z"), ()),)


def test_a_machine_is_explained_by_its_controller() -> None:
    judged = report(*(instance(number, "node", age=40 + number, tags={ASG: "web"}) for number in (1, 2)))
    row = only(judged)
    explanation = explain(row, judged, NotificationHistory({}), row.members[0])
    assert explanation.row.controller
    assert {fact.value for fact in explanation.facts} >= {row.members[0].launched_at}
    assert broken(explanation) == [finding.rule for finding in row.findings] == ["owned", "stopped-when-unused"]


@pytest.mark.parametrize("listed", [True, False])
@pytest.mark.parametrize("days", [1, 6.9, 6.96, 7, 30])
def test_the_reminder_is_due_when_the_digest_sends_it(*, listed: bool, days: float) -> None:
    judged = report(instance(1, "AGR-box", age=40))
    row = only(judged)
    keys = finding_keys([row]) if listed else frozenset()
    last = LastNudge("U1", days_ago(days), keys, keys, "D1", "1.0")
    explanation = explained(row, judged, owners={"agr@octo.example": ADA}, last_nudges={"U1": last}, remind_after=WEEK)
    [event] = explanation.next_events
    assert isinstance(event, OwnerNotified)
    assert (event.at is None) == (not listed)
    due = is_nudge_due(finding_keys([row]), last, NOW, WEEK)
    assert due == (event.at is None or event.at <= NOW)


def test_nobody_is_told_if_owners_are_not_notified_or_nothing_is_broken() -> None:
    judged = report(instance(1, "AGR-box", age=40))
    owners = {"agr@octo.example": ADA}
    assert explained(only(judged), judged, owners=owners, remind_after=None).next_events == ()
    legit = report(instance(1, "AGR-box", age=2))
    events = explained(only(legit), legit, owners=owners, remind_after=WEEK).next_events
    assert [type(event) for event in events] == [ThresholdReached]


def test_a_stop_that_ec2_does_not_date_is_dated_by_our_own_watch() -> None:
    stopped = replace(instance(1, age=90, state=InstanceState.STOPPED), first_seen_stopped=days_ago(10))
    judged = report(stopped)
    explanation = explained(only(judged), judged)
    [rule] = [one for one in explanation.rules if one.rule is RuleId.DELETED_WHEN_ABANDONED]
    assert rule.outcome is Outcome.UNDETERMINED
    assert [(fact.what, fact.value) for fact in rule.reasons.facts][1] == ("seen stopped since", days_ago(10))
    assert rule.reasons.broken_from == days_ago(-5)


def test_each_date_has_its_source() -> None:
    attached = replace(instance(1, age=2, stopped=1), attached_at=days_ago(50))
    judged = report(attached)
    sources = {fact.what: (fact.value, fact.source) for fact in explained(only(judged), judged).facts}
    assert sources == {
        "state": ("stopped", "EC2's State"),
        "launched": (days_ago(2), "EC2's LaunchTime"),
        "attached": (
            days_ago(50),
            "EC2's AttachTime of the primary network interface or the root volume, the earlier one",
        ),
        "stopped": (days_ago(1), "EC2's StateTransitionReason"),
    }


def test_a_rule_that_does_not_explain_itself_cannot_exist() -> None:
    class Silent(StoppedWhenUnused):
        explain = Rule.explain  # type: ignore[assignment]

    with pytest.raises(TypeError, match="explain"):
        Silent(30, reads_usage=True, idle_days=14, idle_cpu=5, idle_network_mb=5, used_cpu=10, used_network_mb=1000)


def test_the_rules_of_an_exempt_instance_are_explained_as_exempt() -> None:
    judged = report(instance(1, None, age=40, tags={"bailiff:exempt": ""}))
    row = only(judged)
    assert judged.table(OtherTable.EXEMPT).count == 1
    outcomes = [rule.outcome for rule in explain_rules(row, judged.policy, judged.as_of)]
    assert outcomes.count(Outcome.EXEMPT) == 2
    assert Outcome.BROKEN not in outcomes
