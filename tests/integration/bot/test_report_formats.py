"""`bailiff report` as a program reads it."""

import csv
import io
import json

import pytest

from bailiff_bot.sandbox.sandbox import Sandbox
from tests.integration.bot.conftest import FLEET_REGIONS, VISIBLE, CompletedCommand, ids_of, run_in_process


@pytest.fixture(scope="module")
def as_json(sandbox: Sandbox) -> CompletedCommand:
    return run_in_process(sandbox, "report", "--format", "json", BAILIFF_REGIONS=FLEET_REGIONS)


@pytest.fixture(scope="module")
def as_csv(sandbox: Sandbox) -> CompletedCommand:
    return run_in_process(sandbox, "report", "--format", "csv", BAILIFF_REGIONS=FLEET_REGIONS)


def test_json_holds_every_instance_under_its_verdict(as_json: CompletedCommand) -> None:
    records = json.loads(as_json.stdout)["records"]
    tables = {record["instance_id"]: record["table"] for record in records if record["table"] != "unread"}
    assert tables == {machine.id: machine.expected_table for machine in VISIBLE}


def test_json_counts_what_it_holds(as_json: CompletedCommand) -> None:
    document = json.loads(as_json.stdout)
    assert sum(document["tables"].values()) == document["instances"] == len(VISIBLE)
    assert (document["coverage"]["read"], document["coverage"]["total"]) == (9, 10)
    assert document["coverage"]["complete"] is False


def test_csv_holds_every_instance_and_what_was_not_read(as_csv: CompletedCommand) -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv.stdout)))
    assert {row["instance_id"] for row in rows} - {""} == ids_of(*VISIBLE)
    assert [(row["account"], row["region"]) for row in rows if row["table"] == "unread"] == [
        ("111122223333", "sa-east-1")
    ]


def test_a_name_stands_in_json_as_it_is_in_aws(as_json: CompletedCommand) -> None:
    names = {record.get("instance_id"): record.get("name") for record in json.loads(as_json.stdout)["records"]}
    assert names == {machine.id: machine.name for machine in VISIBLE} | {None: None}


def test_whatever_the_format_an_incomplete_report_leaves_with_3(
    as_json: CompletedCommand, as_csv: CompletedCommand
) -> None:
    assert (as_json.returncode, as_csv.returncode) == (3, 3)
    assert as_json.stderr == as_csv.stderr
    assert "sa-east-1 (access denied)" in as_csv.stderr
