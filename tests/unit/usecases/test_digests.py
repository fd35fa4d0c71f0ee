"""A digest: what is planned, in which order it is sent, and what happens when something fails."""

from threading import Event

import pytest
from structlog.testing import capture_logs

from bailiff_bot.domain.delivery import Delivery, DeliveryState, MessageKind
from bailiff_bot.domain.digest import DELIVERY_SUMMARY, NUDGE
from bailiff_bot.domain.grants import Grant
from bailiff_bot.domain.report_filter import EVERYTHING
from bailiff_bot.domain.rules import RuleId
from bailiff_bot.domain.subject import instance_subject
from bailiff_bot.errors import Ambiguous, NotAcceptedYet, Refused, SlackError
from tests.builders import instance
from tests.fakes.users import FakeSlackUsers
from tests.unit.digest_scenario import ADA, DAY, FLAGGED, MEL, PAM, DigestScenario

NO = Refused("Slack said no", "user_disabled")
LOST = Ambiguous("no answer came back")


# --- order ---


def test_the_parent_comes_first_then_the_thread_in_order_and_the_summary_is_edited_last() -> None:
    scenario = DigestScenario()
    scenario.send_now()
    sent = scenario.sent_kinds()
    assert sent[0] == "parent"
    assert [one for one in sent if not one.startswith("nudge")] == ["parent", "tables 1", "owners", "file"]
    assert sorted(one for one in sent if one.startswith("nudge")) == ["nudge U1", "nudge U2", "nudge U3"]
    assert [step for step, _ in scenario.transport.calls][-1] == "edit"


def test_nobody_is_notified_before_the_digest_is_posted() -> None:
    scenario, after_parent = DigestScenario(), list[bool]()
    scenario.transport.before_post = lambda one: after_parent.append(
        one.kind is MessageKind.PARENT or any("/parent/" in key for key in scenario.transport.in_slack)
    )
    scenario.send_now()
    assert all(after_parent)


def test_each_owner_is_notified_once_of_all_findings() -> None:
    scenario = DigestScenario([*FLAGGED, instance(5, "agr-b", stopped=20)])
    outcome = scenario.send_now()
    assert scenario.nudge_counts() == {"U1": 1, "U2": 1, "U3": 1}
    assert all(name in scenario.nudge_text(ADA) for name in ("agr-a", "agr-b"))
    assert "mlg-a" not in scenario.nudge_text(ADA)
    assert (outcome.notified, outcome.problems) == (3, ())


def test_the_final_thread_lists_who_was_notified() -> None:
    scenario = DigestScenario()
    scenario.send_now()
    assert "Owners notified" in scenario.text_of_name(DELIVERY_SUMMARY)
    assert "Owners being notified" not in scenario.text_of_name(DELIVERY_SUMMARY)


def test_without_findings_the_digest_is_one_message_and_nobody_is_notified() -> None:
    scenario = DigestScenario([instance()])
    scenario.send_now()
    assert scenario.sent_kinds() == ["parent"]


def test_a_digest_uses_a_scan_of_its_own() -> None:
    scenario = DigestScenario([instance()])
    digests = scenario.digests()
    assert digests.new_digests.reports.current().flagged_count == 0
    scenario.instances = FLAGGED
    assert digests.send_now().result().digest.report.count == len(FLAGGED)


@pytest.mark.parametrize("name", ["parent", "tables 1", DELIVERY_SUMMARY, NUDGE])
def test_messages_say_when_aws_was_read_and_not_how_long_ago(name: str) -> None:
    scenario = DigestScenario()
    scenario.send_now()
    assert "1 of 1 region read, 23 Nov, 09:00 UTC" in scenario.text_of_name(name)


def test_slack_users_are_looked_up_once_and_only_for_owners_with_findings() -> None:
    scenario = DigestScenario([*FLAGGED[:2], instance(7, "noa-a", age=40)])
    scenario.send_now()
    assert scenario.slack_users.lookups == [{"agr@octo.example", "mlg@octo.example"}]


