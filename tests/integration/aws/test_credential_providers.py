"""`bailiff report` with each way to hold AWS credentials that fails: one line says which, where and what to do.

The command runs as a process with files in a home directory of its own. It reads nothing from its standard input.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from bailiff_bot.aws import credential_providers
from bailiff_bot.aws.access import Limits
from bailiff_bot.aws.accounts import own_access
from bailiff_bot.aws.errors import Unreadable
from tests.integration.aws.conftest import AWS_ENVIRONMENT, SetAwsEnvironment
from tests.integration.aws.credential_cases import CASES, SECRET, CredentialCase
from tests.integration.aws.credential_endpoint import credential_endpoint

ROOT = Path(__file__).parents[3]
INCOMPLETE = 3
TYPED = b"123456\n"
"""What somebody has typed ahead."""


@dataclass(frozen=True, slots=True)
class Run:
    """What a run of `bailiff report` left."""

    exit_code: int
    stdout: str
    stderr: str
    unread_input: bytes


REPORT = (sys.executable, "-m", "bailiff_bot.cli", "report")
IN_A_TERMINAL = (sys.executable, "-c", "import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)")


def run_report(home: Path, case: CredentialCase, endpoint: str, *terminal: str, **more: str) -> Run:
    """Run `bailiff report` with a case's files and variables, with `TYPED` on its standard input."""
    write_files(home, {name: filled(text, home, endpoint) for name, text in case.all_files.items()})
    variables = {
        "HOME": str(home),
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "AWS_CONFIG_FILE": str(home / ".aws/config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(home / ".aws/credentials"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": endpoint,
        **{name: filled(value, home, endpoint) for name, value in case.environment.items()},
        **more,
    }
    reading, writing = os.pipe()
    os.write(writing, TYPED)
    os.close(writing)
    done = subprocess.run(  # noqa: S603 - our own command
        [*terminal, *REPORT], env=variables, cwd=home, stdin=reading, capture_output=True, check=False, timeout=60
    )
    unread_input = os.read(reading, 99)
    os.close(reading)
    return Run(done.returncode, done.stdout.decode(), done.stderr.decode(), unread_input)


def filled(text: str, home: Path, endpoint: str) -> str:
    return text.replace("HOME", str(home)).replace("ENDPOINT", endpoint)


def write_files(home: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o700 if name.endswith(".sh") else 0o600)


@pytest.mark.parametrize("name", CASES)
def test_one_line_names_the_provider_the_profile_and_the_remedy_and_nothing_is_asked(tmp_path: Path, name: str) -> None:
    case = CASES[name]
    with credential_endpoint(case.replies) as endpoint:
        run = run_report(tmp_path, case, endpoint)
        expected = [filled(text, tmp_path, endpoint) for text in case.expected]
    (line,) = run.stderr.splitlines()
    assert line.startswith("bailiff: not read: own account every region (")
    assert [text for text in expected if text not in line] == []
    assert run.stdout.startswith("Nothing could be read")
    assert run.exit_code == INCOMPLETE
    assert run.unread_input == TYPED
    assert SECRET not in run.stdout + run.stderr


@pytest.mark.parametrize(
    "name", ["sso-without-login", "web-file-missing", "process-fails", "role-mfa", "container-prints-no-json"]
)
def test_at_debug_the_log_of_botocore_has_neither_a_traceback_nor_a_secret(tmp_path: Path, name: str) -> None:
    with credential_endpoint(CASES[name].replies) as endpoint:
        run = run_report(tmp_path, CASES[name], endpoint, BAILIFF_LOG_LEVEL="DEBUG")
    assert run.exit_code == INCOMPLETE
    assert "Traceback" not in run.stderr
    assert SECRET not in run.stdout + run.stderr


@pytest.mark.parametrize(
    ("name", "expected"),
    [("role-mfa", "needs an MFA code"), ("process-that-asks-on-the-terminal", "exit code 9"), ("sso-expired", "login")],
)
def test_nothing_is_asked_on_a_terminal_either(tmp_path: Path, name: str, expected: str) -> None:
    with credential_endpoint(CASES[name].replies) as endpoint:
        run = run_report(tmp_path, CASES[name], endpoint, *IN_A_TERMINAL)
    assert run.exit_code == INCOMPLETE
    assert expected in run.stdout
    assert "Enter" not in run.stdout
    assert "Traceback" not in run.stdout


@pytest.mark.parametrize("accounts", [1, 3])
def test_the_bots_own_credentials_are_one_line_for_all_accounts(tmp_path: Path, accounts: int) -> None:
    roles = ",".join(f"arn:aws:iam::{number:012}:role/reader" for number in range(accounts))
    with credential_endpoint({}) as endpoint:
        run = run_report(tmp_path, CASES["sso-without-login"], endpoint, BAILIFF_ROLE_ARNS=roles)
    (line,) = run.stderr.splitlines()
    assert line.startswith("bailiff: not read: 000000000000, ")
    assert "own account, every region (no credentials); SSO, profile sso: " in line


@pytest.mark.parametrize("text", ["sleep 600", "sleep 600 & wait"])
def test_a_process_that_does_not_end_is_killed_with_all_that_it_started(
    set_aws_environment: SetAwsEnvironment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setattr(credential_providers, "PROCESS_TIMEOUT", 0.2)
    command = f"[default]\ncredential_process = {tmp_path}/keys.sh\n"
    write_files(tmp_path, {"config": command, "keys.sh": f"#!/bin/sh\n{text}\n"})
    without_keys = {name: value for name, value in AWS_ENVIRONMENT.items() if "KEY" not in name}
    set_aws_environment(without_keys | {"AWS_CONFIG_FILE": str(tmp_path / "config")})
    with pytest.raises(Unreadable) as error:
        own_access(Limits())
    assert "no answer within 0.2 s" in error.value.detail
