"""Several digests in a row: who is notified again, and how earlier messages are edited."""

from dataclasses import replace
from datetime import UTC

import pytest

from bailiff_bot.domain.delivery import BatchPlan, MessageKind
from bailiff_bot.domain.digest import DELIVERY_SUMMARY
from bailiff_bot.domain.history import FindingKey
from bailiff_bot.domain.instance import Instance
from bailiff_bot.domain.inventory import UnreadReason, unread_gap
from bailiff_bot.domain.owner import NoOwner
from bailiff_bot.errors import Ambiguous, Refused
from bailiff_bot.messages.formatting import date
from bailiff_bot.store.digest_memory import decode
from tests.builders import IRELAND, NOW, PARIS, instance
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
)
from tests.unit.ownership_claims import TRIAGE_DAYS, assignment, claims, disclaimer

NEW_INSTANCE = instance(5, "agr-b", age=40)
MONDAY = date(NOW, UTC)
IMPLAUSIBLE = ("the fleet shrank from 100 to 4 instances in the regions that were read",)


def send_next_day(scenario: DigestScenario, nudges: str = "on") -> BatchPlan:
    """Send a digest on the next day, and return the plan of the one before."""
    before = scenario.latest_plan
    scenario.clock.advance(DAY)
    scenario.send_now(nudges)
    return before


def open_finding_keys(plan: BatchPlan) -> set[FindingKey]:
    """Return the keys of the plan's open findings."""
    assert plan.run
    return {one.key for one in decode(plan.run.memory).open_findings}


def scenario_with_digest(*instances: Instance) -> DigestScenario:
    """Return a scenario after one digest."""
    scenario = DigestScenario(instances or FLAGGED)
    scenario.send_now()
    return scenario


# --- what people said of who owns an instance ---


def test_who_said_not_mine_is_not_told_again_and_the_message_lists_it_no_more() -> None:
    scenario = scenario_with_digest()
    scenario.ownership_store.claims = claims(disclaimer(ADA_INSTANCE))
    first = send_next_day(scenario)
    scenario.clock.advance(REMIND_AFTER)
    scenario.send_now()
    assert scenario.nudge_counts() == {"U1": 1, "U2": 2, "U3": 2}
    assert scenario.nudge_text(ADA, first).startswith("It is not yours any more.")
    assert "agr-a" not in scenario.nudge_text(ADA, first)
    said = "no owner (1 instance): Agr Granger said on 23 Nov that it is not theirs; nobody else is known"
    assert said in scenario.text_of_name(DELIVERY_SUMMARY)


def test_who_said_not_mine_is_told_again_once_that_ended() -> None:
    scenario = scenario_with_digest()
    scenario.ownership_store.claims = claims(disclaimer(ADA_INSTANCE))
    send_next_day(scenario)
    scenario.clock.advance(TRIAGE_DAYS)
    scenario.send_now()
    assert scenario.nudge_counts()["U1"] == 2
    assert "agr-a" in scenario.nudge_text(ADA)


def test_the_other_owners_are_told_and_so_is_an_assigned_one() -> None:
    shared = instance(8, "box", age=40, tags={"Owner": "AGR, MLG"})
    scenario = scenario_with_digest(shared)
    assert scenario.nudge_counts() == {"U1": 1, "U2": 1}
    scenario.ownership_store.claims = claims(disclaimer(shared))
    scenario.clock.advance(REMIND_AFTER)
    scenario.send_now()
    assert scenario.nudge_counts() == {"U1": 1, "U2": 2}
    scenario.ownership_store.claims = claims(disclaimer(shared), assignment(shared, "pade", user_id="U3"))
    second = send_next_day(scenario)
    assert scenario.nudge_counts() == {"U1": 1, "U2": 2, "U3": 1}
    assert "You get this message because Tri Age assigned one to you." in scenario.nudge_text(PAM)
    assert "not yours any more" in scenario.nudge_text(MEL, second)


# --- no repeated nudges ---


def test_nobody_is_notified_again_while_nothing_changed() -> None:
    scenario = scenario_with_digest()
    for _ in range(6):
        send_next_day(scenario)
    assert scenario.nudge_counts() == {"U1": 1, "U2": 1, "U3": 1}
    assert not [one for one in scenario.deliveries if one.kind in {MessageKind.DIRECT, MessageKind.EDIT}]


def test_the_thread_lists_who_was_notified_before_and_when() -> None:
    scenario = scenario_with_digest()
    send_next_day(scenario)
    _, _, already_notified = scenario.text_of_name(DELIVERY_SUMMARY).partition("Already notified, nothing new")
    assert f"Ada (AGR): 1 instance; notified on {MONDAY}" in already_notified


def test_an_owner_is_notified_again_of_a_new_finding_and_the_others_are_not() -> None:
    scenario = scenario_with_digest()
    scenario.instances = (*FLAGGED, NEW_INSTANCE)
    send_next_day(scenario)
    assert scenario.nudge_counts() == {"U1": 2, "U2": 1, "U3": 1}
    assert all(name in scenario.nudge_text(ADA) for name in ("agr-a", "agr-b"))
    assert "Reminder" not in scenario.nudge_text(ADA)


