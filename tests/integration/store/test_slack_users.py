import pytest

from bailiff_bot.domain.owner import NoOwner, Owner
from bailiff_bot.store.slack_users import SqlUserCache
from bailiff_bot.store.store import Store
from tests.integration.store.builders import ADA, HOSTILE, HOUR, NOW

ADA_ADDRESS, BEN_ADDRESS = "ada@octo.example", "ben@octo.example"
FOUND = Owner(ADA, HOSTILE)
GUEST = NoOwner("a guest in Slack")


@pytest.fixture
def user_cache(store: Store) -> SqlUserCache:
    return store.users


def load(user_cache: SqlUserCache, *addresses: str, since: int = 0) -> dict[str, Owner | NoOwner]:
    return user_cache.load(frozenset(addresses), NOW + since * HOUR)


def test_owners_and_reasons_for_no_owner_are_cached(user_cache: SqlUserCache) -> None:
    user_cache.save({ADA_ADDRESS: FOUND, BEN_ADDRESS: GUEST}, NOW)
    assert load(user_cache, ADA_ADDRESS, BEN_ADDRESS, "nobody@octo.example") == {ADA_ADDRESS: FOUND, BEN_ADDRESS: GUEST}


def test_only_the_requested_addresses_are_loaded(user_cache: SqlUserCache) -> None:
    user_cache.save({ADA_ADDRESS: FOUND, BEN_ADDRESS: GUEST}, NOW)
    assert load(user_cache, BEN_ADDRESS) == {BEN_ADDRESS: GUEST}


def test_an_entry_that_is_too_old_is_not_loaded(user_cache: SqlUserCache) -> None:
    user_cache.save({ADA_ADDRESS: FOUND}, NOW)
    assert load(user_cache, ADA_ADDRESS, since=1) == {}


def test_a_later_entry_replaces_an_earlier_one(user_cache: SqlUserCache) -> None:
    user_cache.save({ADA_ADDRESS: FOUND, BEN_ADDRESS: GUEST}, NOW)
    user_cache.save({ADA_ADDRESS: GUEST, BEN_ADDRESS: FOUND}, NOW + HOUR)
    assert load(user_cache, ADA_ADDRESS, BEN_ADDRESS, since=1) == {ADA_ADDRESS: GUEST, BEN_ADDRESS: FOUND}


def test_a_failed_lookup_is_not_cached(user_cache: SqlUserCache) -> None:
    user_cache.save({ADA_ADDRESS: FOUND}, NOW)
    user_cache.save({ADA_ADDRESS: NoOwner("Slack did not answer", lookup_failed=True)}, NOW + HOUR)
    assert load(user_cache, ADA_ADDRESS) == {ADA_ADDRESS: FOUND}


def test_saving_nothing_is_allowed(user_cache: SqlUserCache) -> None:
    user_cache.save({}, NOW)
    assert load(user_cache) == {}
