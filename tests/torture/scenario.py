"""A scenario: a Slack, a database and a clock for some bots. A harness: what many scenarios share."""

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

from bailiff_bot.sandbox.aws.instance_fixture import InstanceFixture
from bailiff_bot.sandbox.aws.server import AwsSandbox
from bailiff_bot.sandbox.slack import SlackSandbox
from bailiff_bot.store.store import Store, store_at
from tests.quick import WITHOUT_EVIDENCE
from tests.torture import bot_main, disk_limit, fixtures, hooks
from tests.torture.hooks import Hook
from tests.torture.processes import BotHandle, ForkServer, wait_until

if TYPE_CHECKING:
    from tests.torture.postgres import TemplateServer

MessagesByKey = dict[str, list[str]]
"""The contents of each message, by its key. Two contents under one key mean that it was sent twice."""
_SQLITE = "sqlite:///"
_CRON, _ZONE = "0 9 * * *", "UTC"
SCHEDULE = f"{_CRON} {_ZONE}"
START_TIME = timedelta(hours=10)
"""The time of day at which a scenario begins: its digest was due an hour before."""
WAIT_LIMIT = 60.0
"""Seconds after which waiting fails. What is waited for takes a few seconds."""
MEMORY_FOLDER = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - a folder of our own in it
"""Files in memory suffice: processes are killed here, not the machine."""
NO_SETTINGS: Mapping[str, str] = MappingProxyType({})
_INHERITED = ("PATH", "HOME", "LANG", "TMPDIR")


class Scenario:
    """A context manager that `Harness.scenario` creates."""

    def __init__(self, harness: "Harness", folder: Path, database: str, start: datetime) -> None:
        self.harness = harness
        self.folder = folder
        self.database = database
        self.clock_offset = 0.0
        """Seconds that the scenario's clock is ahead of the machine's."""
        self.bots: list[BotHandle] = []
        self._restart: Callable[[], BotHandle]
        self._opened = ExitStack()
        self.set_clock(start)
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
            self.store = opened.enter_context(store_at(self.database))
            opened.callback(self._kill_bots)
            self._opened = opened.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opened.close()

    def _kill_bots(self) -> None:
        for bot in self.bots:
            bot.close()
        self.bots.clear()

    @property
    def now(self) -> datetime:
        """The time of the scenario's clock."""
        return datetime.now(UTC) + timedelta(seconds=self.clock_offset)

    def set_clock(self, instant: datetime) -> None:
        """Set the clock of Slack and of every bot."""
        self.clock_offset = (instant - datetime.now(UTC)).total_seconds()
        self._write("clock", str(self.clock_offset))

    def fill_disk(self, *, full: bool) -> None:
        """Make SQLite report a full disk, or stop doing so."""
        if full:
            self._write("full", "")
        else:
            (self.folder / "full").unlink()

    def _write(self, name: str, content: str) -> None:
        new = self.folder / f"{name}.new"
        new.write_text(content)
        new.replace(self.folder / name)

    def start(self, *installed: Hook, fork: bool = True, settings: Mapping[str, str] = NO_SETTINGS) -> BotHandle:
        """Start a bot."""
        environment = {**self._environment(), hooks.VARIABLE: ";".join(map(str, installed)), **settings}
        self._restart = partial(self.start, *installed, fork=fork, settings=settings)
        self.bots.append(self.harness.fork_server.start_bot(environment, self.folder, fork=fork))
        return self.bots[-1]

    def running_bot(self) -> BotHandle:
        """Return the latest bot. Restart it if it has ended, as Docker's `restart: always` does.

        On a busy machine the first call to Slack may time out, which ends a bot.
        """
        return self._restart() if self.bots[-1].dead else self.bots[-1]

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
            "BAILIFF_PEOPLE_CSV": str(self.harness.people_csv),
            "BAILIFF_DIGEST_CRON": _CRON,
            "BAILIFF_TIMEZONE": _ZONE,
            "BAILIFF_DIGEST_UNTIL": "23:59",
            "BAILIFF_DATABASE_URL": self.database,
            **WITHOUT_EVIDENCE,
            bot_main.CLOCK_VARIABLE: str(self.folder / "clock"),
            disk_limit.FLAG_VARIABLE: str(self.folder / "full"),
        }

    def digest_finished(self, day: datetime | None = None) -> bool:
        """Return whether the digest of a day (default: today) is planned, and no batch is unfinished."""
        slots = self.store.schedules.used_slots(f"{day or self.now:%Y-%m-%d}")
        return bool(slots) and not self.store.deliveries.unfinished()

    def all_said(self) -> bool:
        """Return whether messages say all that was done, the other owners are told, and no batch is unfinished."""
        # In this order: what is told or shown is planned in one transaction, so its batch is seen after it.
        waiting = self.store.action_results.not_shown() or self.store.notices.waiting()
        return not waiting and self.digest_finished()

    def wait_for_digest(self) -> None:
        """Wait until today's digest is finished. Raises TimedOut."""
        wait_until(lambda: self.running_bot() and self.digest_finished(), WAIT_LIMIT, "the end of the digest")


