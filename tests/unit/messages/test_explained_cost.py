from datetime import UTC, date

import pytest

from bailiff_bot.domain.cost import Cost, CostPart
from bailiff_bot.domain.explanation import Explanation, explain
from bailiff_bot.domain.notification import NotificationHistory
from bailiff_bot.domain.owner import NoOwner
from bailiff_bot.domain.report import Report
from bailiff_bot.messages.document import text_of
from bailiff_bot.messages.explained_cost import cost_lines
from bailiff_bot.messages.explanation import explanation
from tests.builders import ASG, cost, instance, report, with_costs
from tests.message_checks import check_message, rendered, visible_text


def explained(found: Report) -> Explanation:
    [row] = found.rows
    return explain(row, found, NotificationHistory(owners=dict.fromkeys(row.identity.addresses, NoOwner("nobody"))))


def lines(found: Report) -> list[str]:
    return ["".join(map(text_of, line)) for line in cost_lines(explained(found))]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (
            cost(300, 8.3, 3.65),
            [
                "about $312 a month",
                "compute, 730 hours: about $300",
                "volumes: about $8.30",
                "public addresses: about $3.65",
            ],
        ),
        (
            cost(12, 5, not_priced=[CostPart.VOLUMES, CostPart.ADDRESSES]),
            [
                "at least $17 a month (volumes and addresses not priced)",
                "compute, 730 hours: about $12",
                "volumes: about $5.00, the rest is not priced",
                "public addresses: not priced",
            ],
        ),
        (
            cost(300, listed_on=date(2026, 11, 3)),
            [
                "about $300 a month",
                "compute, 730 hours: about $300",
                "volumes: $0",
                "public addresses: $0",
                "a price is of 3 Nov: it could not be read again since",
            ],
        ),
    ],
)
def test_an_explanation_says_how_the_cost_is_made(found: Cost, expected: list[str]) -> None:
    assert lines(with_costs(report(instance(1, age=40)), {1: found})) == expected


def test_the_cost_of_a_controller_is_that_of_all_its_machines() -> None:
    machines = [instance(number, tags={ASG: "agr-web"}, age=40) for number in (1, 2, 3)]
    assert lines(with_costs(report(*machines), {1: cost(90)}))[0] == "about $90 a month for 3 machines"


def test_without_a_cost_there_are_no_lines() -> None:
    assert lines(report(instance(1, age=40))) == []


def test_the_answer_names_the_cost_in_its_first_line_and_the_limits_of_prices_in_its_last() -> None:
    found = with_costs(report(instance(1, "agr-web", age=40)), {1: cost(300)})
    message = rendered(explanation(explained(found), found, UTC, "4 min ago", {}))
    check_message(message, found)
    text = visible_text(message)
    assert "breaks 1 rule, about $300 a month" in text
    assert "Cost:\nabout $300 a month" in text
    assert "List prices; savings plans and reservations are not known." in text
