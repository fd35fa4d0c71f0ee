"""The bot as a process: it stops on a signal, replaces its connection, and logs no secret."""

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

from bailiff_bot.leases import LeaseTiming
from bailiff_bot.sandbox.sandbox import Sandbox
from bailiff_bot.sandbox.slack import Driver, RenderedMessage
from bailiff_bot.sandbox.slack.driver import SocketFault
from tests.integration.bot.conftest import ANSWER_TIMEOUT, ONE_REGION, SandboxUsers

LEASE_DURATION = LeaseTiming().duration

STOP_TIMEOUT = 5.0
"""Seconds within which a process stops if it waits for nothing."""
DOCKER_STOP_TIMEOUT = 10.0
"""Seconds from SIGTERM to SIGKILL in `docker stop`."""


@dataclass(frozen=True, slots=True)
class LoggedBot:
    """A bot process that logs to a file."""

    process: "subprocess.Popen[str]"
    log: Path

    def stop(self, number: signal.Signals, seconds: float = STOP_TIMEOUT) -> int:
        """Send a signal, and return the exit code. Raises TimeoutExpired if the process does not end in time."""
        self.process.send_signal(number)
        return self.process.wait(seconds)

    @property
    def log_lines(self) -> list[dict[str, object]]:
        """Return the lines of the log. Raises ValueError if one is not JSON."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]


def start(sandbox: Sandbox, log: Path, **overrides: str) -> LoggedBot:
    with log.open("w") as file:
        return LoggedBot(sandbox.start_bot(log_fd=file.fileno(), **ONE_REGION, **overrides), log)


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """Observations of a bot from its start to its stop."""

    bot: LoggedBot
    reconnected_after: float
    """Seconds from the reset of the connection to the next one."""
    answers: list[RenderedMessage]
    """The answers after the reset, and after Slack asked for a new connection."""
    exit_code: int
    secrets: tuple[str, ...]
    """Secrets that the bot received. None may be in its log."""


@pytest.fixture(scope="module")
def lifecycle(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Lifecycle:
    """Run a bot at log level DEBUG, reset and disconnect its connection, and stop it with SIGTERM."""
    users, driver = SandboxUsers(sandbox), sandbox.slack.driver
    bot = start(sandbox, tmp_path_factory.mktemp("life") / "log", BAILIFF_LOG_LEVEL="DEBUG")
    users.run_command("ada", "/bailiff report")
    reconnected_after = _reconnection_time(driver, "reset")
    (after_reset,) = users.run_command("ada", "/bailiff report")
    _reconnection_time(driver, "disconnect")
    (after_disconnect,) = users.run_command("ada", "/bailiff mine")
    interaction = driver.user("ada").run_command("/bailiff help")
    exit_code = bot.stop(signal.SIGTERM)
    addresses = " ".join(call.answer["url"] for call in users.calls("apps.connections.open"))
    tickets = re.findall(r"ticket=([^&\s]+)", addresses)
    assert tickets
    secrets = (*tickets, *sandbox.askbob.tokens, interaction.response_url)
    return Lifecycle(bot, reconnected_after, [after_reset, after_disconnect], exit_code, secrets)


def _reconnection_time(driver: Driver, fault: SocketFault) -> float:
    """Inject a fault into the connection. Returns the seconds until the bot has another one."""
    before = {connection.number for connection in driver.connections()}
    started = time.monotonic()
    driver.inject_socket_fault(fault)
    driver.wait_for(lambda: {connection.number for connection in driver.connections()} - before, 10.0)
    return time.monotonic() - started


def test_a_reset_connection_is_replaced_within_three_seconds(lifecycle: Lifecycle) -> None:
    assert lifecycle.reconnected_after < 3.0


def test_commands_sent_after_a_reset_and_after_a_disconnect_are_answered(lifecycle: Lifecycle) -> None:
    assert all("break a rule" in answer.visible_text for answer in lifecycle.answers)


def test_on_sigterm_the_bot_exits_with_0_and_without_a_traceback(lifecycle: Lifecycle) -> None:
    assert lifecycle.exit_code == 0
    assert "Traceback" not in lifecycle.bot.log.read_text()
    assert "signal.received" in {line["event"] for line in lifecycle.bot.log_lines}


def test_a_stopped_bot_leaves_no_connection(lifecycle: Lifecycle, sandbox: Sandbox) -> None:
    assert lifecycle.exit_code == 0
    sandbox.slack.driver.wait_for(lambda: sandbox.slack.driver.connections() == [])


def test_every_line_of_the_log_is_json_with_its_time_and_level(lifecycle: Lifecycle) -> None:
    assert all({"event", "level", "timestamp"} <= line.keys() for line in lifecycle.bot.log_lines)


def test_the_debug_log_contains_no_secret(lifecycle: Lifecycle, sandbox: Sandbox) -> None:
    log, environment = lifecycle.bot.log.read_text(), sandbox.environment()
    names = ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "AWS_SECRET_ACCESS_KEY", "ASKBOB_CLIENT_SECRET")
    for secret in [*(environment[name] for name in names), *lifecycle.secrets]:
        assert secret not in log


@pytest.fixture(scope="module")
def interrupted(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> tuple[LoggedBot, int]:
    """Return a bot at the default log level that got Ctrl-C after one answer, and its exit code."""
    bot = start(sandbox, tmp_path_factory.mktemp("interrupted") / "log")
    SandboxUsers(sandbox).run_command("ada", "/bailiff report")
    return bot, bot.stop(signal.SIGINT)


def test_on_ctrl_c_the_bot_exits_with_0_and_without_a_traceback(interrupted: tuple[LoggedBot, int]) -> None:
    bot, exit_code = interrupted
    assert exit_code == 0
    assert "Traceback" not in bot.log.read_text()


def test_a_scan_writes_only_a_few_log_lines(interrupted: tuple[LoggedBot, int]) -> None:
    bot, _ = interrupted
    assert len([line for line in bot.log_lines if "Found endpoint" in str(line["event"])]) <= 1
    lines = [line for line in bot.log_lines if "alembic" not in str(line["logger"])]  # the first start migrates
    assert len(lines) < 15


def test_a_bot_stops_before_docker_kills_it_while_a_scan_is_slow_and_a_user_waits(
    sandbox: Sandbox, users: SandboxUsers, tmp_path: Path
) -> None:
    sandbox.aws.delay_responses("eu-west-1", 14.0, action="DescribeInstances")
    slow_bot = start(sandbox, tmp_path / "log")
    assert users.driver.user("ada").run_command("/bailiff report").acknowledged
    assert slow_bot.stop(signal.SIGTERM, DOCKER_STOP_TIMEOUT) == 0
    assert "Traceback" not in slow_bot.log.read_text()


def test_a_scan_need_not_wait_for_the_lease_of_a_bot_that_was_stopped_during_its_scan(
    sandbox: Sandbox, users: SandboxUsers, tmp_path: Path
) -> None:
    calls_before = len(sandbox.aws.calls)
    sandbox.aws.delay_responses("eu-west-1", 14.0, action="DescribeInstances")
    slow_bot = start(sandbox, tmp_path / "log")
    users.driver.wait_for(lambda: len(sandbox.aws.calls) > calls_before, ANSWER_TIMEOUT)
    slow_bot.stop(signal.SIGTERM, DOCKER_STOP_TIMEOUT)
    sandbox.aws.clear_faults()
    started = time.monotonic()
    assert sandbox.run_cli("report", **ONE_REGION).returncode == 0
    assert time.monotonic() - started < LEASE_DURATION.total_seconds() / 2


def test_a_report_in_a_pipe_has_tables_and_no_progress_bar(sandbox: Sandbox) -> None:
    result = sandbox.run_cli("report", **ONE_REGION)
    assert "Running for 30 days or more" in result.stdout
    assert "hro-master-1" in result.stdout
    assert "\x1b" not in result.stdout + result.stderr
    assert (result.returncode, result.stderr) == (0, "")


def process_group_ended(group: int) -> bool:
    """Return whether no process of a group runs any more."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False


