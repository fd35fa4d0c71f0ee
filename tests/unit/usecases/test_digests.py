"""A digest on its way: what is planned, in which order it is sent, and what becomes of it when something goes wrong."""

from threading import Event

import pytest
from structlog.testing import capture_logs

from bailiff_bot.domain.delivery import Delivery, Part, State
from bailiff_bot.errors import Ambiguous, NotNow, Refused, SlackError
from tests.builders import instance
from tests.fakes.adapters import FakeRoster
from tests.unit.digest_scenario import ADA, DAY, MEL, OWING, PAM, World

NO = Refused("Slack said no", "user_disabled")
LOST = Ambiguous("no answer came back")


# --- the order ---


def test_the_digest_comes_first_its_thread_in_order_and_the_word_on_who_was_told_last() -> None:
    world = World()
    world.sends()
    sent = world.kinds()
    assert sent[0] == "parent"
    assert [one for one in sent if not one.startswith("nudge")] == ["parent", "tables 1", "owners", "file"]
    assert sorted(one for one in sent if one.startswith("nudge")) == ["nudge U1", "nudge U2", "nudge U3"]
    assert [step for step, _ in world.carrier.events][-1] == "edit"


def test_nobody_is_told_before_the_digest_stands() -> None:
    world, seen = World(), list[bool]()
    world.carrier.on_wire = lambda one: seen.append(
        one.part is Part.PARENT or any("/parent/" in key for key in world.carrier.standing)
    )
    world.sends()
    assert all(seen)


def test_each_owner_is_told_once_of_all_that_is_owed() -> None:
    world = World([*OWING, instance(5, "agr-b", stopped=20)])
    outcome = world.sends()
    assert world.told() == {"U1": 1, "U2": 1, "U3": 1}
    assert all(name in world.nudge(ADA) for name in ("agr-a", "agr-b"))
    assert "mlg-a" not in world.nudge(ADA)
    assert (outcome.told, outcome.faults) == (3, ())


def test_the_thread_says_in_the_end_who_was_told() -> None:
    world = World()
    world.sends()
    assert "Told in a direct message" in world.words(Part.ROLL)
    assert "Being told" not in world.words(Part.ROLL)


def test_when_nothing_is_owed_the_digest_is_one_message_and_nobody_is_told() -> None:
    world = World([instance()])
    world.sends()
    assert world.kinds() == ["parent"]


def test_a_digest_speaks_of_a_scan_that_is_made_for_it() -> None:
    world = World([instance()])
    one = world.digests()
    assert one.bailiff.report().debts == 0
    world.instances = OWING
    assert one.by_hand().digest.report.count == len(OWING)


@pytest.mark.parametrize("part", [Part.PARENT, Part.REPLY, Part.ROLL, Part.NUDGE])
def test_what_is_kept_says_when_aws_was_read_and_not_how_long_ago(part: Part) -> None:
    world = World()
    world.sends()
    assert "1 of 1 region read, 23 Nov, 09:00 UTC" in world.words(part)


def test_slack_is_asked_once_and_only_for_those_who_owe() -> None:
    world = World([*OWING[:2], instance(7, "noa-a", age=40)])
    world.sends()
    assert world.roster.asked == [{"agr@octo.example", "mlg@octo.example"}]


def test_whom_nobody_was_found_for_is_in_the_thread_with_the_reason() -> None:
    world = World(roster=FakeRoster({"agr@octo.example": ADA}))
    outcome = world.sends()
    assert {one.whose: one.reason for one in outcome.digest.unclaimed} == {
        "MLG": "no active Slack user has mlg@octo.example",
        "PADE": "no active Slack user has pade@octo.example",
        "ZZZ": "the directory does not know it",
    }
    assert "MLG (1 instance): no active Slack user has mlg@octo.example" in world.words(Part.ROLL)
    assert outcome.faults == ()


# --- one who fails ---


def test_one_owner_who_cannot_be_told_keeps_no_other_from_being_told() -> None:
    world = World()
    world.carrier.fail("send", NO, of="nudge/U1")
    world.sends()
    assert world.told() == {"U2": 1, "U3": 1}


