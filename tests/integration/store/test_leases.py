import pytest

from bailiff_bot.leases import Leases
from bailiff_bot.store.leases import SqlLeases
from bailiff_bot.store.store import Store
from tests.integration.store.builders import HOUR, MINUTE, NOW

LATER = NOW + MINUTE


@pytest.fixture
def leases(store: Store) -> SqlLeases:
    return store.leases


def test_it_is_what_turns_ask_for(leases: SqlLeases) -> None:
    asked: Leases = leases
    assert asked


def test_one_process_at_a_time_has_a_lease(leases: SqlLeases) -> None:
    assert leases.take("scan", "one", NOW, LATER)
    assert not leases.take("scan", "two", NOW, LATER)
    assert leases.take("digest", "two", NOW, LATER)


def test_who_has_it_may_extend_it(leases: SqlLeases) -> None:
    leases.take("scan", "one", NOW, LATER)
    assert leases.take("scan", "one", NOW, LATER + HOUR)
    assert not leases.take("scan", "two", LATER, LATER + HOUR)


def test_a_lease_that_ran_out_is_anybodys(leases: SqlLeases) -> None:
    leases.take("scan", "one", NOW, LATER)
    assert leases.take("scan", "two", LATER, LATER + HOUR)
    assert not leases.take("scan", "one", LATER, LATER + HOUR)


def test_a_lease_that_is_given_back_is_anybodys(leases: SqlLeases) -> None:
    leases.take("scan", "one", NOW, LATER)
    leases.release("scan", "one")
    assert leases.take("scan", "two", NOW, LATER)


def test_who_lost_it_gives_nothing_back(leases: SqlLeases) -> None:
    leases.take("scan", "one", NOW, LATER)
    leases.take("scan", "two", LATER, LATER + HOUR)
    leases.release("scan", "one")
    assert not leases.take("scan", "three", LATER, LATER + HOUR)
