"""One sandbox for each module, the real bot in it, and views that show only what a test itself caused."""

import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import timedelta
from io import StringIO
from pathlib import Path
from unittest.mock import patch

import pytest
from structlog.testing import capture_logs

from bailiff_bot import cli
from bailiff_bot.aws.sessions import SESSIONS
from bailiff_bot.runtime.process import BotProcess
from bailiff_bot.sandbox.aws.fleet import FLEET
from bailiff_bot.sandbox.aws.instance_fixture import STOPPED_BY_USER, InstanceFixture
from bailiff_bot.sandbox.sandbox import Sandbox
from bailiff_bot.sandbox.slack import InteractionResult, RenderedMessage
from bailiff_bot.sandbox.slack.base_types import Clock
from bailiff_bot.sandbox.slack.call_log import CallRecord
from tests.integration.store.postgres import Postgres
from tests.quick import COMMAND, QUICK

ANSWER_TIMEOUT = 40.0
"""Seconds that an answer may take on a busy machine."""
_INSTANCE_ID = re.compile(r"i-[0-9a-f]{17}")
WAIT_NOTICE = "for the first time"
"""Part of the notice that an answer takes a moment."""
SUMMARY_BEGINNINGS = ("Owners ", "No owner", "Already notified", "Could not be notified", "Notification uncertain")
"""How the notification of a delivery summary may begin: with its first list."""
FLEET_REGIONS = "eu-west-1,eu-west-3,us-east-1,ap-southeast-2,sa-east-1"
"""The regions of the seeded fleet. The other 24 are empty; not to read them saves time."""
ONE_REGION = {"BAILIFF_REGIONS": "eu-west-1", "BAILIFF_ROLE_ARNS": ""}
"""Settings for a single target, where a test is not about the scan."""
UNFLAGGED_TABLES = frozenset({"legit", "exempt"})
INVISIBLE_TABLES = frozenset({"absent", "unread"})

CompletedCommand = subprocess.CompletedProcess[str]

VISIBLE_INSTANCES = tuple(instance for instance in FLEET if instance.expected_table not in INVISIBLE_TABLES)
"""The instances that a report of the seeded fleet counts."""


def days(number: float) -> timedelta:
    """Return a duration in days."""
    return timedelta(days=number)


GPU = InstanceFixture(key="gpu", name="agr-gpu", since_start=days(90), expected_table="stopped-when-unused")
RETIRED = InstanceFixture(
    key="retired",
    name="hro-old",
    since_start=days(90),
    state="stopped",
    reason=STOPPED_BY_USER,
    since_stop=days(60),
    expected_table="deleted-when-abandoned",
)
LEGIT = InstanceFixture(key="legit", name="nabe-api", since_start=days(5), expected_table="legit")


def ids(text: str) -> set[str]:
    """Return the instance ids in a text."""
    return set(_INSTANCE_ID.findall(text))


def ids_of(*instances: InstanceFixture) -> set[str]:
    """Return the ids of instances."""
    return {instance.id for instance in instances}


def ids_by_key(*keys: str) -> set[str]:
    """Return the ids of seeded instances by their keys."""
    return ids_of(*(instance for instance in FLEET if instance.key in keys))


def run_in_process(
    sandbox: Sandbox, *arguments: str, folder: Path | str | None = None, **overrides: str
) -> CompletedCommand:
    """Run a command as `Sandbox.run_cli` does, but in this process. That saves a second. It logs nothing.

    Commands share a database only if they share a `folder`. By default each command gets a new one.
    """
    out, err = StringIO(), StringIO()
    other_keys = any(name.startswith("AWS_") for name in overrides)
    with ExitStack() as stack:
        stack.enter_context(chdir(folder or stack.enter_context(tempfile.TemporaryDirectory())))
        stack.enter_context(patch.dict(os.environ, sandbox.environment(**overrides), clear=True))
        stack.enter_context(patch.object(sys, "argv", ["bailiff", *arguments]))
        for target in ("bailiff_bot.runtime.logging.configure_logging", "signal.signal", "gc.disable", "os.nice"):
            stack.enter_context(patch(target))
        stack.enter_context(capture_logs())
        stack.enter_context(redirect_stdout(out))
        stack.enter_context(redirect_stderr(err))
        exit_error = stack.enter_context(pytest.raises(SystemExit))
        if other_keys:
            stack.callback(SESSIONS.reset)
            SESSIONS.reset()
        cli.main(cli.Replacements(timing=QUICK))
    return CompletedCommand(arguments, int(exit_error.value.code or 0), out.getvalue(), err.getvalue())


