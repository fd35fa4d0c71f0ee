import random
from collections.abc import Collection
from dataclasses import replace
from functools import partial
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bailiff_bot.domain.gap import SUPPLEMENTARY, Gap, GapSource
from bailiff_bot.domain.instance import Instance, InstanceState, Target
from bailiff_bot.domain.inventory import Inventory, UnreadReason, unread_gap
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.report import TABLES, OtherTable, Report, Row, judge
from bailiff_bot.domain.rules import RuleId
from bailiff_bot.domain.snapshot import Snapshot
from tests.builders import (
    ASG,
    DIRECTORY,
    IRELAND,
    NOW,
    OWN_ACCOUNT,
    PARIS,
    VIRGINIA,
    Fleet,
    count_gaps,
    example_count,
    fleets,
    ids,
    instance,
    inventory,
    part_of,
    report,
)


def ordered(*instances: Instance, table: str, policy: Policy | None = None) -> list[str]:
    return ids(report(*instances, policy=policy or Policy()), table)


def test_unnamed_instances_are_ordered_by_launch_time() -> None:
    assert ordered(instance(1, None, age=3), instance(2, "  ", age=9), instance(3, None, age=9), table="named") == [
        "2",
        "3",
        "1",
    ]


@pytest.mark.parametrize(("table", "prefix"), [("owned", "x"), ("known-owner", "ZZZ-")])
def test_instances_without_known_owner_are_ordered_by_name_ignoring_case(table: str, prefix: str) -> None:
    found = [instance(number, prefix + name) for number, name in enumerate(["b", "C", "a", "b"], 1)]
    assert ordered(*found, table=table) == ["3", "1", "4", "2"]


def test_abandoned_instances_are_ordered_by_identifier_then_by_stopped_time() -> None:
    found = [instance(1, "MLG-a", stopped=99), instance(2, "AGR-a", stopped=20), instance(3, "AGR-b", stopped=30)]
    assert ordered(*found, table="deleted-when-abandoned") == ["3", "2", "1"]


def test_running_instances_are_ordered_by_age() -> None:
    found = [instance(1, age=40), instance(2, age=400), instance(3, age=41)]
    assert ordered(*found, table="stopped-when-unused") == ["2", "3", "1"]


def test_instances_in_other_regions_are_ordered_by_region() -> None:
    found = [instance(1, target=VIRGINIA), instance(2, target=PARIS), instance(3, target=VIRGINIA)]
    policy = Policy(allowed_regions=frozenset({"eu-west-1"}))
    assert ordered(*found, table="allowed-region", policy=policy) == ["2", "1", "3"]


@pytest.mark.parametrize(("table", "tags"), [("legit", {}), ("exempt", {"bailiff:exempt": ""})])
def test_other_instances_are_ordered_by_their_last_action(table: str, tags: dict[str, str]) -> None:
    found = [
        instance(1, age=5, tags=tags),
        instance(2, age=9, stopped=3, tags=tags),
        instance(3, age=9, state=InstanceState.STOPPED, tags=tags),
    ]
    assert ordered(*found, table=table) == ["3", "1", "2"]


def test_controllers_are_ordered_by_target_then_by_kind_and_name() -> None:
    found = [
        instance(1, tags={ASG: "b"}),
        instance(2, tags={ASG: "a"}),
        instance(3, tags={"eks:cluster-name": "z"}),
        instance(4, tags={ASG: "a"}, target=VIRGINIA),
    ]
    assert ordered(*found, table="managed") == ["3", "2", "1", "4"]


def test_every_table_is_there_in_the_order_of_precedence() -> None:
    assert [table.id for table in report().tables] == [*RuleId, *OtherTable] == list(TABLES)


def test_an_instance_is_in_the_table_of_the_first_rule_it_breaks_with_all_its_findings() -> None:
    policy = Policy(allowed_regions=frozenset({"eu-west-1"}))
    [row] = report(instance(1, "ZZZ-x", stopped=20, target=PARIS), policy=policy).table(RuleId.KNOWN_OWNER).rows
    assert [finding.rule for finding in row.findings] == ["known-owner", "deleted-when-abandoned", "allowed-region"]


def test_an_exempt_instance_is_counted_apart_and_not_flagged() -> None:
    found = report(instance(1, None, age=400, tags={"bailiff:exempt": "", ASG: "x"}))
    assert ids(found, "exempt") == ["1"]
    assert (found.count, found.flagged_count) == (1, 0)


def test_a_controllers_machines_are_flagged_together() -> None:
    found = report(*(instance(number, None, age=40, tags={ASG: "AGR-web"}) for number in (1, 2, 3)))
    assert (found.count, found.flagged_count, len(found.flagged)) == (3, 3, 1)


MIXED = (
    instance(1, None),
    instance(2, "AGR-x", age=50),
    instance(3, "node", tags={ASG: "web"}, instance_type="m5.large"),
    instance(4, "node", tags={ASG: "web"}),
    instance(5, "node", age=9, tags={ASG: "web"}),
)


