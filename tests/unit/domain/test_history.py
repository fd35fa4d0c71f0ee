from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bailiff_bot.domain.history import (
    FindingKey,
    LastNudge,
    Subject,
    TrendPoint,
    finding_keys,
    is_nudge_due,
    remaining_findings,
    subject_of,
    trend_point,
)
from bailiff_bot.domain.identity import people_from_entries
from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.inventory import Unread, UnreadReason
from bailiff_bot.domain.report import judge
from bailiff_bot.domain.rules import RuleId
from tests.builders import ASG, DEFAULT_POLICY, IRELAND, NOW, OWN_ACCOUNT, days_ago, instance, inventory, report

WEEK = timedelta(days=7)
KEYS = [FindingKey(Subject(IRELAND, f"i-{number}"), RuleId.NAMED) for number in range(5)]
SOME_KEYS = st.frozensets(st.sampled_from(KEYS))


def last_nudge(*left: FindingKey, ago: float = 1, findings: frozenset[FindingKey] = frozenset(KEYS)) -> LastNudge:
    return LastNudge("U1", days_ago(ago), findings, frozenset(left), "D1", "1.0")


def test_an_instance_is_itself_from_one_digest_to_the_next_whatever_it_is_called() -> None:
    rows = [next(report(instance(1, name)).rows) for name in ("AGR-x", None)]
    assert {subject_of(row) for row in rows} == {Subject(IRELAND, rows[0].instance.id)}


def test_a_group_is_its_kind_and_name_whichever_machines_it_has() -> None:
    rows = [next(report(instance(number, tags={ASG: "web"})).rows) for number in (1, 2)]
    assert {subject_of(row) for row in rows} == {Subject(IRELAND, "auto-scaling group web")}


def test_every_broken_rule_is_a_finding_of_its_own() -> None:
    found = report(instance(1, None, age=40), instance(2))
    assert {key.rule for key in finding_keys(found.rows)} == {RuleId.NAMED, RuleId.STOPPED_WHEN_UNUSED}


def test_an_owner_who_was_never_notified_is_notified() -> None:
    assert is_nudge_due(frozenset(KEYS[:1]), None, NOW, WEEK)


def test_an_owner_without_findings_is_not_notified() -> None:
    assert not is_nudge_due(frozenset(), None, NOW, WEEK)
    assert not is_nudge_due(frozenset(), last_nudge(*KEYS, ago=99), NOW, WEEK)


@pytest.mark.parametrize(("ago", "due"), [(0, False), (6.9, False), (6.99, True), (7, True), (8, True)])
def test_an_owner_is_not_notified_of_the_same_again_until_the_reminder_is_due(ago: float, due: bool) -> None:  # noqa: FBT001
    assert is_nudge_due(frozenset(KEYS[:2]), last_nudge(*KEYS[:3], ago=ago), NOW, WEEK) is due


def test_an_owner_is_notified_of_a_new_finding_and_of_one_that_came_back() -> None:
    assert is_nudge_due(frozenset(KEYS), last_nudge(*KEYS[1:], findings=frozenset(KEYS[1:])), NOW, WEEK)
    assert is_nudge_due(frozenset(KEYS), last_nudge(*KEYS[1:]), NOW, WEEK)


@given(SOME_KEYS, SOME_KEYS, SOME_KEYS)
def test_what_is_left_of_a_message_was_in_it_and_is_open_or_undetermined(
    listed: frozenset[FindingKey], owed: frozenset[FindingKey], maybe: frozenset[FindingKey]
) -> None:
    left = remaining_findings(last_nudge(*listed), owed, maybe)
    assert all((key in left) == (key in listed and (key in owed or key in maybe)) for key in KEYS)


@given(SOME_KEYS, SOME_KEYS)
def test_an_owner_who_fixed_a_part_is_not_notified_of_the_rest_again(
    listed: frozenset[FindingKey], owed: frozenset[FindingKey]
) -> None:
    left = remaining_findings(last_nudge(*listed), owed, frozenset())
    assert not is_nudge_due(left, last_nudge(*left), NOW, WEEK)


def test_a_digest_is_complete_when_all_was_read_known_and_plausible() -> None:
    denied = Unread(Target(OWN_ACCOUNT, "sa-east-1"), UnreadReason.ACCESS_DENIED)
    gaps = people_from_entries([("AGR", "agr@octo.example")], gaps=["Askbob is down"])
    doubted = judge(inventory([instance()]), gaps, DEFAULT_POLICY, NOW, ("the fleet shrank",))
    assert trend_point(report(instance(1, None), instance(2))) == TrendPoint(NOW, 1, 2, complete=True)
    for incomplete in (report(unread=[denied]), report(people=gaps), doubted):
        assert not trend_point(incomplete).complete
