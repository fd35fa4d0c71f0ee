"""What is recorded of a change of owners, and how many changes are implausible."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bailiff_bot.domain.case import CaseMaker
from bailiff_bot.domain.instance import Instance
from bailiff_bot.domain.owner_change import OwnerChange, OwnerChangeCount, changed_implausibly, owner_change
from bailiff_bot.domain.owner_sightings import Sighting
from bailiff_bot.domain.ownership import Assignment
from bailiff_bot.domain.subject import instance_subject
from tests.builders import DEFAULT_POLICY, DIRECTORY, NOW, instance
from tests.unit.ownership_claims import assignment, ownership

HOUR = timedelta(hours=1)
BOX = instance(1, "agr-box")


def change(of: Instance, *said: Assignment, is_former: bool = False) -> OwnerChange:
    """Return the change that a scan shows in an hour, of an owner since now."""
    [case] = CaseMaker(DIRECTORY, DEFAULT_POLICY, ownership(*said, now=NOW + HOUR), NOW).single([of])
    former = Sighting(instance_subject(of), "pade@octo.example", NOW, is_former)
    return owner_change(case, former, NOW + HOUR)


@pytest.mark.parametrize(
    ("of", "owners", "evidence"),
    [
        (BOX, "AGR (agr@octo.example)", "by its name"),
        (instance(1, "noa-box"), "NOA", "by its name"),
        (
            instance(1, "noa-box", tags={"Owner": "noa@octo.example"}),
            "NOA (noa@octo.example)",
            "by its name and by its tag Owner",
        ),
        (
            instance(1, None, tags={"owner": "mlg, x@octo.example"}),
            "MLG (mlg@octo.example), x@octo.example",
            "by its tag owner",
        ),
        (instance(1, None, tags={"bailiff:owner": "zzz, mlg"}), "MLG (mlg@octo.example)", "by its tag bailiff:owner"),
    ],
    ids=[
        "the name",
        "a name without address",
        "the name, a tag has the address",
        "a tag",
        "a tag that names nobody too",
    ],
)
def test_it_says_who_the_owners_are_and_why(of: Instance, owners: str, evidence: str) -> None:
    found = change(of)
    assert (found.owners, found.evidence, found.is_told) == (owners, evidence, False)


def test_of_an_assignment_a_notice_told_who_was_the_owner_then() -> None:
    found = change(BOX, assignment(BOX, assigned_at=NOW + HOUR / 2))
    assert (found.owners, found.evidence) == ("MLG (mlg@octo.example)", "assigned by Tri Age")
    assert found.is_told
    assert not change(BOX, assignment(BOX, assigned_at=NOW - HOUR)).is_told
    assert not change(BOX, assignment(BOX, assigned_at=NOW + HOUR / 2), is_former=True).is_told


def test_each_change_has_an_id_of_its_own() -> None:
    assert change(BOX).id == change(BOX).id
    assert len({change(instance(number)).id for number in range(20)}) == 20


@pytest.mark.parametrize(
    ("changed", "owned", "expected"),
    [
        (0, 0, False),
        (20, 20, False),
        (21, 21, True),
        (21, 210, False),
        (21, 209, True),
        (100, 1000, False),
        (101, 1000, True),
    ],
)
def test_more_than_twenty_and_more_than_a_tenth_are_implausible(changed: int, owned: int, *, expected: bool) -> None:
    assert changed_implausibly(OwnerChangeCount(changed, owned)) is expected


@given(st.integers(0, 1000), st.integers(0, 1000))
def test_one_more_change_is_never_more_plausible(changed: int, owned: int) -> None:
    before, after = (changed_implausibly(OwnerChangeCount(count, owned)) for count in (changed, changed + 1))
    assert after or not before
