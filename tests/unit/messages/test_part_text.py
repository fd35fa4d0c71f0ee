"""A part of a report says first what it is filtered by, and claims nothing about what could not be read."""

from collections.abc import Iterable
from decimal import Decimal

import pytest

from bailiff_bot.domain.cost import CostPart
from bailiff_bot.domain.cost_floor import CostFloor
from bailiff_bot.domain.gap import Gap, GapSource
from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.inventory import UnreadReason, unread_gap
from bailiff_bot.domain.report import Report
from bailiff_bot.domain.report_filter import EVERYTHING, ReportFilter
from bailiff_bot.domain.report_part import ReportPart, select
from bailiff_bot.domain.rules import RuleId
from bailiff_bot.messages.part_text import ambiguous_line, filter_text, left_out_lines, part_headline
from bailiff_bot.messages.wording import headline
from tests.builders import DIRECTORY, OWN_ACCOUNT, cost, instance, report, with_costs

DENIED = unread_gap(Target(OWN_ACCOUNT, "sa-east-1"), UnreadReason.ACCESS_DENIED)
DIRECTORY_GAP = Gap(GapSource.DIRECTORY, None, "Askbob answered 503")
LONG_RUNNING = (RuleId.STOPPED_WHEN_UNUSED,)


def found(unread: Iterable[Gap] = (), gaps: Iterable[Gap] = ()) -> Report:
    return report(instance(1, "agr-a", age=40), instance(2, "agr-b"), instance(3, "mlg-a"), unread=unread, gaps=gaps)


def part(whole: Report, **fields: tuple[str, ...]) -> ReportPart:
    return select(whole, DIRECTORY, ReportFilter(**fields))  # type: ignore[arg-type] # a rule is a str


def test_the_whole_report_has_its_own_headline() -> None:
    whole = select(found(), DIRECTORY, EVERYTHING)
    assert (filter_text(whole), part_headline(whole)) == ("", headline(found()))


def test_a_filter_is_named_with_owners_accounts_regions_and_rules() -> None:
    fields = {"accounts": (OWN_ACCOUNT,), "regions": ("eu-west-1", "eu-west-3"), "rules": (*LONG_RUNNING, RuleId.NAMED)}
    assert filter_text(part(found(), owners=("MLG", "AGR"), **fields)) == (
        f"MLG and AGR, account {OWN_ACCOUNT}, eu-west-1, eu-west-3, Running for 30 days or more, No name"
    )


@pytest.mark.parametrize(
    ("whole", "fields", "text"),
    [
        (found(), {"owners": ("AGR",)}, "AGR: 1 of 2 instances breaks a rule"),
        (found(), {"owners": ("MLG",)}, "MLG: No instance breaks a rule (1 instance)"),
        (found([DENIED]), {"owners": ("MLG",)}, "MLG: No instance breaks a rule in what could be read (1 instance)"),
        (found(), {"rules": LONG_RUNNING}, "Running for 30 days or more: 1 instance breaks this rule"),
        (found(), {"rules": (RuleId.NAMED,)}, "No name: No instance breaks this rule"),
        (found([DENIED]), {"rules": (RuleId.NAMED,)}, "No name: No instance breaks this rule in what could be read"),
        (found([DENIED]), {"regions": ("sa-east-1",), "rules": LONG_RUNNING}, "Nothing could be read"),
        (found([DENIED]), {"regions": ("sa-east-1",)}, "sa-east-1: Nothing could be read"),
        (
            found(gaps=[DIRECTORY_GAP]),
            {"rules": (RuleId.KNOWN_OWNER,)},
            "Unknown identifier: No instance breaks this rule in what could be read",
        ),
        (found(), {"rules": (RuleId.NAMED, *LONG_RUNNING)}, "1 instance breaks one of these rules"),
    ],
)
def test_the_headline_is_about_the_part_alone(whole: Report, fields: dict[str, tuple[str, ...]], text: str) -> None:
    assert part_headline(part(whole, **fields)).endswith(text)


def test_identifiers_of_two_people_are_named() -> None:
    assert ambiguous_line(part(found(), owners=("AGR",))) == ""
    assert ambiguous_line(part(found(), owners=("AGR", "one@octo.example"))) == (
        "Left out: DUO. The directory lists somebody else for it too."
    )


FOUND = with_costs(
    report(instance(1, None), instance(2, None), instance(3, None), instance(4, None), instance(5, "agr-x")),
    {1: cost(640), 2: cost(100), 3: cost(12, not_priced=[CostPart.VOLUMES])},
)


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        ("100", "Cost over $100 a month: 1 instance breaks a rule: 1 only needs a name; 2 more are not fully priced"),
        ("9.5", "Cost over $9.5 a month: 3 instances break a rule: 3 only need a name; 1 more is not fully priced"),
        ("1000", "Cost over $1,000 a month: No instance breaks a rule; 2 more are not fully priced"),
    ],
)
def test_a_filter_by_cost_says_how_many_more_may_cost_as_much(wanted: str, text: str) -> None:
    found = select(FOUND, DIRECTORY, ReportFilter(cost=CostFloor(Decimal(wanted))))
    assert part_headline(found) == text


def test_a_filter_by_cost_combines_with_others() -> None:
    floor = CostFloor(Decimal(100), inclusive=True)
    found = select(FOUND, DIRECTORY, ReportFilter(regions=("eu-west-1",), rules=(RuleId.NAMED,), cost=floor))
    assert part_headline(found).startswith(
        "eu-west-1, No name, Cost of $100 a month or more: 2 instances break this rule: "
    )
    assert found.names == ("eu-west-1", RuleId.NAMED, "cost>=100")


def test_a_file_of_records_is_told_with_what_it_leaves_out() -> None:
    found = select(FOUND, DIRECTORY, ReportFilter(cost=CostFloor(Decimal(100))))
    assert list(left_out_lines(found)) == ["Left out: 2 instances not fully priced."]
    assert list(left_out_lines(select(FOUND, DIRECTORY, EVERYTHING))) == []
