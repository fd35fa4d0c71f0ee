from dataclasses import replace
from datetime import timedelta

from bailiff_bot.domain.ownership import OwnershipClaims
from bailiff_bot.store.ownership import end_disclaimer
from bailiff_bot.store.store import Store
from tests.integration.store.builders import DAY, HOUR, NOW, SECOND, assignment, disclaimer, key


def test_a_disclaimer_counts_until_it_ends(store: Store) -> None:
    store.ownership.save(OwnershipClaims((disclaimer(days=14),)))

    assert store.ownership.live(NOW + 14 * DAY - SECOND) == OwnershipClaims((disclaimer(days=14),))
    assert store.ownership.live(NOW + 14 * DAY) == OwnershipClaims()


def test_a_disclaimer_that_is_undone_is_over_at_once_and_only_once(store: Store) -> None:
    store.ownership.save(OwnershipClaims((disclaimer(1), disclaimer(2))))

    with store.database.writing() as connection:
        assert end_disclaimer(connection, "disclaimer1", NOW + HOUR)
        assert not end_disclaimer(connection, "disclaimer1", NOW + 2 * HOUR)
        assert not end_disclaimer(connection, "unknown", NOW)
    assert store.ownership.live(NOW + HOUR).disclaimers == (disclaimer(2),)
    assert store.ownership.disclaimer("disclaimer1") == replace(disclaimer(1), until=NOW + HOUR)
    assert store.ownership.disclaimer("unknown") is None


def test_an_assignment_counts_without_an_end(store: Store) -> None:
    store.ownership.save(OwnershipClaims(assignments=(assignment(),)))

    assert store.ownership.live(NOW + 3_650 * DAY) == OwnershipClaims(assignments=(assignment(),))
    assert store.ownership.assignment("assignment1") == assignment()
    assert store.ownership.assignment("unknown") is None


def test_what_was_said_of_a_subject_is_in_the_order_of_time(store: Store) -> None:
    mine = key(1).subject
    later = assignment(2, at=NOW + DAY, subject=mine)
    said = OwnershipClaims((disclaimer(1), disclaimer(4, at=NOW + HOUR, subject=mine)), (assignment(1), later))
    store.ownership.save(OwnershipClaims(said.disclaimers[::-1], said.assignments[::-1]))
    store.ownership.save(OwnershipClaims((disclaimer(3),), (assignment(3),)))

    assert store.ownership.of(mine) == said


def test_a_disclaimer_is_deleted_when_it_has_been_over_for_long_and_an_assignment_never(store: Store) -> None:
    store.ownership.save(OwnershipClaims((disclaimer(days=14),), (assignment(),)))

    store.prune(NOW + 44 * DAY, timedelta(days=30))
    assert store.ownership.of(key().subject) == OwnershipClaims((disclaimer(days=14),), (assignment(),))
    store.prune(NOW + 44 * DAY + SECOND, timedelta(days=30))
    assert store.ownership.of(key().subject) == OwnershipClaims(assignments=(assignment(),))
