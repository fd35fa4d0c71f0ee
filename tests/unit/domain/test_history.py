from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bailiff_bot.domain.gap import SUPPLEMENTARY, Gap, GapSource
from bailiff_bot.domain.history import (
    FindingKey,
    LastNudge,
    TrendPoint,
    finding_keys,
    is_nudge_due,
    remaining_findings,
    subject_of,
    trend_point,
)
from bailiff_bot.domain.inventory import Inventory
from bailiff_bot.domain.report import judge
from bailiff_bot.domain.rules import RuleId
from bailiff_bot.domain.snapshot import Snapshot
from bailiff_bot.domain.subject import Subject
from tests.builders import ASG, DEFAULT_POLICY, DIRECTORY, IRELAND, NOW, days_ago, instance, report

WEEK = timedelta(days=7)
KEYS = [FindingKey(Subject(IRELAND, f"i-{number}"), RuleId.NAMED) for number in range(5)]
SOME_KEYS = st.frozensets(st.sampled_from(KEYS))


def last_nudge(*remaining: FindingKey, ago: float = 1, findings: frozenset[FindingKey] = frozenset(KEYS)) -> LastNudge:
    return LastNudge("U1", days_ago(ago), findings, frozenset(remaining), "D1", "1.0")


def test_an_instance_keeps_its_subject_when_its_name_changes() -> None:
    rows = [next(report(instance(1, name)).rows) for name in ("AGR-x", None)]
    assert {subject_of(row) for row in rows} == {Subject(IRELAND, rows[0].instance.id)}


def test_a_group_is_identified_by_kind_and_name_and_not_by_its_machines() -> None:
    rows = [next(report(instance(number, tags={ASG: "web"})).rows) for number in (1, 2)]
    assert {subject_of(row) for row in rows} == {Subject(IRELAND, "auto-scaling group web")}


def test_every_broken_rule_has_its_own_finding_key() -> None:
    found = report(instance(1, None, age=40), instance(2))
    assert {key.rule for key in finding_keys(found.rows)} == {RuleId.NAMED, RuleId.STOPPED_WHEN_UNUSED}


def test_a_nudge_is_due_for_an_owner_who_was_never_notified() -> None:
    assert is_nudge_due(frozenset(KEYS[:1]), None, NOW, WEEK)


def test_no_nudge_is_due_for_an_owner_without_findings() -> None:
    assert not is_nudge_due(frozenset(), None, NOW, WEEK)
    assert not is_nudge_due(frozenset(), last_nudge(*KEYS, ago=99), NOW, WEEK)


@pytest.mark.parametrize(("ago", "due"), [(0, False), (6.9, False), (6.99, True), (7, True), (8, True)])
def test_an_owner_is_not_notified_of_the_same_findings_before_the_reminder_is_due(ago: float, due: bool) -> None:  # noqa: FBT001
    assert is_nudge_due(frozenset(KEYS[:2]), last_nudge(*KEYS[:3], ago=ago), NOW, WEEK) is due


def test_a_nudge_is_due_for_a_new_finding_and_for_one_that_came_back() -> None:
    assert is_nudge_due(frozenset(KEYS), last_nudge(*KEYS[1:], findings=frozenset(KEYS[1:])), NOW, WEEK)
    assert is_nudge_due(frozenset(KEYS), last_nudge(*KEYS[1:]), NOW, WEEK)


@given(SOME_KEYS, SOME_KEYS, SOME_KEYS)
def test_the_remaining_findings_of_a_nudge_were_listed_and_are_open_or_undetermined(
    listed: frozenset[FindingKey], open_keys: frozenset[FindingKey], undetermined: frozenset[FindingKey]
) -> None:
    remaining = remaining_findings(last_nudge(*listed), open_keys, undetermined)
    assert all((key in remaining) == (key in listed and (key in open_keys or key in undetermined)) for key in KEYS)


@given(SOME_KEYS, SOME_KEYS)
def test_an_owner_who_fixed_some_findings_is_not_notified_again_of_the_others(
    listed: frozenset[FindingKey], open_keys: frozenset[FindingKey]
) -> None:
    remaining = remaining_findings(last_nudge(*listed), open_keys, frozenset())
    assert not is_nudge_due(remaining, last_nudge(*remaining), NOW, WEEK)


def test_a_digest_is_complete_if_everything_was_read_and_is_plausible() -> None:
    assert trend_point(report(instance(1, None), instance(2))) == TrendPoint(NOW, 1, 2, complete=True)


@pytest.mark.parametrize("source", GapSource)
def test_a_digest_with_a_gap_is_incomplete_in_the_trend_unless_the_gap_is_of_a_supplementary_source(
    source: GapSource,
) -> None:
    point = trend_point(report(instance(), gaps=[Gap(source, IRELAND, "timed out")]))
    assert point.complete is (source in SUPPLEMENTARY)


def test_a_digest_for_which_no_target_was_read_is_incomplete_in_the_trend() -> None:
    assert not trend_point(judge(Snapshot(Inventory((), (), (), NOW), DIRECTORY), DEFAULT_POLICY, NOW)).complete
