"""The answers offer the buttons that work where they are shown, and say why there is none."""

from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC
from decimal import Decimal
from typing import Any

import pytest

from bailiff_bot.domain.action import Action
from bailiff_bot.domain.cost_floor import CostFloor
from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.inventory import UnreadReason, unread_gap
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.report import Report
from bailiff_bot.domain.report_filter import ReportFilter, ReportQuery, View
from bailiff_bot.domain.rules import RuleId
from bailiff_bot.domain.snapshot import Snapshot
from bailiff_bot.errors import Refused
from bailiff_bot.messages.buttons import FULL_REPORT, SHARE
from bailiff_bot.messages.document import Button, Buttons, Document
from bailiff_bot.usecases.answers import Answers
from bailiff_bot.usecases.offers import Offers
from bailiff_bot.usecases.own_actions import OwnActions
from bailiff_bot.usecases.reports import Reports
from tests.builders import DIRECTORY, IRELAND, NOW, OWN_ACCOUNT, PARIS, VIRGINIA, cost, instance, inventory, with_costs
from tests.fakes.clock import FakeClock
from tests.fakes.executors import DeferredExecutor, ImmediateExecutor
from tests.fakes.snapshots import FakeSnapshotSource, make_snapshots
from tests.fakes.stores import (
    FakeDelegationStore,
    FakeExemptionStore,
    FakeOfferStore,
    FakeOwnershipStore,
    FakeResultStore,
)
from tests.message_checks import rendered, visible_text

NO_ACTIONS: frozenset[Action] = frozenset()
INSTANCES = (instance(1, "agr-a", age=40), instance(2, "mlg-a"), instance(3, "agr-b", target=VIRGINIA))
DENIED = unread_gap(Target(OWN_ACCOUNT, "sa-east-1"), UnreadReason.ACCESS_DENIED)
READ = (IRELAND, PARIS, VIRGINIA)
SOURCE = FakeSnapshotSource(Snapshot(inventory(INSTANCES, [DENIED], READ), DIRECTORY))


@pytest.fixture
def answers() -> Answers:
    clock = FakeClock(NOW)
    snapshots = make_snapshots(SOURCE, ImmediateExecutor(), clock)
    return Answers(
        Reports(snapshots, Policy(), clock, FakeExemptionStore(), FakeOwnershipStore()),
        UTC,
        OwnActions(Offers(NO_ACTIONS, clock), FakeOfferStore(), FakeResultStore(), FakeDelegationStore(), clock),
        str,
    )


def report(**fields: tuple[str, ...]) -> ReportQuery:
    return ReportQuery(View.REPORT, ReportFilter(**fields))  # type: ignore[arg-type] # a rule is a str


def mine(owner: str) -> ReportQuery:
    return ReportQuery(View.MINE, ReportFilter(owners=(owner,)))


def buttons(document: Document) -> list[Button]:
    return [button for part in document.parts if isinstance(part, Buttons) for button in part.buttons]


def keys(document: Document) -> list[str]:
    return [button.key for button in buttons(document)]


def text(answers: Answers, query: ReportQuery) -> str:
    return visible_text(rendered(answers.answer(query, shareable=False)))


def test_a_report_can_be_shared_only_where_it_is_shareable(answers: Answers) -> None:
    assert keys(answers.answer(report(), shareable=True)) == [SHARE, FULL_REPORT]
    assert keys(answers.answer(report(), shareable=False)) == [FULL_REPORT]


def test_the_buttons_of_a_report_keep_its_filter(answers: Answers) -> None:
    answer = answers.answer(report(owners=("AGR",), regions=("eu-west-1",)), shareable=True)
    assert [button.value for button in buttons(answer)] == ["report AGR eu-west-1"] * 2


@pytest.mark.parametrize("owner", ["agr@octo.example", "AGR"])
def test_ones_own_instances_can_be_sent_in_full_but_not_shared(answers: Answers, owner: str) -> None:
    assert [(one.key, one.value) for one in buttons(answers.answer(mine(owner), shareable=True))] == [
        (FULL_REPORT, f"mine {owner}")
    ]


