from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given

from bailiff_bot.domain.action import Action
from bailiff_bot.domain.changes import compare
from bailiff_bot.domain.gap import Gap
from bailiff_bot.domain.history import DigestHistory, LastNudge, finding_keys, remaining_findings
from bailiff_bot.domain.identity import NO_DIRECTORY, People
from bailiff_bot.domain.instance import Instance, Target
from bailiff_bot.domain.inventory import UnreadReason, unread_gap
from bailiff_bot.domain.nudge_update import NudgeUpdate
from bailiff_bot.domain.owner import NoOwner, Owner, OwnerFindings, OwnersByAddress, findings_by_owner, owner_addresses
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.report import Report, judge
from bailiff_bot.domain.report_filter import ReportFilter, ReportQuery, View
from bailiff_bot.domain.report_part import ReportPart
from bailiff_bot.domain.rules import policy_fingerprint
from bailiff_bot.domain.snapshot import Snapshot
from bailiff_bot.messages import owner_messages
from bailiff_bot.messages.buttons import FULL_REPORT, full_report_button
from bailiff_bot.messages.document import Buttons, Grid
from bailiff_bot.messages.instance_items import Actions
from bailiff_bot.messages.tables import thread_tables
from bailiff_bot.render.columns import columns
from tests.builders import (
    ASG,
    DEFAULT_POLICY,
    DIRECTORY,
    IRELAND,
    NOW,
    OWN_ACCOUNT,
    PARIS,
    Fleet,
    days_ago,
    example_count,
    fleets,
    instance,
    inventory,
    report,
)
from tests.message_checks import SCAN_AGE, Message, check_message, rendered, visible_text

ADA = Owner("U1", "Ada")
DENIED = unread_gap(Target(OWN_ACCOUNT, "sa-east-1"), UnreadReason.ACCESS_DENIED)


def nudge(findings: OwnerFindings, found: Report, last_nudge: LastNudge | None = None) -> Message:
    return rendered(owner_messages.nudge(findings, found, UTC, "#cloud-costs", last_nudge))


def nudge_message(found: Report, owner_keys: tuple[str, ...] = ("AGR",)) -> Message:
    return nudge(OwnerFindings(ADA, owner_keys, found.flagged), found)


ADA_FILTER = ReportFilter(owners=("agr@octo.example",))
BUTTONS = Buttons((full_report_button(ReportQuery(View.MINE, ADA_FILTER)),))


def mine_message(found: Report, ambiguous: tuple[str, ...] = ()) -> Message:
    own = ReportPart(found, ADA_FILTER, ("AGR",), ambiguous)
    return rendered(owner_messages.mine(own, SCAN_AGE, buttons=BUTTONS))


def buttons(message: Message) -> list[str]:
    return [one["value"] for block in message.blocks if block["type"] == "actions" for one in block["elements"]]


def test_a_nudge_lists_every_finding_under_its_rule_with_what_to_do() -> None:
    found = report(instance(1, "agr-a", age=40), instance(2, "agr-b", stopped=20), instance(3, "agr-c"))
    text = visible_text(nudge_message(found)).replace("\n", "")
    assert "2 of your instances need attention" in text
    assert "Stopped for 15 days or more: delete it if nobody needs it any more" in text
    assert (
        "Running for 30 days or more: stop it if nobody uses it; to keep it, add the tag bailiff:exempt=YYYY-MM-DD."
        in text
    )
    assert "agr-c" not in text


def test_a_nudge_says_why_its_reader_gets_it() -> None:
    found = report(instance(1, "agr-a", age=40), instance(2, None, tags={"Owner": "agr"}))
    assert "You get this message because a name starts with AGR and the tag Owner names you." in visible_text(
        nudge_message(found)
    )


def test_a_nudge_says_what_to_do_about_what_is_somebody_elses() -> None:
    found = report(instance(1, "agr-a", age=40))
    findings = OwnerFindings(ADA, ("AGR",), found.flagged)
    assert "Not yours? Say so in #cloud-costs." in visible_text(nudge(findings, found))
    for offered, text in ((Action.NOT_MINE, "Choose Not mine in its menu."), (Action.KEEP, "Say so in #cloud-costs.")):
        actions = Actions({}, {offered})
        message = rendered(owner_messages.nudge(findings, found, UTC, "#cloud-costs", actions=actions))
        assert f"Not yours? {text}" in visible_text(message)


def test_a_nudge_for_one_instance_uses_the_singular() -> None:
    assert nudge_message(report(instance(1, "agr-a", age=40))).text.startswith("1 of your instances needs attention. ")


def test_a_nudge_ends_with_its_coverage() -> None:
    message = nudge_message(report(instance(1, "agr-a", age=40), unread=[DENIED]))
    assert visible_text(message).endswith("not read: sa-east-1 (access denied)")
    assert message.text.endswith("not read: sa-east-1 (access denied).")


