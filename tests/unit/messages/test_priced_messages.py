"""Where messages name costs: in the first line, at each rule, at each instance, and once the limits of list prices."""

from datetime import UTC

import pytest
from hypothesis import given

from bailiff_bot.domain.cost import CostPart
from bailiff_bot.domain.owner import Owner, OwnerFindings
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.report import Report
from bailiff_bot.domain.report_filter import ReportFilter
from bailiff_bot.domain.report_part import ReportPart
from bailiff_bot.domain.rules import RuleId
from bailiff_bot.messages.document import Document
from bailiff_bot.messages.instance_items import Actions
from bailiff_bot.messages.owner_messages import mine, nudge
from bailiff_bot.messages.part_text import part_headline
from bailiff_bot.messages.summary import summary
from bailiff_bot.messages.tables import terminal_report, thread_tables
from bailiff_bot.render.text import as_text
from bailiff_bot.slack.blocks.pages import pages
from bailiff_bot.slack.blocks.render import render
from tests.builders import NOW, Fleet, cost, example_count, fleets, instance, report, with_costs, with_usage
from tests.message_checks import SCAN_AGE, Message, check_message, rendered, table_rows, visible_text

LIMITS = "List prices; savings plans and reservations are not known."
IDLE, QUIET = with_usage(instance(1, "agr-web", age=20)), with_usage(instance(2, "agr-db", age=112), 3, 38)
ABANDONED, UNNAMED, LEGIT = instance(3, "agr-old", age=90, stopped=20), instance(4, None), instance(5)
PLAIN = report(IDLE, QUIET, ABANDONED, UNNAMED, LEGIT, policy=Policy(reads_usage=True))
PRICED = with_costs(
    PLAIN, {1: cost(300, 8), 2: cost(1220.5), 3: cost(0, 8.3), 4: cost(12, not_priced=[CostPart.VOLUMES])}
)
HEADLINE = (
    "4 of 5 instances break a rule: about $316 a month idle or abandoned, about $1,221 to be confirmed; "
    "1 more only needs a name"
)


def owner_message(found: Report, actions: Actions | None = None) -> Document:
    return nudge(OwnerFindings(Owner("U1", "Ada"), ("AGR",), found.flagged), found, UTC, "#costs", None, actions)


def messages(found: Report) -> list[Document]:
    return [summary(found, SCAN_AGE), owner_message(found), mine(ReportPart(found), SCAN_AGE)]


def documents(found: Report) -> list[Document]:
    tables = (thread_tables(found, UTC), terminal_report(ReportPart(found), NOW, UTC))
    with_buttons = (owner_message(found, Actions({})), mine(ReportPart(found), SCAN_AGE, actions=Actions({})))
    return [*messages(found), *tables, *with_buttons]


@pytest.mark.parametrize("number", range(len(documents(PRICED))))
def test_every_message_with_amounts_names_their_limits_once(number: int) -> None:
    document = documents(PRICED)[number]
    text = as_text(document)
    assert ("$" in text, text.count(LIMITS)) == (True, 1)


@pytest.mark.parametrize("number", range(len(documents(PLAIN))))
def test_without_prices_no_message_has_an_amount(number: int) -> None:
    text = as_text(documents(PLAIN)[number])
    assert not [word for word in ("$", LIMITS, "priced", "Most expensive") if word in text]


@example_count(20)
@given(fleets(60))
def test_every_message_with_amounts_is_accepted_by_slack(fleet: Fleet) -> None:
    found = with_costs(fleet.report, {number: cost(number**3) for number in range(1, 40)})
    payloads = [*map(render, messages(found)), *pages(thread_tables(found, UTC), 9)]
    for payload in payloads:
        check_message(Message(payload), found)


def test_the_first_line_says_how_many_what_it_costs_and_what_they_need() -> None:
    message = rendered(summary(PRICED, SCAN_AGE))
    assert visible_text(message).splitlines()[0] == HEADLINE
    assert message.text.startswith(f"{HEADLINE}. ")


def test_each_rule_has_a_count_and_a_cost() -> None:
    text = as_text(summary(PRICED, SCAN_AGE))
    assert "     1  No name, about $12 a month, 1 not priced: add a Name tag" in text
    assert "     1  Stopped for 15 days or more, about $8.30 a month: delete it" in text
    assert "     2  Idle, or running for 30 days or more, about $1,529 a month: stop it" in text
    assert "     1  Legit\n" in text


def test_the_most_expensive_come_first_and_are_not_listed_again() -> None:
    lines = as_text(summary(PRICED, SCAN_AGE)).splitlines()
    start = lines.index("Most expensive:")
    assert [line.split(" (")[0] for line in lines[start : start + 6]] == [
        "Most expensive:",
        "- agr-db",
        "- agr-web",
        "- agr-old",
        "Also urgent:",
        "- i-00000000000000004: no name · at least $12 a month",
    ]


def test_a_line_of_an_instance_has_its_cost_between_evidence_and_place() -> None:
    assert (
        "idle for 14 days: CPU at most 1.0 %, at most 1.0 MB a day · about $308 a month · t3.micro in eu-west-1"
    ) in as_text(summary(PRICED, SCAN_AGE))


def test_an_owner_reads_first_what_the_instances_cost() -> None:
    found = with_costs(report(IDLE, ABANDONED, policy=Policy(reads_usage=True)), {1: cost(400), 3: cost(0, 12)})
    assert owner_message(found).headline == ("2 of your instances need attention: about $412 a month idle or abandoned")


def test_a_filter_by_rules_says_what_their_instances_cost() -> None:
    part = ReportPart(PRICED, ReportFilter(rules=(RuleId.STOPPED_WHEN_UNUSED,)))
    assert part_headline(part).startswith(
        "Idle, or running for 30 days or more: 4 instances break this rule: about $316 a month idle or abandoned"
    )


def test_slack_sorts_costs_as_numbers_and_a_row_without_one_has_a_dash() -> None:
    found = with_costs(report(instance(1, None), instance(2, None), instance(3, None)), {1: cost(1300), 2: cost(8.3)})
    [table] = [one for one in rendered(thread_tables(found, UTC)).blocks if one["type"] == "data_table"]
    assert [row["$/month"] for row in table_rows(table)] == [
        {"type": "raw_number", "value": 1300.0, "text": "1,300"},
        {"type": "raw_number", "value": 8.3, "text": "8.30"},
        {"type": "raw_text", "text": "not priced"},
    ]


def test_amounts_in_a_terminal_end_one_below_the_other() -> None:
    lines = as_text(terminal_report(ReportPart(PRICED), NOW, UTC)).splitlines()
    [heading] = [line for line in lines if "$/month" in line and "Last action" in line][-1:]
    end = heading.index("$/month") + len("$/month")
    assert [line[end - 7 : end] for line in lines if "agr-db" in line or "agr-web" in line] == ["  1,221", "    308"]
    assert "$/month" not in lines[lines.index("Legit (1 instance)") + 2]


def test_an_idle_instance_is_called_idle_beside_another_rule() -> None:
    found = report(with_usage(instance(1, None, age=20)), instance(2, None, age=40), policy=Policy(reads_usage=True))
    text = as_text(thread_tables(found, UTC))
    assert [line.split()[-1] for line in text.splitlines() if line.startswith("- ") and "t3.micro" in line] == [
        "running",
        "idle",
    ]
