import pytest

from bailiff_bot.domain.owner import NoOwner, Owner
from bailiff_bot.store.slack_users import SqlUserCache
from bailiff_bot.store.store import Store
from tests.integration.store.builders import ADA, HOSTILE, HOUR, NOW

ADDRESS, OTHER = "ada@octo.example", "ben@octo.example"
FOUND = Owner(ADA, HOSTILE)
GUEST = NoOwner("a guest in Slack")


@pytest.fixture
def user_cache(store: Store) -> SqlUserCache:
    return store.users


def recalled(user_cache: SqlUserCache, *addresses: str, since: int = 0) -> dict[str, Owner | NoOwner]:
    return user_cache.load(frozenset(addresses), NOW + since * HOUR)


def test_people_and_the_reasons_why_there_are_none_come_back(user_cache: SqlUserCache) -> None:
    user_cache.save({ADDRESS: FOUND, OTHER: GUEST}, NOW)
    assert recalled(user_cache, ADDRESS, OTHER, "nobody@octo.example") == {ADDRESS: FOUND, OTHER: GUEST}


def test_only_who_is_asked_for_comes_back(user_cache: SqlUserCache) -> None:
    user_cache.save({ADDRESS: FOUND, OTHER: GUEST}, NOW)
    assert recalled(user_cache, OTHER) == {OTHER: GUEST}


def test_what_is_too_old_does_not_come_back(user_cache: SqlUserCache) -> None:
    user_cache.save({ADDRESS: FOUND}, NOW)
    assert recalled(user_cache, ADDRESS, since=1) == {}


def test_the_latest_answer_counts(user_cache: SqlUserCache) -> None:
    user_cache.save({ADDRESS: FOUND, OTHER: GUEST}, NOW)
    user_cache.save({ADDRESS: GUEST, OTHER: FOUND}, NOW + HOUR)
    assert recalled(user_cache, ADDRESS, OTHER, since=1) == {ADDRESS: GUEST, OTHER: FOUND}


def test_that_slack_did_not_answer_is_not_remembered(user_cache: SqlUserCache) -> None:
    user_cache.save({ADDRESS: FOUND}, NOW)
    user_cache.save({ADDRESS: NoOwner("Slack did not answer", lookup_failed=True)}, NOW + HOUR)
    assert recalled(user_cache, ADDRESS) == {ADDRESS: FOUND}


def test_nothing_may_be_remembered(user_cache: SqlUserCache) -> None:
    user_cache.save({}, NOW)
    assert recalled(user_cache) == {}
