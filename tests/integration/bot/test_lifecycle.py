"""The bot as a process: it stops when told, recovers its connection, and tells no secret."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from bailiff_bot.leases import LEASE_DURATION
from bailiff_bot.sandbox.sandbox import Sandbox
from bailiff_bot.sandbox.slack import Driver, RenderedMessage
from bailiff_bot.sandbox.slack.driver import SocketFault
from tests.integration.bot.conftest import ONE_REGION, PATIENCE, SandboxUsers

SOON = 5.0
"""Seconds in which what has nothing to wait for has ended."""
BEFORE_THE_KILL = 10.0
"""Seconds that Docker waits before it kills."""


@dataclass(frozen=True, slots=True)
class LoggedBot:
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


def start(sandbox: Sandbox, log: Path, **changes: str) -> LoggedBot:
    with log.open("w") as file:
        return LoggedBot(sandbox.start_bot(log_fd=file.fileno(), **ONE_REGION, **changes), log)


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """What was seen of a bot from its start to its end."""

    bot: LoggedBot
    reconnected_after: float
    """Seconds from the reset of its connection until there was another."""
    answers: list[RenderedMessage]
    """To commands after a reset, and after Slack asked for a new connection."""
    exit_code: int
    secrets: tuple[str, ...]
    """What came by while it lived and must not stand in its log."""


@pytest.fixture(scope="module")
def lifecycle(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Lifecycle:
    """Live through what may happen to a connection, at the log level that tells most, until SIGTERM."""
    users, driver = SandboxUsers(sandbox), sandbox.slack.driver
    bot = start(sandbox, tmp_path_factory.mktemp("life") / "log", BAILIFF_LOG_LEVEL="DEBUG")
    users.run_command("ada", "/bailiff report")
    reconnected_after = _replaced(driver, "reset")
    (after_reset,) = users.run_command("ada", "/bailiff report")
    _replaced(driver, "disconnect")
    (after_disconnect,) = users.run_command("ada", "/bailiff mine")
    outcome = driver.user("ada").run_command("/bailiff help")
    exit_code = bot.ends_after(signal.SIGTERM)
    addresses = " ".join(call.answer["url"] for call in users.calls("apps.connections.open"))
    tickets = re.findall(r"ticket=([^&\s]+)", addresses)
    assert tickets
    secrets = (*tickets, *sandbox.askbob.tokens, outcome.response_url)
    return Lifecycle(bot, reconnected_after, [after_reset, after_disconnect], exit_code, secrets)


def _replaced(driver: Driver, action: SocketFault) -> float:
    """Return the seconds in which the bot has another connection after something happened to the one it had."""
    before = {one.number for one in driver.connections()}
    began = time.monotonic()
    driver.inject_socket_fault(action)
    driver.wait_for(lambda: {one.number for one in driver.connections()} - before, 10.0)
    return time.monotonic() - began


def test_a_reset_connection_is_replaced_within_three_seconds(lifecycle: Lifecycle) -> None:
    assert lifecycle.reconnected_after < 3.0


def test_commands_sent_after_a_reset_and_after_a_disconnect_are_answered(lifecycle: Lifecycle) -> None:
    assert all("owe something" in answer.visible_text for answer in lifecycle.answers)


def test_a_bot_leaves_with_0_and_without_a_traceback_on_sigterm(lifecycle: Lifecycle) -> None:
    assert lifecycle.exit_code == 0
    assert "Traceback" not in lifecycle.bot.log.read_text()
    assert "signal.received" in {line["event"] for line in lifecycle.bot.lines}


def test_a_bot_that_stopped_leaves_no_connection(lifecycle: Lifecycle, sandbox: Sandbox) -> None:
    assert lifecycle.exit_code == 0
    sandbox.slack.driver.wait_for(lambda: sandbox.slack.driver.connections() == [])


def test_every_line_of_the_log_is_json_with_its_time_and_level(lifecycle: Lifecycle) -> None:
    assert all({"event", "level", "timestamp"} <= line.keys() for line in lifecycle.bot.lines)


def test_no_secret_stands_in_the_log_at_whatever_level(lifecycle: Lifecycle, sandbox: Sandbox) -> None:
    log, environment = lifecycle.bot.log.read_text(), sandbox.environment()
    names = ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "AWS_SECRET_ACCESS_KEY", "ASKBOB_CLIENT_SECRET")
    for secret in [*(environment[name] for name in names), *lifecycle.secrets]:
        assert secret not in log


@pytest.fixture(scope="module")
def interrupted(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> tuple[LoggedBot, int]:
    """Return a bot of the usual log level that answered once and then got Ctrl-C, with its exit code."""
    bot = start(sandbox, tmp_path_factory.mktemp("interrupted") / "log")
    SandboxUsers(sandbox).run_command("ada", "/bailiff report")
    return bot, bot.ends_after(signal.SIGINT)


def test_a_bot_leaves_with_0_and_without_a_traceback_on_ctrl_c(interrupted: tuple[LoggedBot, int]) -> None:
    bot, exit_code = interrupted
    assert exit_code == 0
    assert "Traceback" not in bot.log.read_text()


def test_a_scan_is_a_few_lines_of_the_log(interrupted: tuple[LoggedBot, int]) -> None:
    bot, _ = interrupted
    assert len([line for line in bot.lines if "Found endpoint" in str(line["event"])]) <= 1
    assert len(bot.lines) < 15


def test_a_bot_stops_before_it_is_killed_though_a_region_is_slow_and_somebody_waits(
    sandbox: Sandbox, users: SandboxUsers, tmp_path: Path
) -> None:
    sandbox.aws.delay_responses("eu-west-1", 14.0, action="DescribeInstances")
    slow = start(sandbox, tmp_path / "log")
    assert users.driver.user("ada").run_command("/bailiff report").acknowledged
    assert slow.ends_after(signal.SIGTERM, BEFORE_THE_KILL) == 0
    assert "Traceback" not in slow.log.read_text()


def test_who_comes_after_a_bot_that_was_stopped_in_the_midst_of_a_scan_does_not_wait_for_it(
    sandbox: Sandbox, users: SandboxUsers, tmp_path: Path
) -> None:
    asked = len(sandbox.aws.calls)
    sandbox.aws.delay_responses("eu-west-1", 14.0, action="DescribeInstances")
    slow = start(sandbox, tmp_path / "log")
    users.driver.wait_for(lambda: len(sandbox.aws.calls) > asked, PATIENCE)
    slow.ends_after(signal.SIGTERM, BEFORE_THE_KILL)
    sandbox.aws.clear_faults()
    began = time.monotonic()
    assert sandbox.run_cli("report", **ONE_REGION).returncode == 0
    assert time.monotonic() - began < LEASE_DURATION.total_seconds() / 2


def test_a_report_in_a_pipe_has_tables_and_no_progress_bar(sandbox: Sandbox) -> None:
    done = sandbox.run_cli("report", **ONE_REGION)
    assert "Running for 30 days or more" in done.stdout
    assert "hro-master-1" in done.stdout
    assert "\x1b" not in done.stdout + done.stderr
    assert (done.returncode, done.stderr) == (0, "")


def group_is_gone(group: int) -> bool:
    """Return whether no process of a group is left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False


