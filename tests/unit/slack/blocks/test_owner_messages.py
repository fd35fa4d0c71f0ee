from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given

from bailiff_bot.domain.changes import compare
from bailiff_bot.domain.history import Memory, Nudged, keys_of, left_of
from bailiff_bot.domain.identity import NO_DIRECTORY, People
from bailiff_bot.domain.instance import Instance, Target
from bailiff_bot.domain.inventory import Reason, Unread
from bailiff_bot.domain.owner import Debts, NoOwner, Owner, Owners, addresses, owners_of
from bailiff_bot.domain.policy import Policy, fingerprint
from bailiff_bot.domain.report import Report, judge
from bailiff_bot.slack.blocks.instance_bullets import bullet, fitting
from bailiff_bot.slack.blocks.message import Message
from bailiff_bot.slack.blocks.owner_messages import Aftermath, mine, nudge, nudge_left, nudge_settled, nudge_superseded
from bailiff_bot.slack.blocks.summary import FULL_REPORT
from bailiff_bot.usecases.reports import Mine
from tests.builders import (
    ASG,
    DIRECTORY,
    IRELAND,
    NOW,
    OURS,
    PARIS,
    PLAIN,
    Fleet,
    days,
    fleets,
    instance,
    inventory,
    many,
    report,
)
from tests.message_checks import AGO, check, shown

ADA = Owner("U1", "Ada")
DENIED = Unread(Target(OURS, "sa-east-1"), Reason.ACCESS_DENIED)


def nudged(found: Report, whose: tuple[str, ...] = ("AGR",)) -> Message:
    return nudge(Debts(ADA, whose, found.owing), found, UTC, "#cloud-costs")


def answered(found: Report, *, buttons: bool = True, shared: tuple[str, ...] = ()) -> Message:
    return mine(Mine(found, "agr@octo.example", ("AGR",), shared), AGO, buttons=buttons)


def buttons(message: Message) -> list[str]:
    return [one["value"] for block in message.blocks if block["type"] == "actions" for one in block["elements"]]


def test_a_nudge_lists_every_finding_under_its_rule_with_what_to_do() -> None:
    owed = report(instance(1, "agr-a", age=40), instance(2, "agr-b", stopped=20), instance(3, "agr-c"))
    text = shown(nudged(owed)).replace("\n", "")
    assert "2 instances of yours need you" in text
    assert "Stopped for 15 days or more. Will it be used again? Delete it if not" in text
    assert "Running for 30 days or more. Still needed? Stop it if not; keep it with the tag bailiff:exempt." in text
    assert "agr-c" not in text


def test_a_nudge_tells_by_what_its_reader_was_found() -> None:
    found = report(instance(1, "agr-a", age=40), instance(2, None, tags={"Owner": "agr"}))
    assert "You are told because a name starts with AGR and the tag Owner names you." in shown(nudged(found))


def test_a_nudge_for_one_instance_speaks_of_one() -> None:
    assert nudged(report(instance(1, "agr-a", age=40))).text.startswith("1 instance of yours needs you. ")


def test_a_nudge_ends_with_its_coverage() -> None:
    message = nudged(report(instance(1, "agr-a", age=40), unread=[DENIED]))
    assert shown(message).endswith("not read: sa-east-1 (access denied)")
    assert message.text.endswith("not read: sa-east-1 (access denied).")


def test_a_controller_is_one_line_of_a_nudge() -> None:
    found = report(*(instance(number, age=40, tags={ASG: "agr-web"}) for number in range(5)))
    assert "auto-scaling group agr-web, 5 machines: running for 40 days" in shown(nudged(found)).replace("\n", "")


def test_a_nudge_about_very_many_instances_fits_and_counts_the_rest() -> None:
    found = report(*(instance(number, f"agr-{number:0250}", age=40) for number in range(500)))
    message = nudged(found)
    check(message, found)
    assert "more: /bailiff mine, then Full report." in shown(message)
    assert "500 instances of yours need you" in shown(message)


