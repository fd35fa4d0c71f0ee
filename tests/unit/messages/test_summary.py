import json
from dataclasses import replace
from datetime import UTC, timedelta
from typing import Any

from bailiff_bot.domain.changes import Changes
from bailiff_bot.domain.cleared import Cleared
from bailiff_bot.domain.gap import Gap, GapSource
from bailiff_bot.domain.history import FindingKey, OpenFinding, TrendPoint, trend_point
from bailiff_bot.domain.identity import people_from_entries
from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.inventory import UnreadReason, unread_gap
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.report import Report
from bailiff_bot.domain.report_filter import ReportFilter, ReportQuery, View
from bailiff_bot.domain.rules import RuleId
from bailiff_bot.domain.subject import Subject
from bailiff_bot.messages import summary as summaries
from bailiff_bot.messages.buttons import FULL_REPORT, SHARE, full_report_button, share_button
from bailiff_bot.messages.changes_text import ChangesText
from bailiff_bot.messages.document import Buttons
from tests.builders import (
    ASG,
    IRELAND,
    NOW,
    OTHER_ACCOUNT,
    OWN_ACCOUNT,
    VIRGINIA,
    count_gaps,
    days_ago,
    instance,
    report,
)
from tests.message_checks import SCAN_AGE, Message, check_message, nodes, rendered, visible_text


def summary(report: Report, when: str = SCAN_AGE, **options: Any) -> Message:
    return rendered(summaries.summary(report, when, **options))


DENIED = unread_gap(Target(OWN_ACCOUNT, "sa-east-1"), UnreadReason.ACCESS_DENIED)


def test_a_summary_without_findings_is_one_line_with_its_coverage() -> None:
    message = summary(report(instance(1), instance(2)), SCAN_AGE)
    assert message.text == "No instance breaks a rule (2 instances). 1 of 1 region read, 4 min ago."
    assert visible_text(message) == message.text


def test_a_summary_without_findings_fits_with_very_many_closed_regions() -> None:
    reasons = list(UnreadReason)
    unread = [
        unread_gap(Target(f"{number:012}", "ap-southeast-2"), reasons[number % len(reasons)]) for number in range(500)
    ]
    found = report(instance(), unread=unread, policy=Policy(expected_unread=("*",)))
    check_message(summary(found, SCAN_AGE), found)


def test_a_summary_has_headline_counts_most_urgent_and_coverage_in_this_order() -> None:
    lines = visible_text(summary(report(instance(1, None), instance(2)), SCAN_AGE)).splitlines()
    assert lines[0] == "1 of 2 instances breaks a rule"
    assert lines.index("1") < lines.index("Most urgent")
    assert lines[-1] == "1 of 1 region read, 4 min ago"


def test_the_notification_text_has_the_headline_and_the_coverage() -> None:
    message = summary(report(instance(1, None), unread=[DENIED]), SCAN_AGE)
    assert message.text == (
        "1 of 1 instance breaks a rule. 1 of 2 regions read, 4 min ago · not read: sa-east-1 (access denied)."
    )


def test_unread_targets_are_listed_even_without_findings() -> None:
    assert "sa-east-1 (access denied)" in visible_text(summary(report(instance(), unread=[DENIED]), SCAN_AGE))


def test_the_gaps_of_the_directory_are_listed() -> None:
    assert "Askbob is down" in visible_text(
        summary(report(instance(), people=people_from_entries([], gaps=["Askbob is down"])), SCAN_AGE)
    )


def test_only_the_five_most_urgent_are_named() -> None:
    message = summary(report(*(instance(number, None) for number in range(9))), SCAN_AGE)
    assert len([node for node in nodes(message.blocks) if node.get("type") == "link"]) == 5


def test_the_most_urgent_are_named_with_evidence_region_and_owner() -> None:
    text = visible_text(summary(report(instance(1, "agr-x", age=40, target=VIRGINIA), instance(2)), SCAN_AGE))
    assert "agr-x (i-00000000000000001)" in text
    assert f": running for 40 days · t3.micro in {OTHER_ACCOUNT}/us-east-1 · AGR" in text