@contextmanager
def serving(bot: BotProcess) -> Iterator[None]:
    """Serve in a thread during the block, then stop the bot."""
    thread = threading.Thread(target=bot.serve)
    thread.start()
    try:
        yield
    finally:
        bot.stopping.set()
        thread.join(ANSWER_TIMEOUT)
    assert not thread.is_alive()


@dataclass(frozen=True, slots=True)
class ConversationView:
    """The messages that a user sees in a channel since the view was made."""

    sandbox: Sandbox
    user: str
    channel: str
    earlier_timestamps: frozenset[str]

    def new_messages(self) -> list[RenderedMessage]:
        """Return the messages since then, oldest first."""
        visible = self.sandbox.slack.driver.user(self.user).visible_messages(self.channel)
        return [message for message in visible if message.ts not in self.earlier_timestamps]

    def wait_for_messages(self, enough: Callable[[list[RenderedMessage]], object] = bool) -> list[RenderedMessage]:
        """Return the messages since then, once `enough` is true of them. Fails after `ANSWER_TIMEOUT`."""
        return (
            self.sandbox.slack.driver.wait_for(
                lambda: new if enough(new := self.new_messages()) else None, ANSWER_TIMEOUT
            )
            or []
        )

    def current(self, message: RenderedMessage) -> RenderedMessage:
        """Return the current state of a message."""
        return next(shown for shown in self.new_messages() if shown.ts == message.ts)

    def thread(self, parent: RenderedMessage) -> list[RenderedMessage]:
        """Return the replies to a message."""
        return self.sandbox.slack.driver.user(self.user).visible_messages(self.channel, thread=parent)[1:]


class SandboxUsers:
    """Acts as the users of the sandbox's Slack, and shows what they see."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.driver = sandbox.slack.driver
        self._calls_before = len(self.driver.calls())

    def view(self, user: str, channel: str = "bailiff") -> ConversationView:
        """Return a view of what this user sees in a channel from now on."""
        before = frozenset(message.ts for message in self.driver.user(user).visible_messages(channel))
        return ConversationView(self.sandbox, user, channel, before)

    def run_command(self, user: str, command: str, channel: str = "bailiff") -> list[RenderedMessage]:
        """Type a command as this user. Returns all that the user sees from then on, once there is an answer."""
        view = self.view(user, channel)
        interaction = self.driver.user(user).run_command(command, channel=channel)
        assert interaction.acknowledged
        return view.wait_for_messages(lambda new: [message for message in new if WAIT_NOTICE not in message.text])

    def click(self, user: str, message: RenderedMessage, button: str) -> InteractionResult:
        """Press a button as this user."""
        return self.driver.user(user).click(message, button)

    def calls(self, method: str) -> list[CallRecord]:
        """Return the calls of a Slack method during this test."""
        return [call for call in self.driver.calls()[self._calls_before :] if call.method == method]

    def let_calls_succeed(self, method: str, times: int, channel: str | None = None) -> None:
        """Let the next calls of a method succeed. Faults that are injected afterwards apply to later calls."""
        if times:
            self.driver.inject_fault("slow", method, channel=channel, times=times, seconds=0.0)


@pytest.fixture(scope="module")
def fleet() -> tuple[InstanceFixture, ...]:
    """Return the instances in AWS. A module overrides this to use its own fleet."""
    return FLEET


@pytest.fixture(scope="module")
def slack_clock() -> Clock:
    """Return the clock that dates messages in Slack. A module overrides this to use its own time."""
    return time.time


@pytest.fixture(scope="module")
def sandbox(fleet: tuple[InstanceFixture, ...], slack_clock: Clock) -> Iterator[Sandbox]:
    """Start Slack, AWS and Askbob for the tests of a module. Bailiff does not wait for Slack's rate limits."""
    SESSIONS.reset()  # it may hold another module's keys
    with Sandbox(fleet, clock=slack_clock, command=COMMAND) as running:
        yield running
    SESSIONS.reset()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """Start a PostgreSQL server for the tests that need one."""
    with Postgres() as server:
        yield server


@pytest.fixture
def users(sandbox: Sandbox) -> Iterator[SandboxUsers]:
    """Return the users of the sandbox. Afterwards, clear every fault that the test injected."""
    yield SandboxUsers(sandbox)
    sandbox.slack.driver.clear_faults()
    sandbox.aws.clear_faults()
    sandbox.askbob.clear_faults()