def test_no_list_of_a_nudge_takes_the_room_of_the_others() -> None:
    found = report(
        *(instance(number, f"agr-{number:0250}", stopped=40) for number in range(1, 100)),
        instance(500, "agr-last", age=40),
    )
    assert "agr-last" in shown(nudged(found))


def test_mine_says_whose_it_is_and_what_is_owed() -> None:
    text = shown(answered(report(instance(1, "agr-a", age=40), instance(2, "agr-b"))))
    assert "AGR: 1 of 2 instances owes something" in text
    assert "agr-a (i-00000000000000001)" in text


def test_mine_says_so_when_nothing_is_owed() -> None:
    text = shown(answered(report(instance(1, "agr-a"), unread=[DENIED])))
    assert "AGR: Nothing is owed by 1 instance in what could be read" in text
    assert "sa-east-1 (access denied)" in text


def test_mine_names_the_identifiers_that_somebody_else_claims_too() -> None:
    assert "Left out: DUO, which somebody else claims too" in shown(answered(report(), shared=("DUO",)))


def test_mine_offers_the_full_report_of_the_same_person() -> None:
    message = answered(report(instance(1, "agr-a")))
    [actions] = [block for block in message.blocks if block["type"] == "actions"]
    assert [one["action_id"] for one in actions["elements"]] == [FULL_REPORT]
    assert buttons(message) == ["agr@octo.example"]


@pytest.mark.parametrize(("found", "asked"), [(report(), True), (report(instance(1, "agr-a")), False)])
def test_mine_offers_no_full_report_where_there_is_none(found: Report, asked: bool) -> None:  # noqa: FBT001
    assert buttons(answered(found, buttons=asked)) == []


@pytest.mark.parametrize("count", [1, 30, 400])
def test_mine_of_somebody_with_many_identifiers_is_accepted(count: int) -> None:
    found = report(instance(1, "agr-a", age=40))
    whose = tuple(f"A{number:03}" for number in range(count))
    check(mine(Mine(found, "agr@octo.example", whose), AGO, buttons=True), found)


def test_bullets_are_taken_while_they_fit() -> None:
    found = report(*(instance(number, "agr-x", age=40) for number in range(10)))
    bullets = [bullet(row, 1) for row in found.owing]
    assert fitting(bullets, bullets[0].weight * 3) == bullets[:3]
    assert fitting(bullets, 10) == []
    assert fitting(bullets, 100_000) == bullets


def test_a_bullet_tells_its_owner_only_to_others() -> None:
    [row] = report(instance(1, "agr-x", age=40)).owing
    assert bullet(row, 1, owner=True).rest.endswith(" · AGR")
    assert bullet(row, 1).rest == ": running for 40 days · t3.micro in eu-west-1"
    assert bullet(row, 2).rest == f": running for 40 days · t3.micro in {OURS}/eu-west-1"


def earlier(found: Report) -> Nudged:
    """The message that told Ada of everything in a report, at an hour that is another day in Tokyo."""
    keys = keys_of(found.owing)
    return Nudged("U1", days(6).replace(hour=20), keys, keys, "D1", "1.0")


FIVE = tuple(instance(number, f"agr-{number}", age=40) for number in range(1, 6))
TOLD = report(*FIVE)


def later(
    *instances: Instance,
    unread: Sequence[Unread] = (),
    nudged: Nudged | None = None,
    policy: Policy = PLAIN,
    owners: Owners | None = None,
    known: People = DIRECTORY,
) -> Aftermath:
    """What became of a message, in what was found after it."""
    nudged = nudged or earlier(TOLD)
    read = [target for target in (IRELAND, PARIS) if target not in {one.target for one in unread}]
    found = inventory(instances, unread, read)
    now = judge(found, known, policy, NOW)
    owners = {**dict.fromkeys(addresses(now), NoOwner("a guest")), **(owners or {"agr@octo.example": ADA})}
    before = compare(TOLD, {"agr@octo.example": ADA}, inventory(FIVE), Memory(), doubted=False)
    memory = Memory(before.sightings, {"U1": nudged}, policy=fingerprint(PLAIN))
    changes = compare(now, owners, found, memory, doubted=False)
    debts, unclaimed = owners_of(now, owners)
    own = keys_of(row for one in debts if one.owner == ADA for row in one.rows)
    maybe = keys_of(row for one in unclaimed for row in one.rows) | changes.unsure.keys()
    return Aftermath(nudged, left_of(nudged, own, maybe), own, now, changes)


