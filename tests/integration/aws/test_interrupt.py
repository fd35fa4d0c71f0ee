"""Ctrl-C and SIGTERM while AWS is silent: the command is gone within 2 s, and has said nothing but that."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.integration.aws.conftest import KEYS
from tests.integration.aws.fake_aws import AwsReply, AwsRequest, FakeAws

ROOT = Path(__file__).parents[3]
INTERRUPTED = 130


def command(environment: dict[str, str], directory: Path) -> "subprocess.Popen[str]":
    """`bailiff report`, in a directory without settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "BAILIFF_", "ASKBOB_"))}
    return subprocess.Popen(
        [sys.executable, "-m", "bailiff_bot.cli", "report"],
        env=kept | environment | {"PYTHONPATH": str(ROOT)},
        cwd=directory,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("action", ["GetCallerIdentity", "DescribeRegions", "DescribeInstances"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_report_ends_at_once_and_prints_no_half_of_it(
    fake_aws: FakeAws, tmp_path: Path, number: signal.Signals, action: str
) -> None:
    waiting = threading.Event()

    def silent(_asked: AwsRequest) -> AwsReply:
        waiting.set()
        return AwsReply(hang=True)

    fake_aws.on(action, silent)
    with command(KEYS | {"AWS_ENDPOINT_URL": fake_aws.url}, tmp_path) as process:
        assert waiting.wait(60)
        process.send_signal(number)
        printed, said = process.communicate(timeout=2)
    assert process.returncode == INTERRUPTED
    assert printed == ""
    assert said == "bailiff: Interrupted.\n"