def test_a_controller_is_one_line_of_a_nudge() -> None:
    found = report(*(instance(number, age=40, tags={ASG: "agr-web"}) for number in range(5)))
    assert "auto-scaling group agr-web, 5 machines: running for 40 days" in visible_text(nudge_message(found)).replace(
        "\n", ""
    )


def test_a_nudge_about_very_many_instances_fits_and_counts_the_rest() -> None:
    found = report(*(instance(number, f"agr-{number:0250}", age=40) for number in range(500)))
    message = nudge_message(found)
    check_message(message, found)
    assert "more: /bailiff mine, then Full report." in visible_text(message)
    assert "500 of your instances need attention" in visible_text(message)


def test_each_list_of_a_nudge_gets_space() -> None:
    found = report(
        *(instance(number, f"agr-{number:0250}", stopped=40) for number in range(1, 100)),
        instance(500, "agr-last", age=40),
    )
    assert "agr-last" in visible_text(nudge_message(found))


def test_mine_names_the_owner_and_lists_the_findings() -> None:
    text = visible_text(mine_message(report(instance(1, "agr-a", age=40), instance(2, "agr-b"))))
    assert "AGR: 1 of 2 instances breaks a rule" in text
    assert "agr-a (i-00000000000000001)" in text


def test_mine_says_so_when_there_are_no_findings() -> None:
    text = visible_text(mine_message(report(instance(1, "agr-a"), unread=[DENIED])))
    assert "AGR: No instance breaks a rule in what could be read (1 instance)" in text
    assert "sa-east-1 (access denied)" in text


def test_mine_names_the_identifiers_that_somebody_else_claims_too() -> None:
    assert "Left out: DUO. The directory lists somebody else for it too" in visible_text(
        mine_message(report(), ambiguous=("DUO",))
    )


def test_mine_offers_the_full_report_of_the_same_person() -> None:
    message = mine_message(report(instance(1, "agr-a")))
    [actions] = [block for block in message.blocks if block["type"] == "actions"]
    assert [one["action_id"] for one in actions["elements"]] == [FULL_REPORT]
    assert buttons(message) == ["mine agr@octo.example"]


@pytest.mark.parametrize("count", [1, 30, 400])
def test_mine_of_somebody_with_many_identifiers_is_accepted(count: int) -> None:
    found = report(instance(1, "agr-a", age=40))
    identifiers = tuple(f"A{number:03}" for number in range(count))
    own = ReportPart(found, ADA_FILTER, identifiers)
    check_message(
        rendered(owner_messages.mine(own, SCAN_AGE, buttons=BUTTONS)),
        found,
    )


def earlier_nudge(found: Report) -> LastNudge:
    """Return the nudge with every finding of a report, sent at an hour that is another day in Tokyo."""
    keys = finding_keys(found.flagged)
    return LastNudge("U1", days_ago(6).replace(hour=20), keys, keys, "D1", "1.0")


FIVE = tuple(instance(number, f"agr-{number}", age=40) for number in range(1, 6))
EARLIER_REPORT = report(*FIVE)


def nudge_update(
    *instances: Instance,
    unread: Sequence[Gap] = (),
    last_nudge: LastNudge | None = None,
    policy: Policy = DEFAULT_POLICY,
    owners: OwnersByAddress | None = None,
    people: People = DIRECTORY,
) -> NudgeUpdate:
    """Return what became of a nudge after a scan that found `instances`."""
    last_nudge = last_nudge or earlier_nudge(EARLIER_REPORT)
    read = [target for target in (IRELAND, PARIS) if target not in {one.where for one in unread}]
    found = inventory(instances, unread, read)
    now = judge(Snapshot(found, people), policy, NOW)
    owners = {**dict.fromkeys(owner_addresses(now), NoOwner("a guest")), **(owners or {"agr@octo.example": ADA})}
    before = compare(EARLIER_REPORT, {"agr@octo.example": ADA}, inventory(FIVE), DigestHistory())
    history = DigestHistory(
        before.open_findings, {"U1": last_nudge}, policy_fingerprint=policy_fingerprint(DEFAULT_POLICY)
    )
    changes = compare(now, owners, found, history)
    owner_findings, unassigned = findings_by_owner(now, owners)
    own = finding_keys(row for one in owner_findings if one.owner == ADA for row in one.rows)
    uncertain = finding_keys(row for one in unassigned for row in one.rows) | changes.undetermined.keys()
    return NudgeUpdate(last_nudge, remaining_findings(last_nudge, own, uncertain), own, now, changes)


def redrawn_text(after: NudgeUpdate, zone: str = "UTC") -> Message:
    """Return the message that replaces the nudge."""
    there = ZoneInfo(zone)
    if after.remaining:
        message = rendered(owner_messages.nudge_partly_fixed(after, there, "#cloud-costs"))
    else:
        message = rendered(owner_messages.nudge_fixed(after, there))
    check_message(message, after.report)
    return message


