import json

from bailiff_bot.domain.identity import people
from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.inventory import Reason, Unread
from bailiff_bot.domain.policy import Policy
from bailiff_bot.slack.summary import EVERYONE, FULL_REPORT, SHARE, full_report_button, share_button, summary
from tests.unit.builders import ABROAD, ASG, NOW, OURS, THEIRS, instance, report
from tests.unit.slack.looking import check, nodes, shown

DENIED = Unread(Target(OURS, "sa-east-1"), Reason.ACCESS_DENIED)


def test_when_all_is_well_it_is_one_line_with_its_coverage() -> None:
    message = summary(report(instance(1), instance(2)), NOW)
    assert message.text == "Nothing is owed by 2 instances. 1 of 1 region read, 4 min ago."
    assert shown(message) == message.text


def test_when_all_is_well_very_many_regions_declared_closed_still_fit() -> None:
    reasons = list(Reason)
    unread = [
        Unread(Target(f"{number:012}", "ap-southeast-2"), reasons[number % len(reasons)]) for number in range(500)
    ]
    found = report(instance(), unread=unread, policy=Policy(expected_unread=("*",)))
    check(summary(found, NOW), found)


def test_the_headline_the_counts_the_worst_and_the_coverage_come_in_this_order() -> None:
    lines = shown(summary(report(instance(1, None), instance(2)), NOW)).splitlines()
    assert lines[0] == "1 of 2 instances owes something"
    assert lines.index("1") < lines.index("The worst")
    assert lines[-1] == "1 of 1 region read, 4 min ago"


def test_the_notification_tells_the_headline_and_the_coverage() -> None:
    message = summary(report(instance(1, None), unread=[DENIED]), NOW)
    assert message.text == (
        "1 of 1 instance owes something. 1 of 2 regions read, 4 min ago · not read: sa-east-1 (access denied)."
    )


def test_what_was_not_read_is_told_even_where_nothing_is_owed() -> None:
    assert "sa-east-1 (access denied)" in shown(summary(report(instance(), unread=[DENIED]), NOW))


def test_what_the_directory_could_not_tell_is_told() -> None:
    assert "Askbob is down" in shown(summary(report(instance(), known=people([], gaps=["Askbob is down"])), NOW))


def test_only_the_five_worst_are_named() -> None:
    message = summary(report(*(instance(number, None) for number in range(9))), NOW)
    assert len([node for node in nodes(message.blocks) if node.get("type") == "link"]) == 5


def test_the_worst_are_named_with_evidence_place_and_owner() -> None:
    text = shown(summary(report(instance(1, "agr-x", age=40, target=ABROAD), instance(2)), NOW))
    assert "agr-x (i-00000000000000001)" in text
    assert f": running for 40 days · t3.micro in {THEIRS}/us-east-1 · AGR" in text


def test_an_owner_whom_a_tag_names_turns_no_direction_of_writing() -> None:
    found = report(instance(1, None, tags={"Owner": "a\u202eb\x1b@octo.example"}))
    assert "ab@octo.example" in shown(summary(found, NOW))


def test_an_instance_without_name_goes_by_its_id() -> None:
    [link] = [node for node in nodes(summary(report(instance(1, None)), NOW).blocks) if node.get("type") == "link"]
    assert link["text"] == "i-00000000000000001"


def test_a_controller_among_the_worst_leads_nowhere() -> None:
    message = summary(report(*(instance(number, age=40, tags={ASG: "AGR-web"}) for number in (1, 2))), NOW)
    assert "auto-scaling group AGR-web, 2 machines" in shown(message)
    assert not [node for node in nodes(message.blocks) if "url" in node]


def test_machines_that_owe_are_told_apart_from_those_that_do_not() -> None:
    found = report(
        *(instance(number, age=40, tags={ASG: "AGR-web"}) for number in (1, 2)),
        instance(3, tags={ASG: "MLG-web"}),
    )
    assert "Managed machines, of which 2 owe something" in shown(summary(found, NOW))


def test_the_buttons_and_the_note_are_there_when_they_are_asked_for() -> None:
    message = summary(report(), NOW, buttons=(share_button(), full_report_button()), note="Shared by Ada.")
    [actions] = [block for block in message.blocks if block["type"] == "actions"]
    assert [(one["action_id"], one["value"]) for one in actions["elements"]] == [
        (SHARE, EVERYONE),
        (FULL_REPORT, EVERYONE),
    ]
    assert "Shared by Ada." in shown(message)


def test_a_report_of_some_owners_carries_whose_it_is() -> None:
    assert full_report_button("agr@octo.example").value == "agr@octo.example"


def test_the_monospace_text_tells_the_same() -> None:
    message = summary(report(instance(1, None), instance(2), unread=[DENIED]), NOW, note="A note.")
    for told in ("1 of 2 instances owes something", "No name: Name it", "i-00000000000000001", "sa-east-1", "A note."):
        assert told in json.dumps(message.fallback().blocks)


def test_very_many_unread_regions_of_many_accounts_still_fit() -> None:
    reasons = list(Reason)
    unread = [
        Unread(Target(f"{number:012}", "ap-southeast-2"), reasons[number % len(reasons)]) for number in range(500)
    ]
    gaps = [f"team {number} failed" for number in range(500)]
    found = report(instance(1, None), unread=unread, known=people([], gaps=gaps))
    check(summary(found, NOW), found)
