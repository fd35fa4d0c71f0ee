"""A filter selects rows, and the coverage and gaps of the same regions and accounts; nothing else changes."""

from dataclasses import fields as dataclass_fields
from dataclasses import replace
from decimal import Decimal
from functools import partial
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bailiff_bot.domain.cost import Cost, CostPart
from bailiff_bot.domain.cost_floor import CostFloor
from bailiff_bot.domain.gap import Gap, GapSource
from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.inventory import ALL_REGIONS, UnreadReason, unread_gap
from bailiff_bot.domain.report import Report, Row
from bailiff_bot.domain.report_filter import EVERYTHING, ReportFilter, filtered, not_priced_count, places_outside
from bailiff_bot.domain.rules import RuleId
from tests.builders import (
    IRELAND,
    OTHER_ACCOUNT,
    OWN_ACCOUNT,
    PARIS,
    VIRGINIA,
    Fleet,
    cost,
    example_count,
    fleets,
    instance,
    part_of,
    report,
    short_id,
    with_costs,
)

FILTERS = st.builds(
    ReportFilter,
    owners=st.sampled_from([(), ("AGR",), ("MLG", "agr@octo.example"), ("ZZZ",)]),
    accounts=st.sampled_from([(), (OWN_ACCOUNT,), (OTHER_ACCOUNT, OWN_ACCOUNT)]),
    regions=st.sampled_from([(), ("eu-west-1",), ("eu-west-3", "us-east-1"), ("sa-east-1",)]),
    rules=st.sampled_from([(), (RuleId.NAMED,), (RuleId.STOPPED_WHEN_UNUSED, RuleId.ALLOWED_REGION)]),
    cost=st.none() | st.builds(CostFloor, st.integers(0, 40).map(Decimal), st.booleans()),
)
PARTS = st.sampled_from([frozenset[CostPart](), frozenset({CostPart.VOLUMES}), frozenset(CostPart)])
COSTS = st.dictionaries(
    st.integers(1, 40), st.builds(lambda usd, parts: cost(usd, not_priced=parts), st.integers(0, 40), PARTS)
)


def is_selected(wanted: ReportFilter, row: Row) -> bool:
    identity, target = row.identity, row.instance.target
    owners = {identity.identifier, *(one.key for one in identity.candidates), *identity.addresses}
    return (
        (not wanted.owners or bool(owners & set(wanted.owners)))
        and (not wanted.accounts or target.account in wanted.accounts)
        and (not wanted.regions or target.region in wanted.regions)
        and (not wanted.rules or bool({finding.rule for finding in row.findings} & set(wanted.rules)))
        and (wanted.cost is None or costs_as_much(wanted.cost, row))
    )


def costs_as_much(floor: CostFloor, row: Row) -> bool:
    if row.cost is None or (row.cost.usd == 0 and row.cost.not_priced):
        return False
    return row.cost.usd > floor.usd or (floor.inclusive and row.cost.usd == floor.usd)


@example_count(60)
@given(fleets(40), COSTS, st.lists(FILTERS, min_size=3, max_size=6))
def test_a_filter_selects_the_rows_that_fulfil_each_of_its_fields(
    fleet: Fleet, costs: dict[int, Cost], filters: list[ReportFilter]
) -> None:
    found = with_costs(fleet.report, costs)
    for wanted in filters:
        assert filtered(found, wanted).tables == part_of(found, partial(is_selected, wanted)).tables


@example_count(60)
@given(fleets(40), COSTS, FILTERS, st.integers(0, 60))
def test_what_a_filter_by_cost_leaves_out_costs_less_or_is_counted(
    fleet: Fleet, costs: dict[int, Cost], wanted: ReportFilter, missing: int
) -> None:
    found = with_costs(fleet.report, costs)
    selected = {id(row) for row in filtered(found, wanted).rows}
    others = [row for row in filtered(found, replace(wanted, cost=None)).flagged if id(row) not in selected]
    floor = wanted.cost or CostFloor(Decimal(0), inclusive=True)
    may = [row for row in others if row.cost and row.cost.not_priced and row.cost.usd + missing >= floor.usd]
    assert sum(row.count for row in may) <= not_priced_count(found, wanted)
    assert all(row in may or (row.cost and row.cost.usd <= floor.usd) for row in others)


@example_count(40)
@given(fleets(40), COSTS, FILTERS)
def test_fields_combine_in_any_order(fleet: Fleet, costs: dict[int, Cost], wanted: ReportFilter) -> None:
    found = with_costs(fleet.report, costs)
    fields = [ReportFilter(**{one.name: getattr(wanted, one.name)}) for one in dataclass_fields(ReportFilter)]
    for order in (fields, fields[::-1]):
        part = found
        for field in order:
            part = filtered(part, field)
        assert part == filtered(found, wanted)


