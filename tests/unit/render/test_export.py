import csv
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given

from bailiff_bot.domain.cost import CostPart
from bailiff_bot.domain.gap import Gap, GapSource
from bailiff_bot.domain.identity import people_from_entries
from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.inventory import UnreadReason, unread_gap
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.report import Report
from bailiff_bot.render.export import as_csv, as_json
from tests.builders import (
    ASG,
    OTHER_ACCOUNT,
    OWN_ACCOUNT,
    Fleet,
    cost,
    count_gaps,
    days_ago,
    example_count,
    fleets,
    instance,
    report,
    with_costs,
    with_usage,
)

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def rows(found: Report) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO("".join(as_csv(found)), newline="")))


@example_count(40)
@given(fleets(60))
def test_every_instance_is_in_the_csv_once(fleet: Fleet) -> None:
    shown = [row["instance_id"] for row in rows(fleet.report) if row["instance_id"]]
    assert sorted(shown) == sorted(one.id for one in fleet.inventory.instances)


@example_count(40)
@given(fleets(60))
def test_a_name_is_unchanged_in_the_csv_unless_it_begins_like_a_formula(fleet: Fleet) -> None:
    names = {one.id: one.name or "" for one in fleet.inventory.instances}
    for row in rows(fleet.report):
        if row["instance_id"]:
            name = names[row["instance_id"]]
            assert row["name"] == (f"'{name}" if name.startswith(FORMULA) else name)


@example_count(40)
@given(fleets(60))
def test_no_cell_of_the_csv_begins_like_a_formula(fleet: Fleet) -> None:
    for row in rows(fleet.report):
        assert not [cell for cell in row.values() if cell.startswith(FORMULA)]


@pytest.mark.parametrize("name", ["a\rb", "a\r\nb", "a\nb", 'a"b', "a,b", "a\x00b"])
def test_a_cell_of_the_csv_may_contain_any_character(name: str) -> None:
    [row] = rows(report(instance(1, name)))
    assert row["name"] == name


def test_csv_and_json_have_every_owner() -> None:
    owners = {"workernode-none": "", "workernode-one": "agr", "workernode-several": "agr, mlg@octo.example, ZZZ"}
    found = report(*(instance(number, name, tags={"Owner": owners[name]}) for number, name in enumerate(owners)))
    assert {row["name"]: row["owner"] for row in rows(found)} == {
        "workernode-none": "",
        "workernode-one": "AGR",
        "workernode-several": "AGR; mlg@octo.example",
    }
    assert {one["name"]: one["owner"] for one in json.loads("".join(as_json(found)))["records"]} == {
        "workernode-none": [],
        "workernode-one": ["AGR"],
        "workernode-several": ["AGR", "mlg@octo.example"],
    }


def test_each_machine_of_a_controller_has_its_own_row() -> None:
    found = rows(report(*(instance(number, "node", tags={ASG: "=web"}) for number in (1, 2, 3))))
    assert [row["name"] for row in found] == ["node"] * 3
    assert {row["controller"] for row in found} == {"auto-scaling group =web"}
    assert {row["table"] for row in found} == {"managed"}


def test_the_creation_and_the_last_start_have_columns_of_their_own() -> None:
    found = report(replace(instance(1, age=2), attached_at=days_ago(9)), instance(2, age=3))
    dates = [(days_ago(3), days_ago(3)), (days_ago(9), days_ago(2))]
    shown = [tuple(day.isoformat() for day in pair) for pair in dates]
    assert sorted((row["created"], row["started"]) for row in rows(found)) == sorted(shown)
    records = json.loads("".join(as_json(found)))["records"]
    assert sorted((record["created"], record["started"]) for record in records) == sorted(shown)


def test_unread_targets_are_in_the_csv_with_the_detail_from_aws() -> None:
    unread = [
        unread_gap(Target(OWN_ACCOUNT, "sa-east-1"), UnreadReason.ACCESS_DENIED, "no permission"),
        unread_gap(Target(OTHER_ACCOUNT, "us-east-1"), UnreadReason.TIMED_OUT),
    ]
    found = rows(report(unread=unread, policy=Policy(expected_unread=(OTHER_ACCOUNT,))))
    assert [(row["table"], row["region"], row["account"], row["evidence"]) for row in found] == [
        ("unread", "sa-east-1", OWN_ACCOUNT, "access denied: no permission"),
        ("unread, as expected", "us-east-1", OTHER_ACCOUNT, "timed out"),
    ]


def test_an_empty_csv_has_its_headings() -> None:
    assert "".join(as_csv(report())).startswith("table,findings,evidence,")
    assert rows(report()) == []


@example_count(40)
@given(fleets(60))
def test_the_json_has_every_instance_with_its_unchanged_name(fleet: Fleet) -> None:
    document = json.loads("".join(as_json(fleet.report)))
    named = {one["instance_id"]: one["name"] for one in document["records"] if "instance_id" in one}
    assert named == {one.id: one.name for one in fleet.inventory.instances}
    assert sum(document["tables"].values()) == document["instances"] == len(fleet.inventory.instances)


