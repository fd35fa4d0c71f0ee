"""On whose instances a delegate acts, and until when."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bailiff_bot.domain.delegation import Delegation, covering, identifiers_of, live
from bailiff_bot.domain.identity import NO_DIRECTORY, people_from_entries
from bailiff_bot.domain.instance import Instance
from tests.builders import DIRECTORY, NOW, instance, report

SECOND = timedelta(seconds=1)
BY_ADA = Delegation("1", "U1", "Ada", "agr@octo.example", "U2", "Mel", "", NOW, NOW + timedelta(days=14))
ONLY_AGR = replace(BY_ADA, id="2", identifier="AGR")
TAGGED = {"owner": "agr@octo.example, mlg@octo.example"}


def test_a_delegation_lasts_until_its_end_and_no_longer() -> None:
    assert live([BY_ADA], BY_ADA.until - SECOND) == (BY_ADA,)
    assert live([BY_ADA], BY_ADA.until) == ()


@pytest.mark.parametrize(
    ("found", "covered"),
    [
        (instance(name="agr-web"), [BY_ADA, ONLY_AGR]),
        (instance(name="Agr.web"), [BY_ADA, ONLY_AGR]),
        (instance(name="zzz-web", tags=TAGGED), [BY_ADA]),
        (instance(name=None, tags=TAGGED), [BY_ADA]),
        (instance(name="mlg-web"), []),
        (instance(name="mlg-web", tags=TAGGED), []),  # the identifier in the name counts first
        (instance(name=None), []),
        (instance(name="duo-web"), []),
    ],
)
def test_it_is_about_the_owners_instances_or_only_those_with_the_identifier_in_their_names(
    found: Instance, covered: list[Delegation]
) -> None:
    [row] = report(found).rows
    assert list(covering([BY_ADA, ONLY_AGR], row.identity)) == covered


def test_only_its_owner_and_its_delegate_may_end_it() -> None:
    assert [BY_ADA.is_of(user) for user in ("U1", "U2", "U3")] == [True, True, False]


def test_the_directory_says_whose_an_identifier_is() -> None:
    people = people_from_entries([("AGR", "ada@octo.example"), ("ADA", "ada@octo.example"), ("MLG", "m@octo.example")])
    assert identifiers_of("ada@octo.example", people, report(people=people)) == {"AGR", "ADA"}


def test_an_identifier_that_two_people_claim_is_nobodys() -> None:
    assert identifiers_of("one@octo.example", DIRECTORY, report()) == frozenset()


def test_without_a_directory_the_owner_tags_join_an_identifier_to_its_owner() -> None:
    named = instance(1, "agr-web", tags={"owner": "ada@octo.example"})
    judged = report(named, instance(2, "mlg-web"), people=NO_DIRECTORY)
    assert identifiers_of("ada@octo.example", NO_DIRECTORY, judged) == {"AGR"}
    assert identifiers_of("mel@octo.example", NO_DIRECTORY, judged) == frozenset()
