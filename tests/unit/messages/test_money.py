from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bailiff_bot.domain.cost import Cost, CostPart
from bailiff_bot.domain.expense import Expense, Total
from bailiff_bot.messages.money import about, amount, cost_cell, cost_text, expense_text, price_notes, total_text
from tests.builders import cost, instance, report, with_costs

NOTHING = Total(0, Decimal(0), 0, None)
VOLUMES, COMPUTE = [CostPart.VOLUMES], [CostPart.COMPUTE, CostPart.ADDRESSES]


def spent(usd: float, instances: int = 9, not_priced: int = 0) -> Total:
    return Total(instances, Decimal(str(usd)), not_priced, None)


@pytest.mark.parametrize(
    ("usd", "text"),
    [
        ("0", "$0"),
        ("0.0001", "under $1"),
        ("0.9999", "under $1"),
        ("1", "about $1.00"),
        ("8.296", "about $8.30"),
        ("9.994", "about $9.99"),
        ("9.995", "about $10"),
        ("10.5", "about $11"),
        ("639.6", "about $640"),
        ("1299.5", "about $1,300"),
        ("1234567", "about $1,234,567"),
    ],
)
def test_amounts_have_whole_dollars_from_ten_on(usd: str, text: str) -> None:
    assert about(Decimal(usd)) == text


@given(st.decimals(0, 10**9, allow_nan=False).filter(bool))
def test_what_costs_something_is_never_said_to_cost_nothing(usd: Decimal) -> None:
    assert set(amount(usd)) - set("0.,")


@pytest.mark.parametrize(
    ("found", "text", "cell"),
    [
        (cost(640), "about $640 a month", "640"),
        (cost(0.5), "under $1 a month", "under 1"),
        (cost(0), "$0 a month", "0"),
        (cost(12, not_priced=VOLUMES), "at least $12 a month (volumes not priced)", "at least 12"),
        (cost(0, 3, not_priced=COMPUTE), "at least $3.00 a month (compute and addresses not priced)", "at least 3.00"),
        (cost(not_priced=VOLUMES), "not priced", "not priced"),
        (cost(0.5, not_priced=VOLUMES), "not priced", "not priced"),
    ],
)
def test_the_cost_of_a_row_says_what_is_not_in_it(found: Cost, text: str, cell: str) -> None:
    assert (cost_text(found), cost_cell(found)) == (text, cell)


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (spent(640), "about $640 a month"),
        (spent(640, not_priced=3), "about $640 a month, 3 not priced"),
        (spent(0, not_priced=9), "not priced"),
    ],
)
def test_a_total_counts_what_is_not_priced(found: Total, text: str) -> None:
    assert total_text(found) == text


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (
            Expense(spent(640), spent(300), 12, 0),
            "about $640 a month idle or abandoned, about $300 to be confirmed; 12 more only need a name",
        ),
        (Expense(NOTHING, spent(300), 1, 0), "about $300 a month to be confirmed; 1 more only needs a name"),
        (Expense(NOTHING, NOTHING, 0, 1), "1 needs another region"),
        (Expense(NOTHING, NOTHING, 12, 2), "12 only need a name, 2 need another region"),
        (
            Expense(spent(64, not_priced=3), spent(30, not_priced=1), 0, 0),
            "about $64 a month idle or abandoned (3 not priced), about $30 to be confirmed (1 not priced)",
        ),
        (
            Expense(spent(0, 3, 3), spent(300), 0, 0),
            "3 idle or abandoned (not priced), about $300 a month to be confirmed",
        ),
        (Expense(spent(0.4), spent(0.3), 0, 0), "under $1 a month idle or abandoned, under $1 to be confirmed"),
    ],
)
def test_the_headline_says_what_is_wasted_asked_and_only_badly_named(found: Expense, text: str) -> None:
    assert expense_text(found) == text


def test_the_small_print_names_the_limits_of_list_prices_once() -> None:
    found = report(instance(1, age=40), instance(2, age=40))
    limits = "List prices; savings plans and reservations are not known"
    assert list(price_notes(found.flagged)) == []
    assert list(price_notes(with_costs(found, {1: cost(1)}).flagged)) == [f"{limits}."]
    old = with_costs(found, {1: cost(1, listed_on=date(2026, 11, 3))})
    assert list(price_notes(old.flagged)) == [f"{limits}; some prices are of 3 Nov."]
