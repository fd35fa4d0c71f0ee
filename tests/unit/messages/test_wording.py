import unicodedata
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bailiff_bot.domain.identity import people_from_entries
from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.inventory import ALL_REGIONS, Coverage, Inventory, Unread, UnreadReason
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.report import TABLES, Report, judge
from bailiff_bot.domain.rules import RuleId
from bailiff_bot.messages.wording import (
    age,
    all_is_well,
    coverage_line,
    date,
    date_time,
    directory_line,
    headline,
    plausibility_line,
    plural,
    remedy,
    short_rule,
    small_print,
    title,
    visible,
)
from tests.builders import DIRECTORY, NOW, OTHER_ACCOUNT, OWN_ACCOUNT, VIRGINIA, instance, inventory, report

BIDI = {chr(code) for code in (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))}
"""Every character with the property Bidi_Control (Unicode, PropList.txt)."""
HARMFUL_CATEGORIES = {"Cc", "Cs", "Zl", "Zp"}
DENIED = Unread(Target(OWN_ACCOUNT, "sa-east-1"), UnreadReason.ACCESS_DENIED)


def is_harmful(character: str) -> bool:
    return character in BIDI or unicodedata.category(character) in HARMFUL_CATEGORIES


@given(st.text(st.characters(exclude_categories=[]) | st.sampled_from("\n\r\x00\x1b\x85\u2028\u202e\ud800é👩‍👩‍👧")))
def test_visible_text_is_the_given_text_without_harmful_characters(text: str) -> None:
    assert visible(text) == "".join(character for character in text if not is_harmful(character))


@pytest.mark.parametrize("character", sorted(BIDI))
def test_no_character_of_visible_text_changes_its_direction(character: str) -> None:
    assert visible(f"a{character}b") == "ab"


@pytest.mark.parametrize("text", ["agr-test", "日本語", "👩‍👩‍👧", "e\u0301", "<!channel>", "1e3", " a  b "])
def test_harmless_text_is_not_changed(text: str) -> None:
    assert visible(text) == text


@pytest.mark.parametrize(
    ("elapsed", "expected"),
    [
        (timedelta(seconds=-5), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=1), "1 min ago"),
        (timedelta(minutes=59, seconds=59), "59 min ago"),
        (timedelta(hours=1), "1 h ago"),
        (timedelta(hours=47, minutes=59), "47 h ago"),
        (timedelta(days=2), "2 days ago"),
        (timedelta(days=400, hours=23), "400 days ago"),
    ],
)
def test_an_age_is_given_in_the_largest_useful_unit(elapsed: timedelta, expected: str) -> None:
    assert age(elapsed) == expected


@pytest.mark.parametrize(
    ("count", "expected"), [(0, "0 regions"), (1, "1 region"), (2, "2 regions"), (1234, "1,234 regions")]
)
def test_a_count_agrees_with_its_noun(count: int, expected: str) -> None:
    assert plural(count, "region") == expected


def test_the_headline_says_that_nothing_could_be_read() -> None:
    unread = judge(Inventory((), (), (DENIED,), NOW), DIRECTORY, Policy(), NOW)
    assert headline(unread) == "Nothing could be read"
    assert not all_is_well(unread)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([], "There are no instances"),
        (["agr-x", "agr-y"], "Nothing is owed by 2 instances"),
        (["agr-x", None], "1 of 2 instances owes something"),
        ([None, None, "agr-x"], "2 of 3 instances owe something"),
    ],
)
def test_the_headline_counts_instances_that_break_a_rule(names: list[str | None], expected: str) -> None:
    assert headline(report(*(instance(number, name) for number, name in enumerate(names, 1)))) == expected


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([], "There are no instances in what could be read"),
        (["agr-x"], "Nothing is owed by 1 instance in what could be read"),
    ],
)
def test_the_headline_of_an_incomplete_scan_is_limited_to_what_could_be_read(names: list[str], expected: str) -> None:
    assert headline(report(*(instance(1, name) for name in names), unread=[DENIED])) == expected


def test_all_is_well_without_findings_when_everything_was_read() -> None:
    assert all_is_well(report(instance()))
    assert all_is_well(report())


def test_all_is_well_though_a_target_is_declared_closed() -> None:
    assert all_is_well(report(instance(), unread=[DENIED], policy=Policy(expected_unread=("sa-east-1",))))


def test_all_is_not_well_while_anything_is_flagged_unread_or_unknown() -> None:
    gaps = people_from_entries([("AGR", "agr@octo.example")], gaps=["team B failed"])
    assert not all_is_well(report(instance(1, None)))
    assert not all_is_well(report(instance(), unread=[DENIED]))
    assert not all_is_well(report(instance(), people=gaps))


FLEET_SHRANK = "the fleet shrank from 400 to 31 instances in the regions that were read"
DIRECTORY_SHRANK = "the directory knows 12 people, and knew 140"


def report_with_warnings(*warnings: str, gaps: tuple[str, ...] = ()) -> Report:
    return judge(
        inventory([instance()]), people_from_entries([("AGR", "agr@octo.example")], gaps), Policy(), NOW, warnings
    )


def test_all_is_not_well_while_the_scan_is_implausible() -> None:
    assert not all_is_well(report_with_warnings(FLEET_SHRANK))