def test_an_owner_who_could_not_be_told_is_listed_with_the_reason() -> None:
    world = World()
    world.carrier.fail("send", NO, of="nudge/U2")
    outcome = world.sends()
    _, _, untold = world.words(Part.ROLL).partition("Could not be told")
    assert "Mel (MLG): 1 instance: Slack said no" in untold
    assert (outcome.told, outcome.faults) == (2, ("Mel (MLG): 1 instance could not be told: Slack said no",))


def test_a_failure_that_nobody_foresaw_keeps_no_other_from_being_told() -> None:
    world = World()
    world.carrier.fail("prepare", ValueError("a message that cannot be drawn"), of="nudge/U1")
    with capture_logs() as logged:
        outcome = world.sends()
    assert world.told() == {"U2": 1, "U3": 1}
    assert [line["key"].rpartition("/")[2] for line in logged] == ["U1"]
    [fault] = outcome.faults
    assert "could not be told: unforeseen: ValueError" in fault


def test_one_owner_who_is_slow_to_be_told_delays_no_other() -> None:
    world, others = World(), Event()

    def on_wire(delivery: Delivery) -> None:
        if delivery.key.endswith("nudge/U1"):
            assert others.wait(5)
        elif delivery.key.endswith("nudge/U3"):
            others.set()

    world.carrier.on_wire = on_wire
    world.sends()
    assert world.told() == {"U1": 1, "U2": 1, "U3": 1}


def test_what_is_refused_in_the_thread_is_named_in_it_and_in_the_outcome() -> None:
    world = World()
    world.carrier.fail("send", Refused("no room"), of="/tables 1/")
    world.carrier.fail("prepare", Refused("too large"), of="/file/")
    outcome = world.sends()
    _, _, missing = world.words(Part.ROLL).partition("Missing from this thread")
    assert "- Tables of the report: Owner unknown, Running for 30 days or more: no room" in missing
    assert "The CSV: too large" in missing
    assert outcome.faults[-1] == "lost: The CSV (too large)"
    assert (len(outcome.faults), outcome.told) == (2, 3)


def test_nothing_else_is_sent_of_a_digest_that_was_refused() -> None:
    world = World()
    world.carrier.fail("send", Refused("not in the channel", "not_in_channel"), of="/parent/")
    with pytest.raises(SlackError, match="not sent: not in the channel"):
        world.sends()
    assert world.kinds() == ["parent"]
    assert world.ledger.unfinished() == ()
    assert {one.state for one in world.deliveries[1:]} == {State.EXPIRED}


def test_nothing_is_planned_for_a_channel_in_which_the_bot_may_not_speak() -> None:
    world = World(channel_fails=Refused("no such channel"))
    with pytest.raises(Refused, match="no such channel"):
        world.sends()
    assert (world.ledger.plans, world.scans) == ([], 0)


# --- what is uncertain ---


@pytest.mark.parametrize("taken", [True, False], ids=["taken", "not taken"])
@pytest.mark.parametrize("of", ["/parent/", "/tables 1/", "/owners/", "/file/", "/nudge/U2"])
def test_what_is_not_answered_comes_in_the_end_and_once(of: str, *, taken: bool) -> None:
    world = World()
    world.carrier.fail("send", LOST, of, taken=taken)
    outcome = world.sends()
    assert (outcome.faults, outcome.told, world.twice()) == ((), 3, set())
    assert {one.state for one in world.deliveries} == {State.SENT}


def test_what_slack_does_not_take_for_now_comes_in_the_end() -> None:
    world = World()
    world.carrier.fail("send", NotNow("too many calls", after=3), times=6)
    outcome = world.sends()
    assert (outcome.faults, outcome.told, world.twice()) == ((), 3, set())
    assert {one.state for one in world.deliveries} == {State.SENT}


def test_what_slack_cannot_be_asked_about_is_left_to_the_running_bot_and_said() -> None:
    world = World()
    world.carrier.fail("send", LOST, of="nudge/U3")
    world.carrier.fail("find", LOST, of="nudge/U3", times=10_000)
    outcome = world.sends()
    assert outcome.faults == ("not certain yet, and the running bot sees to it: Pam (PADE): 1 instance",)
    assert world.ledger.unfinished() == (world.plan.dispatch,)
    assert world.told() == {"U1": 1, "U2": 1}