def test_the_sandbox_says_where_it_is_and_stops_on_ctrl_c_with_nothing_left_running(sandbox: Sandbox) -> None:
    # As in a terminal, Ctrl-C reaches the whole group: the sandbox and the bot in it.
    command = [sys.executable, "-m", "bailiff_bot.cli", "sandbox"]
    with subprocess.Popen(  # noqa: S603 - Bailiff itself
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True
    ) as process:
        assert process.stdout is not None
        told = [process.stdout.readline() for _ in range(3)]
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(SOON) == 0
    assert [line.split()[0] for line in told] == ["Slack", "AWS", "Askbob"]
    assert all("http://127.0.0.1:" in line for line in told)
    sandbox.slack.driver.wait_for(lambda: group_is_gone(process.pid), PATIENCE)


def test_the_sandbox_stops_on_sigterm_with_nothing_left_running(sandbox: Sandbox) -> None:
    command = [sys.executable, "-m", "bailiff_bot.cli", "sandbox"]
    with subprocess.Popen(  # noqa: S603 - Bailiff itself
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.terminate()
        assert process.wait(SOON) == 0
    sandbox.slack.driver.wait_for(lambda: group_is_gone(process.pid), PATIENCE)


def _at_any_time(text: str) -> str:
    """Return a text without the moments at which AWS was read."""
    return re.sub(r"\bread, \d+ [A-Z][a-z]{2}, \d\d:\d\d [A-Z]+", "read", text)


def test_the_demo_plays_the_working_day_of_the_readme_and_leaves_with_0() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bailiff_bot.sandbox.demo"], capture_output=True, text=True, check=False, timeout=100
    )
    assert (done.returncode, done.stderr) == (0, "")
    for words in ("sa-east-1 (access denied)", "A direct message to Ada Granger", "Nobody to tell", "types /bailiff"):
        assert words in done.stdout
    played = {line.strip() for line in _at_any_time(re.sub("^===", "", done.stdout, flags=re.MULTILINE)).splitlines()}
    readme = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
    transcripts = re.findall(r"```text\n(.*?)```", _at_any_time(readme), re.DOTALL)[:3]
    assert [line for line in "".join(transcripts).splitlines() if line.strip() not in played] == []