def test_an_owner_tag_does_not_change_the_writing_direction() -> None:
    found = report(instance(1, None, tags={"Owner": "a\u202eb\x1b@octo.example"}))
    assert "ab@octo.example" in visible_text(summary(found, SCAN_AGE))


def test_an_instance_without_name_is_named_by_its_id() -> None:
    [link] = [node for node in nodes(summary(report(instance(1, None)), SCAN_AGE).blocks) if node.get("type") == "link"]
    assert link["text"] == "i-00000000000000001"


def test_a_controller_among_the_most_urgent_has_no_link() -> None:
    message = summary(report(*(instance(number, age=40, tags={ASG: "AGR-web"}) for number in (1, 2))), SCAN_AGE)
    assert "auto-scaling group AGR-web, 2 machines" in visible_text(message)
    assert not [node for node in nodes(message.blocks) if "url" in node]


def test_managed_machines_with_findings_are_counted_apart() -> None:
    found = report(
        *(instance(number, age=40, tags={ASG: "AGR-web"}) for number in (1, 2)),
        instance(3, tags={ASG: "MLG-web"}),
    )
    assert "Managed machines, 2 break a rule" in visible_text(summary(found, SCAN_AGE))


def test_buttons_and_note_are_shown_if_given() -> None:
    query = ReportQuery(View.REPORT, ReportFilter(owners=("AGR",)))
    message = summary(
        report(), SCAN_AGE, buttons=Buttons((share_button(query), full_report_button(query))), note="Shared by Ada."
    )
    [actions] = [block for block in message.blocks if block["type"] == "actions"]
    assert [(one["action_id"], one["value"]) for one in actions["elements"]] == [
        (SHARE, "report AGR"),
        (FULL_REPORT, "report AGR"),
    ]
    assert "Shared by Ada." in visible_text(message)


def test_the_plain_text_has_the_same_content() -> None:
    message = summary(report(instance(1, None), instance(2), unread=[DENIED]), SCAN_AGE, note="A note.")
    for part in (
        "1 of 2 instances breaks a rule",
        "No name: add a Name tag",
        "i-00000000000000001",
        "sa-east-1",
        "A note.",
    ):
        assert part in json.dumps(message.fallback().blocks)


def test_very_many_unread_regions_of_many_accounts_still_fit() -> None:
    reasons = list(UnreadReason)
    unread = [
        unread_gap(Target(f"{number:012}", "ap-southeast-2"), reasons[number % len(reasons)]) for number in range(500)
    ]
    gaps = [f"team {number} failed" for number in range(500)]
    found = report(instance(1, None), unread=unread, people=people_from_entries([], gaps=gaps))
    check_message(summary(found, SCAN_AGE), found)


def changes_summary(found: Report, changes: Changes, *points: TrendPoint) -> ChangesText:
    return ChangesText(changes, (*points, trend_point(found)), UTC)


def open_finding(number: int, name: str) -> OpenFinding:
    key = FindingKey(Subject(IRELAND, f"i-{number}"), RuleId.NAMED)
    return OpenFinding(key, days_ago(9), days_ago(3), f"x (i-{number})", "AGR", tuple(filter(None, [name])), 1)


CHANGES = Changes(
    days_ago(3),
    (),
    (),
    (open_finding(1, "Ada <!here>"),),
    (open_finding(2, "Mel"),),
    (),
    {open_finding(2, "Mel").key: Gap(GapSource.TARGET, IRELAND, "not read")},
)
REPORT = report(*(instance(number, None, age=number) for number in range(2, 11)), instance(20, "AGR-x"))
ALL_CHANGES = replace(CHANGES, new=REPORT.flagged[-4:], still_open=tuple((row, 3) for row in REPORT.flagged[:-4]))
POINTS = tuple(TrendPoint(days_ago(ago), 30, 60, ago != 5) for ago in range(40, 0, -1))


def test_a_digest_shows_the_changes_between_the_counts_and_the_most_urgent() -> None:
    message = summary(REPORT, SCAN_AGE, changes_text=changes_summary(REPORT, ALL_CHANGES))
    check_message(message, REPORT)
    lines = visible_text(message).splitlines()
    since = lines.index("Since Fri 20 Nov:")
    assert lines[since + 1] == " 4 new, 1 fixed, 5 still open (longest: 3 days)"
    assert lines[since + 2] == "Could not be checked this time: 1 (not read)."
    assert lines[since + 3] == "Thanks to Ada <!here> (1)."
    assert lines.index("9") < since < lines.index("Most urgent")


