from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bailiff_bot.domain.history import (
    FindingKey,
    Nudged,
    Point,
    Subject,
    keys_of,
    left_of,
    nudge_due,
    point_of,
    subject_of,
)
from bailiff_bot.domain.identity import people
from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.inventory import Reason, Unread
from bailiff_bot.domain.report import judge
from bailiff_bot.domain.rules import RuleId
from tests.builders import ASG, IRELAND, NOW, OURS, PLAIN, days, instance, inventory, report

WEEK = timedelta(days=7)
KEYS = [FindingKey(Subject(IRELAND, f"i-{number}"), RuleId.NAMED) for number in range(5)]
SOME_KEYS = st.frozensets(st.sampled_from(KEYS))


def nudged(*left: FindingKey, ago: float = 1, told: frozenset[FindingKey] = frozenset(KEYS)) -> Nudged:
    return Nudged("U1", days(ago), told, frozenset(left), "D1", "1.0")


def test_an_instance_is_itself_from_one_digest_to_the_next_whatever_it_is_called() -> None:
    rows = [next(report(instance(1, name)).rows) for name in ("AGR-x", None)]
    assert {subject_of(row) for row in rows} == {Subject(IRELAND, rows[0].instance.id)}


def test_a_group_is_its_kind_and_name_whichever_machines_it_has() -> None:
    rows = [next(report(instance(number, tags={ASG: "web"})).rows) for number in (1, 2)]
    assert {subject_of(row) for row in rows} == {Subject(IRELAND, "auto-scaling group web")}


def test_every_broken_rule_is_a_finding_of_its_own() -> None:
    found = report(instance(1, None, age=40), instance(2))
    assert {key.rule for key in keys_of(found.rows)} == {RuleId.NAMED, RuleId.STOPPED_WHEN_UNUSED}


def test_an_owner_who_was_never_told_is_told() -> None:
    assert nudge_due(frozenset(KEYS[:1]), None, NOW, WEEK)


def test_an_owner_who_owes_nothing_is_told_nothing() -> None:
    assert not nudge_due(frozenset(), None, NOW, WEEK)
    assert not nudge_due(frozenset(), nudged(*KEYS, ago=99), NOW, WEEK)


@pytest.mark.parametrize(("ago", "due"), [(0, False), (6.9, False), (6.99, True), (7, True), (8, True)])
def test_an_owner_is_not_told_the_same_again_until_it_is_time_to_remind(ago: float, due: bool) -> None:  # noqa: FBT001
    assert nudge_due(frozenset(KEYS[:2]), nudged(*KEYS[:3], ago=ago), NOW, WEEK) is due


def test_an_owner_is_told_of_a_new_finding_and_of_one_that_came_back() -> None:
    assert nudge_due(frozenset(KEYS), nudged(*KEYS[1:], told=frozenset(KEYS[1:])), NOW, WEEK)
    assert nudge_due(frozenset(KEYS), nudged(*KEYS[1:]), NOW, WEEK)


@given(SOME_KEYS, SOME_KEYS, SOME_KEYS)
def test_what_is_left_of_a_message_was_in_it_and_its_reader_owes_it_or_may(
    listed: frozenset[FindingKey], owed: frozenset[FindingKey], maybe: frozenset[FindingKey]
) -> None:
    left = left_of(nudged(*listed), owed, maybe)
    assert all((key in left) == (key in listed and (key in owed or key in maybe)) for key in KEYS)


@given(SOME_KEYS, SOME_KEYS)
def test_who_paid_a_part_is_not_told_of_the_rest_again(
    listed: frozenset[FindingKey], owed: frozenset[FindingKey]
) -> None:
    left = left_of(nudged(*listed), owed, frozenset())
    assert not nudge_due(left, nudged(*left), NOW, WEEK)


def test_a_digest_is_complete_when_all_was_read_known_and_plausible() -> None:
    denied = Unread(Target(OURS, "sa-east-1"), Reason.ACCESS_DENIED)
    gaps = people([("AGR", "agr@octo.example")], gaps=["Askbob is down"])
    doubted = judge(inventory([instance()]), gaps, PLAIN, NOW, ("the fleet shrank",))
    assert point_of(report(instance(1, None), instance(2))) == Point(NOW, 1, 2, complete=True)
    for incomplete in (report(unread=[denied]), report(known=gaps), doubted):
        assert not point_of(incomplete).complete