def test_a_plausibility_warning_says_what_is_not_done_because_of_it() -> None:
    line, _ = small_print(report_with_warnings(FLEET_SHRANK), "just now")
    assert line == plausibility_line(report_with_warnings(FLEET_SHRANK))
    assert line.startswith(f"Not plausible: {FLEET_SHRANK}. ")
    assert "nobody is told in a direct message and nothing is called fixed" in line
    assert plausibility_line(report()) == ""


def test_an_implausible_directory_is_named_once_and_nobody_is_accused() -> None:
    lines = "\n".join(small_print(report_with_warnings(DIRECTORY_SHRANK, gaps=(DIRECTORY_SHRANK,)), "just now"))
    assert lines.count(DIRECTORY_SHRANK) == 1
    assert "Directory in doubt: nobody is accused of being unknown to it" in lines


def test_the_gaps_of_an_implausible_directory_are_named_too() -> None:
    assert directory_line(report_with_warnings(DIRECTORY_SHRANK, gaps=(DIRECTORY_SHRANK, "team B failed"))) == (
        "Directory incomplete (team B failed): nobody is accused of being unknown to it"
    )


@pytest.mark.parametrize(("zone", "expected"), [("UTC", "31 Dec"), ("Asia/Tokyo", "1 Jan")])
def test_a_date_is_the_day_in_the_readers_zone(zone: str, expected: str) -> None:
    assert date(datetime(2026, 12, 31, 23, tzinfo=UTC), ZoneInfo(zone)) == expected


def test_a_date_time_is_the_day_and_the_time_in_the_readers_zone() -> None:
    assert date_time(NOW - timedelta(minutes=4), ZoneInfo("Asia/Tokyo")) == "23 Nov, 17:56 JST"


def coverage_text(*unread: Unread, expected: tuple[Unread, ...] = (), accounts: int = 1) -> str:
    return coverage_line(Coverage(17, unread, expected, NOW, accounts), "4 min ago")


def test_full_coverage_is_shown_with_its_age() -> None:
    assert coverage_text() == "17 of 17 regions read, 4 min ago"


def test_each_unread_region_is_named_with_its_reason() -> None:
    slow = [Unread(Target(OWN_ACCOUNT, region), UnreadReason.TIMED_OUT) for region in ("eu-west-3", "ap-south-1")]
    assert coverage_text(*slow, DENIED) == (
        "17 of 20 regions read, 4 min ago · not read: sa-east-1 (access denied); ap-south-1, eu-west-3 (timed out)"
    )


def test_very_many_unread_regions_are_cut_and_the_rest_is_counted() -> None:
    unread = [Unread(Target(f"{number:012}", "eu-west-1"), UnreadReason.FAILED) for number in range(25)]
    line = coverage_text(*unread, accounts=25)
    assert line.count("/eu-west-1") == 20
    assert line.endswith(", 5 more (failed)")


@pytest.mark.parametrize("count", [1, 20])
def test_up_to_twenty_unread_regions_are_all_named(count: int) -> None:
    unread = [Unread(Target(f"{number:012}", "eu-west-1"), UnreadReason.FAILED) for number in range(count)]
    assert "more" not in coverage_text(*unread, accounts=count)


def test_accounts_are_named_if_there_are_two() -> None:
    assert coverage_text(DENIED, Unread(VIRGINIA, UnreadReason.THROTTLED), accounts=2) == (
        "17 of 19 regions of 2 accounts read, 4 min ago · not read: "
        f"{OWN_ACCOUNT}/sa-east-1 (access denied); {OTHER_ACCOUNT}/us-east-1 (throttled by AWS)"
    )


@pytest.mark.parametrize(
    ("account", "expected"),
    [(OTHER_ACCOUNT, f"account {OTHER_ACCOUNT}"), ("arn:aws:iam::1:role/x", "arn:aws:iam::1:role/x")],
)
def test_an_account_that_could_not_be_entered_is_named_as_a_whole(account: str, expected: str) -> None:
    assert f"not read: {expected} (role not assumable)" in coverage_text(
        Unread(Target(account, ALL_REGIONS), UnreadReason.ROLE_REFUSED)
    )


def test_regions_declared_closed_are_shown_apart() -> None:
    assert coverage_text(expected=(DENIED,)) == (
        "17 of 18 regions read, 4 min ago · closed, as declared: sa-east-1 (access denied)"
    )


def test_the_gaps_of_the_directory_are_named() -> None:
    gaps = people_from_entries([], gaps=["team B failed", "team C timed out"])
    assert "team B failed; team C timed out" in directory_line(report(people=gaps))
    assert directory_line(report()) == ""


def test_every_table_has_a_title_and_every_rule_a_remedy_and_a_short_name() -> None:
    assert all(title(table, Policy()) for table in TABLES)
    assert all(remedy(rule, Policy()) and short_rule(rule) for rule in RuleId)


def test_titles_and_remedies_name_the_teams_own_thresholds_and_tags() -> None:
    policy = Policy(stopped_days=7, running_days=9, exempt_tags=("keep=*",))
    assert title(RuleId.DELETED_WHEN_ABANDONED, policy) == "Stopped for 7 days or more"
    assert title(RuleId.STOPPED_WHEN_UNUSED, policy) == "Running for 9 days or more"
    assert remedy(RuleId.STOPPED_WHEN_UNUSED, policy).endswith("keep it with the tag keep=*")


def test_no_tag_is_advised_if_no_tag_exempts() -> None:
    assert "tag" not in remedy(RuleId.STOPPED_WHEN_UNUSED, Policy(exempt_tags=()))
