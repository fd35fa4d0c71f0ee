"""*End*: decided at the click, done once, and only by who granted the exemption, an owner or an administrator."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bailiff_bot.domain.action import Action, Membership, Refusal
from bailiff_bot.domain.action_result import ActionResult
from bailiff_bot.domain.asker import Asker
from bailiff_bot.domain.audit import AuditResult
from bailiff_bot.usecases.asked import NotDone
from tests.builders import NOW, instance
from tests.unit.usecases.test_keeping import ADA, ADMIN, MEL, Scenario, refusal

HOUR = timedelta(hours=1)
PAM = Asker("U3", Membership.FULL, "Pam", "pade@octo.example")
OF_MEL_NOW = (instance(1, "mlg-web", age=40),)


def kept() -> Scenario:
    """Return a scenario in which Ada kept her instance an hour ago."""
    scenario = Scenario()
    scenario.keep()
    scenario.clock.pause(HOUR.total_seconds())
    scenario.undo_of = scenario.grants[0].id
    return scenario


def end(scenario: Scenario, asker: Asker = ADA, offer: str = "7") -> object:
    return scenario.ending().end(asker, offer)


@pytest.mark.parametrize("asker", [ADA, ADMIN])
def test_it_ends_at_once_and_is_audited_with_both_ends(asker: Asker) -> None:
    scenario = kept()
    until = scenario.grants[0].until
    outcome = end(scenario, asker)
    assert isinstance(outcome, ActionResult)
    assert (outcome.action, outcome.user_id, outcome.made_id) == (Action.END, asker.user_id, scenario.grants[0].id)
    assert scenario.grants[0].until == NOW + HOUR
    record = scenario.records[-1]
    assert (record.action, record.result, record.before["until"]) == ("end", AuditResult.DONE, until.isoformat())
    assert record.after == {"until": (NOW + HOUR).isoformat()}


def test_who_granted_it_may_end_it_when_it_is_somebody_elses_by_then_and_so_may_the_new_owner() -> None:
    for asker in (ADA, MEL):
        scenario = kept()
        scenario.found = OF_MEL_NOW
        assert isinstance(end(scenario, asker), ActionResult)


@pytest.mark.parametrize(
    ("asker", "expected"),
    [
        (PAM, Refusal.NOT_YOURS),
        (replace(PAM, address=""), Refusal.NOT_YOURS),
        (replace(ADA, membership=Membership.DEACTIVATED), Refusal.NOT_A_MEMBER),
        (replace(PAM, membership=Membership.UNASKED, address=""), Refusal.CANNOT_CHECK_YOU),
    ],
)
def test_nobody_else_may(asker: Asker, expected: Refusal) -> None:
    scenario = kept()
    until = scenario.grants[0].until
    assert refusal(end(scenario, asker)) is expected
    assert scenario.grants[0].until == until
    assert (scenario.records[-1].result, scenario.records[-1].reason) == (AuditResult.REFUSED, str(expected))


def test_the_second_click_is_shown_what_came_of_the_first() -> None:
    scenario = kept()
    first = end(scenario)
    again = end(scenario)
    assert isinstance(again, NotDone)
    assert (again.reason, again.earlier) == (Refusal.DONE_ALREADY, first)


def test_a_click_on_another_list_after_it_was_ended_is_shown_who_ended_it() -> None:
    scenario = kept()
    first = end(scenario)
    scenario.clock.pause(60)
    again = end(scenario, ADMIN, offer="8")
    assert isinstance(again, NotDone)
    assert (again.reason, again.earlier) == (Refusal.DONE_ALREADY, first)
    assert again.offer
    assert again.offer.key == "8"
    assert [one.result for one in scenario.records if one.action == "end"] == [AuditResult.DONE, AuditResult.REFUSED]
    assert scenario.grants[0].until == NOW + HOUR


def test_one_that_is_over_by_itself_is_not_ended() -> None:
    scenario = kept()
    scenario.clock.pause(timedelta(days=3).total_seconds())
    outcome = end(scenario)
    assert isinstance(outcome, NotDone)
    assert (outcome.reason, outcome.earlier) == (Refusal.DONE_ALREADY, None)


def test_a_button_that_is_not_known_does_nothing() -> None:
    scenario = kept()
    assert refusal(end(scenario, offer="forged")) is None
    scenario.undo_of = "no exemption"
    assert refusal(end(scenario)) is None
    assert scenario.records[-1].reason == "unknown-button"
