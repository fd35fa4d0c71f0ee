"""Askbob fails: the report says so, and nobody is accused of being unknown to a directory that did not answer."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bailiff_bot.sandbox.fixtures import DIRECTORY
from bailiff_bot.sandbox.sandbox import Sandbox
from tests.integration.bot.conftest import ONE_REGION, CompletedCommand, SandboxUsers, run_in_process

ACCUSATION = "Owner unknown"


def report(sandbox: Sandbox, **changes: str) -> CompletedCommand:
    return run_in_process(sandbox, "report", **ONE_REGION, **changes)


FAILURES: dict[str, tuple[Callable[[Sandbox], None], str]] = {
    "down": (lambda sandbox: sandbox.askbob.stub_unavailable(), "Askbob answered 503"),
    "one team failing": (lambda sandbox: sandbox.askbob.fail_team("SCALE"), "team SCALE: Askbob answered 500"),
    "a page of HTML": (lambda sandbox: sandbox.askbob.stub_html(), "Askbob answered HTML"),
    "broken off": (lambda sandbox: sandbox.askbob.stub_dropped_connection(9), "Askbob broke off its answer"),
    "nobody in it": (lambda sandbox: sandbox.askbob.replace_entries(()), "Askbob lists nobody"),
}


@pytest.fixture(params=list(FAILURES))
def failing(request: pytest.FixtureRequest, users: SandboxUsers) -> tuple[CompletedCommand, str]:
    """Return the report of a tenant whose directory fails, and the words for that."""
    fail, words = FAILURES[request.param]
    people = users.sandbox.askbob
    fail(users.sandbox)
    done = report(users.sandbox)
    people.replace_entries(DIRECTORY)  # which mending leaves as they are
    return done, words


def test_a_directory_that_fails_is_said_in_the_report_and_accuses_nobody(failing: tuple[CompletedCommand, str]) -> None:
    done, words = failing
    assert words in done.stdout
    assert "nobody is accused of being unknown to it" in done.stdout
    assert ACCUSATION not in done.stdout
    assert "prod-db" in done.stdout
    assert done.returncode == 3
    (line,) = done.stderr.splitlines()
    assert line.startswith("bailiff: directory incomplete: ")
    assert words in line


def test_a_directory_that_answers_in_full_accuses_who_is_not_in_it(sandbox: Sandbox) -> None:
    done = report(sandbox)
    assert f"{ACCUSATION} (1 instance)" in done.stdout
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"ASKBOB_CLIENT_SECRET": "wrong"}, "Askbob refuses ASKBOB_CLIENT_ID and ASKBOB_CLIENT_SECRET (401)"),
        ({"ASKBOB_TEAMS": "BDA,NOSUCH"}, "Askbob has no team NOSUCH, which ASKBOB_TEAMS names"),
        ({"ASKBOB_URL": "http://127.0.0.1:1"}, "Askbob cannot be reached"),
    ],
    ids=["wrong secret", "unknown team", "unreachable"],
)
def test_a_directory_configured_wrongly_is_said_in_the_report_and_accuses_nobody(
    sandbox: Sandbox, changes: dict[str, str], words: str
) -> None:
    done = report(sandbox, **changes)
    assert f"Directory incomplete ({words})" in done.stdout
    assert ACCUSATION not in done.stdout
    assert done.returncode == 3


def test_without_a_directory_the_letters_decide_and_nobody_is_accused(sandbox: Sandbox) -> None:
    done = report(sandbox, ASKBOB_URL="")
    assert ACCUSATION not in done.stdout
    assert "VLE-Test-Prisma" in done.stdout
    assert "Directory incomplete" not in done.stdout
    assert (done.returncode, done.stderr) == (0, "")


def test_a_file_of_people_stands_in_for_askbob(sandbox: Sandbox, tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text("trigram,email\nVLE,vle@octo.example\nAGR,agr@octo.example\n")
    done = run_in_process(sandbox, "report", "-f", "csv", ASKBOB_URL="", BAILIFF_PEOPLE_CSV=str(people), **ONE_REGION)
    tables = {row["name"]: row["table"] for row in csv.DictReader(io.StringIO(done.stdout))}
    assert tables["hro-master-1"] == "known-owner"
    assert tables["VLE-Test-Prisma"] == "stopped-when-unused"
    assert done.returncode == 0


def test_a_file_of_people_that_is_not_there_is_said_in_the_report(sandbox: Sandbox, tmp_path: Path) -> None:
    done = report(sandbox, ASKBOB_URL="", BAILIFF_PEOPLE_CSV=str(tmp_path / "none.csv"))
    assert "Directory incomplete" in done.stdout
    assert ACCUSATION not in done.stdout
    assert done.returncode == 3
    assert len(done.stderr.splitlines()) == 1


def test_with_a_part_of_the_directory_those_who_are_known_are_told_and_nobody_else(users: SandboxUsers) -> None:
    users.sandbox.askbob.fail_team("SCALE")
    channel = users.view("bill", "cloud-costs")
    views = {who: users.view(who) for who in ("ada", "albert")}
    hectors = users.view("hector")
    done = run_in_process(users.sandbox, "digest", **ONE_REGION)
    assert [len(view.new_messages()) for view in views.values()] == [1, 1]
    assert all("hro-" not in message.visible_text for message in hectors.new_messages())
    thread = "\n".join(message.visible_text for message in channel.thread(channel.new_messages()[0]))
    assert "the directory did not answer in full" in thread
    assert done.returncode == 3


def test_no_askbob_token_stands_in_a_url(sandbox: Sandbox) -> None:
    report(sandbox)
    assert not [call for call in sandbox.askbob.calls if call.has_query_token]


def test_a_report_in_json_tells_the_directorys_gaps(users: SandboxUsers) -> None:
    users.sandbox.askbob.fail_team("SCALE")
    done = run_in_process(users.sandbox, "report", "--format", "json", **ONE_REGION)
    assert json.loads(done.stdout)["coverage"]["directory_gaps"] == ["team SCALE: Askbob answered 500"]