def test_the_order_of_instances_does_not_matter() -> None:
    assert len({str(report(*order)) for order in permutations(MIXED)}) == 1


@example_count(40)
@given(fleets(40), st.integers(0, 9**9))
def test_the_order_of_any_fleet_does_not_matter(fleet: Fleet, seed: int) -> None:
    shuffled = list(fleet.inventory.instances)
    random.Random(seed).shuffle(shuffled)  # noqa: S311 - an example, no secret
    again = judge(Snapshot(replace(fleet.inventory, instances=tuple(shuffled)), fleet.people), fleet.report.policy, NOW)
    assert again == fleet.report


@example_count(40)
@given(fleets(60))
def test_every_instance_is_in_exactly_one_table(fleet: Fleet) -> None:
    shown = [one.id for row in fleet.report.rows for one in row.instances]
    assert sorted(shown) == sorted(one.id for one in fleet.inventory.instances)


@example_count(40)
@given(fleets(60))
def test_the_counts_of_the_tables_add_up_to_the_inventory(fleet: Fleet) -> None:
    found = fleet.report
    assert sum(table.count for table in found.tables) == found.count == len(fleet.inventory.instances)
    assert found.flagged_count == sum(row.count for row in found.rows if row.findings)


@example_count(40)
@given(fleets(60))
def test_every_flagged_row_is_in_the_table_of_its_first_broken_rule(fleet: Fleet) -> None:
    for table in fleet.report.tables:
        for row in table.rows:
            if isinstance(table.id, RuleId):
                assert row.findings[0].rule is table.id
            elif table.id is not OtherTable.MANAGED:
                assert not row.findings


def test_the_most_urgent_rows_break_the_most_rules_and_are_the_oldest() -> None:
    found = report(
        instance(1, "AGR-x", age=40), instance(2, "AGR-x", age=90), instance(3, "ZZZ-x", age=40), instance(4)
    )
    assert [row.instance.id[-1] for row in found.most_urgent(2)] == ["3", "2"]
    assert len(found.most_urgent(9)) == 3


def test_a_part_of_a_report_keeps_its_coverage() -> None:
    whole = report(instance(1, "AGR-x"), instance(2, "MLG-x"))
    own = whole.of_owners(("AGR",))
    assert (own.count, own.coverage, len(own.tables)) == (1, whole.coverage, len(whole.tables))


def test_every_part_of_a_report_keeps_its_gaps() -> None:
    whole = report(instance(1), gaps=count_gaps("the fleet shrank"))
    own = whole.of_owners(("nobody@octo.example",))
    assert (own.count, own.gaps, own.plausible, own.complete) == (0, whole.gaps, False, False)


@pytest.mark.parametrize("source", GapSource)
@pytest.mark.parametrize("holder", ["inventory", "people", "other"])
def test_a_gap_makes_a_report_incomplete_unless_its_source_is_supplementary_whatever_part_of_the_snapshot_holds_it(
    source: GapSource, holder: str
) -> None:
    gaps = (Gap(source, PARIS, "timed out"),)
    snapshot = Snapshot(
        replace(inventory([instance()]), gaps=gaps if holder == "inventory" else ()),
        replace(DIRECTORY, gaps=gaps if holder == "people" else ()),
        gaps if holder == "other" else (),
    )
    found = judge(snapshot, Policy(), NOW)
    assert (found.gaps, found.complete) == (gaps, source in SUPPLEMENTARY)


def test_gaps_are_ordered_by_source_and_expected_ones_come_last() -> None:
    closed, denied = (unread_gap(Target(OWN_ACCOUNT, region), UnreadReason.ACCESS_DENIED) for region in ("a-1", "b-2"))
    other = [Gap(source, None, "timed out") for source in GapSource if source is not GapSource.TARGET]
    found = report(unread=[closed, denied], gaps=other[::-1], policy=Policy(expected_unread=("a-1",)))
    assert found.gaps == (denied, replace(closed, expected=True), *other)
    assert not found.all_targets_read


@example_count(40)
@given(fleets(60))
def test_the_part_of_owners_has_the_rows_of_each_in_the_order_of_the_report(fleet: Fleet) -> None:
    whole = fleet.report
    owners = sorted({owner for row in whole.rows for owner in owners_of(row)})
    for some in (*((owner,) for owner in owners), owners[::2], ("ABSENT",), ()):
        assert whole.of_owners(some) == part_of(whole, partial(_has_owner, some))


def owners_of(row: Row) -> set[str]:
    in_name = filter(None, [row.identity.identifier])
    return {*in_name, *(candidate.key for candidate in row.identity.candidates), *row.identity.addresses}


def _has_owner(owners: Collection[str], row: Row) -> bool:
    return not owners_of(row).isdisjoint(owners)


def empty() -> Report:
    return judge(Snapshot(Inventory((), (IRELAND,), (), NOW), DIRECTORY), Policy(), NOW)


def test_an_empty_fleet_has_an_empty_report() -> None:
    assert (empty().count, empty().flagged_count, empty().flagged, empty().most_urgent(5)) == (0, 0, (), ())
