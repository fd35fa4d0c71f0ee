"""The whole sandbox: Slack, AWS and Askbob on this machine, and the real bot as a process of its own among them."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self

from bailiff_bot.sandbox import fixtures
from bailiff_bot.sandbox.askbob import AskbobSandbox
from bailiff_bot.sandbox.aws.fleet import ALLOWED_REGIONS, FLEET
from bailiff_bot.sandbox.aws.instance_fixture import InstanceFixture
from bailiff_bot.sandbox.aws.server import AwsSandbox
from bailiff_bot.sandbox.bot_processes import BAILIFF_COMMAND, BotProcesses
from bailiff_bot.sandbox.page.sandbox_handlers import SandboxHandlers
from bailiff_bot.sandbox.slack import SlackSandbox
from bailiff_bot.sandbox.slack.base_types import Clock

_SIGNAL_POLL_SECONDS = 0.5
"""How often it is looked whether a signal came: one that comes right before a wait without end does not end it."""
_INHERITED_VARIABLES = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH", "SYSTEMROOT")
_NO_SCHEDULED_DIGEST = "0 0 29 2 *"
"""When a bot sends a digest by itself: on no ordinary day, for here it is sent when somebody says so."""

ALWAYS_RESCAN = MappingProxyType({"BAILIFF_FRESH_MINUTES": "0"})
"""The settings of a bot that looks at AWS anew behind each of its answers, for those who turn switches."""


class Sandbox:
    """A context manager: starts the three, with a fleet, and stops them and every bot that was started on it.

    Arguments: the instances; settings of Bailiff's that differ from the sandbox's own; the clock that dates messages
    in Slack; the command that starts Bailiff.
    """

    def __init__(
        self,
        fleet: Iterable[InstanceFixture] = FLEET,
        settings: Mapping[str, str] = MappingProxyType({}),
        clock: Clock = time.time,
        command: Sequence[str] = BAILIFF_COMMAND,
    ) -> None:
        self._settings = settings
        self._command = command
        self._time_offset = timedelta()
        self.aws = AwsSandbox(fleet)
        self.slack = SlackSandbox(
            clock=lambda: clock() + self._time_offset.total_seconds(),
            extra_handlers=SandboxHandlers(self.aws, self).handlers(),
        )
        self.askbob = AskbobSandbox()
        self._exit_stack = ExitStack()
        self._folder = Path()
        self._bot_processes = BotProcesses(self.environment, self.slack.driver, self._folder, self._command)

    def __enter__(self) -> Self:
        """Open the curtain."""
        with ExitStack() as opened:
            for part in (self.slack, self.aws, self.askbob):
                opened.enter_context(part)
            # A folder of its own, so that no .env of this machine's is read.
            self._folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="bailiff-")))
            self._bot_processes = BotProcesses(self.environment, self.slack.driver, self._folder, self._command)
            opened.callback(self._bot_processes.stop)
            self._exit_stack = opened.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._exit_stack.close()

    def environment(self, **overrides: str) -> dict[str, str]:
        """Return a process's environment in which Bailiff finds the sandbox, and nothing of this machine's own."""
        return {
            **{name: os.environ[name] for name in _INHERITED_VARIABLES if name in os.environ},
            **self.aws.environment(),
            "SLACK_API_URL": self.slack.api_url,
            "SLACK_BOT_TOKEN": self.slack.bot_token,
            "SLACK_APP_TOKEN": self.slack.app_token,
            "ASKBOB_URL": self.askbob.url,
            "ASKBOB_CLIENT_ID": self.askbob.client_id,
            "ASKBOB_CLIENT_SECRET": self.askbob.client_secret,
            "BAILIFF_CHANNEL": fixtures.DIGEST_CHANNEL,
            "BAILIFF_ROLE_ARNS": fixtures.LAB_ROLE_ARN,
            "BAILIFF_EXTERNAL_ID": fixtures.EXTERNAL_ID,
            "BAILIFF_ALLOWED_REGIONS": ",".join(ALLOWED_REGIONS),
            "BAILIFF_NUDGES": "on",
            "BAILIFF_DIGEST_CRON": _NO_SCHEDULED_DIGEST,
            "BAILIFF_CLOCK_AHEAD": str(self._time_offset // timedelta(seconds=1)),
            **self._settings,
            **overrides,
        }

    def run_cli(self, *arguments: str, **overrides: str) -> subprocess.CompletedProcess[str]:
        """Run a command of Bailiff's to its end."""
        return subprocess.run(  # noqa: S603 - Bailiff itself
            [*self._command, *arguments],
            env=self.environment(**overrides),
            cwd=self._folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,  # where answers are lost, each is looked for when Slack must have shown it
        )

    def send_digest(self) -> subprocess.CompletedProcess[str]:
        """Send the digest now."""
        return self.run_cli("digest")

    def advance_time(self, duration: timedelta) -> None:
        """Let whole seconds pass for the whole world: for AWS, for Slack and for the bot.

        The fleet stays as it is, so everything in it becomes so much older. The bots that run are stopped and started
        anew, with a clock that is so much further ahead of the machine's; `bots` are then other processes.
        """
        self._bot_processes.restart_all(lambda: self._advance_clocks(duration))

    def _advance_clocks(self, duration: timedelta) -> None:
        self.aws.advance_time(duration)
        self._time_offset += duration

    @property
    def bots(self) -> "tuple[subprocess.Popen[str], ...]":
        """The bots that run now."""
        return self._bot_processes.running

    def start_bot(self, log_fd: int | None = None, **overrides: str) -> "subprocess.Popen[str]":
        """Start the bot, wait until it is connected, and stop it when the stage closes.

        Its log goes to the file descriptor `log`, else into a file of the stage's own. Raises RuntimeError when the bot
        ends instead, with the end of that file.
        """
        return self._bot_processes.start(log_fd, overrides)


def run_until_interrupted() -> None:
    """Start everything, say where it is, and stay until Ctrl-C or SIGTERM."""
    stop_requested = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        # In a thread: the one that the signal interrupts may hold the event's lock.
        signal.signal(number, lambda *_: threading.Thread(target=stop_requested.set, daemon=True).start())
    with Sandbox(settings=ALWAYS_RESCAN) as sandbox:
        sandbox.start_bot(log_fd=sys.stderr.fileno())
        print(
            f"Slack   {sandbox.slack.api_url}\nAWS     {sandbox.aws.url}\nAskbob  {sandbox.askbob.url}\n"
            f"The bot runs among them; the digest's channel is #{fixtures.DIGEST_CHANNEL}. Ctrl-C stops everything.\n\n"
            f"Open {sandbox.slack.url}/ in a browser",
            flush=True,
        )
        while not stop_requested.wait(_SIGNAL_POLL_SECONDS):
            pass
        print("Stopping.", flush=True)