def test_what_was_never_found_out_is_said_to_be_unknown_when_the_digest_is_over() -> None:
    world = World()
    world.carrier.fail("send", LOST, of="nudge/U3")
    world.carrier.fail("find", LOST, of="nudge/U3", times=10_000)
    world.sends()
    world.clock.move(DAY)
    world.digests().dispatcher.complete()
    _, _, unknown = world.words(Part.ROLL).partition("May or may not have been told")
    assert "Pam (PADE): 1 instance: Slack cannot be asked whether it arrived" in unknown
    assert world.ledger.unfinished() == ()


@pytest.mark.parametrize("error", [LOST, NotNow("too many calls", "ratelimited", after=3)], ids=["lost", "not now"])
def test_a_word_on_who_was_told_that_is_not_taken_is_put_in_by_whoever_tends_to_it_next(error: SlackError) -> None:
    world = World()
    world.carrier.fail("edit", error)
    outcome = world.sends()
    assert outcome.faults == (f"the digest's thread does not say who was told: {error}",)
    assert "Being told" in world.words(Part.ROLL)
    world.digests().dispatcher.complete()
    assert "Told in a direct message" in world.words(Part.ROLL)
    assert world.ledger.unfinished() == ()


def test_a_word_on_who_was_told_that_is_refused_is_not_tried_for_ever() -> None:
    world = World()
    world.carrier.fail("edit", Refused("the message is gone"), times=10_000)
    assert "does not say who was told: the message is gone" in world.sends().faults[0]
    assert world.ledger.unfinished() == ()


def test_a_digest_of_which_nothing_is_known_says_so() -> None:
    world = World()
    world.carrier.fail("send", LOST, of="/parent/")
    world.carrier.fail("find", LOST, of="/parent/", times=10_000)
    with pytest.raises(SlackError, match="not certain yet that it was sent"):
        world.sends()
    assert world.kinds() == ["parent"]


def test_a_digest_that_stops_before_anything_is_sent_is_gone_on_with_and_no_fault_of_it_is_logged() -> None:
    world = World()
    with capture_logs() as logged:
        with pytest.raises(SlackError, match="not certain yet that it was sent"):
            world.digests(stopping=True).scheduled("a slot", world.expires())
        world.digests(stopping=True).dispatcher.complete()
    assert not [line for line in logged if line["log_level"] == "error"]
    world.digests().dispatcher.complete()
    assert {one.state for one in world.deliveries} == {State.SENT}


# --- to one person alone ---


def test_a_preview_goes_to_one_person_alone_and_tells_nobody() -> None:
    world = World()
    outcome = world.digests().preview("U9")
    assert {one.recipient for one in world.deliveries} == {"U9"}
    assert (outcome.told, world.told(), outcome.digest.nudges) == (0, {}, "preview")
    assert "Would be told in a direct message" in world.words(Part.ROLL)


def test_a_preview_is_forgotten() -> None:
    world = World()
    world.digests().preview("U9")
    assert (world.plan.sightings, world.plan.point) == (None, None)
    assert world.sends().digest.changes.since is None


def test_a_full_report_goes_to_who_asked_for_it() -> None:
    world = World()
    one = world.digests()
    assert one.full_report("U9", one.bailiff.report()) == ()
    assert [(delivery.part, delivery.recipient) for delivery in world.deliveries] == [
        (part, "U9") for part in (Part.PARENT, Part.REPLY, Part.FILE)
    ]
    assert (world.plan.sightings, world.ledger.unfinished()) == (None, ())


def test_what_is_missing_of_a_full_report_is_told_to_who_asked_for_it() -> None:
    world = World()
    world.carrier.fail("prepare", Refused("too large"), of="/file/")
    one = world.digests()
    assert one.full_report("U9", one.bailiff.report()) == ("lost: The CSV (too large)",)


def test_a_full_report_that_does_not_arrive_fails() -> None:
    world = World()
    world.carrier.fail("send", NO)
    one = world.digests()
    with pytest.raises(SlackError, match="Slack said no"):
        one.full_report("U9", one.bailiff.report())


@pytest.mark.parametrize("nudges", ["dry-run", "off"])
def test_nobody_is_told_in_a_dry_run_or_when_off(nudges: str) -> None:
    world = World()
    outcome = world.sends(nudges)
    assert world.told() == {}
    assert [debts.owner for debts in outcome.digest.debts] == [ADA, MEL, PAM]
