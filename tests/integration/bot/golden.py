"""Records what Slack gets from the real program, and compares it with the files in `tests/golden/messages`.

Nothing here depends on how a message is made. Only `build_program` depends on the structure of the program.
"""

import difflib
import json
import os
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from bailiff_bot.domain.ownership import Disclaimer, OwnershipClaims, ownership_fingerprint
from bailiff_bot.domain.subject import instance_subject
from bailiff_bot.sandbox.sandbox import Sandbox
from bailiff_bot.sandbox.slack import RenderedMessage
from bailiff_bot.sandbox.slack.call_log import CallRecord
from bailiff_bot.settings.model import Settings
from bailiff_bot.store.store import Store
from tests.integration.bot.conftest import ANSWER_TIMEOUT, SUMMARY_BEGINNINGS
from tests.program import Program as BuiltProgram
from tests.program import open_program

FOLDER = Path(__file__).parents[2] / "golden" / "messages"
TEST = "tests/integration/bot/test_golden_messages.py"
START = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
"""A Monday. The digest is due at 09:00 in Paris, an hour later."""
DUE = time(8)
"""When the digest is due, in UTC."""
ZONE = {"BAILIFF_TIMEZONE": "Europe/Paris"}
DAILY = {"BAILIFF_DIGEST_CRON": "0 9 * * *"}
REPLY, HOME = "response_url", "views.publish"
_READ_METHOD = re.compile(r"(auth|bots|users|conversations|apps)\.")
"""Methods that only read, or connect."""
_RANDOM_PART = re.compile(r"(?<= )(?:[0-9a-f]{12}|[\w-]{22})(?=/)")
"""A random part of a message's key; only messages that somebody caused have one."""
_TRIGGER = re.compile(r'("trigger_id": ")[\w.]+(?=")')
_OFFER_KEY = re.compile(r'("(?:value": "(?:bailiff_\w+ )?|private_metadata": "))[\w-]{22}(?=")')
"""The key of what a button or a choice in a menu offers, or of the click for which a modal is open; all are random."""
_WIDTH = 120


@dataclass(frozen=True, slots=True)
class Program:
    """Bailiff as one process, and what a test can make it do."""

    run_due: Callable[[], None]
    """Does the work that is due, as the scheduler does at each tick."""
    preview: Callable[[str], object]
    """Sends a preview of the digest to a user."""
    serve: Callable[[], None]
    """Serves until `stop` is called."""
    stop: Callable[[], None]
    disclaim: Callable[[str, str, str], None]
    """Saves that a user (by id, with a name) says that an instance (by name) is not theirs."""
    hold_scan: Callable[[], AbstractContextManager[object]]
    """Holds the lease of the scan during the block, so that no scan starts."""
    store: Store
    scan: Callable[[], object]
    """Scans AWS, and returns the snapshot."""


@contextmanager
def build_program(settings: Settings, clock: Callable[[], datetime]) -> Iterator[Program]:
    """Yield the program. Only this function has to follow when the structure of the program changes."""
    with open_program(settings, clock) as program:
        yield Program(
            program.run_due,
            lambda user: program.slack.digests.send_preview(user).result(),
            program.process.serve,
            program.process.stopping.set,
            partial(disclaim, program),
            partial(program.shared.leases.hold, "scan"),
            program.shared.store,
            program.shared.snapshots.scan,
        )


def disclaim(program: BuiltProgram, instance: str, user: str, name: str) -> None:
    """Save what *Not mine* saves."""
    report, now = program.shared.reports.stored(), program.shared.clock()
    found = next(row.instance for row in report.rows if row.instance.name == instance)
    said = Disclaimer(
        id=f"{user} {instance}",
        subject=instance_subject(found),
        title=f"{instance} ({found.id})",
        user_id=user,
        name=name,
        address="agr@octo.example",
        said_at=now,
        until=now + timedelta(days=14),
        fingerprint=ownership_fingerprint(found, report.policy),
    )
    program.shared.store.ownership.save(OwnershipClaims((said,)))