def test_unassigned_findings_are_in_the_thread_with_the_reason() -> None:
    scenario = DigestScenario(slack_users=FakeSlackUsers({"agr@octo.example": ADA}))
    outcome = scenario.send_now()
    assert {one.owner_label: one.reason for one in outcome.digest.unassigned} == {
        "MLG": "no active Slack user has mlg@octo.example",
        "PADE": "no active Slack user has pade@octo.example",
        "ZZZ": "the directory does not know it",
    }
    assert "MLG (1 instance): no active Slack user has mlg@octo.example" in scenario.text_of_name(DELIVERY_SUMMARY)
    assert outcome.problems == ()


# --- failures ---


def test_one_owner_who_cannot_be_notified_does_not_stop_the_others() -> None:
    scenario = DigestScenario()
    scenario.transport.fail_next("send", NO, key_part="nudge/U1")
    scenario.send_now()
    assert scenario.nudge_counts() == {"U2": 1, "U3": 1}


def test_an_owner_who_could_not_be_notified_is_listed_with_the_reason() -> None:
    scenario = DigestScenario()
    scenario.transport.fail_next("send", NO, key_part="nudge/U2")
    outcome = scenario.send_now()
    _, _, not_notified = scenario.text_of_name(DELIVERY_SUMMARY).partition("Could not be notified")
    assert "Mel (MLG): 1 instance: Slack said no" in not_notified
    assert (outcome.notified, outcome.problems) == (2, ("Mel (MLG): 1 instance could not be notified: Slack said no",))


def test_an_unexpected_error_does_not_stop_the_other_nudges() -> None:
    scenario = DigestScenario()
    scenario.transport.fail_next("prepare", ValueError("a message that cannot be drawn"), key_part="nudge/U1")
    with capture_logs() as logged:
        outcome = scenario.send_now()
    assert scenario.nudge_counts() == {"U2": 1, "U3": 1}
    assert [line["key"].rpartition("/")[2] for line in logged] == ["U1"]
    [fault] = outcome.problems
    assert "could not be notified: unexpected error: ValueError" in fault


def test_one_slow_direct_message_delays_no_other() -> None:
    scenario, other_sent = DigestScenario(), Event()

    def delay_first(delivery: Delivery) -> None:
        if delivery.key.endswith("nudge/U1"):
            assert other_sent.wait(5)
        elif delivery.key.endswith("nudge/U3"):
            other_sent.set()

    scenario.transport.before_post = delay_first
    scenario.send_now()
    assert scenario.nudge_counts() == {"U1": 1, "U2": 1, "U3": 1}


def test_a_refused_message_of_the_thread_is_named_in_it_and_in_the_result() -> None:
    scenario = DigestScenario()
    scenario.transport.fail_next("send", Refused("no room"), key_part="/tables 1/")
    scenario.transport.fail_next("prepare", Refused("too large"), key_part="/file/")
    outcome = scenario.send_now()
    _, _, missing = scenario.text_of_name(DELIVERY_SUMMARY).partition("Not delivered in this thread")
    assert "- Tables of the report: Unknown identifier, Running for 30 days or more: no room" in missing
    assert "The CSV: too large" in missing
    assert outcome.problems[-1] == "not delivered: The CSV (too large)"
    assert (len(outcome.problems), outcome.notified) == (2, 3)


def test_nothing_else_is_sent_if_the_parent_was_refused() -> None:
    scenario = DigestScenario()
    scenario.transport.fail_next("send", Refused("not in the channel", "not_in_channel"), key_part="/parent/")
    with pytest.raises(SlackError, match="not sent: not in the channel"):
        scenario.send_now()
    assert scenario.sent_kinds() == ["parent"]
    assert scenario.delivery_store.unfinished() == ()
    assert {one.state for one in scenario.deliveries[1:]} == {DeliveryState.EXPIRED}


def test_nothing_is_planned_for_a_channel_that_the_bot_may_not_post_to() -> None:
    scenario = DigestScenario(channel_error=Refused("no such channel"))
    with pytest.raises(Refused, match="no such channel"):
        scenario.send_now()
    assert (scenario.delivery_store.plans, scenario.scans) == ([], 0)


