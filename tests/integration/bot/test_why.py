"""`bailiff why`: the same answer without Slack, from the stored snapshot."""

from pathlib import Path

import pytest

from bailiff_bot.sandbox.aws.instance_fixture import InstanceFixture
from bailiff_bot.sandbox.sandbox import Sandbox
from tests.integration.bot.conftest import GPU, LEGIT, ONE_REGION, CompletedCommand, SandboxUsers, run_in_process


@pytest.fixture(scope="module")
def fleet() -> tuple[InstanceFixture, ...]:
    return GPU, LEGIT


@pytest.fixture(scope="module")
def folder(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Send a digest, and return the folder of its database."""
    folder = tmp_path_factory.mktemp("why")
    assert run_in_process(sandbox, "digest", folder=folder, **ONE_REGION).returncode == 0
    return folder


def why(sandbox: Sandbox, *arguments: str, folder: Path | None = None) -> CompletedCommand:
    return run_in_process(sandbox, "why", *arguments, folder=folder, **ONE_REGION)


def test_the_answer_is_of_the_stored_snapshot_and_asks_neither_aws_nor_slack(users: SandboxUsers, folder: Path) -> None:
    users.sandbox.aws.expire_credentials()
    calls = len(users.driver.calls())
    answer = why(users.sandbox, GPU.id, folder=folder)
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.startswith(f"agr-gpu ({GPU.id}): breaks 1 rule\n")
    assert "1 of 1 region read" in answer.stdout
    assert "AGR: Ada Granger in Slack (agr@octo.example)" in answer.stdout
    assert "Ada Granger (AGR): 1 instance: told on " in answer.stdout
    assert "the message still lists it" in answer.stdout
    assert "http" not in answer.stdout
    assert len(users.driver.calls()) == calls


def test_without_a_snapshot_it_scans(users: SandboxUsers) -> None:
    answer = why(users.sandbox, "NABE-api")
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.startswith(f"nabe-api ({LEGIT.id}): breaks no rule\n")
    assert "nobody in Slack (nabe@octo.example): Slack is not asked on the command line" in answer.stdout


def test_what_is_not_found_is_said_with_exit_code_1(users: SandboxUsers, folder: Path) -> None:
    answer = why(users.sandbox, "agr", "gpu", folder=folder)
    assert answer.returncode == 1
    assert answer.stdout.startswith("No instance has the id or the name “agr gpu”. Did you mean “agr-gpu”?\n")
