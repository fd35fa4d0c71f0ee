"""The count of a scan that is saved: what the scan could not count keeps its previous count."""

from dataclasses import replace
from datetime import timedelta

from bailiff_bot.domain.identity import People, people_from_entries
from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.inventory import ALL_REGIONS, Inventory, UnreadReason, unread_gap
from bailiff_bot.domain.plausibility import ScanCount
from bailiff_bot.domain.scan_counts import count_to_save
from bailiff_bot.domain.snapshot import Snapshot, with_plausibility
from tests.builders import IRELAND, NOW, OWN_ACCOUNT, PARIS, VIRGINIA, instance

PREVIOUS = ScanCount(NOW - timedelta(hours=1), {IRELAND: 30, PARIS: 40, VIRGINIA: 50}, 100)


def directory_of(count: int) -> People:
    return People({f"P{number}": frozenset({f"p{number}@octo.example"}) for number in range(count)})


def scan(*unread: Target, people: People) -> Snapshot:
    """Return a scan that read Ireland, with two instances."""
    rows = tuple(unread_gap(target, UnreadReason.ACCESS_DENIED) for target in unread)
    return Snapshot(Inventory((instance(1), instance(2)), (IRELAND,), rows, NOW), people)


def test_without_a_previous_count_only_what_was_read_counts() -> None:
    assert count_to_save(scan(PARIS, people=directory_of(3)), None) == ScanCount(NOW, {IRELAND: 2}, 3)


def test_an_unread_target_keeps_its_count_and_one_that_is_not_scanned_any_more_does_not() -> None:
    count = count_to_save(scan(PARIS, people=directory_of(3)), PREVIOUS)
    assert count.instances_by_target == {IRELAND: 2, PARIS: 40}


def test_every_target_of_an_unread_account_keeps_its_count() -> None:
    count = count_to_save(scan(Target(OWN_ACCOUNT, ALL_REGIONS), people=directory_of(3)), PREVIOUS)
    assert count.instances_by_target == {IRELAND: 2, PARIS: 40}, "Virginia is of another account"


def test_an_incomplete_directory_keeps_the_previous_count() -> None:
    incomplete = replace(directory_of(60), gaps=people_from_entries([], ["a team did not answer"]).gaps)
    assert count_to_save(scan(people=incomplete), PREVIOUS).people == 100


def test_a_complete_directory_that_is_implausible_counts_with_its_new_size() -> None:
    found = scan(people=directory_of(30))
    implausible = with_plausibility(found, [PREVIOUS])
    assert implausible.other_gaps
    assert count_to_save(implausible, PREVIOUS).people == 30