# --- uncertain deliveries ---


@pytest.mark.parametrize("accepted", [True, False], ids=["accepted", "not accepted"])
@pytest.mark.parametrize("key_part", ["/parent/", "/tables 1/", "/owners/", "/file/", "/nudge/U2"])
def test_a_message_without_an_answer_arrives_once(key_part: str, *, accepted: bool) -> None:
    scenario = DigestScenario()
    scenario.transport.fail_next("send", LOST, key_part, accepted=accepted)
    outcome = scenario.send_now()
    assert (outcome.problems, outcome.notified, scenario.duplicates()) == ((), 3, set())
    assert {one.state for one in scenario.deliveries} == {DeliveryState.SENT}


def test_a_message_that_slack_does_not_accept_yet_arrives_later() -> None:
    scenario = DigestScenario()
    scenario.transport.fail_next("send", NotAcceptedYet("too many calls", retry_after=3), times=6)
    outcome = scenario.send_now()
    assert (outcome.problems, outcome.notified, scenario.duplicates()) == ((), 3, set())
    assert {one.state for one in scenario.deliveries} == {DeliveryState.SENT}


def test_an_uncertain_delivery_is_left_to_the_running_bot_and_reported() -> None:
    scenario = DigestScenario()
    scenario.transport.fail_next("send", LOST, key_part="nudge/U3")
    scenario.transport.fail_next("find", LOST, key_part="nudge/U3", times=10_000)
    outcome = scenario.send_now()
    assert outcome.problems == ("not sent yet, the running bot continues with it: Pam (PADE): 1 instance",)
    assert scenario.delivery_store.unfinished() == (scenario.latest_plan.batch,)
    assert scenario.nudge_counts() == {"U1": 1, "U2": 1}


def test_a_delivery_that_stays_uncertain_is_called_unknown_when_the_digest_expires() -> None:
    scenario = DigestScenario()
    scenario.transport.fail_next("send", LOST, key_part="nudge/U3")
    scenario.transport.fail_next("find", LOST, key_part="nudge/U3", times=10_000)
    scenario.send_now()
    scenario.clock.advance(DAY)
    scenario.digests().outbox.resume_unfinished()
    _, _, unknown = scenario.text_of_name(DELIVERY_SUMMARY).partition("Notification uncertain")
    assert "Pam (PADE): 1 instance: Slack did not answer the look-up" in unknown
    assert scenario.delivery_store.unfinished() == ()


@pytest.mark.parametrize(
    "error", [LOST, NotAcceptedYet("too many calls", "ratelimited", retry_after=3)], ids=["lost", "not now"]
)
def test_a_delivery_summary_that_failed_is_edited_by_the_next_run(error: SlackError) -> None:
    scenario = DigestScenario()
    scenario.transport.fail_next("edit", error)
    outcome = scenario.send_now()
    assert outcome.problems == (f"the list of notified owners could not be updated: {error}",)
    assert "Owners being notified" in scenario.text_of_name(DELIVERY_SUMMARY)
    scenario.digests().outbox.resume_unfinished()
    assert "Owners notified" in scenario.text_of_name(DELIVERY_SUMMARY)
    assert scenario.delivery_store.unfinished() == ()


def test_a_refused_edit_of_the_delivery_summary_is_not_repeated() -> None:
    scenario = DigestScenario()
    scenario.transport.fail_next("edit", Refused("the message is gone"), times=10_000)
    assert "could not be updated: the message is gone" in scenario.send_now().problems[0]
    assert scenario.delivery_store.unfinished() == ()


def test_a_digest_whose_parent_is_uncertain_raises_that() -> None:
    scenario = DigestScenario()
    scenario.transport.fail_next("send", LOST, key_part="/parent/")
    scenario.transport.fail_next("find", LOST, key_part="/parent/", times=10_000)
    with pytest.raises(SlackError, match="not known yet whether it was sent"):
        scenario.send_now()
    assert scenario.sent_kinds() == ["parent"]


