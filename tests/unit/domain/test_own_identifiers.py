"""With which identifiers a person may begin a name."""

import pytest

from bailiff_bot.domain.identity import NO_DIRECTORY, People, identify, people_from_entries
from bailiff_bot.domain.own_identifiers import own_identifiers
from bailiff_bot.domain.policy import Policy
from tests.builders import DIRECTORY, instance

ADA = "agr@octo.example"
TWO = people_from_entries([("AGR", ADA), ("ADA", "AGR@octo.example"), ("DUO", ADA), ("DUO", "mlg@octo.example")])
GAPS = people_from_entries([("MLG", "mlg@octo.example")], gaps=["Askbob is down"])


def found(people: People, name: str = "agr-box", address: str = ADA, **tags: str) -> frozenset[str]:
    return own_identifiers(address, people, identify(instance(1, name, tags=tags), people, Policy()))


@pytest.mark.parametrize("address", [ADA, "Agr@Octo.Example"])
def test_they_are_those_of_the_directory_whatever_the_instance_is_called(address: str) -> None:
    assert found(DIRECTORY, "mlg-box", address) == {"AGR"}


def test_one_that_somebody_else_claims_too_is_nobodys() -> None:
    assert found(TWO) == {"AGR", "ADA"}


def test_who_is_not_in_the_directory_has_none() -> None:
    assert found(DIRECTORY, address="stranger@octo.example") == frozenset()


def test_an_incomplete_directory_gives_only_what_it_knows() -> None:
    assert found(GAPS, Owner=ADA) == frozenset()
    assert found(GAPS, address="mlg@octo.example") == {"MLG"}


def test_without_a_directory_it_is_the_one_under_which_the_person_owns_the_instance() -> None:
    assert found(NO_DIRECTORY, Owner=ADA) == {"AGR"}
    assert found(NO_DIRECTORY, Owner="mlg@octo.example") == frozenset()
    assert found(NO_DIRECTORY, "prod-db", Owner=ADA) == frozenset()