def test_the_json_says_what_was_not_read() -> None:
    unread = [unread_gap(Target(OWN_ACCOUNT, "sa-east-1"), UnreadReason.ACCESS_DENIED)]
    document = json.loads(
        "".join(as_json(report(instance(), unread=unread, people=people_from_entries([], gaps=["Askbob is down"]))))
    )
    assert document["coverage"] == {
        "read": 1,
        "total": 2,
        "complete": False,
        "directory_gaps": ["Askbob is down"],
        "doubts": [],
    }
    assert [one["region"] for one in document["records"] if one["table"] == "unread"] == ["sa-east-1"]


def test_csv_and_json_say_why_the_counts_are_not_plausible() -> None:
    implausible = report(instance(), gaps=count_gaps("the fleet shrank"))
    assert json.loads("".join(as_json(implausible)))["coverage"]["doubts"] == ["the fleet shrank"]
    assert "not plausible,,the fleet shrank" in "".join(as_csv(implausible))


@pytest.mark.parametrize("export", [as_csv, as_json])
def test_the_report_comes_in_parts_of_one_instance_each(export: Callable[[Report], Iterator[str]]) -> None:
    parts = list(export(report(*(instance(number, f"agr-{number}") for number in range(300)))))
    assert [part.count("agr-") for part in parts if "agr-" in part] == [1] * 300


def test_each_record_of_the_json_is_a_line_of_its_own() -> None:
    found = report(instance(1, "agr\nweb"), instance(2, "agr-db"))
    _, *records, end = "".join(as_json(found)).splitlines()
    assert [json.loads(line.removesuffix(","))["name"] for line in records] == ["agr\nweb", "agr-db"]
    assert end == "]}"


def test_a_name_with_half_a_surrogate_pair_is_in_the_json() -> None:
    document = json.loads("".join(as_json(report(instance(1, "agr-\ud800")))).encode())
    assert [one["name"] for one in document["records"]] == ["agr-\ud800"]


@pytest.mark.parametrize("gap", [*count_gaps("the fleet shrank"), Gap(GapSource.DIRECTORY, None, "Askbob is down")])
def test_the_json_is_complete_only_without_a_gap_of_any_source(gap: Gap) -> None:
    documents = [json.loads("".join(as_json(found))) for found in (report(instance()), report(instance(), gaps=[gap]))]
    assert [document["coverage"]["complete"] for document in documents] == [True, False]


COSTS, USAGE = {"usd_month", "not_priced", "prices_of"}, {"usage", "usage_days", "cpu_max_percent"}


def test_costs_and_usage_are_fields_only_if_they_are_read() -> None:
    [plain] = rows(report(instance()))
    assert not plain.keys() & (COSTS | USAGE)
    [priced] = rows(with_costs(report(instance()), {}))
    assert plain.keys() < priced.keys() >= COSTS
    [used] = rows(report(instance(), policy=Policy(reads_usage=True)))
    assert used.keys() >= USAGE
    assert list(plain) == list(used)[: len(plain)]


def test_a_cost_has_cents_and_names_what_is_not_priced() -> None:
    found = report(instance(1, age=40), instance(2, age=41), instance(3, age=42), instance(4))
    costs = {1: cost(412.345, listed_on=date(2026, 11, 3)), 2: cost(12, not_priced=[CostPart.VOLUMES])}
    shown = {row["instance_id"][-1]: [row[field] for field in sorted(COSTS)] for row in rows(with_costs(found, costs))}
    assert shown == {
        "1": ["", "2026-11-03", "412.34"],
        "2": ["volumes", "", "12.0"],
        "3": ["addresses; compute; volumes", "", ""],
        "4": ["", "", ""],
    }


def test_the_cost_of_a_controller_counts_once_in_the_sum_of_its_column() -> None:
    machines = [instance(number, tags={ASG: "agr-web"}, age=40) for number in (1, 2, 3)]
    found = with_costs(report(*machines), {1: cost(30)})
    assert [row["usd_month"] for row in rows(found)] == ["30.0", "", ""]


def test_the_usage_of_a_running_instance_has_its_figures() -> None:
    found = report(with_usage(instance(1, age=20)), instance(2, age=90, stopped=3), policy=Policy(reads_usage=True))
    figures = ["usage", "usage_days", "cpu_max_percent", "cpu_average_percent", "network_mb_day"]
    shown = {row["instance_id"][-1]: [row[field] for field in figures] for row in rows(found)}
    assert shown == {"1": ["idle", "14", "1", "1", "1.0"], "2": [""] * 5}


def test_the_json_begins_with_what_is_spent_if_prices_are_on() -> None:
    found = report(instance(1, age=90, stopped=20), instance(2, age=40), instance(3, age=41))
    assert not {"waste", "asked"} & json.loads("".join(as_json(found))).keys()
    priced = with_costs(found, {1: cost(8.3, listed_on=date(2026, 11, 3)), 2: cost(300)})
    document = json.loads("".join(as_json(priced)))
    assert document["waste"] == {"instances": 1, "usd_month": 8.3, "not_priced": 0, "prices_of": "2026-11-03"}
    assert document["asked"] == {"instances": 2, "usd_month": 300.0, "not_priced": 1, "prices_of": None}
    assert [record.get("usd_month") for record in document["records"]] == [8.3, None, 300.0]


def test_a_name_that_is_half_a_character_leaves_the_dates_of_prices_as_they_are() -> None:
    priced = with_costs(report(instance(1, "agr-\ud800", age=40)), {1: cost(1, listed_on=date(2026, 11, 3))})
    assert json.loads("".join(as_json(priced)))["records"][0]["prices_of"] == "2026-11-03"
