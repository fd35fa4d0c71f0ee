"""Delegates get a copy of what an owner is told. It follows what is fixed, and leaves their own messages alone."""

from dataclasses import replace

import pytest

from bailiff_bot.domain.delegation import Delegation
from bailiff_bot.domain.delivery import DeliveryState
from bailiff_bot.domain.digest import DELIVERY_SUMMARY
from bailiff_bot.errors import Refused
from tests.builders import NOW, instance
from tests.unit.digest_scenario import (
    ADA,
    ADA_INSTANCE,
    DAY,
    FLAGGED,
    MEL,
    MEL_INSTANCE,
    PAM,
    PAM_INSTANCE,
    REMIND_AFTER,
    DigestScenario,
    ProcessKilledError,
)

BY_ADA = Delegation("1", "U1", "Ada", "agr@octo.example", "U2", "Mel", "", NOW, NOW + 30 * DAY)
NEW_INSTANCE = instance(5, "agr-b", age=40)
OTHERS = (MEL_INSTANCE, PAM_INSTANCE)
BEGINNING = "Copy for you as the delegate of Ada: "


def scenario_with_digest(*delegations: Delegation) -> DigestScenario:
    scenario = DigestScenario(FLAGGED, delegations=delegations)
    scenario.send_now()
    return scenario


def send_next_day(scenario: DigestScenario) -> None:
    scenario.clock.advance(DAY)
    scenario.send_now()


def test_a_delegate_gets_a_copy_beside_the_own_message() -> None:
    scenario = scenario_with_digest(BY_ADA)
    copy = scenario.copy_text(MEL, ADA)
    assert copy.startswith(f"{BEGINNING}1 of their instances needs attention")
    assert "agr-a" in copy
    assert "You act for Ada until 23 Dec. All their instances: /bailiff mine agr@octo.example." in copy
    assert "mlg-a" not in copy
    assert "Copy" not in scenario.nudge_text(MEL)
    assert "agr-a" not in scenario.nudge_text(MEL)
    assert scenario.copy_text(PAM, ADA) == ""
    assert scenario.duplicates() == set()


def test_the_channel_counts_owners_and_not_copies() -> None:
    scenario = scenario_with_digest(BY_ADA)
    notified, _, _ = scenario.text_of_name(DELIVERY_SUMMARY).partition("No owner found")
    assert notified.count("1 instance") == 3
    assert "delegate" not in notified


def test_a_copy_that_slack_refuses_is_a_problem_and_stops_nobody_elses_message() -> None:
    scenario = DigestScenario(FLAGGED, delegations=(BY_ADA,))
    scenario.transport.fail_next("send", Refused("it is full", "limit"), key_part="copy U1/U2")
    problems = [one for one in scenario.send_now().problems if "delegate" in one]
    assert problems == ["Mel, delegate of Ada (AGR): 1 instance could not be notified: it is full"]
    assert scenario.nudge_counts() == {"U1": 1, "U2": 1, "U3": 1}


@pytest.mark.parametrize("delegation", [replace(BY_ADA, until=NOW), replace(BY_ADA, identifier="ADA")])
def test_there_is_no_copy_after_the_end_or_of_what_it_is_not_about(delegation: Delegation) -> None:
    assert scenario_with_digest(delegation).copy_text(MEL, ADA) == ""


def test_an_identifier_limits_the_copy_to_the_instances_that_have_it() -> None:
    tagged = instance(6, "zzz-tagged", age=40, tags={"owner": "agr@octo.example"})
    scenario = DigestScenario((*FLAGGED, tagged), delegations=(replace(BY_ADA, identifier="AGR"),))
    scenario.send_now()
    assert "zzz-tagged" in scenario.nudge_text(ADA)
    assert "agr-a" in scenario.copy_text(MEL, ADA)
    assert "zzz-tagged" not in scenario.copy_text(MEL, ADA)


def test_nothing_is_copied_twice_while_nothing_is_new() -> None:
    scenario = scenario_with_digest(BY_ADA)
    for _ in range(5):
        send_next_day(scenario)
        assert not [one for one in scenario.deliveries if one.name != DELIVERY_SUMMARY and one.recipient == "U2"]


def test_a_fix_is_shown_in_the_copy_as_well() -> None:
    scenario = scenario_with_digest(BY_ADA)
    first = scenario.latest_plan
    scenario.instances = OTHERS
    send_next_day(scenario)
    assert scenario.copy_text(MEL, ADA, first).startswith(f"{BEGINNING}It is fixed. Thank you.")
    assert "mlg-a" in scenario.nudge_text(MEL, first)


def test_a_newer_copy_replaces_the_older_one_alone() -> None:
    scenario = scenario_with_digest(BY_ADA)
    first = scenario.latest_plan
    scenario.instances = (*FLAGGED, NEW_INSTANCE)
    send_next_day(scenario)
    assert "agr-b" in scenario.copy_text(MEL, ADA)
    older = scenario.copy_text(MEL, ADA, first)
    assert older.startswith(f"{BEGINNING}As of 23 Nov. Their current list is in a later message")
    assert "/bailiff mine agr@octo.example" in older
    assert "mlg-a" in scenario.nudge_text(MEL, first)


def test_a_reminder_is_copied_as_one() -> None:
    scenario = scenario_with_digest(BY_ADA)
    scenario.clock.advance(REMIND_AFTER)
    scenario.send_now()
    assert scenario.copy_text(MEL, ADA).startswith(f"{BEGINNING}Reminder: 1 of their instances")


def test_who_begins_later_gets_the_next_message_and_an_own_one_is_no_copy() -> None:
    scenario = scenario_with_digest()
    scenario.delegations = (BY_ADA,)
    send_next_day(scenario)
    assert scenario.copy_text(MEL, ADA) == ""
    scenario.instances = (*FLAGGED, NEW_INSTANCE)
    send_next_day(scenario)
    assert scenario.copy_text(MEL, ADA).startswith(f"{BEGINNING}2 of their instances need attention")


def test_after_the_end_the_copy_says_so_once_and_is_left_alone() -> None:
    scenario = scenario_with_digest(BY_ADA)
    first = scenario.latest_plan
    scenario.delegations = (replace(BY_ADA, until=NOW + DAY),)
    send_next_day(scenario)
    text = scenario.copy_text(MEL, ADA, first)
    assert text == "Copy of 23 Nov. You do not act for this owner any more. For whom you act: /bailiff delegates"
    scenario.instances = OTHERS
    send_next_day(scenario)
    assert not [one for one in scenario.deliveries if one.recipient == "U2"]


def test_a_copy_that_was_planned_before_the_end_is_not_sent_after_it() -> None:
    scenario = DigestScenario((ADA_INSTANCE,), delegations=(BY_ADA,))
    scenario.transport.fail_next("prepare", ProcessKilledError(), key_part="copy U1/U2")
    with pytest.raises(ProcessKilledError):
        scenario.send_now()
    scenario.delegations = ()
    scenario.clock.advance(DAY / 48)
    scenario.outbox().resume_unfinished()
    [copy] = [one for one in scenario.deliveries if one.recipient == "U2"]
    assert (copy.state, copy.reason) == (DeliveryState.EXPIRED, "the delegation has ended")
    assert scenario.nudge_counts() == {"U1": 1}