def test_an_owner_who_fixed_nothing_gets_a_reminder_after_the_remind_days() -> None:
    scenario = scenario_with_digest()
    scenario.clock.advance(REMIND_AFTER)
    scenario.send_now()
    assert scenario.nudge_counts() == {"U1": 2, "U2": 2, "U3": 2}
    assert scenario.nudge_text(ADA).startswith("Reminder: 1 of your instances")


def test_the_remind_days_count_from_the_last_notification() -> None:
    scenario = scenario_with_digest()
    scenario.clock.advance(REMIND_AFTER)
    scenario.send_now()
    send_next_day(scenario)
    assert scenario.nudge_counts() == {"U1": 2, "U2": 2, "U3": 2}


def test_an_owner_whose_fixed_finding_is_back_is_notified_again() -> None:
    scenario = scenario_with_digest()
    scenario.instances = (MEL_INSTANCE, PAM_INSTANCE)
    send_next_day(scenario)
    scenario.instances = FLAGGED
    send_next_day(scenario)
    assert scenario.nudge_counts() == {"U1": 2, "U2": 1, "U3": 1}


def test_an_owner_who_could_not_be_notified_is_notified_the_next_time() -> None:
    scenario = DigestScenario()
    scenario.transport.fail_next("send", Refused("Slack said no"), key_part="nudge/U2")
    scenario.send_now()
    send_next_day(scenario)
    assert scenario.nudge_counts() == {"U1": 1, "U2": 1, "U3": 1}


def test_owners_of_a_dry_run_are_notified_once_nudges_are_on() -> None:
    scenario = DigestScenario()
    scenario.send_now("dry-run")
    send_next_day(scenario)
    assert scenario.nudge_counts() == {"U1": 1, "U2": 1, "U3": 1}


# --- implausible scans ---


def test_nobody_is_notified_while_the_scan_is_implausible_and_the_thread_says_why() -> None:
    scenario = DigestScenario(implausible=IMPLAUSIBLE)
    outcome = scenario.send_now()
    assert (scenario.nudge_counts(), outcome.notified, outcome.problems) == ({}, 0, ())
    assert f"Owners not notified for now ({IMPLAUSIBLE[0]}" in scenario.text_of_name(DELIVERY_SUMMARY)


def test_owners_are_notified_once_the_scan_is_plausible_again() -> None:
    scenario = DigestScenario(implausible=IMPLAUSIBLE)
    scenario.send_now()
    scenario.implausible = ()
    send_next_day(scenario)
    assert scenario.nudge_counts() == {"U1": 1, "U2": 1, "U3": 1}


def test_nothing_is_called_fixed_while_the_scan_is_implausible() -> None:
    scenario = scenario_with_digest()
    scenario.instances, scenario.implausible = (MEL_INSTANCE,), IMPLAUSIBLE
    before = send_next_day(scenario)
    assert "agr-a" in scenario.nudge_text(ADA, before)
    assert open_finding_keys(scenario.latest_plan) == open_finding_keys(before)


# --- edits of earlier messages ---


def test_a_partly_fixed_nudge_is_edited() -> None:
    scenario = scenario_with_digest(ADA_INSTANCE, NEW_INSTANCE, MEL_INSTANCE)
    scenario.instances = (NEW_INSTANCE, MEL_INSTANCE)
    before = send_next_day(scenario)
    assert scenario.nudge_text(ADA, before).startswith(f"1 of 2 fixed since {MONDAY}")
    assert "agr-b" in scenario.nudge_text(ADA, before)
    assert "agr-a" not in scenario.nudge_text(ADA, before)
    assert scenario.nudge_counts() == {"U1": 1, "U2": 1}


def test_a_completely_fixed_nudge_becomes_thanks() -> None:
    scenario = scenario_with_digest(ADA_INSTANCE, NEW_INSTANCE, MEL_INSTANCE)
    scenario.instances = (MEL_INSTANCE,)
    before = send_next_day(scenario)
    assert scenario.nudge_text(ADA, before).startswith("All 2 are fixed. Thank you.")
    assert "mlg-a" in scenario.nudge_text(MEL, before)


def test_a_completely_fixed_nudge_is_not_edited_again() -> None:
    scenario = scenario_with_digest(ADA_INSTANCE, MEL_INSTANCE)
    scenario.instances = (MEL_INSTANCE,)
    send_next_day(scenario)
    edits = [call for call in scenario.transport.calls if call[0] == "edit"]
    send_next_day(scenario)
    assert [call for call in scenario.transport.calls if call[0] == "edit"] == edits


def test_an_earlier_message_points_to_the_later_one() -> None:
    scenario = scenario_with_digest()
    scenario.instances = (*FLAGGED, NEW_INSTANCE)
    before = send_next_day(scenario)
    assert scenario.nudge_text(ADA, before).startswith(f"As of {MONDAY}.")
    assert "in a later message" in scenario.nudge_text(ADA, before)


