"""Since when scans show each owner: what one scan changes in what is recorded."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bailiff_bot.domain.case import Case, CaseMaker
from bailiff_bot.domain.identity import People
from bailiff_bot.domain.instance import Instance, Target
from bailiff_bot.domain.owner_sightings import Sighting, SightingChanges, Sightings, owned_for, sighting_changes
from bailiff_bot.domain.ownership import Assignment, Disclaimer
from bailiff_bot.domain.subject import Subject, instance_subject
from tests.builders import DEFAULT_POLICY, DIRECTORY, IRELAND, NOW, PARIS, instance, scaled
from tests.unit.ownership_claims import assignment, disclaimer, ownership

HOUR = timedelta(hours=1)
ADA, MEL = "agr@octo.example", "mlg@octo.example"
BOX = instance(1, "agr-box")
SUBJECT = instance_subject(BOX)
Recorded = dict[tuple[Subject, str], Sighting]


def cases(*found: Instance, said: Iterable[Disclaimer | Assignment] = (), people: People = DIRECTORY) -> list[Case]:
    claims = tuple(said)
    return [*CaseMaker(people, DEFAULT_POLICY, ownership(*claims) if claims else {}, NOW).single(found)]


def by_subject(recorded: Recorded) -> Sightings:
    subjects = {subject for subject, _ in recorded}
    return {subject: tuple(one for key, one in recorded.items() if key[0] == subject) for subject in subjects}


def changes(
    recorded: Recorded, found: Iterable[Case], hours: float = 0, read: Iterable[Target] = (IRELAND,)
) -> SightingChanges:
    return sighting_changes(found, frozenset(read), by_subject(recorded), NOW + hours * HOUR)


def after(recorded: Recorded, changed: SightingChanges) -> Recorded:
    """Return what is recorded after the changes, as a store saves them."""
    ended = {(one.subject, one.address) for one in changed.ended}
    left = {key: one for key, one in recorded.items() if key not in ended}
    return left | {(one.subject, one.address): one for one in changed.saved}


def scans(*shown: Iterable[Case]) -> tuple[Recorded, SightingChanges]:
    """Return what is recorded after hourly scans, and what the last of them changed."""
    recorded: Recorded = {}
    changed = changes({}, ())
    for hour, found in enumerate(shown):
        changed = changes(recorded, found, hour)
        recorded = after(recorded, changed)
    return recorded, changed


def since(recorded: Recorded) -> dict[str, float]:
    """Return by address for which hour each owner is recorded."""
    return {one.address: (one.since - NOW) / HOUR for one in recorded.values() if not one.is_former}


def displaced(changed: SightingChanges) -> list[str]:
    return [one.address for _, one in changed.displaced]


HERS, MELS, NOBODYS = cases(BOX), cases(instance(1, "mlg-box")), cases(instance(1, "prod-box"))


def test_an_owner_counts_from_the_first_scan_that_shows_the_instance_with_that_owner() -> None:
    assert since(scans(HERS, HERS, HERS)[0]) == {ADA: 0}


def test_a_scan_that_shows_the_same_owners_changes_nothing() -> None:
    _, changed = scans(HERS, HERS)
    assert (changed.saved, changed.ended, changed.displaced, changed.owned) == ((), (), (), 1)


@pytest.mark.parametrize(
    "others",
    [
        MELS,
        cases(instance(1, "prod-box", tags={"Owner": MEL})),
        cases(instance(1, "prod-box", tags={"bailiff:owner": "MLG"})),
        cases(BOX, said=[assignment(BOX)]),
    ],
    ids=["another name", "an owner tag", "the tag of Bailiff", "an assignment"],
)
def test_whatever_changes_the_owner_displaces_the_former_one(others: list[Case]) -> None:
    recorded, changed = scans(HERS, others)
    assert since(recorded) == {MEL: 1}
    assert displaced(changed) == [ADA]


def test_who_comes_back_begins_again() -> None:
    assert since(scans(HERS, MELS, HERS)[0]) == {ADA: 2}
    assert since(scans(HERS, NOBODYS, HERS)[0]) == {ADA: 2}


def test_one_of_several_owners_who_is_no_owner_any_more_is_displaced_by_the_others() -> None:
    both = cases(instance(1, None, tags={"Owner": "agr, mlg"}))
    recorded, changed = scans(both, cases(instance(1, None, tags={"Owner": "mlg"})))
    assert since(recorded) == {MEL: 0}
    assert displaced(changed) == [ADA]


def test_an_owner_who_comes_in_addition_displaces_nobody() -> None:
    both = cases(instance(1, None, tags={"Owner": "agr, mlg"}))
    recorded, changed = scans(HERS, both)
    assert since(recorded) == {ADA: 0, MEL: 1}
    assert displaced(changed) == []


def test_an_owner_without_an_address_displaces_too_and_is_not_recorded() -> None:
    recorded, changed = scans(HERS, cases(instance(1, "noa-box")))
    assert recorded == {}
    assert displaced(changed) == [ADA]


def test_taking_an_instance_in_two_steps_displaces_the_former_owner_all_the_same() -> None:
    assert displaced(scans(HERS, NOBODYS)[1]) == []
    assert displaced(scans(HERS, NOBODYS, NOBODYS, MELS)[1]) == [ADA]
    assert displaced(scans(HERS, NOBODYS, HERS)[1]) == []
    assert since(scans(HERS, NOBODYS)[0]) == {}


def test_who_said_not_mine_is_not_displaced() -> None:
    theirs = cases(
        instance(1, "agr-box", tags={"Owner": MEL}), said=[disclaimer(instance(1, "agr-box", tags={"Owner": MEL}))]
    )
    recorded, changed = scans(HERS, theirs)
    assert since(recorded) == {MEL: 1}
    assert displaced(changed) == []
    alone = cases(BOX, said=[disclaimer(BOX)])
    assert scans(HERS, alone)[0] == {}
    assert displaced(scans(HERS, alone, MELS)[1]) == []


def test_an_instance_that_is_gone_is_forgotten_and_displaces_nobody() -> None:
    recorded, changed = scans(HERS, ())
    assert (recorded, changed.displaced) == ({}, ())


def test_a_target_that_was_not_read_forgets_nothing() -> None:
    recorded, _ = scans(HERS)
    assert after(recorded, changes(recorded, (), 1, read=(PARIS,))) == recorded


def test_an_address_that_no_mailbox_has_is_no_owner_to_remember() -> None:
    hostile = cases(instance(1, None, tags={"Owner": "a\ud800b@octo.example"}))
    assert scans(hostile)[0] == {}


NAMES = st.sampled_from(["agr-box", "mlg-box", "noa-box", "prod-box", "duo-x", ""])
TAGS = st.dictionaries(
    st.sampled_from(["Owner", "bailiff:owner"]),
    st.sampled_from(["agr", "mlg, agr", MEL, "pade@octo.example", "nobody"]),
)
FLEETS = st.dictionaries(st.integers(1, 4), st.tuples(NAMES, TAGS, st.sampled_from([IRELAND, PARIS])), max_size=4)


def fleet(drawn: Mapping[int, tuple[str, dict[str, str], Target]], read: frozenset[Target]) -> list[Case]:
    shown = ((number, *one) for number, one in drawn.items() if one[2] in read)
    return cases(*(instance(number, name, tags=tags, target=target) for number, name, tags, target in shown))


@settings(max_examples=scaled(300), deadline=None)
@given(st.lists(st.tuples(FLEETS, st.frozensets(st.sampled_from([IRELAND, PARIS]))), max_size=5))
def test_after_any_scans_what_is_recorded_of_a_read_target_is_what_the_last_of_them_showed(
    drawn: list[tuple[dict[int, tuple[str, dict[str, str], Target]], frozenset[Target]]],
) -> None:
    recorded: Recorded = {}
    first_shown: dict[tuple[Subject, str], datetime] = {}
    for hour, (found, read) in enumerate(drawn):
        shown = fleet(found, read)
        before, recorded = recorded, after(recorded, changes(recorded, shown, hour, read))
        owners = {(instance_subject(case.instance), one) for case in shown for one in case.identity.addresses}
        now = NOW + hour * HOUR
        first_shown = {key: at for key, at in first_shown.items() if key in owners or key[0].target not in read} | {
            key: first_shown.get(key, now) for key in owners
        }
        assert {key: one.since for key, one in recorded.items() if not one.is_former} == first_shown
        assert {key: one for key, one in recorded.items() if key[0].target not in read} == {
            key: one for key, one in before.items() if key[0].target not in read
        }
        again = changes(recorded, shown, hour + 0.5, read)
        assert (again.saved, again.ended, again.displaced) == ((), (), ())


@settings(max_examples=scaled(200), deadline=None)
@given(FLEETS, FLEETS, st.randoms())
def test_the_order_of_the_instances_does_not_matter(
    first: dict[int, tuple[str, dict[str, str], Target]],
    second: dict[int, tuple[str, dict[str, str], Target]],
    random: object,
) -> None:
    both = frozenset({IRELAND, PARIS})
    recorded = after({}, changes({}, fleet(first, both), 0, both))
    shown = fleet(second, both)
    shuffled = [*shown]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = changes(recorded, shown, 1, both), changes(recorded, shuffled, 1, both)
    assert after(recorded, one) == after(recorded, other)
    assert {sighting for _, sighting in one.displaced} == {sighting for _, sighting in other.displaced}
    assert {sighting for _, sighting in one.displaced} <= {*one.ended}


@pytest.mark.parametrize(
    ("address", "hours", "expected"),
    [(ADA, 24, 24), ("AGR@octo.example", 1, 1), (MEL, 24, 0), ("", 24, 0), (ADA, -1, 0)],
    ids=["an owner", "in capitals", "somebody else", "without an address", "a clock that is behind"],
)
def test_an_owner_owns_it_for_as_long_as_scans_show_that(address: str, hours: float, expected: float) -> None:
    assert owned_for({ADA: NOW}, address, NOW + hours * HOUR) == expected * HOUR


def test_a_former_owner_is_no_new_one() -> None:
    recorded, _ = scans(HERS, NOBODYS)
    assert [*recorded.values()] == [replace(Sighting(SUBJECT, ADA, NOW), is_former=True)]