def test_without_a_filter_the_report_is_the_whole_one() -> None:
    whole = report(instance(1))
    assert filtered(whole, EVERYTHING) is whole


def test_a_rule_selects_rows_that_break_it_in_any_place() -> None:
    unnamed, old = instance(1, None, age=40), instance(2, "agr-a", age=40)
    part = filtered(report(unnamed, old), ReportFilter(rules=(RuleId.STOPPED_WHEN_UNUSED,)))
    assert [short_id(row.instance) for row in part.rows] == ["1", "2"]


def test_a_controller_is_selected_by_what_all_its_machines_cost() -> None:
    group = {"aws:autoscaling:groupName": "web"}
    machines = [instance(number, None, tags=group) for number in (1, 2, 3)]
    single = report(*machines, instance(4, None))
    [row] = [row for row in single.rows if row.controller]
    found = with_costs(single, {int(short_id(row.instance), 16): cost(150), 4: cost(50)})
    [selected] = filtered(found, ReportFilter(cost=CostFloor(Decimal(100)))).rows
    assert (selected.controller, selected.count) == (row.controller, 3)


def target_gap(account: str, region: str) -> Gap:
    return unread_gap(Target(account, region), UnreadReason.TIMED_OUT)


DENIED, OTHER_DENIED = target_gap(OWN_ACCOUNT, "sa-east-1"), target_gap(OTHER_ACCOUNT, "sa-east-1")
NOT_LISTED = target_gap(OTHER_ACCOUNT, ALL_REGIONS)
NO_CREDENTIALS = target_gap("the account of the bot", ALL_REGIONS)
DIRECTORY_GAP, RULE_GAP = Gap(GapSource.DIRECTORY, None, "down"), Gap(GapSource.RULE, PARIS, "no metrics")


def scanned(*unread: Gap) -> Report:
    found = [instance(number, target=target) for number, target in enumerate((IRELAND, PARIS, VIRGINIA))]
    return report(*found, unread=unread, gaps=(DIRECTORY_GAP, RULE_GAP))


@pytest.mark.parametrize(
    ("wanted", "unread", "counts"),
    [
        (ReportFilter(regions=("sa-east-1",)), [DENIED, OTHER_DENIED], (0, 2, 2)),
        (ReportFilter(regions=("sa-east-1",), accounts=(OWN_ACCOUNT,)), [DENIED], (0, 1, 1)),
        (ReportFilter(regions=("eu-west-1",)), [], (1, 1, 1)),
        (ReportFilter(accounts=(OTHER_ACCOUNT,)), [OTHER_DENIED], (1, 2, 1)),
        (ReportFilter(owners=("ABSENT",), rules=(RuleId.NAMED,)), [DENIED, OTHER_DENIED], (3, 5, 2)),
    ],
)
def test_the_coverage_and_the_gaps_are_those_of_the_selected_regions_and_accounts(
    wanted: ReportFilter, unread: list[Gap], counts: tuple[int, int, int]
) -> None:
    part = filtered(scanned(DENIED, OTHER_DENIED), wanted)
    assert [gap for gap in part.gaps if gap.source is GapSource.TARGET] == unread
    assert (part.coverage.read_count, part.coverage.target_count, part.coverage.account_count) == counts
    assert DIRECTORY_GAP in part.gaps
    assert (RULE_GAP in part.gaps) is wanted.may_hold(PARIS)


@pytest.mark.parametrize(
    ("gap", "wanted"),
    [
        *((NOT_LISTED, ReportFilter(regions=(region,))) for region in ("eu-north-1", "eu-west-1")),
        *((NO_CREDENTIALS, ReportFilter(accounts=(account,))) for account in ("999999999999", OWN_ACCOUNT)),
    ],
)
def test_a_gap_of_unknown_regions_or_accounts_may_be_about_any(gap: Gap, wanted: ReportFilter) -> None:
    whole = scanned(gap)
    assert gap in filtered(whole, wanted).gaps
    assert not filtered(whole, wanted).complete
    assert places_outside(wanted, whole.coverage) == ()


def test_accounts_and_regions_outside_the_scan_are_named() -> None:
    coverage = scanned().coverage
    wanted = ReportFilter(regions=("eu-west-1", "eu-north-1"), accounts=("999999999999",))
    assert places_outside(wanted, coverage) == ("999999999999", "eu-north-1")
    assert places_outside(ReportFilter(regions=("us-east-1",), accounts=(OWN_ACCOUNT,)), coverage) == (
        f"us-east-1 in {OWN_ACCOUNT}",
    )
    for region, account in product(("eu-west-1", "eu-west-3"), (OWN_ACCOUNT,)):
        assert places_outside(ReportFilter(regions=(region,), accounts=(account,)), coverage) == ()
    assert places_outside(EVERYTHING, replace(coverage, read=())) == ()