@dataclass(slots=True)
class PausableClock:
    """The sandbox's clock. It moves only when a test moves it. A test can make its readers fail, or wait."""

    now: Callable[[], datetime]
    fails: bool = False
    reader_waits: threading.Event = field(default_factory=threading.Event)
    """Set once a reader waits."""
    _may_read: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._may_read.set()

    def __call__(self) -> datetime:
        if self.fails:
            raise ZeroDivisionError
        if not self._may_read.is_set():
            self.reader_waits.set()
        assert self._may_read.wait(ANSWER_TIMEOUT)
        return self.now()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Make readers wait during the block."""
        self._may_read.clear()
        try:
            yield
        finally:
            self._may_read.set()


class Scenario:
    """A sandbox at a fixed time, the program in it, and a record of what Slack gets."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self.sandbox = sandbox
        self.driver = sandbox.slack.driver
        self.clock = PausableClock(sandbox.aws.now)
        self.files: dict[str, str] = {}
        """The recorded text of each `step.kind`."""
        self._folder = folder
        self._recorded = 0

    @contextmanager
    def program(self, database: str = "bailiff", **changes: str) -> Iterator[Program]:
        """Yield a new process that uses a database. `changes` replace the sandbox's settings."""
        environment = {"BAILIFF_DATABASE_URL": f"sqlite:///{self._folder}/{database}.sqlite", **changes}
        with ExitStack() as opened:
            with patch.dict(os.environ, environment):
                program = opened.enter_context(build_program(Settings(), self.clock))
            yield program

    def digest(self, step: str, **changes: str) -> None:
        """Move the clock to the next time at which a digest is due, and record that digest."""
        day = self.clock().date() + timedelta(days=self.clock().time() >= DUE)
        before = datetime.combine(day, DUE, UTC) - timedelta(minutes=1)
        self.sandbox.advance_time(before - self.clock())
        with self.program(**DAILY, **changes) as program:
            program.run_due()  # nothing is due yet: a new schedule only counts from its first tick
            self.sandbox.advance_time(timedelta(minutes=1))
            program.run_due()
        self.record(step)

    @contextmanager
    def serving(
        self, changes: Mapping[str, str], before: Callable[[], object] = lambda: None, database: str = "bailiff"
    ) -> Iterator[Program]:
        """Run a serving process during the block. Its first scan starts after `before`."""
        with self.program(database, **changes) as program:
            thread = threading.Thread(target=program.serve)
            try:
                with program.hold_scan() as held:
                    assert held
                    thread.start()
                    self.driver.wait_for(self.driver.connections, ANSWER_TIMEOUT)
                    before()
                yield program
            finally:
                program.stop()
                thread.join(ANSWER_TIMEOUT)
            assert not thread.is_alive()

    def run_command(self, user: str, text: str, channel: str = "general") -> list[CallRecord]:
        """Type a command as this user. Returns the calls since the last step."""
        assert self.driver.user(user).run_command(text, channel=channel).acknowledged
        return self.new_calls()

    def record_answer(self, step: str, user: str, text: str, channel: str = "general") -> RenderedMessage:
        """Type a command as this user, and record the answer. Returns the last message that the user sees."""
        self.run_command(user, text, channel)
        self.record(step, REPLY)
        return self.driver.user(user).visible_messages(channel)[-1]

    def record_click(self, step: str, user: str, message: RenderedMessage, button: str, replies: int = 2) -> None:
        """Press a button as this user, and record what Slack gets until it has that many replies."""
        assert self.driver.user(user).click(message, button).acknowledged
        self.record(step, *[REPLY] * replies)

    def record_home(self, step: str, user: str) -> None:
        """Open the Home tab as this user, and record it."""
        assert self.driver.user(user).open_home().acknowledged
        self.record(step, HOME)

    def record_acknowledgement(self, step: str, user: str, text: str) -> None:
        """Type a command as this user, and record the payload of the acknowledgement."""
        self.files[f"{step}.acknowledgement"] = (
            pretty(self.driver.user(user).run_command(text, "general").payload) + "\n"
        )

    def record(self, step: str, *methods: str, only: int | None = None) -> None:
        """Record the calls since the last step, or the first `only` of them, once these methods were called.

        An empty `step` records nothing.
        """
        self.driver.wait_for(
            lambda: Counter(methods) <= Counter(call.method for call in self.new_calls()), ANSWER_TIMEOUT
        )
        calls = self.new_calls()
        self._recorded += len(calls)
        if not step:
            return
        kinds: dict[str, list[dict[str, Any]]] = {}
        # The program sends to several conversations at a time: only the order within each is fixed.
        for call in sorted(calls[:only], key=lambda call: str(call.arguments.get("channel"))):
            kinds.setdefault(_kind(call), []).append({"method": call.method, "arguments": call.arguments})
        for kind, calls_of_kind in kinds.items():
            assert f"{step}.{kind}" not in self.files
            self.files[f"{step}.{kind}"] = _without_random_parts(pretty(self._with_content(calls_of_kind))) + "\n"

    def new_calls(self) -> list[CallRecord]:
        """Return the calls since the last step that write something, oldest first."""
        return [call for call in self.driver.calls() if not _READ_METHOD.match(call.method)][self._recorded :]

    def _with_content(self, calls: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return the calls, then the lines of the uploaded files. The sandbox records an upload without its content."""
        uploads = [call["arguments"] for call in calls if call["method"] == "files.completeUploadExternal"]
        lines = [line for upload in uploads for line in self._content(upload["channel_id"], upload["thread_ts"])]
        return [*calls, {"content": lines}] if uploads else calls

    def _content(self, channel: str, thread: str) -> list[str]:
        user = "bill" if channel.startswith("C") else f"U{channel[1:]}"
        files = [file for message in self.driver.user(user).visible_messages(channel, thread) for file in message.files]
        return [line for file in files for line in file.text.splitlines(keepends=True)]


def _without_random_parts(text: str) -> str:
    return _TRIGGER.sub(r"\1<id>", _OFFER_KEY.sub(r"\1<key>", _RANDOM_PART.sub("<random>", text)))


_POSTED = {"owners": "delivery-summary", "nudge": "direct-message", "copy": "direct-message-copy"}
"""What is posted, by the name of its delivery, where that is another word."""


def _kind(call: CallRecord) -> str:
    match call.method:
        case "response_url":
            return "reply"
        case "views.publish":
            return "home"
        case "chat.postMessage":
            name = str(call.arguments["metadata"]["event_payload"]["key"]).split("/")[-2].partition(" ")[0]
            return _POSTED.get(name, name)
        case "views.open" | "views.update":
            return "modal"
        case "chat.update":
            return _edited_kind(call)
        case _:
            return "csv"


def _edited_kind(call: CallRecord) -> str:
    if not call.arguments["channel"].startswith("C"):
        return "direct-message-edit"
    is_summary = str(call.arguments["text"]).startswith(SUMMARY_BEGINNINGS)
    return "delivery-summary-final" if is_summary else "channel-message-edit"


def pretty(value: Any, indent: int = 0) -> str:
    """Return JSON that has each value on one line if it fits."""
    flat = json.dumps(value, ensure_ascii=False)
    if len(flat) + indent <= _WIDTH or not value or not isinstance(value, dict | list):
        return flat
    inside = indent + 2
    if isinstance(value, dict):
        parts = [f"{json.dumps(key)}: {pretty(item, inside)}" for key, item in value.items()]
    else:
        parts = [pretty(item, inside) for item in value]
    first, last = "{}" if isinstance(value, dict) else "[]"
    return f"{first}\n{' ' * inside}" + f",\n{' ' * inside}".join(parts) + f"\n{' ' * indent}{last}"


def compare(scenario: str, recorded: dict[str, str]) -> None:
    """Fail if the recorded texts differ from the files of a scenario. With UPDATE_GOLDEN, write the files instead."""
    files = {FOLDER / f"{scenario}.{name}.json": text for name, text in recorded.items()}
    before = {path: path.read_text(encoding="utf-8") for path in FOLDER.glob(f"{scenario}.*.json")}
    if os.environ.get("UPDATE_GOLDEN"):
        for path in before.keys() - files.keys():
            path.unlink()
        for path, text in files.items():
            path.write_text(text, encoding="utf-8")
    elif before != files:
        changed = (_diff(path, before.get(path, ""), files.get(path, "")) for path in sorted({*before, *files}))
        pytest.fail(
            f"Slack does not get what the golden files hold.\n{''.join(changed)}\n"
            f"If the change is intended: UPDATE_GOLDEN=1 .venv/bin/python -m pytest {TEST}",
            pytrace=False,
        )


def _diff(path: Path, before: str, after: str) -> str:
    lines = difflib.unified_diff(before.split("\n"), after.split("\n"), path.name, "what Slack gets now", lineterm="")
    return "\n".join([*lines, ""])
