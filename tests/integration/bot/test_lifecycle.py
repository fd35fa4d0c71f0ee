"""The bot as a process: it stops when told, recovers its connection, and tells no secret."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bailiff_bot.sandbox.stage import Stage, stop
from tests.integration.bot.conftest import ONE_REGION, PATIENCE, Audience

SOON = 5.0
"""Seconds in which what has nothing to wait for has ended."""
BEFORE_THE_KILL = 10.0
"""Seconds that Docker waits before it kills."""


@dataclass(frozen=True, slots=True)
class Bot:
    """A bot that writes its log into a file."""

    process: "subprocess.Popen[str]"
    log: Path

    def ends_after(self, number: signal.Signals, seconds: float = SOON) -> int:
        """Send a signal and return the exit code; raises when it takes too long."""
        self.process.send_signal(number)
        return self.process.wait(seconds)

    @property
    def lines(self) -> list[dict[str, object]]:
        """The log's lines; raises for one that is no JSON."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]


def start(stage: Stage, log: Path, **changes: str) -> Bot:
    with log.open("w") as file:
        return Bot(stage.start_bot(log=file.fileno(), **ONE_REGION, **changes), log)


@pytest.fixture
def bot(stage: Stage, audience: Audience, tmp_path: Path) -> Iterator[Bot]:
    """Start a bot that logs all it can, and wait until it has looked at AWS."""
    started = start(stage, tmp_path / "log", BAILIFF_LOG_LEVEL="DEBUG")
    audience.asks("ada", "/bailiff report")
    yield started
    stop(started.process)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
def test_a_bot_that_is_told_to_stop_leaves_soon_with_0_and_without_a_traceback(
    bot: Bot, number: signal.Signals
) -> None:
    assert bot.ends_after(number) == 0
    assert "Traceback" not in bot.log.read_text()
    assert "asked to stop" in {line["event"] for line in bot.lines}


def test_a_bot_that_stops_leaves_no_connection(bot: Bot, stage: Stage) -> None:
    bot.ends_after(signal.SIGTERM)
    stage.slack.driver.wait_for(lambda: stage.slack.driver.connections() == [])


def test_a_bot_stops_before_it_is_killed_though_a_region_is_slow_and_somebody_waits(
    stage: Stage, audience: Audience, tmp_path: Path
) -> None:
    stage.aws.slow("eu-west-1", 14.0, action="DescribeInstances")
    slow = start(stage, tmp_path / "log")
    assert audience.driver.user("ada").types("/bailiff report").acknowledged
    assert slow.ends_after(signal.SIGTERM, BEFORE_THE_KILL) == 0
    assert "Traceback" not in slow.log.read_text()


def test_after_its_connection_was_reset_a_bot_answers_a_command_sent_afterwards(
    bot: Bot, stage: Stage, audience: Audience
) -> None:
    began = time.monotonic()
    assert stage.slack.driver.sockets("reset") == 1
    live = stage.slack.driver.wait_for(lambda: [one for one in stage.slack.driver.connections() if one.health], 10.0)
    assert time.monotonic() - began < 3.0
    (answer,) = audience.asks("ada", "/bailiff report")
    assert "owe something" in answer.words
    assert len(live) == 1
    assert bot.process.poll() is None


def test_a_bot_that_is_asked_to_reconnect_answers_on_the_new_connection(
    bot: Bot, stage: Stage, audience: Audience
) -> None:
    before = {one.number for one in stage.slack.driver.connections()}
    stage.slack.driver.sockets("disconnect")
    stage.slack.driver.wait_for(lambda: {one.number for one in stage.slack.driver.connections()} - before, 10.0)
    (answer,) = audience.asks("ada", "/bailiff help")
    assert "/bailiff report" in answer.words
    assert bot.process.poll() is None


def test_every_line_of_the_log_is_json_with_its_time_and_level(bot: Bot) -> None:
    bot.ends_after(signal.SIGTERM)
    assert all({"event", "level", "timestamp"} <= line.keys() for line in bot.lines)


def test_no_secret_stands_in_the_log_at_whatever_level(bot: Bot, stage: Stage, audience: Audience) -> None:
    outcome = audience.driver.user("hector").types("/bailiff mine")
    audience.driver.user("hector").opens_home()
    stage.slack.driver.sockets("reset")
    stage.slack.driver.wait_for(stage.slack.driver.connections, 10.0)
    bot.ends_after(signal.SIGTERM)
    log = bot.log.read_text()
    addresses = " ".join(call.answer["url"] for call in audience.calls("apps.connections.open"))
    tickets = re.findall(r"ticket=([^&\s]+)", addresses)
    environment = stage.environment()
    names = ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "AWS_SECRET_ACCESS_KEY", "ASKBOB_CLIENT_SECRET")
    assert tickets
    for secret in [*(environment[name] for name in names), *tickets, *stage.askbob.tokens]:
        assert secret not in log
    assert outcome.response_url not in log


def test_a_scan_is_a_few_lines_of_the_log(stage: Stage, audience: Audience, tmp_path: Path) -> None:
    started = start(stage, tmp_path / "log")
    audience.asks("ada", "/bailiff report")
    stop(started.process)
    assert len(started.lines) < 15


def test_a_report_in_a_pipe_has_tables_and_no_progress_bar(stage: Stage) -> None:
    done = stage.bailiff("report", **ONE_REGION)
    assert "Running for 30 days or more" in done.stdout
    assert "hro-master-1" in done.stdout
    assert "\x1b" not in done.stdout + done.stderr
    assert (done.returncode, done.stderr) == (0, "")


def leave_nothing(group: int) -> bool:
    """Return whether no process of a group is left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False


def test_the_sandbox_says_where_it_is_and_stops_on_ctrl_c_with_nothing_left_running(stage: Stage) -> None:
    # As in a terminal, Ctrl-C reaches the whole group: the sandbox and the bot in it.
    command = [sys.executable, "-m", "bailiff_bot.cli", "sandbox"]
    with subprocess.Popen(  # noqa: S603 - Bailiff itself
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True
    ) as sandbox:
        assert sandbox.stdout is not None
        told = [sandbox.stdout.readline() for _ in range(3)]
        os.killpg(sandbox.pid, signal.SIGINT)
        assert sandbox.wait(SOON) == 0
    assert [line.split()[0] for line in told] == ["Slack", "AWS", "Askbob"]
    assert all("http://127.0.0.1:" in line for line in told)
    stage.slack.driver.wait_for(lambda: leave_nothing(sandbox.pid), PATIENCE)


def test_the_sandbox_stops_on_sigterm_with_nothing_left_running(stage: Stage) -> None:
    command = [sys.executable, "-m", "bailiff_bot.cli", "sandbox"]
    with subprocess.Popen(  # noqa: S603 - Bailiff itself
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True
    ) as sandbox:
        assert sandbox.stdout is not None
        sandbox.stdout.readline()
        sandbox.terminate()
        assert sandbox.wait(SOON) == 0
    stage.slack.driver.wait_for(lambda: leave_nothing(sandbox.pid), PATIENCE)


def test_the_demo_plays_a_working_day_and_leaves_with_0() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bailiff_bot.sandbox.demo"], capture_output=True, text=True, check=False, timeout=100
    )
    assert (done.returncode, done.stderr) == (0, "")
    for words in ("sa-east-1 (access denied)", "A direct message to Ada Granger", "Nobody to tell", "types /bailiff"):
        assert words in done.stdout