def test_the_sandbox_prints_its_addresses_and_leaves_no_process_on_ctrl_c(sandbox: Sandbox) -> None:
    # As in a terminal, Ctrl-C reaches the whole group: the sandbox and the bot in it.
    command = [sys.executable, "-m", "bailiff_bot.cli", "sandbox"]
    with subprocess.Popen(  # noqa: S603 - Bailiff itself
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True
    ) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(3)]
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(STOP_TIMEOUT) == 0
    assert [address.split()[0] for address in lines] == ["Slack", "AWS", "Askbob"]
    assert all("http://127.0.0.1:" in address for address in lines)
    sandbox.slack.driver.wait_for(lambda: process_group_ended(process.pid), ANSWER_TIMEOUT)


def test_the_sandbox_leaves_no_process_on_sigterm(sandbox: Sandbox) -> None:
    command = [sys.executable, "-m", "bailiff_bot.cli", "sandbox"]
    with subprocess.Popen(  # noqa: S603 - Bailiff itself
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.terminate()
        assert process.wait(STOP_TIMEOUT) == 0
    sandbox.slack.driver.wait_for(lambda: process_group_ended(process.pid), ANSWER_TIMEOUT)


def _without_scan_times(text: str) -> str:
    """Return a text without the times at which AWS was read."""
    return re.sub(r"\bread, \d+ [A-Z][a-z]{2}, \d\d:\d\d [A-Z]+", "read", text)


@pytest.mark.timeout(300)
def test_the_demo_prints_the_transcripts_of_the_readme_and_exits_with_0() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "bailiff_bot.sandbox.demo"], capture_output=True, text=True, check=False, timeout=240
    )
    assert (result.returncode, result.stderr) == (0, "")
    for text in ("sa-east-1 (access denied)", "A direct message to Ada Granger", "No owner found", "types /bailiff"):
        assert text in result.stdout
    output_lines = {
        line.strip() for line in _without_scan_times(re.sub("^===", "", result.stdout, flags=re.MULTILINE)).splitlines()
    }
    readme = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
    transcripts = re.findall(r"```text\n(.*?)```", _without_scan_times(readme), re.DOTALL)[:3]
    assert [line for line in "".join(transcripts).splitlines() if line.strip() not in output_lines] == []