class Harness:
    """A context manager: an AWS, a fork server and template databases for many scenarios. One per process."""

    def __init__(self, fleet: tuple[InstanceFixture, ...] = fixtures.FLEET) -> None:
        self._fleet = fleet
        self._lock = threading.Lock()
        self._expected: MessagesByKey = {}
        self._server: TemplateServer | None = None

    def __enter__(self) -> Self:
        for name in ("aiohttp.server", "asyncio", "werkzeug"):
            logging.getLogger(name).setLevel(logging.CRITICAL)  # they log connections of killed bots
        with ExitStack() as opened:
            self.folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="torture-", dir=MEMORY_FOLDER)))
            self.fork_server = opened.enter_context(ForkServer())
            self.people_csv = self.folder / "people.csv"
            self.people_csv.write_text(fixtures.people_csv())
            today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
            self.day = today + timedelta(days=1)
            """The day on which scenarios begin, as its midnight in UTC."""
            # The ages are relative to the scenarios' day: at each hour of its work they are the same number of days.
            self.aws = opened.enter_context(AwsSandbox(self._fleet, now=self.day - timedelta(days=1)))
            self.template = self.folder / "template.sqlite"
            prepare_database(f"{_SQLITE}{self.template}", self.day)
            self._opened = opened.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opened.close()

    def postgres(self) -> "TemplateServer":
        """Return the PostgreSQL server. The first call starts it."""
        from tests.torture.postgres import TemplateServer  # noqa: PLC0415 - few trials need it

        with self._lock:
            if self._server is None:
                self._server = self._opened.enter_context(TemplateServer(self.day))
                self._server.make_template()
        return self._server

    def expected_messages(self) -> MessagesByKey:
        """Return the messages of a digest during which no fault happened."""
        from tests.torture.checks import messages_by_key  # noqa: PLC0415 - it imports this module

        with self._lock:
            if not self._expected:
                with self.scenario() as scenario:
                    scenario.start()
                    scenario.wait_for_digest()
                    self._expected = messages_by_key(scenario)
        return self._expected

    @contextmanager
    def scenario(self, *, database: str = "", at: timedelta = START_TIME) -> Iterator[Scenario]:
        """Yield a scenario. By default its database is a new SQLite file."""
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            file = Path(folder) / "bailiff.sqlite"
            if not database:
                shutil.copy(self.template, file)
            with Scenario(self, Path(folder), database or f"{_SQLITE}{file}", self.day + at) as scenario:
                yield scenario


def prepare_database(database: str, day: datetime) -> None:
    """Create the tables, and save that the schedule has been followed for some days."""
    with store_at(database) as store:
        store.schedules.record_use(SCHEDULE, day - timedelta(days=5))