def test_messages_are_kept_up_to_date_with_nudges_off() -> None:
    scenario = scenario_with_digest(ADA_INSTANCE, NEW_INSTANCE, MEL_INSTANCE)
    scenario.instances = (NEW_INSTANCE, MEL_INSTANCE)
    before = send_next_day(scenario, "off")
    assert scenario.nudge_text(ADA, before).startswith("1 of 2 fixed")


def test_a_finding_in_an_unread_region_is_not_called_fixed() -> None:
    scenario = scenario_with_digest(ADA_INSTANCE, replace(NEW_INSTANCE, target=PARIS), MEL_INSTANCE)
    scenario.instances, scenario.unread = (ADA_INSTANCE, MEL_INSTANCE), (unread_gap(PARIS, UnreadReason.ACCESS_DENIED),)
    before = send_next_day(scenario)
    assert all(name in scenario.nudge_text(ADA, before) for name in ("agr-a", "agr-b"))
    assert not scenario.latest_plan.messages[-1].edited_ts


@pytest.mark.parametrize("lookup_failed", [True, False], ids=["Slack did not answer", "deactivated in Slack"])
def test_a_finding_without_an_owner_by_now_is_not_called_fixed(*, lookup_failed: bool) -> None:
    scenario = scenario_with_digest(ADA_INSTANCE, MEL_INSTANCE)
    scenario.slack_users.owners_by_address["agr@octo.example"] = NoOwner(
        "nobody says who it is", lookup_failed=lookup_failed
    )
    before = send_next_day(scenario)
    assert "agr-a" in scenario.nudge_text(ADA, before)


def test_a_failed_lookup_of_an_owner_is_a_problem() -> None:
    scenario = DigestScenario()
    scenario.slack_users.owners_by_address["agr@octo.example"] = NoOwner("Slack did not answer", lookup_failed=True)
    assert scenario.send_now().problems == ("AGR was not notified: Slack did not answer",)


def test_a_nudge_that_cannot_be_edited_is_reported_and_stops_nothing() -> None:
    scenario = scenario_with_digest()
    scenario.instances = (*FLAGGED[1:], instance(6, "zzz-b"))
    scenario.transport.fail_next("edit", Refused("the message is gone"))
    scenario.clock.advance(DAY)
    outcome = scenario.send_now()
    assert outcome.problems == ("not delivered: The update of a message of 2026-11-23 (the message is gone)",)
    assert scenario.delivery_store.unfinished() == ()


def test_an_edit_without_an_answer_is_repeated() -> None:
    scenario = scenario_with_digest(ADA_INSTANCE, MEL_INSTANCE)
    scenario.instances = (MEL_INSTANCE,)
    scenario.transport.fail_next("edit", Ambiguous("no answer"))
    before = send_next_day(scenario)
    assert scenario.nudge_text(ADA, before).startswith("It is fixed. Thank you.")


# --- changes ---


def test_the_digest_lists_what_is_new_fixed_and_still_open_and_thanks_owners() -> None:
    scenario = scenario_with_digest(ADA_INSTANCE, MEL_INSTANCE)
    scenario.instances = (MEL_INSTANCE, PAM_INSTANCE)
    send_next_day(scenario)
    parent = scenario.text_of_name("parent")
    assert f"Since Mon {MONDAY}: 1 new, 1 fixed, 1 still open (for 1 day)" in parent
    assert "Thanks to Ada (1)" in parent
    assert "Trend of the last 2 digests: 2" in parent
    assert "data_visualization" in {
        block["type"] for block in scenario.transport.payloads[scenario.deliveries[0].ts]["blocks"]
    }


def test_the_first_digest_has_no_changes() -> None:
    scenario = scenario_with_digest()
    assert "Since" not in scenario.text_of_name("parent")
    assert "Trend" not in scenario.text_of_name("parent")


def test_an_open_finding_keeps_its_first_day() -> None:
    scenario = scenario_with_digest()
    for _ in range(3):
        send_next_day(scenario)
    assert "nothing new, nothing fixed, 4 still open (longest: 3 days)" in scenario.text_of_name(MessageKind.PARENT)


def test_an_unread_finding_is_undetermined() -> None:
    scenario = scenario_with_digest(ADA_INSTANCE, replace(PAM_INSTANCE, target=PARIS))
    scenario.instances, scenario.unread = (ADA_INSTANCE,), (unread_gap(PARIS, UnreadReason.ACCESS_DENIED),)
    send_next_day(scenario)
    assert "nothing fixed" in scenario.text_of_name("parent")
    assert "Could not be checked this time: 1 (not read)" in scenario.text_of_name("parent")
    assert IRELAND in scenario.snapshot_store.saved_counts[-1].instances_by_target
    assert PAM.name not in scenario.text_of_name("parent")
