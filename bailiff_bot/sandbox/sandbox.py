"""The whole sandbox: a local Slack, AWS and Askbob, and the real bot as a separate process."""

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
"""How often to check for a signal. A signal that comes right before a wait without timeout does not end that wait."""
_INHERITED_VARIABLES = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH", "SYSTEMROOT")
_NO_SCHEDULED_DIGEST = "0 0 29 2 *"
"""29 February: in the sandbox the digest is sent on request only."""

ALWAYS_RESCAN = MappingProxyType({"BAILIFF_FRESH_MINUTES": "0"})
"""Settings that make the bot scan AWS again after each report, so that the next report shows what was changed."""
WITH_TRIAGE = MappingProxyType(
    {"BAILIFF_TRIAGE_CHANNEL": fixtures.TRIAGE_CHANNEL, "BAILIFF_ADMINS": fixtures.ADMINISTRATOR_ID}
)
"""Settings that add a triage channel, so that *Not mine* is offered, and an administrator."""

WITH_ACTING = MappingProxyType(
    {
        **WITH_TRIAGE,
        "BAILIFF_ACTIONS": "keep,not-mine,rename,stop,delete",
        "BAILIFF_ACTION_ROLE_ARNS": ",".join(fixtures.ACTION_ROLE_ARNS),
        "BAILIFF_DELETE_ROLE_ARNS": ",".join(fixtures.DELETE_ROLE_ARNS),
    }
)
"""Settings that also let owners rename, stop and delete, with the roles of both accounts."""
WITH_PRICES = MappingProxyType({"BAILIFF_PRICES": "on"})
"""Settings that let reports say what instances cost. Without them the sandbox does not ask for prices."""
WITH_USAGE = MappingProxyType({"BAILIFF_USAGE": "on"})
"""Settings that let CloudWatch say which instances are used. Without them the sandbox does not ask it."""
OWNERS_SETTLED = {"BAILIFF_OWNER_SETTLED_HOURS": "1"}
"""The shortest time for which an owner must be known, so that the sandbox need not be a day ahead."""


class Sandbox:
    """A context manager that starts Slack, AWS and Askbob, and at the end stops them and all bots.

    Arguments: the instances; settings of Bailiff that override the sandbox's; the clock of Slack's messages, in
    seconds since 1970; the command that runs Bailiff.
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
        """Start Slack, AWS and Askbob, but no bot."""
        with ExitStack() as stack:
            for service in (self.slack, self.aws, self.askbob):
                stack.enter_context(service)
            # An empty folder, so that the bot reads no .env file of this machine.
            self._folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bailiff-")))
            self._bot_processes = BotProcesses(self.environment, self.slack.driver, self._folder, self._command)
            stack.callback(self._bot_processes.stop)
            self._exit_stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._exit_stack.close()

    def environment(self, **overrides: str) -> dict[str, str]:
        """Return a process environment that connects Bailiff to the sandbox and to nothing else on this machine."""
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
            "BAILIFF_PRICES": "off",
            "BAILIFF_USAGE": "off",
            "BAILIFF_CLOCK_AHEAD": str(self._time_offset // timedelta(seconds=1)),
            **self._settings,
            **overrides,
        }

    def run_cli(self, *arguments: str, **overrides: str) -> subprocess.CompletedProcess[str]:
        """Run a command of Bailiff and return its result."""
        return subprocess.run(  # noqa: S603 - Bailiff itself
            [*self._command, *arguments],
            env=self.environment(**overrides),
            cwd=self._folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,  # after a lost response, the bot waits until it can look the message up in Slack
        )

    def send_digest(self) -> subprocess.CompletedProcess[str]:
        """Send the digest now."""
        return self.run_cli("digest")

    def advance_time(self, duration: timedelta) -> None:
        """Move the clocks of AWS, Slack and the bots forward by whole seconds.

        The fleet stays as it is, so its instances get older. The running bots restart with the new time; `bots` then
        holds other processes.
        """
        self._bot_processes.restart_all(lambda: self._advance_clocks(duration))

    def _advance_clocks(self, duration: timedelta) -> None:
        self.aws.advance_time(duration)
        self._time_offset += duration

    def settle_owners(self, duration: timedelta) -> None:
        """Let a scan see all owners, and move the clocks forward. So they have been owners for that long."""
        self.run_cli("report")
        self.advance_time(duration)

    @property
    def bots(self) -> "tuple[subprocess.Popen[str], ...]":
        """The running bots."""
        return self._bot_processes.running

    def start_bot(self, log_fd: int | None = None, **overrides: str) -> "subprocess.Popen[str]":
        """Start a bot and return once it is connected; it stops with the sandbox.

        It logs to the file descriptor `log_fd`, else to a file of the sandbox. Raises RuntimeError, with the end of
        that file, if the bot ends instead.
        """
        return self._bot_processes.start(log_fd, overrides)


def run_until_interrupted() -> None:
    """Start everything, print the addresses, and run until Ctrl-C or SIGTERM."""
    stop_requested = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        # In a new thread: the thread that the signal interrupts may hold the event's lock.
        signal.signal(number, lambda *_: threading.Thread(target=stop_requested.set, daemon=True).start())
    with Sandbox(settings={**ALWAYS_RESCAN, **WITH_ACTING, **OWNERS_SETTLED}) as sandbox:
        sandbox.settle_owners(timedelta(hours=1))
        sandbox.start_bot(log_fd=sys.stderr.fileno())
        print(
            f"Slack   {sandbox.slack.api_url}\nAWS     {sandbox.aws.url}\nAskbob  {sandbox.askbob.url}\n"
            f"The bot is connected to them. The digest's channel is #{fixtures.DIGEST_CHANNEL}, that of triage\n"
            f"#{fixtures.TRIAGE_CHANNEL}. Billie Ledger is the administrator. Stop, Rename and Delete are on: they\n"
            "change only this EC2. Its clock is an hour ahead. Ctrl-C stops all.\n\n"
            f"Open {sandbox.slack.url}/ in a browser",
            flush=True,
        )
        while not stop_requested.wait(_SIGNAL_POLL_SECONDS):
            pass
        print("Stopping.", flush=True)