def remaining_text(*instances: Instance, unread: Sequence[Gap] = (), zone: str = "UTC") -> Message:
    return redrawn_text(nudge_update(*instances, unread=unread), zone)


def test_a_nudge_with_nothing_new_is_called_a_reminder() -> None:
    message = nudge(OwnerFindings(ADA, ("AGR",), EARLIER_REPORT.flagged), EARLIER_REPORT, earlier_nudge(EARLIER_REPORT))
    assert message.text.startswith("Reminder: 5 of your instances need attention. ")


def test_a_nudge_after_one_that_may_not_have_arrived_is_no_reminder() -> None:
    before = replace(earlier_nudge(EARLIER_REPORT), ts="")
    message = nudge(OwnerFindings(ADA, ("AGR",), EARLIER_REPORT.flagged), EARLIER_REPORT, before)
    assert message.text.startswith("5 of your instances need attention. ")


def test_a_nudge_with_something_new_is_no_reminder() -> None:
    before = earlier_nudge(report(*FIVE[1:]))
    message = nudge(OwnerFindings(ADA, ("AGR",), EARLIER_REPORT.flagged), EARLIER_REPORT, before)
    assert message.text.startswith("5 of your instances need attention. ")


def test_the_open_findings_of_a_nudge_are_listed_and_the_fixed_ones_counted() -> None:
    text = visible_text(remaining_text(*FIVE[2:])).replace("\n", "")
    assert text.startswith("2 of 5 fixed since 17 Nov")
    assert [f"agr-{number} (" in text for number in range(1, 6)] == [False, False, True, True, True]
    assert "running for 40 days" in text
    assert "You get this message because a name starts with AGR." in text
    assert text.endswith("2 of 2 regions read, 23 Nov, 08:56 UTC")


def test_the_day_of_a_nudge_is_in_the_readers_zone() -> None:
    assert visible_text(remaining_text(*FIVE[2:], zone="Asia/Tokyo")).startswith("2 of 5 fixed since 18 Nov")


def test_an_edited_nudge_lists_no_new_findings() -> None:
    text = visible_text(remaining_text(*FIVE[2:], instance(9, "agr-new", age=50)))
    assert "agr-new" not in text


def test_unread_findings_are_called_unknown_and_not_fixed() -> None:
    text = visible_text(remaining_text(unread=[unread_gap(IRELAND, UnreadReason.TIMED_OUT)]))
    lines = text.splitlines()
    assert lines[0] == "None of 5 fixed since 17 Nov"
    assert "Could not be checked this time." in lines
    assert lines.count(": not read") == 5
    assert f"agr-1 ({FIVE[0].id})" in lines
    assert "not read: eu-west-1 (timed out)" in text


def test_an_instance_in_its_grace_is_neither_fixed_nor_open() -> None:
    before = report(instance(1, None, age=9), instance(2, None, age=9))
    last_nudge = earlier_nudge(before)
    text = visible_text(
        redrawn_text(nudge_update(instance(1, None, age=9), instance(2, None, age=0.1), last_nudge=last_nudge))
    )
    assert text.startswith("None of 2 fixed since 17 Nov")
    assert "just created" in text


@pytest.mark.parametrize(
    ("found", "expected"), [(EARLIER_REPORT, "All 5 are fixed."), (report(FIVE[0]), "It is fixed.")]
)
def test_a_nudge_with_everything_fixed_says_thanks_with_its_coverage(found: Report, expected: str) -> None:
    message = redrawn_text(nudge_update(last_nudge=earlier_nudge(found)))
    assert visible_text(message).splitlines() == [f"{expected} Thank you.", "2 of 2 regions read, 23 Nov, 08:56 UTC"]
    assert message.text == f"{expected} Thank you. 2 of 2 regions read, 23 Nov, 08:56 UTC."


LENIENT = Policy(running_days=60)
RENAMED = tuple(instance(number, f"mlg-{number}", age=40) for number in range(1, 6))
MEL = {"agr@octo.example": ADA, "mlg@octo.example": Owner("U2", "Mel")}


def test_nobody_is_thanked_for_findings_dropped_by_policy() -> None:
    assert visible_text(redrawn_text(nudge_update(*FIVE, policy=LENIENT))).splitlines()[0] == (
        "All 5 are no longer counted (the rules changed)."
    )
    one = earlier_nudge(report(FIVE[0]))
    assert visible_text(redrawn_text(nudge_update(*FIVE, last_nudge=one, policy=LENIENT))).splitlines()[0] == (
        "It is no longer counted (the rules changed)."
    )


