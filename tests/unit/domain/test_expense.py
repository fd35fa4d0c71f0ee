from datetime import date
from decimal import Decimal

import pytest

from bailiff_bot.domain.cost import CostPart
from bailiff_bot.domain.expense import Expense, Total, expense, most_expensive, total
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.report import Report
from tests.builders import ASG, NOW, PARIS, cost, instance, report, short_id, with_costs, with_usage

POLICY = Policy(reads_usage=True, allowed_regions=frozenset({"eu-west-1"}))
NOTHING = Total(0, Decimal(0), 0, None)
IDLE = with_usage(instance(1, age=20))
ABANDONED = instance(2, age=90, stopped=20)
ASKED = instance(3, age=40)
UNNAMED = instance(4, None)
ELSEWHERE = instance(5, target=PARIS)
IDLE_AND_UNNAMED = with_usage(instance(6, None, age=20))
UNNAMED_ELSEWHERE = instance(7, None, target=PARIS)
COSTS = {number: cost(10**number) for number in range(1, 8)}


def priced(*instances: object) -> Report:
    return with_costs(report(*instances, policy=POLICY), COSTS)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (IDLE, Expense(Total(1, Decimal(10), 0, None), NOTHING, 0, 0)),
        (ABANDONED, Expense(Total(1, Decimal(100), 0, None), NOTHING, 0, 0)),
        (ASKED, Expense(NOTHING, Total(1, Decimal(1000), 0, None), 0, 0)),
        (UNNAMED, Expense(NOTHING, NOTHING, 1, 0)),
        (ELSEWHERE, Expense(NOTHING, NOTHING, 0, 1)),
        (IDLE_AND_UNNAMED, Expense(Total(1, Decimal(10**6), 0, None), NOTHING, 0, 0)),
        (UNNAMED_ELSEWHERE, Expense(NOTHING, NOTHING, 0, 1)),
    ],
)
def test_an_instance_counts_once_by_the_gravest_that_is_wrong_with_it(found: object, expected: Expense) -> None:
    assert expense(priced(found).rows) == expected


def test_what_breaks_no_rule_is_no_expense() -> None:
    assert expense(priced(instance(1)).rows) == Expense(NOTHING, NOTHING, 0, 0)


def test_all_machines_of_a_controller_count_and_its_cost_is_added_once() -> None:
    machines = [instance(number, tags={ASG: "agr-web"}, age=40) for number in (1, 2, 3)]
    found = with_costs(report(*machines, policy=POLICY), {1: cost(30)})
    assert expense(found.rows).asked == Total(3, Decimal(30), 0, None)


def test_a_total_counts_what_is_not_priced_and_has_the_oldest_date() -> None:
    old, older = date(2026, 11, 3), date(2026, 11, 1)
    costs = {
        1: cost(1, listed_on=old),
        2: cost(2, listed_on=older),
        3: cost(3, not_priced=[CostPart.VOLUMES]),
    }
    found = with_costs(report(*(instance(number, age=40) for number in (1, 2, 3, 4))), costs)
    assert total(found.flagged) == Total(4, Decimal(6), 2, older)


def test_without_costs_everything_counts_as_not_priced() -> None:
    assert total(report(ASKED).flagged) == Total(1, Decimal(0), 1, None)


def test_the_most_expensive_are_those_whose_use_is_in_doubt_and_that_have_a_price() -> None:
    found = priced(IDLE, ABANDONED, ASKED, UNNAMED, ELSEWHERE, IDLE_AND_UNNAMED, instance(8, age=50))
    assert [short_id(row.instance) for row in most_expensive(found.flagged, 3)] == ["6", "3", "2"]
    assert len(most_expensive(found.flagged, 9)) == 4


def test_the_window_of_the_builder_is_judged_idle() -> None:
    assert report(IDLE, policy=POLICY).as_of == NOW
    [row] = report(IDLE, policy=POLICY).flagged
    assert row.findings[0].evidence == "idle for 14 days: CPU at most 1.0 %, at most 1.0 MB a day"
