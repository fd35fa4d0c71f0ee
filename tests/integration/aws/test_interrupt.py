"""On Ctrl-C or SIGTERM while AWS does not answer, the command ends within 2 s and prints only that."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.integration.aws.conftest import AWS_ENVIRONMENT
from tests.integration.aws.fake_aws import AwsReply, AwsRequest, FakeAws

ROOT = Path(__file__).parents[3]
INTERRUPTED = 130


def start_report(environment: dict[str, str], directory: Path) -> "subprocess.Popen[str]":
    """Start `bailiff report` in a directory without settings."""
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "BAILIFF_", "ASKBOB_"))
    }
    return subprocess.Popen(
        [sys.executable, "-m", "bailiff_bot.cli", "report"],
        env=inherited | environment | {"PYTHONPATH": str(ROOT)},
        cwd=directory,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("action", ["GetCallerIdentity", "DescribeRegions", "DescribeInstances"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_report_ends_at_once_and_prints_no_partial_report(
    fake_aws: FakeAws, tmp_path: Path, number: signal.Signals, action: str
) -> None:
    request_received = threading.Event()

    def hang(_request: AwsRequest) -> AwsReply:
        request_received.set()
        return AwsReply(hang=True)

    fake_aws.on(action, hang)
    with start_report(AWS_ENVIRONMENT | {"AWS_ENDPOINT_URL": fake_aws.url}, tmp_path) as process:
        assert request_received.wait(60)
        process.send_signal(number)
        stdout, stderr = process.communicate(timeout=2)
    assert process.returncode == INTERRUPTED
    assert stdout == ""
    assert stderr == "bailiff: Interrupted.\n"
