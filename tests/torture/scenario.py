"""A Slack, a database and a clock of their own, for bots to live and die in; and what they share with other worlds."""

import logging
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Self

from bailiff_bot.sandbox.aws.server import AwsSandbox
from bailiff_bot.sandbox.slack import SlackSandbox
from bailiff_bot.store.store import Store, open_store
from tests.torture import bot_main, disk_limit, fixtures, hooks
from tests.torture.hooks import Hook
from tests.torture.processes import BotHandle, ForkServer, wait_until

if TYPE_CHECKING:
    from tests.torture.postgres import TemplateServer

MessagesByKey = dict[str, list[str]]
"""All that is written on each message, by its key; two under a key were sent twice."""
_SQLITE = "sqlite:///"
_CRON, _ZONE = "0 9 * * *", "UTC"
SCHEDULE = f"{_CRON} {_ZONE}"
LATE = timedelta(hours=10)
"""The time of day at which a world begins: its digest was due an hour ago."""
WAIT_LIMIT = 60.0
"""Seconds for whatever there is to wait for; it takes a few."""
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - a folder of our own in it
"""Processes are killed here, and not the machine: nothing has to reach a disk."""
NONE: Mapping[str, str] = MappingProxyType({})
_INHERITED = ("PATH", "HOME", "LANG", "TMPDIR")


class Scenario:
    """A context manager; `Theatre.world` makes it."""

    def __init__(self, harness: "Harness", folder: Path, database: str, begins: datetime) -> None:
        self.harness = harness
        self.folder = folder
        self.database = database
        self.clock_offset = 0.0
        """Seconds that its clock is ahead of the machine's."""
        self.bots: list[BotHandle] = []
        self._again: Callable[[], BotHandle]
        self._opened = ExitStack()
        self.set_clock(begins)
        self.slack = SlackSandbox(
            clock=lambda: time.time() + self.clock_offset,
            users=(*fixtures.MEMBERS, *fixtures.COMMAND_USERS),
            channels=[fixtures.CHANNEL],
        )
        self.driver = self.slack.driver
        self.store: Store

    def __enter__(self) -> Self:
        with ExitStack() as opened:
            opened.enter_context(self.slack)
            self.driver = self.slack.driver
            self.store = opened.enter_context(open_store(self.database))
            opened.callback(self._end)
            self._opened = opened.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opened.close()

    def _end(self) -> None:
        for bot in self.bots:
            bot.close()
        self.bots.clear()

    @property
    def now(self) -> datetime:
        """The instant in this world."""
        return datetime.now(UTC) + timedelta(seconds=self.clock_offset)

    def set_clock(self, instant: datetime) -> None:
        """Put the clock of everything in this world to an instant."""
        self.clock_offset = (instant - datetime.now(UTC)).total_seconds()
        self._write("clock", str(self.clock_offset))

    def fill_disk(self, *, full: bool) -> None:
        """Let SQLite find its disk full, or no more."""
        if full:
            self._write("full", "")
        else:
            (self.folder / "full").unlink()

    def _write(self, name: str, content: str) -> None:
        message = self.folder / f"{name}.draft"
        message.write_text(content)
        message.replace(self.folder / name)

    def start(self, *hooked: Hook, fork: bool = True, settings: Mapping[str, str] = NONE) -> BotHandle:
        """Start a bot."""
        environment = {**self._environment(), hooks.VARIABLE: ";".join(map(str, hooked)), **settings}
        self._again = partial(self.start, *hooked, fork=fork, settings=settings)
        self.bots.append(self.harness.fork_server.start_bot(environment, self.folder, fork=fork))
        return self.bots[-1]

    def running_bot(self) -> BotHandle:
        """Return the latest bot, started again if it has ended, as Docker's `restart: always` does.

        On a machine that is busy with much else, its very first call of Slack may last too long, and then it ends.
        """
        return self._again() if self.bots[-1].dead else self.bots[-1]

    def _environment(self) -> dict[str, str]:
        return {
            **{name: os.environ[name] for name in _INHERITED if name in os.environ},
            **self.harness.aws.environment(),
            "SLACK_API_URL": self.slack.api_url,
            "SLACK_BOT_TOKEN": self.slack.bot_token,
            "SLACK_APP_TOKEN": self.slack.app_token,
            "BAILIFF_CHANNEL": fixtures.CHANNEL.name,
            "BAILIFF_NUDGES": "on",
            "BAILIFF_REGIONS": fixtures.REGION,
            "BAILIFF_PEOPLE_CSV": str(self.harness.people),
            "BAILIFF_DIGEST_CRON": _CRON,
            "BAILIFF_TIMEZONE": _ZONE,
            "BAILIFF_DIGEST_UNTIL": "23:59",
            "BAILIFF_DATABASE_URL": self.database,
            bot_main.CLOCK: str(self.folder / "clock"),
            disk_limit.VARIABLE: str(self.folder / "full"),
        }

    def finished(self, day: datetime | None = None) -> bool:
        """Whether the digest of a day (today) is planned, and nothing is unfinished."""
        slots = self.store.schedules.used_slots(f"{day or self.now:%Y-%m-%d}")
        return bool(slots) and not self.store.deliveries.unfinished()

    def wait_for_digest(self) -> None:
        """Wait for that; raises TooLong."""
        wait_until(lambda: self.running_bot() and self.finished(), WAIT_LIMIT, "the end of the digest")