def test_new_findings_are_named_beside_the_most_urgent_and_not_twice() -> None:
    message = summary(REPORT, SCAN_AGE, changes_text=changes_summary(REPORT, ALL_CHANGES))
    links = [node["text"] for node in nodes(message.blocks) if node.get("type") == "link"]
    assert len(links) == len(set(links)) == 9
    assert "New" in visible_text(message).splitlines()
    assert set(links[5:]) == {row.instance.id for row in ALL_CHANGES.new}


def test_the_other_new_findings_are_called_also_new_if_the_most_urgent_are_new() -> None:
    changes = replace(CHANGES, new=REPORT.flagged)
    lines = visible_text(summary(REPORT, SCAN_AGE, changes_text=changes_summary(REPORT, changes))).splitlines()
    assert "Also new" in lines


def test_the_first_digest_names_nothing_as_new() -> None:
    first = replace(CHANGES, since=None, new=REPORT.flagged, fixed=(), undetermined_subjects=())
    text = visible_text(summary(REPORT, SCAN_AGE, changes_text=changes_summary(REPORT, first)))
    assert "new" not in text.lower()
    assert text == visible_text(summary(REPORT, SCAN_AGE))


def test_the_trend_is_a_line_of_the_last_twenty_digests() -> None:
    message = summary(REPORT, SCAN_AGE, changes_text=changes_summary(REPORT, ALL_CHANGES, *POINTS[-19:]))
    check_message(message, REPORT)
    [chart] = [block for block in message.blocks if block["type"] == "data_visualization"]
    assert chart["title"] == "Instances that break a rule, 20 digests"
    assert chart["chart"]["type"] == "line"
    [series] = chart["chart"]["series"]
    assert series["name"] == "Break a rule"
    assert [point["value"] for point in series["data"]] == [30] * 19 + [9]
    assert [point["label"] for point in series["data"]] == chart["chart"]["axis_config"]["categories"]
    assert series["data"][-1]["label"] == "23 Nov"


def test_a_digest_that_read_nothing_is_not_in_the_trend() -> None:
    unread = TrendPoint(NOW - timedelta(hours=3), 0, 0, complete=False)
    with_unread = summary(REPORT, SCAN_AGE, changes_text=changes_summary(REPORT, ALL_CHANGES, *POINTS[-5:], unread))
    assert (
        with_unread.plain
        == summary(REPORT, SCAN_AGE, changes_text=changes_summary(REPORT, ALL_CHANGES, *POINTS[-5:])).plain
    )


def test_an_incomplete_digest_is_named_below_the_trend() -> None:
    text = visible_text(summary(REPORT, SCAN_AGE, changes_text=changes_summary(REPORT, ALL_CHANGES, *POINTS[-19:])))
    assert "Incomplete digests in the trend: 18 Nov" in text


def test_the_plain_text_has_the_same_changes() -> None:
    plain = summary(REPORT, SCAN_AGE, changes_text=changes_summary(REPORT, ALL_CHANGES, *POINTS[-19:])).plain
    for part in (
        "Since Fri 20 Nov: 4 new, 1 fixed, 5 still open (longest: 3 days)",
        "Could not be checked this time: 1 (not read).",
        "Thanks to Ada <!here> (1).",
        "New:",
        "Trend of the last 20 digests: 30 ███████████████████▃ 9",
        "Incomplete digests in the trend: 18 Nov",
    ):
        assert part in plain.splitlines()


def test_the_notification_text_has_the_changes() -> None:
    assert summary(REPORT, SCAN_AGE, changes_text=changes_summary(REPORT, ALL_CHANGES)).text.startswith(
        "9 of 10 instances break a rule. Since Fri 20 Nov: 4 new, 1 fixed, 5 still open (longest: 3 days). "
    )


