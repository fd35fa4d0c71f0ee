"""A delegate acts for the owner: decided at the click, and recorded with the owner's name."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bailiff_bot.domain.action import Membership, Refusal
from bailiff_bot.domain.action_result import ActionResult
from bailiff_bot.domain.asker import Asker
from bailiff_bot.domain.audit import Person
from bailiff_bot.domain.delegation import Delegation
from bailiff_bot.messages.action_results import result_text
from bailiff_bot.usecases.asked import NotDone
from tests.builders import NOW, instance
from tests.fakes.stores import FakeDelegationStore
from tests.unit.usecases.test_keeping import ADA, MEL, PARIS, Scenario

BY_ADA = Delegation("1", "U1", "Ada", "agr@octo.example", "U2", "Mel", "", NOW, NOW + timedelta(days=14))


def with_delegation(**changes: Any) -> Scenario:
    return Scenario(delegations=FakeDelegationStore(replace(BY_ADA, **changes)))


def test_a_delegate_acts_for_the_owner_and_the_record_says_for_whom() -> None:
    scenario = with_delegation(identifier="AGR")
    result = scenario.keep(MEL)
    assert isinstance(result, ActionResult)
    assert (result.name, result.acted_for) == ("Mel", "Ada")
    assert result_text(result, PARIS).startswith("Mel for Ada keeps agr-web until 2026-11-24: a demo")
    [record] = scenario.records
    assert record.after["for"] == Person("U1", "Ada", "agr@octo.example")
    assert record.actor == Person("U2", "Mel", "mlg@octo.example")


def test_the_owner_acts_for_nobody() -> None:
    scenario = with_delegation()
    result = scenario.keep(ADA)
    assert isinstance(result, ActionResult)
    assert result.acted_for == ""
    assert "for" not in scenario.records[-1].after


def test_an_owner_who_is_a_delegate_too_acts_alone() -> None:
    shared = instance(1, None, age=40, tags={"owner": "agr@octo.example, mlg@octo.example"})
    scenario = replace(with_delegation(), found=(shared,))
    result = scenario.keep(MEL)
    assert isinstance(result, ActionResult)
    assert result.acted_for == ""


@pytest.mark.parametrize(
    ("scenario", "asker", "reason"),
    [
        (with_delegation(until=NOW), MEL, Refusal.NOT_YOURS),
        (with_delegation(identifier="ADA"), MEL, Refusal.NOT_YOURS),
        (with_delegation(owner_address="ada@other.example"), MEL, Refusal.NOT_YOURS),
        (with_delegation(), replace(MEL, user_id="U3"), Refusal.NOT_YOURS),
        (with_delegation(), replace(MEL, membership=Membership.GUEST), Refusal.NOT_A_MEMBER),
        (with_delegation(), replace(MEL, membership=Membership.UNASKED), Refusal.CANNOT_CHECK_YOU),
    ],
    ids=["over", "another identifier", "another owner", "another user", "a guest now", "Slack is silent"],
)
def test_who_is_no_delegate_of_it_is_refused(scenario: Scenario, asker: Asker, reason: Refusal) -> None:
    refused = scenario.keep(asker)
    assert isinstance(refused, NotDone)
    assert (refused.reason, scenario.grants) == (reason, [])
    assert scenario.records[-1].reason == reason


def test_a_delegate_undoes_what_they_kept_and_not_what_the_owner_kept() -> None:
    scenario = with_delegation()
    scenario.keep(MEL)
    scenario.undo_of = scenario.grants[0].id
    undone = scenario.undoing().undo(MEL, "undo")
    assert isinstance(undone, ActionResult)
    assert undone.acted_for == "Ada"
    scenario = with_delegation()
    scenario.keep(ADA)
    scenario.undo_of = scenario.grants[0].id
    assert isinstance(scenario.undoing().undo(MEL, "undo"), NotDone)