def test_a_digest_that_stops_before_sending_is_continued_and_logs_no_error() -> None:
    scenario = DigestScenario()
    with capture_logs() as logged:
        sending = scenario.digests(stopping=True).send_scheduled("a slot", scenario.expiry())
        assert sending
        with pytest.raises(SlackError, match="not known yet whether it was sent"):
            sending.result()
        scenario.digests(stopping=True).outbox.resume_unfinished()
    assert not [line for line in logged if line["log_level"] == "error"]
    scenario.digests().outbox.resume_unfinished()
    assert {one.state for one in scenario.deliveries} == {DeliveryState.SENT}


# --- previews and full reports ---


def test_a_preview_goes_to_one_person_alone_and_notifies_nobody() -> None:
    scenario = DigestScenario()
    outcome = scenario.digests().send_preview("U9").result()
    assert {one.recipient for one in scenario.deliveries} == {"U9"}
    assert (outcome.notified, scenario.nudge_counts(), outcome.digest.nudges) == (0, {}, "preview")
    assert "Owners who would be notified" in scenario.text_of_name(DELIVERY_SUMMARY)


def test_a_preview_leaves_no_history() -> None:
    scenario = DigestScenario()
    scenario.digests().send_preview("U9").result()
    assert scenario.latest_plan.run is None
    assert scenario.send_now().digest.changes.since is None


def test_a_full_report_goes_to_the_person_who_requested_it() -> None:
    scenario = DigestScenario()
    digests = scenario.digests()
    assert scenario.full_reports().send("U9", digests.new_digests.reports.part(EVERYTHING)).result() == ()
    assert [(delivery.kind, delivery.recipient) for delivery in scenario.deliveries] == [
        (kind, "U9") for kind in (MessageKind.PARENT, MessageKind.REPLY, MessageKind.FILE)
    ]
    assert (scenario.latest_plan.run, scenario.delivery_store.unfinished()) == (None, ())


def test_missing_parts_of_a_full_report_are_returned() -> None:
    scenario = DigestScenario()
    scenario.transport.fail_next("prepare", Refused("too large"), key_part="/file/")
    digests = scenario.digests()
    sending = scenario.full_reports().send("U9", digests.new_digests.reports.part(EVERYTHING))
    assert sending.result() == ("not delivered: The CSV (too large)",)


def test_a_full_report_that_is_refused_raises() -> None:
    scenario = DigestScenario()
    scenario.transport.fail_next("send", NO)
    digests = scenario.digests()
    with pytest.raises(SlackError, match="Slack said no"):
        scenario.full_reports().send("U9", digests.new_digests.reports.part(EVERYTHING)).result()


@pytest.mark.parametrize("nudges", ["dry-run", "off"])
def test_nobody_is_notified_in_a_dry_run_or_when_off(nudges: str) -> None:
    scenario = DigestScenario()
    outcome = scenario.send_now(nudges)
    assert scenario.nudge_counts() == {}
    assert [findings.owner for findings in outcome.digest.owner_findings] == [ADA, MEL, PAM]


def test_the_thread_shows_an_exemption_that_was_extended_again_once_also_if_all_is_well() -> None:
    scenario = DigestScenario(instances=FLAGGED[:1])
    at, rules = scenario.clock() - DAY, frozenset(RuleId)
    granted = Grant("g", instance_subject(FLAGGED[0]), rules, at + 31 * DAY, "a demo", "U1", "Ada", at, 2)
    scenario.exemption_store.grants.append(granted)
    scenario.send_now()
    assert f"agr-a ({FLAGGED[0].id}): kept until 2026-12-23, the 2nd extension, by Ada: a demo" in (
        scenario.text_of_name(DELIVERY_SUMMARY)
    )
    scenario.clock.pause(DAY.total_seconds())
    scenario.send_now()
    assert "extension" not in scenario.text_of_name(DELIVERY_SUMMARY)