def test_without_instances_there_is_nothing_to_send(answers: Answers) -> None:
    assert keys(answers.answer(mine("ALB"), shareable=True)) == []


def test_a_filtered_report_says_first_what_it_is_filtered_by(answers: Answers) -> None:
    query = report(
        owners=("AGR",), regions=("eu-west-1",), accounts=(OWN_ACCOUNT,), rules=(RuleId.STOPPED_WHEN_UNUSED,)
    )
    headline = f"AGR, account {OWN_ACCOUNT}, eu-west-1, Running for 30 days or more: 1 instance breaks this rule"
    assert text(answers, query).startswith(headline)
    assert "1 of 1 region read" in text(answers, query)


def test_a_filter_for_a_region_that_was_not_read_claims_nothing(answers: Answers) -> None:
    unread = text(answers, report(regions=("sa-east-1",)))
    assert unread.startswith("sa-east-1: Nothing could be read")
    assert "0 of 1 region read, 4 min ago · not read: sa-east-1 (access denied)" in unread
    both = text(answers, report(regions=("sa-east-1", "eu-west-3")))
    assert both.startswith("sa-east-1, eu-west-3: There are no instances in what could be read")


def test_an_unread_region_outside_the_filter_is_not_mentioned(answers: Answers) -> None:
    clean = text(answers, report(regions=("eu-west-3",)))
    assert clean.startswith("eu-west-3: There are no instances. 1 of 1 region read, 4 min ago.")
    assert "sa-east-1" not in clean


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        (report(regions=("eu-north-1",)), "Bailiff does not read eu-north-1, so it knows nothing about it."),
        (report(regions=("eu-west-2",)), "Did you mean “eu-west-1” or “eu-west-3”?"),
        (report(accounts=("111122223334",)), "Did you mean “111122223333”?"),
        (report(regions=("us-east-1",), accounts=(OWN_ACCOUNT,)), f"does not read us-east-1 in {OWN_ACCOUNT}"),
        (report(regions=("eu-west-1", "eu-north-1")), "does not read eu-north-1"),
        (report(owners=("bill@octo.example",)), "no identifier for bill@octo.example: ask its administrator to add it"),
        (mine("bill@octo.example"), "Type the identifier instead: /bailiff mine AGR"),
        (report(owners=("AGR", "bill@octo.example")), "Type the identifier instead: /bailiff report AGR"),
    ],
)
def test_a_filter_that_selects_nothing_known_is_answered_in_a_sentence(
    answers: Answers, query: ReportQuery, sentence: str
) -> None:
    assert sentence in text(answers, query)
    assert "instance" not in text(answers, query)
    with pytest.raises(Refused, match=r"Bailiff|directory"):
        answers.requested(query)


@pytest.mark.parametrize(
    ("word", "suggestion"),
    [("eu-wst", "eu-west-1” or “eu-west-3"), ("abandonned", "abandoned"), ("11112222333", OWN_ACCOUNT)],
)
def test_an_unknown_filter_is_answered_with_what_was_probably_meant(
    answers: Answers, word: str, suggestion: str
) -> None:
    assert answers.reports.current()
    assert f"Unknown filter “{word}”. Did you mean “{suggestion}”?" in answers.unknown_filter(word).summary
    assert "Did you mean" not in answers.unknown_filter("everything").summary


BY_COST = ReportFilter(cost=CostFloor(Decimal(100)))


class PricedReports(Reports):
    """Reports whose rows have costs: the first instance costs $300, the others are not priced."""

    def _judge(self, *judged: Any) -> Report:
        return with_costs(super()._judge(*judged), {1: cost(300)})


def priced(answers: Answers) -> Answers:
    clock, found = FakeClock(NOW), Snapshot(inventory([*INSTANCES, instance(4, None)]), DIRECTORY)
    snapshots = make_snapshots(FakeSnapshotSource(found), ImmediateExecutor(), clock)
    reports = PricedReports(snapshots, Policy(), clock, FakeExemptionStore(), FakeOwnershipStore())
    return replace(answers, reports=reports)