def redrawn(after: Aftermath, zone: str = "UTC") -> Message:
    """What stands in the place of the message."""
    there = ZoneInfo(zone)
    message = nudge_left(after, there, "#cloud-costs") if after.left else nudge_settled(after, there)
    check(message, after.report)
    return message


def left(*instances: Instance, unread: Sequence[Unread] = (), zone: str = "UTC") -> Message:
    return redrawn(later(*instances, unread=unread), zone)


def test_a_nudge_of_which_nothing_is_new_is_called_a_reminder() -> None:
    message = nudge(Debts(ADA, ("AGR",), TOLD.owing), TOLD, UTC, "#cloud-costs", earlier(TOLD))
    assert message.text.startswith("Reminder: 5 instances of yours need you. ")


def test_a_nudge_after_one_that_may_not_have_arrived_is_no_reminder() -> None:
    before = replace(earlier(TOLD), ts="")
    message = nudge(Debts(ADA, ("AGR",), TOLD.owing), TOLD, UTC, "#cloud-costs", before)
    assert message.text.startswith("5 instances of yours need you. ")


def test_a_nudge_with_something_new_is_no_reminder() -> None:
    before = earlier(report(*FIVE[1:]))
    message = nudge(Debts(ADA, ("AGR",), TOLD.owing), TOLD, UTC, "#cloud-costs", before)
    assert message.text.startswith("5 instances of yours need you. ")


def test_what_is_left_of_a_nudge_is_listed_and_what_is_settled_counted() -> None:
    text = shown(left(*FIVE[2:])).replace("\n", "")
    assert text.startswith("2 of 5 settled since 17 Nov")
    assert [f"agr-{number} (" in text for number in range(1, 6)] == [False, False, True, True, True]
    assert "running for 40 days" in text
    assert "You are told because a name starts with AGR." in text
    assert text.endswith("2 of 2 regions read, 23 Nov, 08:56 UTC")


def test_the_day_of_a_nudge_is_that_of_the_readers_zone() -> None:
    assert shown(left(*FIVE[2:], zone="Asia/Tokyo")).startswith("2 of 5 settled since 18 Nov")


def test_what_a_nudge_did_not_tell_of_is_not_put_into_it_later() -> None:
    text = shown(left(*FIVE[2:], instance(9, "agr-new", age=50)))
    assert "agr-new" not in text


def test_what_of_a_nudge_could_not_be_looked_at_is_named_as_that_and_not_as_settled() -> None:
    text = shown(left(unread=[Unread(IRELAND, Reason.TIMED_OUT)]))
    lines = text.splitlines()
    assert lines[0] == "None of 5 settled since 17 Nov"
    assert "Not known whether settled." in lines
    assert lines.count(": not read") == 5
    assert f"agr-1 ({FIVE[0].id})" in lines
    assert "not read: eu-west-1 (timed out)" in text


def test_what_was_restarted_is_neither_settled_nor_owed_until_its_grace_is_over() -> None:
    before = report(instance(1, None, age=9), instance(2, None, age=9))
    nudged = earlier(before)
    text = shown(redrawn(later(instance(1, None, age=9), instance(2, None, age=0.1), nudged=nudged)))
    assert text.startswith("None of 2 settled since 17 Nov")
    assert "just started" in text


@pytest.mark.parametrize(("found", "said"), [(TOLD, "All 5 are settled."), (report(FIVE[0]), "It is settled.")])
def test_a_nudge_of_which_all_is_settled_says_thanks_and_how_much_was_seen(found: Report, said: str) -> None:
    message = redrawn(later(nudged=earlier(found)))
    assert shown(message).splitlines() == [f"{said} Thank you.", "2 of 2 regions read, 23 Nov, 08:56 UTC"]
    assert message.text == f"{said} Thank you. 2 of 2 regions read, 23 Nov, 08:56 UTC."


