from dataclasses import replace

import pytest

from bailiff_bot.domain.gap import Gap
from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.inventory import Coverage, Inventory, UnreadReason, unread_gap
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.report import TABLES, TableId, judge
from bailiff_bot.domain.rules import RuleId
from bailiff_bot.domain.snapshot import Snapshot
from bailiff_bot.messages.rule_texts import controller_remedy, remedy, short_rule, title
from bailiff_bot.messages.wording import all_is_well, coverage_line, headline
from tests.builders import DIRECTORY, NOW, OTHER_ACCOUNT, OWN_ACCOUNT, VIRGINIA, instance, report

DENIED = unread_gap(Target(OWN_ACCOUNT, "sa-east-1"), UnreadReason.ACCESS_DENIED)


def test_the_headline_says_that_nothing_could_be_read() -> None:
    unread = judge(Snapshot(Inventory((), (), (DENIED,), NOW), DIRECTORY), Policy(), NOW)
    assert headline(unread) == "Nothing could be read"
    assert not all_is_well(unread)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([], "There are no instances"),
        (["agr-x", "agr-y"], "No instance breaks a rule (2 instances)"),
        (["agr-x", None], "1 of 2 instances breaks a rule"),
        ([None, None, "agr-x"], "2 of 3 instances break a rule"),
    ],
)
def test_the_headline_counts_instances_that_break_a_rule(names: list[str | None], expected: str) -> None:
    assert headline(report(*(instance(number, name) for number, name in enumerate(names, 1)))) == expected


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([], "There are no instances in what could be read"),
        (["agr-x"], "No instance breaks a rule in what could be read (1 instance)"),
    ],
)
def test_the_headline_of_an_incomplete_scan_is_limited_to_what_could_be_read(names: list[str], expected: str) -> None:
    assert headline(report(*(instance(1, name) for name in names), unread=[DENIED])) == expected


def test_all_is_well_without_findings_when_everything_was_read() -> None:
    assert all_is_well(report(instance()))
    assert all_is_well(report())


def test_all_is_well_though_a_target_is_declared_closed() -> None:
    assert all_is_well(report(instance(), unread=[DENIED], policy=Policy(expected_unread=("sa-east-1",))))


def test_all_is_not_well_while_an_instance_is_flagged() -> None:
    assert not all_is_well(report(instance(1, None)))


def coverage_text(*gaps: Gap, accounts: int = 1) -> str:
    read = tuple(Target((OWN_ACCOUNT, OTHER_ACCOUNT)[number % accounts], f"region-{number}") for number in range(17))
    return coverage_line(Coverage(read, tuple(gap.where for gap in gaps if gap.where), NOW), gaps, "4 min ago")


def test_full_coverage_is_shown_with_its_age() -> None:
    assert coverage_text() == "17 of 17 regions read, 4 min ago"


def test_each_unread_region_is_named_with_its_reason() -> None:
    slow = [unread_gap(Target(OWN_ACCOUNT, region), UnreadReason.TIMED_OUT) for region in ("eu-west-3", "ap-south-1")]
    assert coverage_text(*slow, DENIED) == (
        "17 of 20 regions read, 4 min ago · not read: sa-east-1 (access denied); ap-south-1, eu-west-3 (timed out)"
    )


def test_accounts_are_named_if_there_are_two() -> None:
    assert coverage_text(DENIED, unread_gap(VIRGINIA, UnreadReason.THROTTLED), accounts=2) == (
        "17 of 19 regions of 2 accounts read, 4 min ago · not read: "
        f"{OWN_ACCOUNT}/sa-east-1 (access denied); {OTHER_ACCOUNT}/us-east-1 (throttled by AWS)"
    )


def test_regions_declared_closed_are_shown_apart() -> None:
    assert coverage_text(replace(DENIED, expected=True)) == (
        "17 of 18 regions read, 4 min ago · closed, as expected: sa-east-1 (access denied)"
    )


@pytest.mark.parametrize("table", TABLES)
def test_every_table_has_a_title_of_its_own(table: TableId) -> None:
    assert [title(other, Policy()) for other in TABLES].count(title(table, Policy())) == 1


@pytest.mark.parametrize("rule", RuleId)
def test_every_rule_has_a_remedy_and_a_short_name_of_its_own(rule: RuleId) -> None:
    assert remedy(rule, Policy())
    assert controller_remedy(rule, Policy())
    assert [short_rule(other) for other in RuleId].count(short_rule(rule)) == 1


def test_titles_and_remedies_name_the_teams_own_thresholds_and_tags() -> None:
    policy = Policy(stopped_days=7, running_days=9, exempt_tags=("keep=*",))
    assert title(RuleId.DELETED_WHEN_ABANDONED, policy) == "Stopped for 7 days or more"
    assert title(RuleId.STOPPED_WHEN_UNUSED, policy) == "Running for 9 days or more"
    assert remedy(RuleId.STOPPED_WHEN_UNUSED, policy).endswith("to keep it, add the tag keep=*")


def test_no_tag_is_advised_if_no_tag_exempts() -> None:
    assert "tag" not in remedy(RuleId.STOPPED_WHEN_UNUSED, Policy(exempt_tags=()))
