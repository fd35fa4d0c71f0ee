import pytest

from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.inventory import ALL_REGIONS, Coverage, Unread, UnreadReason, coverage
from tests.builders import IRELAND, OURS, THEIRS, inventory

CLOSED = Unread(Target(OURS, "sa-east-1"), UnreadReason.ACCESS_DENIED)
AWAY = Unread(Target(THEIRS, "sa-east-1"), UnreadReason.TIMED_OUT)
NOTHING = Unread(Target(THEIRS, ALL_REGIONS), UnreadReason.ROLE_REFUSED)


def of(*unread: Unread, declared: tuple[str, ...] = ()) -> Coverage:
    return coverage(inventory([], unread, read=[IRELAND]), declared)


def test_a_target_that_was_not_read_makes_the_coverage_incomplete() -> None:
    found = of(CLOSED)
    assert (found.read_count, found.target_count, found.unread, found.complete) == (1, 2, (CLOSED,), False)


@pytest.mark.parametrize(
    "pattern", ["sa-east-1", "sa-*", OURS, "1111*", f"{OURS}/sa-east-1", f"{OURS}/*", "*/sa-east-1"]
)
def test_a_target_declared_closed_is_shown_and_no_alarm(pattern: str) -> None:
    found = of(CLOSED, declared=(pattern,))
    assert (found.unread, found.expected_unread, found.target_count, found.complete) == ((), (CLOSED,), 2, True)


@pytest.mark.parametrize("pattern", ["sa-east", "sa-east-12", "1111", f"{THEIRS}/sa-east-1", f"{THEIRS}", "eu-*", ""])
def test_a_declaration_covers_no_other_target(pattern: str) -> None:
    assert of(CLOSED, declared=(pattern,)).unread == (CLOSED,)


def test_of_a_region_of_two_accounts_one_can_be_declared_closed() -> None:
    found = of(CLOSED, AWAY, declared=(f"{OURS}/sa-east-1",))
    assert (found.expected_unread, found.unread) == ((CLOSED,), (AWAY,))


def test_an_account_that_could_not_be_entered_is_not_excused_by_a_region() -> None:
    assert of(NOTHING, declared=("sa-east-1",)).unread == (NOTHING,)


def test_an_account_that_could_not_be_entered_can_be_declared_closed() -> None:
    assert of(NOTHING, declared=(THEIRS,)).expected_unread == (NOTHING,)


def test_accounts_count_whether_or_not_they_were_read() -> None:
    assert (of(CLOSED).account_count, of(CLOSED, AWAY).account_count) == (1, 2)
