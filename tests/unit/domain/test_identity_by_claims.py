"""Who owns an instance after people said that it is not theirs, or triage assigned it."""

from datetime import timedelta

import pytest

from bailiff_bot.domain.identity import NO_DIRECTORY, Identity, People, identify
from bailiff_bot.domain.instance import Instance
from bailiff_bot.domain.ownership import Assignment, Disclaimer
from bailiff_bot.domain.subject import instance_subject
from tests.builders import DEFAULT_POLICY, DIRECTORY, NOW, instance
from tests.unit.ownership_claims import TRIAGE_DAYS, assignment, disclaimer, ownership, renamed

HOUR = timedelta(hours=1)
BOX = instance(1, "agr-box")
TAGGED = instance(1, "agr-box", tags={"Owner": "mlg@octo.example"})
SHARED = instance(1, "box", tags={"Owner": "AGR, mlg@octo.example", "aws:cloud9:owner": "PADE"})


def identity(of: Instance, *said: Disclaimer | Assignment, people: People = DIRECTORY, hours: float = 1) -> Identity:
    live = ownership(*said, now=NOW + hours * HOUR)
    return identify(of, people, DEFAULT_POLICY, live.get(instance_subject(of)))


def owners(of: Instance, *said: Disclaimer | Assignment, people: People = DIRECTORY, hours: float = 1) -> list[str]:
    return list(identity(of, *said, people=people, hours=hours).addresses)


@pytest.mark.parametrize(
    ("of", "left"),
    [
        (BOX, []),
        (TAGGED, ["mlg@octo.example"]),
        (SHARED, ["mlg@octo.example"]),
        (instance(1, "box", tags={"Owner": "agr@octo.example", "aws:cloud9:owner": "PADE"}), ["pade@octo.example"]),
        (instance(1, "vle-box", tags={"Owner": "agr"}), []),
        (instance(1, "noa-box", tags={"Owner": "agr@octo.example"}), []),
    ],
)
def test_who_says_not_mine_is_no_owner_and_others_are(of: Instance, left: list[str]) -> None:
    found = identity(of, disclaimer(of))
    assert list(found.addresses) == left
    assert found.disclaimers == (disclaimer(of),)
    assert (found.identifier, found.identifier_status) == (identity(of).identifier, identity(of).identifier_status)


def test_without_a_directory_the_person_in_the_name_is_gone_under_each_key() -> None:
    of = instance(1, "agr-box", tags={"Owner": "AGR agr@octo.example"})
    assert owners(of, people=NO_DIRECTORY) == ["agr@octo.example"]
    assert identity(of, disclaimer(of), people=NO_DIRECTORY).candidates == ()


def test_everybody_may_say_not_mine() -> None:
    said = [disclaimer(SHARED, who, user_id=who) for who in ("agr", "mlg", "pade")]
    assert owners(SHARED, *said[:2]) == ["pade@octo.example"]
    found = identity(SHARED, *said)
    assert (found.candidates, found.tag, found.disclaimers) == ((), None, tuple(said))


def test_who_says_it_twice_is_named_once_with_the_latest() -> None:
    later = disclaimer(BOX, said_at=NOW + HOUR)
    assert identity(BOX, later, disclaimer(BOX)).disclaimers == (later,)


@pytest.mark.parametrize("said", [disclaimer(BOX), assignment(BOX)])
def test_what_was_said_ends_when_the_name_or_an_owner_tag_changes(said: Disclaimer | Assignment) -> None:
    assert owners(BOX, said) != ["agr@octo.example"]
    assert owners(renamed(BOX, "agr-box2"), said) == ["agr@octo.example"]
    assert owners(instance(1, "agr-box", tags={"Owner": "agr"}), said) == ["agr@octo.example"]
    assert owners(instance(1, "agr-box", tags={"bailiff:owner": "AGR"}), said) != ["agr@octo.example"]


def test_a_disclaimer_ends_and_an_assignment_does_not() -> None:
    end = TRIAGE_DAYS / HOUR
    assert owners(BOX, disclaimer(BOX), hours=end - 0.01) == []
    assert owners(BOX, disclaimer(BOX), hours=end) == ["agr@octo.example"]
    assert owners(BOX, assignment(BOX), hours=100 * end) == ["mlg@octo.example"]


def test_the_assigned_owner_is_the_only_one() -> None:
    found = identity(SHARED, assignment(SHARED, "pade"))
    assert found.owner_keys == ("PADE",)
    assert (found.tag, found.assignment) == (None, assignment(SHARED, "pade"))
    assert identity(SHARED, assignment(SHARED, "new")).owner_keys == ("new@octo.example",)
    assert identity(SHARED, assignment(SHARED, "one")).owner_keys == ("one@octo.example",)  # DUO is of two people


def test_the_latest_assignment_counts() -> None:
    later = assignment(BOX, "pade", NOW + HOUR)
    assert owners(BOX, later, assignment(BOX)) == ["pade@octo.example"]


def test_the_later_of_an_assignment_and_a_disclaimer_of_the_same_person_counts() -> None:
    said, earlier, later = disclaimer(BOX, "mlg"), assignment(BOX), assignment(BOX, assigned_at=NOW + HOUR)
    assert owners(BOX, earlier, said) == ["agr@octo.example"]
    assert owners(BOX, said, later) == ["mlg@octo.example"]
    assert identity(BOX, said, later).disclaimers == ()
    assert owners(BOX, earlier, disclaimer(BOX)) == ["mlg@octo.example"]


def test_an_assigned_owner_who_refuses_does_not_bring_back_a_replaced_one() -> None:
    replaced, latest = assignment(BOX, "pade"), assignment(BOX, "mlg", NOW + HOUR / 4)
    refused = disclaimer(BOX, "mlg", NOW + HOUR / 2)
    assert owners(BOX, disclaimer(BOX), replaced, latest, refused) == []


def test_the_name_leads_to_its_owner_unless_people_said_otherwise() -> None:
    unknown = instance(1, "vle-box", tags={"Owner": "agr"})
    assert identity(BOX).named_owner == "AGR"
    assert identity(BOX, disclaimer(BOX)).named_owner is None
    assert identity(BOX, assignment(BOX)).named_owner is None
    assert identity(BOX, assignment(BOX, "agr")).named_owner == "AGR"
    assert identity(unknown, disclaimer(unknown)).named_owner == "VLE"


def test_people_said_who_is_certainly_no_owner() -> None:
    assert not identity(BOX).excludes("U1")
    assert identity(BOX, disclaimer(BOX)).excludes("U1")
    assert not identity(BOX, disclaimer(BOX)).excludes("U2")
    assert identity(BOX, assignment(BOX)).excludes("U1")
    assert not identity(BOX, assignment(BOX)).excludes("U2")