def test_a_summary_without_findings_thanks_owners_in_its_one_line() -> None:
    found = report(instance(1), instance(2))
    message = summary(
        found, SCAN_AGE, changes_text=changes_summary(found, replace(CHANGES, undetermined_subjects=()), *POINTS)
    )
    check_message(message, found)
    assert message.text == (
        "No instance breaks a rule (2 instances). 1 was fixed since Fri 20 Nov. Thanks to Ada <!here> (1). "
        "1 of 1 region read, 4 min ago."
    )
    assert visible_text(message) == message.text


def test_a_summary_without_findings_has_the_undetermined_ones() -> None:
    found = report(instance(1))
    lines = visible_text(summary(found, SCAN_AGE, changes_text=changes_summary(found, CHANGES))).splitlines()
    assert lines[1:] == ["Could not be checked this time: 1 (not read)"]


DROPPED_BY_POLICY_LINE = "No longer counted (the rules changed): 1"


def test_findings_dropped_by_policy_are_counted_and_nobody_is_thanked() -> None:
    changes = replace(ALL_CHANGES, fixed=(), dropped_subjects=(open_finding(1, "Ada"),))
    message = summary(REPORT, SCAN_AGE, changes_text=changes_summary(REPORT, changes))
    check_message(message, REPORT)
    assert f"{DROPPED_BY_POLICY_LINE}." in visible_text(message).splitlines()
    assert f"{DROPPED_BY_POLICY_LINE}." in message.plain.splitlines()
    assert "Thanks" not in message.plain


def test_a_summary_without_findings_says_that_the_rules_changed() -> None:
    found = report(instance(1))
    changes = replace(CHANGES, fixed=(), undetermined_subjects=(), dropped_subjects=(open_finding(1, "Ada"),))
    message = summary(found, SCAN_AGE, changes_text=changes_summary(found, changes))
    assert visible_text(message).splitlines()[1:] == [DROPPED_BY_POLICY_LINE]
    assert "Thanks" not in message.text


def test_what_is_in_use_now_is_counted_and_nobody_is_thanked() -> None:
    ended = open_finding(1, "Ada")
    changes = replace(
        CHANGES,
        fixed=(),
        undetermined_subjects=(),
        cleared_subjects=(ended,),
        cleared={ended.key: Cleared.IN_USE},
    )
    for found in (REPORT, report(instance(1))):
        message = summary(found, SCAN_AGE, changes_text=changes_summary(found, changes))
        check_message(message, found)
        assert "By their metrics: 1 in use" in visible_text(message)
        assert "Thanks" not in message.plain


def test_a_summary_without_findings_says_that_the_counts_are_not_plausible() -> None:
    found = report(instance(1), gaps=count_gaps("the fleet shrank from 400 to 1 instances"))
    message = summary(found, SCAN_AGE, changes_text=changes_summary(found, CHANGES))
    assert "the fleet shrank from 400 to 1 instances" in visible_text(message)
    assert "the fleet shrank from 400 to 1 instances" in message.text


def test_a_digest_with_the_maximum_of_everything_fits() -> None:
    reasons = list(UnreadReason)
    unread = [
        unread_gap(Target(f"{number:012}", "ap-southeast-2"), reasons[number % len(reasons)]) for number in range(500)
    ]
    gaps = [f"team {number} failed {'x' * 900}" for number in range(500)]
    found = report(
        *(instance(number, "😀" * 128, age=400 - number) for number in range(1, 400)),
        *(instance(number, None, age=400) for number in range(400, 500)),
        *(instance(number, "agr-😀" * 40, stopped=90) for number in range(500, 600)),
        unread=unread,
        people=people_from_entries([("AGR", "agr@octo.example")], gaps=gaps),
        policy=Policy(allowed_regions=frozenset({"x"}), exempt_tags=("t" * 128,)),
        gaps=count_gaps("the fleet shrank", "the directory knows 12 people, and knew 140"),
    )
    fixed = tuple(open_finding(number, "😀" * 80 + str(number)) for number in range(300))
    changes = replace(CHANGES, new=found.flagged, fixed=fixed)
    points = tuple(
        TrendPoint(NOW - timedelta(minutes=number), 10**6, 10**6, complete=False) for number in range(19, 0, -1)
    )
    check_message(
        summary(found, SCAN_AGE, note="A note.", changes_text=changes_summary(found, changes, *points)), found
    )