def test_an_owner_is_thanked_only_for_fixed_findings_and_not_for_dropped_ones() -> None:
    assert visible_text(redrawn_text(nudge_update(*FIVE[2:], policy=LENIENT))).splitlines()[0] == (
        "Of 5: 2 fixed, 3 no longer counted (the rules changed). Thank you."
    )


def test_open_findings_are_kept_apart_from_those_dropped_by_policy() -> None:
    text = visible_text(redrawn_text(nudge_update(*FIVE[2:4], instance(5, "agr-5", age=70), policy=LENIENT)))
    assert text.startswith("2 of 5 fixed since 17 Nov, 2 no longer counted (the rules changed)")


def test_a_finding_that_has_another_owner_now_is_not_called_fixed() -> None:
    text = visible_text(redrawn_text(nudge_update(*RENAMED[:2], *FIVE[2:], owners=MEL)))
    assert text.startswith("None of 5 fixed since 17 Nov, 2 not yours any more")
    assert "mlg-1" not in text
    assert visible_text(redrawn_text(nudge_update(*RENAMED, owners=MEL))).startswith("All 5 are not yours any more.")


def test_a_finding_that_came_back_is_not_called_fixed() -> None:
    fixed_before = replace(earlier_nudge(EARLIER_REPORT), still_listed=finding_keys(report(*FIVE[1:]).flagged))
    assert visible_text(redrawn_text(nudge_update(*FIVE[:3], last_nudge=fixed_before))).startswith(
        "2 of 5 fixed since 17 Nov, 1 broken again"
    )


UNASSIGNED_INSTANCES = tuple(instance(number, f"poc-{number}", age=40) for number in range(1, 6))


def test_a_nudge_does_not_give_the_reason_of_another_owner() -> None:
    """Unassigned findings may still be the reader's. They are listed, but the reason is not known any more."""
    text = visible_text(redrawn_text(nudge_update(*UNASSIGNED_INSTANCES)))
    assert "poc-1" in text
    assert "You are told because" not in text
    text = visible_text(redrawn_text(nudge_update(*UNASSIGNED_INSTANCES[:2], *FIVE[2:])))
    assert "poc-1" in text
    assert "You get this message because a name starts with AGR." in text.splitlines()


def test_a_nudge_without_a_known_reason_has_no_empty_one() -> None:
    nameless = [instance(number, "machine", age=40) for number in range(1, 6)]
    for message in (redrawn_text(nudge_update(*nameless)), redrawn_text(nudge_update(*nameless, people=NO_DIRECTORY))):
        assert "You are told because" not in visible_text(message)
        assert "\n\n" not in message.plain


@example_count(100)
@given(fleets(40))
def test_every_nudge_says_why_its_reader_got_it(fleet: Fleet) -> None:
    owner_findings, _ = findings_by_owner(fleet.report, fleet.owners)
    for one in owner_findings:
        plain = nudge(one, fleet.report).plain.splitlines()
        [why] = [part for part in plain if part.startswith("You get this message because ")]
        reasons = why.removeprefix("You get this message because ").removesuffix(".")
        names, tags = (any(bool(row.identity.tag) is by_tag for row in one.rows) for by_tag in (False, True))
        assert ("a name starts with " in reasons) is names
        assert ("the tag " in reasons) is tags
        assert all({*row.identity.owner_keys} & {*one.owner_keys} for row in one.rows)


def test_a_superseded_nudge_says_so_and_lists_no_findings() -> None:
    message = rendered(owner_messages.nudge_superseded(earlier_nudge(EARLIER_REPORT), UTC))
    check_message(message)
    assert message.text == ("As of 17 Nov. Your current list is in a later message, or in /bailiff mine.")


def test_an_owner_is_asked_for_the_end_of_an_exemption_without_one() -> None:
    exempt = [
        instance(2, "agr-b", tags={"bailiff:exempt": ""}),
        instance(3, "agr-c", tags={"bailiff:exempt": "2027-01-31"}),
        instance(4, "alb-d", tags={"bailiff:exempt": ""}),
    ]
    found = report(instance(1, "agr-a", age=40), *exempt)

    asked = "Exempt without an end: agr-b (i-00000000000000002). Please give it an end with the tag bailiff:exempt="
    assert asked in visible_text(nudge_message(found))


def test_the_table_of_exempt_instances_says_until_when() -> None:
    found = report(
        instance(1, "agr-a", tags={"bailiff:exempt": "2027-01-31"}),
        instance(2, "agr-b", tags={"bailiff:exempt": "since 2026-01-01"}),
    )
    [grid] = [part for part in thread_tables(found, UTC).parts if isinstance(part, Grid)]

    cells = [columns(found, grid.table, UTC)[-1].text(row) for row in grid.rows]
    assert sorted(cells) == ["2027-01-31", "no end (date not understood)"]
    assert grid.advice == "1 without an end: give it an end with the tag bailiff:exempt=YYYY-MM-DD"
