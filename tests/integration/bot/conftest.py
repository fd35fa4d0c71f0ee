"""The whole sandbox and the real bot in it, once for each module; each test sees only what came during it."""

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
from tests.quick import COMMAND, QUICK

PATIENCE = 40.0
"""Seconds that an answer may take on a machine that is busy with other things."""
IDS = re.compile(r"i-[0-9a-f]{17}")
WAIT_NOTICE = "for the first time"
"""What the word that an answer takes a moment is known by."""
FLEET_REGIONS = "eu-west-1,eu-west-3,us-east-1,ap-southeast-2,sa-east-1"
"""Every region that the seeded fleet is in: reading these alone spares the machine 24 empty ones."""
ONE_REGION = {"BAILIFF_REGIONS": "eu-west-1", "BAILIFF_ROLE_ARNS": ""}
"""The fewest targets there can be, for when the scan is not what is tested."""
CLEAN = frozenset({"legit", "exempt"})
INVISIBLE = frozenset({"absent", "unread"})

CompletedCommand = subprocess.CompletedProcess[str]
"""A command that came to its end."""

VISIBLE = tuple(machine for machine in FLEET if machine.expected_table not in INVISIBLE)
"""What a report of the seeded fleet counts."""


def days(number: float) -> timedelta:
    """Return a time in days."""
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
    return set(IDS.findall(text))


def ids_of(*machines: InstanceFixture) -> set[str]:
    """Return the ids of instances."""
    return {machine.id for machine in machines}


def ids_by_key(*keys: str) -> set[str]:
    """Return the ids of seeded instances by their keys."""
    return ids_of(*(machine for machine in FLEET if machine.key in keys))


def run_in_process(
    sandbox: Sandbox, *arguments: str, folder: Path | str | None = None, **changes: str
) -> CompletedCommand:
    """Run a command to its end as `stage.bailiff` does, in this process, which spares a second; it logs nothing.

    It remembers nothing of other commands, but for those in the same `folder`.
    """
    out, err = StringIO(), StringIO()
    other_keys = any(name.startswith("AWS_") for name in changes)
    with ExitStack() as here:
        here.enter_context(chdir(folder or here.enter_context(tempfile.TemporaryDirectory())))
        here.enter_context(patch("bailiff_bot.bootstrap.TIMING", QUICK))
        here.enter_context(patch.dict(os.environ, sandbox.environment(**changes), clear=True))
        here.enter_context(patch.object(sys, "argv", ["bailiff", *arguments]))
        for kept in ("bailiff_bot.runtime.logging.configure_logging", "signal.signal"):
            here.enter_context(patch(kept))
        here.enter_context(capture_logs())
        here.enter_context(redirect_stdout(out))
        here.enter_context(redirect_stderr(err))
        left = here.enter_context(pytest.raises(SystemExit))
        if other_keys:
            here.callback(SESSIONS.reset)
            SESSIONS.reset()
        cli.main()
    return CompletedCommand(arguments, int(left.value.code or 0), out.getvalue(), err.getvalue())


@contextmanager
def serving(bot: BotProcess) -> Iterator[None]:
    """Have a bot serve, and stop in the end."""
    thread = threading.Thread(target=bot.serve)
    thread.start()
    try:
        yield
    finally:
        bot.stopping.set()
        thread.join(PATIENCE)
    assert not thread.is_alive()


@dataclass(frozen=True, slots=True)
class ConversationView:
    """What somebody sees in a place, from the moment at which one begins to look."""

    sandbox: Sandbox
    user: str
    channel: str
    earlier_timestamps: frozenset[str]

    def new_messages(self) -> list[RenderedMessage]:
        """Return the messages that came since, oldest first."""
        seen = self.sandbox.slack.driver.user(self.user).visible_messages(self.channel)
        return [message for message in seen if message.ts not in self.earlier_timestamps]

    def wait_for_messages(self, enough: Callable[[list[RenderedMessage]], object] = bool) -> list[RenderedMessage]:
        """Return the messages that came since, once they are enough."""
        return (
            self.sandbox.slack.driver.wait_for(lambda: new if enough(new := self.new_messages()) else None, PATIENCE)
            or []
        )

    def current(self, message: RenderedMessage) -> RenderedMessage:
        """Return a message as it is now."""
        return next(now for now in self.new_messages() if now.ts == message.ts)

    def thread(self, parent: RenderedMessage) -> list[RenderedMessage]:
        """Return the replies to a message."""
        return self.sandbox.slack.driver.user(self.user).visible_messages(self.channel, thread=parent)[1:]


class SandboxUsers:
    """People on a stage: what they ask, and what they see of it."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.driver = sandbox.slack.driver
        self._calls_before = len(self.driver.calls())

    def view(self, user: str, channel: str = "bailiff") -> ConversationView:
        """Begin to look over somebody's shoulder."""
        before = frozenset(message.ts for message in self.driver.user(user).visible_messages(channel))
        return ConversationView(self.sandbox, user, channel, before)

    def run_command(self, user: str, typed: str, channel: str = "bailiff") -> list[RenderedMessage]:
        """Have somebody type a command, and return all that this person then sees, once there is an answer."""
        view = self.view(user, channel)
        outcome = self.driver.user(user).run_command(typed, channel=channel)
        assert outcome.acknowledged
        return view.wait_for_messages(lambda new: [message for message in new if WAIT_NOTICE not in message.text])

    def click(self, user: str, on: RenderedMessage, button: str) -> InteractionResult:
        """Have somebody press a button."""
        return self.driver.user(user).click(on, button)

    def calls(self, method: str) -> list[CallRecord]:
        """Return the calls of a method that were made during this test."""
        return [call for call in self.driver.calls()[self._calls_before :] if call.method == method]

    def let_calls_succeed(self, method: str, times: int, channel: str | None = None) -> None:
        """Let the next calls of a method pass, whatever fault is ordered afterwards."""
        if times:
            self.driver.inject_fault("slow", method, channel=channel, times=times, seconds=0.0)


@pytest.fixture(scope="module")
def fleet() -> tuple[InstanceFixture, ...]:
    """Return the instances there are; a module with a fleet of its own overrides this."""
    return FLEET


@pytest.fixture(scope="module")
def slack_clock() -> Clock:
    """Return the clock that dates messages in Slack; a module with a time of its own overrides this."""
    return time.time


@pytest.fixture(scope="module")
def sandbox(fleet: tuple[InstanceFixture, ...], slack_clock: Clock) -> Iterator[Sandbox]:
    """Start Slack, AWS and Askbob for a module's tests; Bailiff's processes do not wait for Slack's rate limits."""
    SESSIONS.reset()  # what another module's keys were
    with Sandbox(fleet, clock=slack_clock, command=COMMAND) as opened:
        yield opened
    SESSIONS.reset()


@pytest.fixture
def users(sandbox: Sandbox) -> Iterator[SandboxUsers]:
    """Give a test its people, and mend afterwards whatever it broke."""
    yield SandboxUsers(sandbox)
    sandbox.slack.driver.clear_faults()
    sandbox.aws.clear_faults()
    sandbox.askbob.clear_faults()
