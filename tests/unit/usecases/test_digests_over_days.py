"""One digest after the other: what is told again, and what becomes of what was said before."""

from dataclasses import replace
from datetime import UTC

import pytest

from bailiff_bot.domain.delivery import Part, Plan
from bailiff_bot.domain.history import FindingKey
from bailiff_bot.domain.instance import Instance
from bailiff_bot.domain.inventory import Reason, Unread
from bailiff_bot.domain.owner import NoOwner
from bailiff_bot.errors import Ambiguous, Refused
from bailiff_bot.messages.wording import date
from tests.builders import IRELAND, NOW, PARIS, instance
from tests.unit.digest_scenario import ADA, ADAS, DAY, MEL, MELS, OWING, PAM, PAMS, REMIND, World

MORE = instance(5, "agr-b", age=40)
MONDAY = date(NOW, UTC)
UNSURE = ("the fleet shrank from 100 to 4 instances in the regions that were read",)


def after_a_day(world: World, nudges: str = "on") -> Plan:
    """Send a digest the day after, and return the plan of the one before."""
    before = world.plan
    world.clock.move(DAY)
    world.sends(nudges)
    return before


def owed(plan: Plan) -> set[FindingKey]:
    """Return what is remembered as owed."""
    return {one.key for one in plan.sightings or ()}


def begun(*instances: Instance) -> World:
    """Return a world in which a digest was sent."""
    world = World(instances or OWING)
    world.sends()
    return world


# --- not repeated ---


def test_nobody_is_told_again_while_nothing_changed() -> None:
    world = begun()
    for _ in range(6):
        after_a_day(world)
    assert world.told() == {"U1": 1, "U2": 1, "U3": 1}
    assert not [one for one in world.deliveries if one.part in {Part.NUDGE, Part.EDIT}]


def test_the_thread_says_who_was_told_before_and_when() -> None:
    world = begun()
    after_a_day(world)
    _, _, quiet = world.words(Part.ROLL).partition("Told before, and nothing is new")
    assert f"Ada (AGR): 1 instance; told on {MONDAY}" in quiet


def test_an_owner_is_told_again_of_a_new_finding_and_the_others_are_not() -> None:
    world = begun()
    world.instances = (*OWING, MORE)
    after_a_day(world)
    assert world.told() == {"U1": 2, "U2": 1, "U3": 1}
    assert all(name in world.nudge(ADA) for name in ("agr-a", "agr-b"))
    assert "Reminder" not in world.nudge(ADA)


def test_an_owner_who_has_paid_nothing_is_reminded_after_the_remind_days() -> None:
    world = begun()
    world.clock.move(REMIND)
    world.sends()
    assert world.told() == {"U1": 2, "U2": 2, "U3": 2}
    assert world.nudge(ADA).startswith("Reminder: 1 instance of yours")


def test_the_remind_days_count_from_the_last_time_one_was_told() -> None:
    world = begun()
    world.clock.move(REMIND)
    world.sends()
    after_a_day(world)
    assert world.told() == {"U1": 2, "U2": 2, "U3": 2}


def test_who_owes_the_same_again_after_having_paid_is_told_again() -> None:
    world = begun()
    world.instances = (MELS, PAMS)
    after_a_day(world)
    world.instances = OWING
    after_a_day(world)
    assert world.told() == {"U1": 2, "U2": 1, "U3": 1}


def test_an_owner_who_could_not_be_told_is_told_the_next_time() -> None:
    world = World()
    world.carrier.fail("send", Refused("Slack said no"), of="nudge/U2")
    world.sends()
    after_a_day(world)
    assert world.told() == {"U1": 1, "U2": 1, "U3": 1}


def test_whom_a_dry_run_did_not_tell_is_told_once_nudges_are_on() -> None:
    world = World()
    world.sends("dry-run")
    after_a_day(world)
    assert world.told() == {"U1": 1, "U2": 1, "U3": 1}


# --- while something is in doubt ---


def test_nobody_is_told_while_what_was_seen_is_in_doubt_and_the_thread_says_why() -> None:
    world = World(doubts=UNSURE)
    outcome = world.sends()
    assert (world.told(), outcome.told, outcome.faults) == ({}, 0, ())
    assert f"Not told for now, {UNSURE[0]}" in world.words(Part.ROLL)


def test_who_was_not_told_for_a_doubt_is_told_when_it_is_gone() -> None:
    world = World(doubts=UNSURE)
    world.sends()
    world.doubts = ()
    after_a_day(world)
    assert world.told() == {"U1": 1, "U2": 1, "U3": 1}


def test_nothing_is_called_settled_while_what_was_seen_is_in_doubt() -> None:
    world = begun()
    world.instances, world.doubts = (MELS,), UNSURE
    before = after_a_day(world)
    assert "agr-a" in world.nudge(ADA, before)
    assert owed(world.plan) == owed(before)


# --- in the place of what was said ---


def test_a_message_of_which_a_part_is_paid_says_so_in_its_place() -> None:
    world = begun(ADAS, MORE, MELS)
    world.instances = (MORE, MELS)
    before = after_a_day(world)
    assert world.nudge(ADA, before).startswith(f"1 of 2 settled since {MONDAY}")
    assert "agr-b" in world.nudge(ADA, before)
    assert "agr-a" not in world.nudge(ADA, before)
    assert world.told() == {"U1": 1, "U2": 1}


