import pytest

from bailiff_bot.domain.owner import NoOwner, Owner
from bailiff_bot.store.slack_users import PeopleCache
from bailiff_bot.store.store import Store
from tests.integration.store.builders import ADA, HOSTILE, HOUR, NOW

ADDRESS, OTHER = "ada@octo.example", "ben@octo.example"
FOUND = Owner(ADA, HOSTILE)
GUEST = NoOwner("a guest in Slack")


@pytest.fixture
def people(store: Store) -> PeopleCache:
    return store.people


def recalled(people: PeopleCache, *addresses: str, since: int = 0) -> dict[str, Owner | NoOwner]:
    return people.recall(frozenset(addresses), NOW + since * HOUR)


def test_people_and_the_reasons_why_there_are_none_come_back(people: PeopleCache) -> None:
    people.remember({ADDRESS: FOUND, OTHER: GUEST}, NOW)
    assert recalled(people, ADDRESS, OTHER, "nobody@octo.example") == {ADDRESS: FOUND, OTHER: GUEST}


def test_only_who_is_asked_for_comes_back(people: PeopleCache) -> None:
    people.remember({ADDRESS: FOUND, OTHER: GUEST}, NOW)
    assert recalled(people, OTHER) == {OTHER: GUEST}


def test_what_is_too_old_does_not_come_back(people: PeopleCache) -> None:
    people.remember({ADDRESS: FOUND}, NOW)
    assert recalled(people, ADDRESS, since=1) == {}


def test_the_latest_answer_counts(people: PeopleCache) -> None:
    people.remember({ADDRESS: FOUND, OTHER: GUEST}, NOW)
    people.remember({ADDRESS: GUEST, OTHER: FOUND}, NOW + HOUR)
    assert recalled(people, ADDRESS, OTHER, since=1) == {ADDRESS: GUEST, OTHER: FOUND}


def test_that_slack_did_not_answer_is_not_remembered(people: PeopleCache) -> None:
    people.remember({ADDRESS: FOUND}, NOW)
    people.remember({ADDRESS: NoOwner("Slack did not answer", unanswered=True)}, NOW + HOUR)
    assert recalled(people, ADDRESS) == {ADDRESS: FOUND}


def test_nothing_may_be_remembered(people: PeopleCache) -> None:
    people.remember({}, NOW)
    assert recalled(people) == {}