class Harness:
    """A context manager: an AWS, a zygote and templates for many worlds, one at a time in a process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._reference: MessagesByKey = {}
        self._server: TemplateServer | None = None

    def __enter__(self) -> Self:
        for name in ("aiohttp.server", "asyncio", "werkzeug"):
            logging.getLogger(name).setLevel(logging.CRITICAL)  # they tell of callers that died in mid-sentence
        with ExitStack() as opened:
            self.folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="torture-", dir=MEMORY)))
            self.aws = opened.enter_context(AwsSandbox(fixtures.FLEET))
            self.fork_server = opened.enter_context(ForkServer())
            self.people = self.folder / "people.csv"
            self.people.write_text(fixtures.people_csv())
            today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
            self.day = today + timedelta(days=1)
            """On which worlds begin; midnight, in UTC."""
            self.template = self.folder / "template.sqlite"
            prepare_database(f"{_SQLITE}{self.template}", self.day)
            self._opened = opened.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opened.close()

    def postgres(self) -> "TemplateServer":
        """Return its PostgreSQL, which it has from the first time on."""
        from tests.torture.postgres import TemplateServer  # noqa: PLC0415 - few need one

        with self._lock:
            if self._server is None:
                self._server = self._opened.enter_context(TemplateServer(self.day))
                self._server.make_template()
        return self._server

    def expected_messages(self) -> MessagesByKey:
        """Return what a digest is that nothing happened to."""
        from tests.torture.checks import messages_by_key  # noqa: PLC0415 - it looks at worlds

        with self._lock:
            if not self._reference:
                with self.scenario() as scenario:
                    scenario.start()
                    scenario.wait_for_digest()
                    self._reference = messages_by_key(scenario)
        return self._reference

    @contextmanager
    def scenario(self, *, database: str = "", at: timedelta = LATE) -> Iterator[Scenario]:
        """Open a world, by default over an SQLite file of its own."""
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            file = Path(folder) / "bailiff.sqlite"
            if not database:
                shutil.copy(self.template, file)
            with Scenario(self, Path(folder), database or f"{_SQLITE}{file}", self.day + at) as scenario:
                yield scenario


def prepare_database(database: str, day: datetime) -> None:
    """Make the tables of a database that has followed the schedule for some days."""
    with open_store(database) as store:
        store.schedules.record_use(SCHEDULE, day - timedelta(days=5))