def test_a_message_of_which_all_is_paid_says_thanks_in_its_place() -> None:
    world = begun(ADAS, MORE, MELS)
    world.instances = (MELS,)
    before = after_a_day(world)
    assert world.nudge(ADA, before).startswith("All 2 are settled. Thank you.")
    assert "mlg-a" in world.nudge(MEL, before)


def test_a_message_that_is_paid_is_left_alone_from_then_on() -> None:
    world = begun(ADAS, MELS)
    world.instances = (MELS,)
    after_a_day(world)
    edits = [event for event in world.carrier.events if event[0] == "edit"]
    after_a_day(world)
    assert [event for event in world.carrier.events if event[0] == "edit"] == edits


def test_an_earlier_message_points_to_the_later_one() -> None:
    world = begun()
    world.instances = (*OWING, MORE)
    before = after_a_day(world)
    assert world.nudge(ADA, before).startswith(f"This was the state of {MONDAY}.")
    assert "in a later message here" in world.nudge(ADA, before)


def test_messages_are_kept_true_though_nobody_is_told_any_more() -> None:
    world = begun(ADAS, MORE, MELS)
    world.instances = (MORE, MELS)
    before = after_a_day(world, "off")
    assert world.nudge(ADA, before).startswith("1 of 2 settled")


def test_what_is_in_a_region_that_was_not_read_is_not_called_settled() -> None:
    world = begun(ADAS, replace(MORE, target=PARIS), MELS)
    world.instances, world.unread = (ADAS, MELS), (Unread(PARIS, Reason.ACCESS_DENIED),)
    before = after_a_day(world)
    assert all(name in world.nudge(ADA, before) for name in ("agr-a", "agr-b"))
    assert not world.plan.drafts[-1].edits


@pytest.mark.parametrize("unanswered", [True, False], ids=["Slack did not answer", "deactivated in Slack"])
def test_what_nobody_is_found_for_any_more_is_not_called_settled(*, unanswered: bool) -> None:
    world = begun(ADAS, MELS)
    world.roster.known["agr@octo.example"] = NoOwner("nobody says who it is", unanswered=unanswered)
    before = after_a_day(world)
    assert "agr-a" in world.nudge(ADA, before)


def test_an_owner_whom_slack_did_not_tell_is_a_fault() -> None:
    world = World()
    world.roster.known["agr@octo.example"] = NoOwner("Slack did not answer", unanswered=True)
    assert world.sends().faults == ("AGR was not told: Slack did not answer",)


def test_a_message_that_cannot_be_updated_is_named_and_stops_nothing() -> None:
    world = begun()
    world.instances = (*OWING[1:], instance(6, "zzz-b"))
    world.carrier.fail("edit", Refused("the message is gone"))
    world.clock.move(DAY)
    outcome = world.sends()
    assert outcome.faults == ("lost: The new content of a message of 2026-11-23 (the message is gone)",)
    assert world.ledger.unfinished() == ()


def test_a_message_whose_update_was_not_answered_is_updated_all_the_same() -> None:
    world = begun(ADAS, MELS)
    world.instances = (MELS,)
    world.carrier.fail("edit", Ambiguous("no answer"))
    before = after_a_day(world)
    assert world.nudge(ADA, before).startswith("It is settled. Thank you.")


# --- what changed ---


def test_the_digest_tells_what_is_new_fixed_and_still_owed_and_thanks_who_paid() -> None:
    world = begun(ADAS, MELS)
    world.instances = (MELS, PAMS)
    after_a_day(world)
    parent = world.words(Part.PARENT)
    assert f"Since Mon {MONDAY}: 1 new, 1 fixed, 1 still owed (for 1 day)" in parent
    assert "Thanks to Ada (1)" in parent
    assert "Trend of the last 2 digests: 2" in parent
    assert "data_visualization" in {block["type"] for block in world.carrier.payloads[world.deliveries[0].ts]["blocks"]}


def test_the_first_digest_tells_of_no_changes() -> None:
    world = begun()
    assert "Since" not in world.words(Part.PARENT)
    assert "Trend" not in world.words(Part.PARENT)


def test_what_is_owed_for_long_keeps_its_first_day() -> None:
    world = begun()
    for _ in range(3):
        after_a_day(world)
    assert "nothing new, nothing fixed, 4 still owed (the longest for 3 days)" in world.words(Part.PARENT)


def test_what_was_not_read_is_not_known_to_be_fixed() -> None:
    world = begun(ADAS, replace(PAMS, target=PARIS))
    world.instances, world.unread = (ADAS,), (Unread(PARIS, Reason.ACCESS_DENIED),)
    after_a_day(world)
    assert "nothing fixed" in world.words(Part.PARENT)
    assert "Not known whether fixed: 1 (not read)" in world.words(Part.PARENT)
    assert IRELAND in world.album.counted[-1].instances
    assert PAM.name not in world.words(Part.PARENT)
