"""Prices are kept as the list said them."""

from datetime import timedelta
from decimal import Decimal

from bailiff_bot.domain.listed_price import ListedPrice
from bailiff_bot.domain.price_age import StoredPrice
from bailiff_bot.domain.price_key import PriceKey, PriceKind
from bailiff_bot.store.prices import prices
from bailiff_bot.store.statements import insert
from bailiff_bot.store.store import Store
from tests.integration.store.builders import DAY, HOSTILE, NOW

LINUX = PriceKey(PriceKind.COMPUTE, "eu-west-1", "t3.micro", "RunInstances", "Shared")
ADDRESS = PriceKey(PriceKind.ADDRESS, "eu-west-1")
ODD = PriceKey(PriceKind.STORAGE, HOSTILE, HOSTILE)
TINY = ListedPrice(Decimal("0.0000000550"), "20260910195514")


def test_prices_keep_every_digit_and_no_price_is_kept_too(store: Store) -> None:
    store.prices.save({LINUX: TINY, ADDRESS: ListedPrice(None)}, NOW)
    assert store.prices.load() == {LINUX: StoredPrice(TINY, NOW), ADDRESS: StoredPrice(ListedPrice(None), NOW)}
    assert f"{store.prices.load()[LINUX].listed.usd}" == "5.50E-8"


def test_a_later_answer_replaces_an_earlier_one(store: Store) -> None:
    store.prices.save({LINUX: TINY, ADDRESS: ListedPrice(None)}, NOW)
    store.prices.save({LINUX: ListedPrice(None), ADDRESS: TINY}, NOW + DAY)
    assert store.prices.load() == {
        LINUX: StoredPrice(ListedPrice(None), NOW + DAY),
        ADDRESS: StoredPrice(TINY, NOW + DAY),
    }


def test_any_text_can_be_a_part_of_a_key(store: Store) -> None:
    store.prices.save({ODD: TINY}, NOW)
    assert [one.listed for one in store.prices.load().values()] == [TINY]


def test_a_kind_of_another_version_is_passed_over(store: Store) -> None:
    store.prices.save({LINUX: TINY}, NOW)
    with store.database.writing() as connection:
        row = {"kind": "warp", "region": "", "name": "", "operation": "", "tenancy": "", "usd": "1", "version": ""}
        connection.execute(insert(connection, prices).values(**row, read_at=NOW))
    assert set(store.prices.load()) == {LINUX}


def test_saving_nothing_is_allowed(store: Store) -> None:
    store.prices.save({}, NOW)
    assert store.prices.load() == {}


def test_a_price_is_kept_as_long_as_it_may_be_used(store: Store) -> None:
    store.prices.save({LINUX: TINY}, NOW)
    store.prune(NOW + 150 * DAY, timedelta(days=14))
    assert set(store.prices.load()) == {LINUX}
    store.prune(NOW + 200 * DAY, timedelta(days=365))
    assert set(store.prices.load()) == {LINUX}
    store.prune(NOW + 200 * DAY, timedelta(days=14))
    assert store.prices.load() == {}
