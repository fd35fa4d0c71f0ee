from dataclasses import replace

import pytest

from bailiff_bot.domain.gap import Gap, GapSource, unexpected
from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.inventory import ALL_REGIONS, Coverage, UnreadReason, coverage, mark_expected, unread_gap
from tests.builders import IRELAND, OTHER_ACCOUNT, OWN_ACCOUNT, inventory

CLOSED = unread_gap(Target(OWN_ACCOUNT, "sa-east-1"), UnreadReason.ACCESS_DENIED)
TIMED_OUT = unread_gap(Target(OTHER_ACCOUNT, "sa-east-1"), UnreadReason.TIMED_OUT)
NOT_ENTERED = unread_gap(Target(OTHER_ACCOUNT, ALL_REGIONS), UnreadReason.ROLE_REFUSED)


def coverage_with(*unread: Gap) -> Coverage:
    return coverage(inventory([], unread, read=[IRELAND]))


def test_the_coverage_counts_the_targets_that_were_not_read_too() -> None:
    found = coverage_with(CLOSED)
    assert (found.read_count, found.target_count) == (1, 2)


def test_accounts_are_counted_whether_or_not_they_were_read() -> None:
    assert (coverage_with(CLOSED).account_count, coverage_with(CLOSED, TIMED_OUT).account_count) == (1, 2)


@pytest.mark.parametrize(
    "pattern",
    ["sa-east-1", "sa-*", OWN_ACCOUNT, "1111*", f"{OWN_ACCOUNT}/sa-east-1", f"{OWN_ACCOUNT}/*", "*/sa-east-1"],
)
def test_the_gap_of_a_target_declared_closed_is_kept_and_expected(pattern: str) -> None:
    assert mark_expected([CLOSED], (pattern,)) == (replace(CLOSED, expected=True),)


@pytest.mark.parametrize(
    "pattern", ["sa-east", "sa-east-12", "1111", f"{OTHER_ACCOUNT}/sa-east-1", f"{OTHER_ACCOUNT}", "eu-*", ""]
)
def test_a_declaration_does_not_match_other_targets(pattern: str) -> None:
    assert unexpected(mark_expected([CLOSED], (pattern,))) == (CLOSED,)


def test_a_region_can_be_declared_closed_in_one_account_alone() -> None:
    marked = mark_expected([CLOSED, TIMED_OUT], (f"{OWN_ACCOUNT}/sa-east-1",))
    assert marked == (replace(CLOSED, expected=True), TIMED_OUT)


def test_declaring_a_region_closed_does_not_cover_an_account_that_could_not_be_entered() -> None:
    assert unexpected(mark_expected([NOT_ENTERED], ("sa-east-1",))) == (NOT_ENTERED,)


def test_an_account_that_could_not_be_entered_can_be_declared_closed() -> None:
    assert not unexpected(mark_expected([NOT_ENTERED], (OTHER_ACCOUNT,)))


@pytest.mark.parametrize("source", [source for source in GapSource if source is not GapSource.TARGET])
def test_a_declaration_covers_targets_alone(source: GapSource) -> None:
    gap = Gap(source, CLOSED.where, "timed out")
    assert unexpected(mark_expected([gap], ("*",))) == (gap,)
