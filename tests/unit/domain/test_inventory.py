import pytest

from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.inventory import ALL_REGIONS, Coverage, Unread, UnreadReason, coverage
from tests.builders import IRELAND, OTHER_ACCOUNT, OWN_ACCOUNT, inventory

CLOSED = Unread(Target(OWN_ACCOUNT, "sa-east-1"), UnreadReason.ACCESS_DENIED)
TIMED_OUT = Unread(Target(OTHER_ACCOUNT, "sa-east-1"), UnreadReason.TIMED_OUT)
NOT_ENTERED = Unread(Target(OTHER_ACCOUNT, ALL_REGIONS), UnreadReason.ROLE_REFUSED)


def coverage_declaring(*unread: Unread, declared: tuple[str, ...] = ()) -> Coverage:
    return coverage(inventory([], unread, read=[IRELAND]), declared)


def test_a_target_that_was_not_read_makes_the_coverage_incomplete() -> None:
    found = coverage_declaring(CLOSED)
    assert (found.read_count, found.target_count, found.unread, found.complete) == (1, 2, (CLOSED,), False)


@pytest.mark.parametrize(
    "pattern",
    ["sa-east-1", "sa-*", OWN_ACCOUNT, "1111*", f"{OWN_ACCOUNT}/sa-east-1", f"{OWN_ACCOUNT}/*", "*/sa-east-1"],
)
def test_a_target_declared_closed_is_shown_and_leaves_the_coverage_complete(pattern: str) -> None:
    found = coverage_declaring(CLOSED, declared=(pattern,))
    assert (found.unread, found.expected_unread, found.target_count, found.complete) == ((), (CLOSED,), 2, True)


@pytest.mark.parametrize(
    "pattern", ["sa-east", "sa-east-12", "1111", f"{OTHER_ACCOUNT}/sa-east-1", f"{OTHER_ACCOUNT}", "eu-*", ""]
)
def test_a_declaration_does_not_match_other_targets(pattern: str) -> None:
    assert coverage_declaring(CLOSED, declared=(pattern,)).unread == (CLOSED,)


def test_a_region_can_be_declared_closed_in_one_account_alone() -> None:
    found = coverage_declaring(CLOSED, TIMED_OUT, declared=(f"{OWN_ACCOUNT}/sa-east-1",))
    assert (found.expected_unread, found.unread) == ((CLOSED,), (TIMED_OUT,))


def test_declaring_a_region_closed_does_not_cover_an_account_that_could_not_be_entered() -> None:
    assert coverage_declaring(NOT_ENTERED, declared=("sa-east-1",)).unread == (NOT_ENTERED,)


def test_an_account_that_could_not_be_entered_can_be_declared_closed() -> None:
    assert coverage_declaring(NOT_ENTERED, declared=(OTHER_ACCOUNT,)).expected_unread == (NOT_ENTERED,)


def test_accounts_are_counted_whether_or_not_they_were_read() -> None:
    assert (coverage_declaring(CLOSED).account_count, coverage_declaring(CLOSED, TIMED_OUT).account_count) == (1, 2)
