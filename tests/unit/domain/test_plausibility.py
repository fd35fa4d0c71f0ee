from datetime import timedelta
from itertools import permutations

import pytest

from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.plausibility import (
    MIN_INSTANCES,
    MIN_PEOPLE,
    PlausibilityWarnings,
    ScanCount,
    check_plausibility,
)
from tests.builders import IRELAND, NOW, PARIS, VIRGINIA

HOUR = timedelta(hours=1)


def count(people: int | None = None, *, ago: int = 0, **instances: int) -> ScanCount:
    targets = {"ireland": IRELAND, "paris": PARIS, "abroad": VIRGINIA}
    return ScanCount(NOW - ago * HOUR, {targets[name]: number for name, number in instances.items()}, people)


@pytest.mark.parametrize(
    ("before", "now", "implausible"),
    [
        (140, 12, True),
        (140, 69, True),
        (140, 70, False),
        (140, 200, False),
        (10, 4, True),
        (10, 5, False),
        (9, 0, False),
    ],
)
def test_a_directory_with_less_than_half_of_the_people_is_implausible(before: int, now: int, implausible: bool) -> None:  # noqa: FBT001
    warning = f"the directory knows {now} people, and knew {before}" if implausible else ""
    assert check_plausibility(count(now), [count(before, ago=1)]) == PlausibilityWarnings(people=warning)


@pytest.mark.parametrize(
    ("before", "now", "implausible"),
    [(400, 31, True), (400, 199, True), (400, 200, False), (20, 9, True), (19, 0, False)],
)
def test_a_fleet_with_less_than_half_of_the_instances_is_implausible(before: int, now: int, implausible: bool) -> None:  # noqa: FBT001
    warning = f"the fleet shrank from {before} to {now} instances in the regions that were read" if implausible else ""
    assert check_plausibility(count(ireland=now), [count(ireland=before, ago=1)]) == PlausibilityWarnings(fleet=warning)


def test_an_unread_region_does_not_shrink_the_fleet() -> None:
    assert check_plausibility(count(ireland=10), [count(ireland=12, paris=400, ago=1)]) == PlausibilityWarnings()


def test_a_newly_read_region_does_not_hide_a_shrunken_fleet() -> None:
    assert check_plausibility(count(ireland=10, paris=400), [count(ireland=300, ago=1)]).fleet


def test_an_incomplete_directory_is_not_compared() -> None:
    assert check_plausibility(count(None), [count(140, ago=1)]) == PlausibilityWarnings()
    assert check_plausibility(count(12), [count(None, ago=1)]) == PlausibilityWarnings()


def test_the_first_scan_is_plausible() -> None:
    assert check_plausibility(count(1, ireland=1), []) == PlausibilityWarnings()


def test_the_largest_earlier_count_is_compared_in_any_order() -> None:
    earlier = [count(12, ireland=31, ago=1), count(140, ireland=400, ago=20), count(100, ireland=500, paris=1, ago=30)]
    warning = {check_plausibility(count(12, ireland=31), order) for order in permutations(earlier)}
    assert warning == {
        PlausibilityWarnings(
            "the directory knows 12 people, and knew 140",
            "the fleet shrank from 500 to 31 instances in the regions that were read",
        )
    }


def test_a_smaller_count_is_plausible_once_only_smaller_ones_are_kept() -> None:
    assert (
        check_plausibility(count(12, ireland=31), [count(12, ireland=31, ago=ago) for ago in range(1, 26)])
        == PlausibilityWarnings()
    )


def test_a_small_fleet_or_directory_may_vanish() -> None:
    small = count(MIN_PEOPLE - 1, ireland=MIN_INSTANCES - 1, ago=1)
    assert check_plausibility(ScanCount(NOW, {IRELAND: 0, Target("1", "x"): 0}, 0), [small]) == PlausibilityWarnings()