LENIENT = Policy(running_days=60)
RENAMED = tuple(instance(number, f"mlg-{number}", age=40) for number in range(1, 6))
MEL = {"agr@octo.example": ADA, "mlg@octo.example": Owner("U2", "Mel")}


def test_nobody_is_thanked_for_what_changed_rules_do_not_ask_for_any_more() -> None:
    assert shown(redrawn(later(*FIVE, policy=LENIENT))).splitlines()[0] == (
        "All 5 are no longer asked for since the rules changed."
    )
    one = earlier(report(FIVE[0]))
    assert shown(redrawn(later(*FIVE, nudged=one, policy=LENIENT))).splitlines()[0] == (
        "It is no longer asked for since the rules changed."
    )


def test_who_paid_a_part_before_the_rules_changed_is_thanked_for_that_alone() -> None:
    assert shown(redrawn(later(*FIVE[2:], policy=LENIENT))).splitlines()[0] == (
        "Of 5: 2 settled, 3 no longer asked for since the rules changed. Thank you."
    )


def test_what_is_left_is_told_apart_from_what_changed_rules_do_not_ask_for_any_more() -> None:
    text = shown(redrawn(later(*FIVE[2:4], instance(5, "agr-5", age=70), policy=LENIENT)))
    assert text.startswith("2 of 5 settled since 17 Nov, 2 no longer asked for since the rules changed")


def test_what_is_certainly_somebody_elses_by_now_is_not_called_settled() -> None:
    text = shown(redrawn(later(*RENAMED[:2], *FIVE[2:], owners=MEL)))
    assert text.startswith("None of 5 settled since 17 Nov, 2 not yours any more")
    assert "mlg-1" not in text
    assert shown(redrawn(later(*RENAMED, owners=MEL))).startswith("All 5 are not yours any more.")


def test_what_came_back_after_it_was_settled_is_not_called_settled() -> None:
    paid_before = replace(earlier(TOLD), left=keys_of(report(*FIVE[1:]).owing))
    assert shown(redrawn(later(*FIVE[:3], nudged=paid_before))).startswith("2 of 5 settled since 17 Nov, 1 owed again")


POCS = tuple(instance(number, f"poc-{number}", age=40) for number in range(1, 6))


def test_a_reader_is_not_told_a_reason_that_is_somebody_elses() -> None:
    """What nobody was found for may be the reader's all the same, and is listed, but why is not known any more."""
    text = shown(redrawn(later(*POCS)))
    assert "poc-1" in text
    assert "You are told because" not in text
    text = shown(redrawn(later(*POCS[:2], *FIVE[2:])))
    assert "poc-1" in text
    assert "You are told because a name starts with AGR." in text.splitlines()


def test_what_lost_its_owner_leaves_no_empty_reason() -> None:
    nameless = [instance(number, "machine", age=40) for number in range(1, 6)]
    for message in (redrawn(later(*nameless)), redrawn(later(*nameless, known=NO_DIRECTORY))):
        assert "You are told because" not in shown(message)
        assert "\n\n" not in message.plain


@many(100)
@given(fleets(40))
def test_whoever_is_told_is_told_why(fleet: Fleet) -> None:
    debts, _ = owners_of(fleet.report, fleet.owners)
    for one in debts:
        plain = nudge(one, fleet.report, UTC, "#cloud-costs").plain.splitlines()
        [why] = [part for part in plain if part.startswith("You are told because ")]
        reasons = why.removeprefix("You are told because ").removesuffix(".")
        names, tags = (any(bool(row.identity.tag) is by_tag for row in one.rows) for by_tag in (False, True))
        assert ("a name starts with " in reasons) is names
        assert ("the tag " in reasons) is tags
        assert all(row.identity.lead in one.whose for row in one.rows)


def test_a_nudge_after_which_another_came_says_so_and_accuses_of_nothing() -> None:
    message = nudge_superseded(earlier(TOLD), UTC)
    check(message)
    assert message.text == (
        "This was the state of 17 Nov. What you owe now is in a later message here, or in /bailiff mine."
    )