@pytest.mark.parametrize("view", [View.REPORT, View.MINE])
def test_while_prices_are_off_a_filter_by_cost_is_answered_with_one_line(answers: Answers, view: View) -> None:
    answer = answers.find(ReportQuery(view, BY_COST))
    assert isinstance(answer, Document)
    assert answer.summary == (
        "Prices are off, so nothing can be filtered by cost: set BAILIFF_PRICES=on, or leave out the cost."
    )


def test_a_filter_by_cost_selects_and_counts_what_is_not_priced(answers: Answers) -> None:
    lines = text(priced(answers), ReportQuery(View.REPORT, BY_COST)).splitlines()
    assert lines[0] == (
        "Cost over $100 a month: 1 instance breaks a rule: about $300 a month to be confirmed; "
        "1 more is not fully priced"
    )
    assert keys(priced(answers).answer(ReportQuery(View.REPORT, BY_COST), shareable=True)) == [SHARE, FULL_REPORT]


def test_a_filter_by_cost_is_in_the_help_only_where_there_are_prices(answers: Answers) -> None:
    with_prices = priced(answers)
    assert "cost>100" not in f"{answers.help()}{answers.unknown_filter('x')}{with_prices.help()}"
    for one in (answers, with_prices):
        one.reports.prepare()
        assert one.reports.current()
    assert "/bailiff report cost>100" in visible_text(rendered(with_prices.help()))
    assert "or by cost>100; several combine" in with_prices.unknown_filter("x").summary
    assert "cost>100" not in f"{answers.help()}{answers.unknown_filter('x')}"


def test_an_identifier_that_somebody_else_claims_is_named_in_a_report(answers: Answers) -> None:
    assert "Left out: DUO. The directory lists somebody else for it too." in text(
        answers, report(owners=("one@octo.example",))
    )


@pytest.mark.parametrize("query", [report(), report(regions=("eu-west-1",)), mine("AGR"), mine("agr@octo.example")])
def test_a_requested_report_is_the_one_of_the_answer(answers: Answers, query: ReportQuery) -> None:
    answer = answers.requested(query)
    assert answer.full_report_button in buttons(answers.answer(query, shareable=True))
    assert answer.part == answers.reports.part(query.filter)
    assert keys(answer.document("A note.", None)) == []


@pytest.mark.parametrize(
    ("regions", "shown_again"), [((), ""), (("eu-west-1",), "mine agr@octo.example eu-west-1")], ids=["all", "filtered"]
)
def test_after_a_click_the_same_answer_is_shown(answers: Answers, regions: tuple[str, ...], shown_again: str) -> None:
    offers = FakeOfferStore()
    own_actions = replace(
        answers.own_actions, offers=Offers(frozenset({Action.KEEP}), FakeClock(NOW)), offer_store=offers
    )
    query = ReportQuery(View.MINE, ReportFilter(owners=("agr@octo.example",), regions=regions))
    replace(answers, own_actions=own_actions).mine(query, "U1", "agr@octo.example")
    assert {offer.query for offer in offers.offers} == {shown_again}


def test_before_the_first_scan_there_is_a_notice_and_the_answer_follows() -> None:
    clock, executor, retries = FakeClock(NOW), DeferredExecutor(), [0]
    waiting = Answers(
        Reports(make_snapshots(SOURCE, executor, clock), Policy(), clock, FakeExemptionStore(), FakeOwnershipStore()),
        UTC,
        OwnActions(Offers(NO_ACTIONS, clock), FakeOfferStore(), FakeResultStore(), FakeDelegationStore(), clock),
        str,
    )

    def retry(scan: Future[Snapshot]) -> None:
        retries[0] += scan.exception() is None

    assert waiting.when_ready(retry)
    assert "Did you mean “abandoned”?" in waiting.unknown_filter("abandond").summary
    assert retries == [0]
    executor.run_pending()
    assert retries == [1]
    assert waiting.when_ready(retry) is None
