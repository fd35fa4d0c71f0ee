"""`bailiff audit` as a process, on both databases."""

import csv
import io
import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bailiff_bot.store.store import Store
from tests.integration.store.audit_records import RECORD, execute_without_triggers, fill, record
from tests.integration.store.builders import ADA, DAY

ALL = ("--since", "36500d")


@pytest.fixture
def audit(address: str, tmp_path: Path) -> "AuditCommand":
    return AuditCommand(address, tmp_path)


class AuditCommand:
    """Runs `bailiff audit` in an empty folder, with no other setting than the database."""

    def __init__(self, address: str, folder: Path) -> None:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("BAILIFF_", "SLACK_"))}
        self._environment = inherited | {"BAILIFF_DATABASE_URL": address}
        self._folder = folder

    def __call__(self, *arguments: str, **settings: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "bailiff_bot.cli", "audit", *arguments]
        return subprocess.run(  # noqa: S603 - our own
            command,
            cwd=self._folder,
            env=self._environment | settings,
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=100,
        )


def output(result: "subprocess.CompletedProcess[str]") -> str:
    assert (result.returncode, result.stderr) == (0, "")
    return result.stdout


def error_line(result: "subprocess.CompletedProcess[str]") -> str:
    """Return the one line on standard error."""
    assert result.stdout == ""
    [line] = result.stderr.splitlines()
    assert line.startswith("bailiff: ")
    return line


def test_the_log_is_printed_as_text_csv_and_json(store: Store, audit: AuditCommand) -> None:
    fill(store, 2)
    text = output(audit(*ALL, BAILIFF_TIMEZONE="Europe/Paris"))
    assert text.splitlines()[0].split() == "Row When Who Action Instance Where Result Change Why".split()
    assert "2026-11-24 10:00:00" in text
    assert "\u202e" not in text
    rows = list(csv.DictReader(io.StringIO(output(audit(*ALL, "--format", "csv")))))
    assert [(row["number"], row["actor_user_id"], row["why"]) for row in rows] == [
        ("1", ADA, RECORD.why),
        ("2", ADA, RECORD.why),
    ]
    records = json.loads(output(audit(*ALL, "-f", "json")))["records"]
    assert [found["after"]["until"] for found in records] == ["2026-12-01"] * 2


def test_the_last_seven_days_are_printed_by_default(store: Store, audit: AuditCommand) -> None:
    now = datetime.now(UTC)
    for days, instance in ((8, "i-8"), (6, "i-6"), (1, "i-1")):
        assert RECORD.subject
        store.audit.append(replace(RECORD, at=now - days * DAY, subject=replace(RECORD.subject, id=instance)))
    assert [found["instance"] for found in json.loads(output(audit("--format", "json")))["records"]] == ["i-6", "i-1"]
    since = json.loads(output(audit("--format", "json", "--since", "2d")))["records"]
    assert [found["instance"] for found in since] == ["i-1"]


def test_an_empty_log_says_so_and_where_it_is(store: Store, audit: AuditCommand) -> None:
    name = store.database.name
    assert output(audit()).startswith(f"The audit log in {name} has no rows since ")
    assert output(audit("--verify")) == f"The audit log in {name} is empty.\n"


def test_verify_shows_the_last_hash_of_an_intact_log(store: Store, audit: AuditCommand) -> None:
    fill(store, 3)
    last = store.audit.since(record(2).at)[0]
    assert f"is intact, up to row 3 with the hash {last.hash}." in output(audit("--verify"))


def test_verify_fails_and_names_the_first_broken_row(store: Store, audit: AuditCommand) -> None:
    fill(store, 5)
    execute_without_triggers(store.database, "update audit set action = 'stop' where number in (3, 4)")
    result = audit("--verify")
    assert "row 3 was changed" in error_line(result)
    assert result.returncode == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--since", "7"], "--since: '7' is not a duration: write a number and a unit, such as 7d, 2w or 36h."),
        (["--since", ""], "--since: '' is not a duration"),
        (["--since", "1y"], "--since: '1y' is not a duration"),
        (["--since", "-7d"], "--since: '-7d' should be more than nothing"),
        (["--verify", "--since", "7d"], "--verify takes neither --since nor --format."),
        (["--verify", "--format", "json"], "--verify takes neither --since nor --format."),
    ],
)
@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_wrong_argument_is_one_clear_line(audit: AuditCommand, arguments: list[str], message: str) -> None:
    result = audit(*arguments)
    assert message in error_line(result)
    assert result.returncode == 2


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_database_that_cannot_be_opened_is_one_line(audit: AuditCommand) -> None:
    result = audit("--verify", BAILIFF_DATABASE_URL="sqlite:////nowhere/at/all.sqlite")
    assert "cannot be opened" in error_line(result)
    assert result.returncode == 1
