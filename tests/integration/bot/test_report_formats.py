"""`bailiff report` as JSON and as CSV."""

import csv
import io
import json

import pytest

from bailiff_bot.sandbox.sandbox import Sandbox
from tests.integration.bot.conftest import FLEET_REGIONS, VISIBLE_INSTANCES, CompletedCommand, ids_of, run_in_process


@pytest.fixture(scope="module")
def json_report(sandbox: Sandbox) -> CompletedCommand:
    return run_in_process(sandbox, "report", "--format", "json", BAILIFF_REGIONS=FLEET_REGIONS)


@pytest.fixture(scope="module")
def csv_report(sandbox: Sandbox) -> CompletedCommand:
    return run_in_process(sandbox, "report", "--format", "csv", BAILIFF_REGIONS=FLEET_REGIONS)


def test_json_has_every_instance_in_its_table(json_report: CompletedCommand) -> None:
    records = json.loads(json_report.stdout)["records"]
    tables = {record["instance_id"]: record["table"] for record in records if record["table"] != "unread"}
    assert tables == {instance.id: instance.expected_table for instance in VISIBLE_INSTANCES}


def test_the_counts_in_json_match_its_records(json_report: CompletedCommand) -> None:
    report = json.loads(json_report.stdout)
    assert sum(report["tables"].values()) == report["instances"] == len(VISIBLE_INSTANCES)
    assert (report["coverage"]["read"], report["coverage"]["total"]) == (9, 10)
    assert report["coverage"]["complete"] is False


def test_csv_has_every_instance_and_what_was_not_read(csv_report: CompletedCommand) -> None:
    rows = list(csv.DictReader(io.StringIO(csv_report.stdout)))
    assert {row["instance_id"] for row in rows} - {""} == ids_of(*VISIBLE_INSTANCES)
    assert [(row["account"], row["region"]) for row in rows if row["table"] == "unread"] == [
        ("111122223333", "sa-east-1")
    ]


def test_names_in_json_are_the_names_in_aws(json_report: CompletedCommand) -> None:
    names = {record.get("instance_id"): record.get("name") for record in json.loads(json_report.stdout)["records"]}
    assert names == {instance.id: instance.name for instance in VISIBLE_INSTANCES} | {None: None}


def test_an_incomplete_report_has_exit_code_3_in_every_format(
    json_report: CompletedCommand, csv_report: CompletedCommand
) -> None:
    assert (json_report.returncode, csv_report.returncode) == (3, 3)
    assert json_report.stderr == csv_report.stderr
    assert "sa-east-1 (access denied)" in csv_report.stderr


@pytest.mark.parametrize("filters", [("us-east-1", "AGR"), ("us-east-1, agr",)])
def test_filters_select_a_part_as_in_slack(sandbox: Sandbox, filters: tuple[str, ...]) -> None:
    result = run_in_process(sandbox, "report", *filters, "--format", "json", BAILIFF_REGIONS=FLEET_REGIONS)
    found = json.loads(result.stdout)
    assert {(record["region"], record["identifier"]) for record in found["records"]} == {("us-east-1", "AGR")}
    assert 0 < found["instances"] < len(VISIBLE_INSTANCES)
    assert found["coverage"]["total"] == 2
    assert (result.returncode, result.stderr) == (0, "")


def test_a_filtered_report_says_first_what_it_is_filtered_by(sandbox: Sandbox) -> None:
    result = run_in_process(sandbox, "report", "us-east-1", "no", "identifier", BAILIFF_REGIONS=FLEET_REGIONS)
    assert result.stdout.startswith("us-east-1, No owner in the name: ")
