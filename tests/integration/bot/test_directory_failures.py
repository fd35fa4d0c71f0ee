"""The directory fails: the report says so, and reports no identifier as unknown."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bailiff_bot.sandbox.fixtures import DIRECTORY
from bailiff_bot.sandbox.sandbox import Sandbox
from tests.integration.bot.conftest import ONE_REGION, CompletedCommand, SandboxUsers, run_in_process

UNKNOWN_OWNER_HEADING = "Unknown identifier"


def run_report(sandbox: Sandbox, **overrides: str) -> CompletedCommand:
    return run_in_process(sandbox, "report", **ONE_REGION, **overrides)


FAILURES: dict[str, tuple[Callable[[Sandbox], None], str]] = {
    "down": (lambda sandbox: sandbox.askbob.stub_unavailable(), "Askbob answered 503"),
    "one team failing": (lambda sandbox: sandbox.askbob.fail_team("SCALE"), "team SCALE: Askbob answered 500"),
    "a page of HTML": (lambda sandbox: sandbox.askbob.stub_html(), "Askbob answered HTML"),
    "broken off": (lambda sandbox: sandbox.askbob.stub_dropped_connection(9), "Askbob ended its answer too early"),
    "nobody in it": (lambda sandbox: sandbox.askbob.replace_entries(()), "Askbob lists no people"),
}


@pytest.fixture(params=list(FAILURES))
def failing_directory(request: pytest.FixtureRequest, users: SandboxUsers) -> tuple[CompletedCommand, str]:
    """Return the report made while the directory fails, and the message that the report should have."""
    fail, message = FAILURES[request.param]
    fail(users.sandbox)
    result = run_report(users.sandbox)
    users.sandbox.askbob.replace_entries(DIRECTORY)  # clear_faults does not restore them
    return result, message


def test_a_directory_failure_is_in_the_report_and_no_identifier_is_reported_as_unknown(
    failing_directory: tuple[CompletedCommand, str],
) -> None:
    result, message = failing_directory
    assert message in result.stdout
    assert "unknown identifiers are not reported" in result.stdout
    assert UNKNOWN_OWNER_HEADING not in result.stdout
    assert "prod-db" in result.stdout
    assert result.returncode == 3
    (line,) = result.stderr.splitlines()
    assert line.startswith("bailiff: directory incomplete: ")
    assert message in line


def test_with_a_complete_directory_unknown_identifiers_are_reported(sandbox: Sandbox) -> None:
    result = run_report(sandbox)
    assert f"{UNKNOWN_OWNER_HEADING} (1 instance)" in result.stdout
    assert result.returncode == 0


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"ASKBOB_CLIENT_SECRET": "wrong"}, "Askbob refuses ASKBOB_CLIENT_ID and ASKBOB_CLIENT_SECRET (401)"),
        ({"ASKBOB_TEAMS": "BDA,NOSUCH"}, "Askbob has no team NOSUCH: check ASKBOB_TEAMS"),
        ({"ASKBOB_URL": "http://127.0.0.1:1"}, "Askbob cannot be reached"),
    ],
    ids=["wrong secret", "unknown team", "unreachable"],
)
def test_a_wrong_directory_setting_is_in_the_report_and_no_identifier_is_reported_as_unknown(
    sandbox: Sandbox, overrides: dict[str, str], message: str
) -> None:
    result = run_report(sandbox, **overrides)
    assert f"Directory incomplete ({message})" in result.stdout
    assert UNKNOWN_OWNER_HEADING not in result.stdout
    assert result.returncode == 3


def test_without_a_directory_no_identifier_is_reported_as_unknown(sandbox: Sandbox) -> None:
    result = run_report(sandbox, ASKBOB_URL="")
    assert UNKNOWN_OWNER_HEADING not in result.stdout
    assert "VLE-Test-Prisma" in result.stdout
    assert "Directory incomplete" not in result.stdout
    assert (result.returncode, result.stderr) == (0, "")


def test_a_csv_file_can_be_the_directory(sandbox: Sandbox, tmp_path: Path) -> None:
    people_file = tmp_path / "people.csv"
    people_file.write_text("trigram,email\nVLE,vle@octo.example\nAGR,agr@octo.example\n")
    result = run_in_process(
        sandbox, "report", "-f", "csv", ASKBOB_URL="", BAILIFF_PEOPLE_CSV=str(people_file), **ONE_REGION
    )
    tables = {row["name"]: row["table"] for row in csv.DictReader(io.StringIO(result.stdout))}
    assert tables["hro-master-1"] == "known-owner"
    assert tables["VLE-Test-Prisma"] == "stopped-when-unused"
    assert result.returncode == 0


def test_a_missing_csv_file_is_in_the_report(sandbox: Sandbox, tmp_path: Path) -> None:
    result = run_report(sandbox, ASKBOB_URL="", BAILIFF_PEOPLE_CSV=str(tmp_path / "none.csv"))
    assert "Directory incomplete" in result.stdout
    assert UNKNOWN_OWNER_HEADING not in result.stdout
    assert result.returncode == 3
    assert len(result.stderr.splitlines()) == 1


def test_with_an_incomplete_directory_only_known_owners_are_notified(users: SandboxUsers) -> None:
    users.sandbox.askbob.fail_team("SCALE")
    channel_view = users.view("bill", "cloud-costs")
    views = {user: users.view(user) for user in ("ada", "albert")}
    hector_view = users.view("hector")
    result = run_in_process(users.sandbox, "digest", **ONE_REGION)
    assert [len(view.new_messages()) for view in views.values()] == [1, 1]
    assert all("hro-" not in message.visible_text for message in hector_view.new_messages())
    thread = "\n".join(message.visible_text for message in channel_view.thread(channel_view.new_messages()[0]))
    assert "the directory did not answer in full" in thread
    assert result.returncode == 3


def test_no_url_contains_an_askbob_token(sandbox: Sandbox) -> None:
    run_report(sandbox)
    assert not [call for call in sandbox.askbob.calls if call.has_query_token]


def test_a_json_report_lists_the_gaps_of_the_directory(users: SandboxUsers) -> None:
    users.sandbox.askbob.fail_team("SCALE")
    result = run_in_process(users.sandbox, "report", "--format", "json", **ONE_REGION)
    assert json.loads(result.stdout)["coverage"]["directory_gaps"] == ["team SCALE: Askbob answered 500"]
