"""What savings amount to in a period."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from bailiff_bot.domain.prices import Prices
from bailiff_bot.domain.saving import Saving
from bailiff_bot.domain.saving_totals import month_start, saved_between, savings_total
from tests.builders import NOW
from tests.saving_builders import PRICES, history, machine, stopped

DAY = timedelta(days=1)


def a_saving(prices: Prices = PRICES, *, days: float = 10) -> Saving:
    """Return what a stop at NOW saves, as a scan shows it so many days later."""
    found = history(prices=prices)
    found.scan_for((0.1, days), stopped(NOW))
    return found.followed.savings[0]


def test_a_total_has_what_was_saved_in_the_period_and_what_is_from_now_on() -> None:
    last_scan = NOW + 10 * DAY
    found = savings_total([a_saving()], NOW + 5 * DAY, last_scan, last_scan)
    assert round(float(found.usd), 2) == round(149.65 * 5 * 24 / 730, 2)
    assert (float(found.usd_a_month), found.instances, found.not_priced) == (149.65, 1, 0)
    assert found.thanked == (("Ada", 1),)


def test_people_are_thanked_by_the_number_of_their_instances_the_most_first() -> None:
    first = a_saving()
    second = replace(first, before=machine(id="i-2"), names=("Max", "Ada"))
    found = savings_total([first, second], NOW, NOW + 10 * DAY, NOW + 10 * DAY)
    assert found.thanked == (("Ada", 2), ("Max", 1))


def test_what_is_over_counts_in_its_period_and_not_from_now_on() -> None:
    found = savings_total([replace(a_saving(), is_over=True)], NOW, NOW + 20 * DAY, NOW + 20 * DAY)
    assert found.usd > 0
    assert not found.usd_a_month


def test_what_the_last_scan_did_not_show_is_not_saved_from_now_on() -> None:
    assert not savings_total([a_saving()], NOW, NOW + 11 * DAY, NOW + 11 * DAY).usd_a_month


def test_what_has_no_price_is_counted() -> None:
    found = savings_total([a_saving(Prices())], NOW, NOW + 10 * DAY, NOW + 10 * DAY)
    assert (found.usd, found.instances, found.not_priced) == (Decimal(0), 1, 1)


def test_what_is_not_in_the_period_or_too_short_is_left_out() -> None:
    assert not saved_between([a_saving()], NOW + 10 * DAY, NOW + 20 * DAY)
    assert not saved_between([a_saving()], NOW - 10 * DAY, NOW)
    assert not saved_between([a_saving(days=0.9)], NOW, NOW + 20 * DAY)


def test_the_latest_saving_comes_first() -> None:
    first = a_saving()
    later = replace(first, since=NOW + DAY)
    assert saved_between([first, later], NOW, NOW + 10 * DAY) == (later, first)


@pytest.mark.parametrize(
    ("now", "month"),
    [
        (datetime(2026, 11, 20, 9, tzinfo=UTC), (2026, 11)),
        (datetime(2026, 11, 8, 9, tzinfo=UTC), (2026, 11)),
        (datetime(2026, 11, 7, 9, tzinfo=UTC), (2026, 10)),
        (datetime(2026, 1, 1, 9, tzinfo=UTC), (2025, 12)),
        (datetime(2026, 10, 31, 23, 30, tzinfo=UTC), (2026, 10)),
    ],
)
def test_a_digest_counts_from_the_first_of_the_month_in_the_teams_zone(now: datetime, month: tuple[int, int]) -> None:
    paris = ZoneInfo("Europe/Paris")
    assert month_start(now, paris) == datetime(*month, 1, tzinfo=paris)
