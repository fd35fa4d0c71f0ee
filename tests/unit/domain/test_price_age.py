"""A price is renewed in time, used for a month more if that is not possible, and then not any more."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from bailiff_bot.domain.listed_price import ListedPrice
from bailiff_bot.domain.price_age import StoredPrice, outdated, usable
from bailiff_bot.domain.price_key import PriceKey, PriceKind
from bailiff_bot.domain.prices import Price

READ = datetime(2026, 11, 3, 9, tzinfo=UTC)
WEEK = timedelta(days=7)
LINUX = PriceKey(PriceKind.COMPUTE, "us-east-1", "t3.medium", "RunInstances", "Shared")
OTHER = PriceKey(PriceKind.ADDRESS, "us-east-1")
STORED = {LINUX: StoredPrice(ListedPrice(Decimal("0.0416")), READ)}
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("age", "is_outdated", "expected"),
    [
        (timedelta(0), False, Price(Decimal("0.0416"))),
        (WEEK - SECOND, False, Price(Decimal("0.0416"))),
        (WEEK, True, Price(Decimal("0.0416"), date(2026, 11, 3))),
        (timedelta(days=37) - SECOND, True, Price(Decimal("0.0416"), date(2026, 11, 3))),
        (timedelta(days=37), True, None),
    ],
)
def test_a_price_of_an_age(age: timedelta, is_outdated: bool, expected: Price | None) -> None:  # noqa: FBT001 - a case of the table
    assert outdated([LINUX], STORED, READ + age, WEEK) == [LINUX] * is_outdated
    assert usable(STORED, READ + age, WEEK).get(LINUX) == expected


def test_what_the_list_does_not_have_is_not_asked_for_again_at_once_and_has_no_price() -> None:
    stored = {LINUX: StoredPrice(ListedPrice(None), READ)}
    assert outdated([LINUX, OTHER], stored, READ, WEEK) == [OTHER]
    assert usable(stored, READ, WEEK) == {}
