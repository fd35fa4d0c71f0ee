"""Makes `mid_digest.sqlite` and `mid_digest.slack.json`: a bot that was killed while it sent a digest.

    python -m tests.data.make_mid_digest

Both files are committed and pin what this version stores; `tests/integration/bot/test_mid_digest.py` starts a bot on
them. Make them again only when a new migration needs a new example, and keep the old ones.

On a Friday a first digest is sent as a whole. On Monday a bot process sends the second one. Slack is told before how to
treat each message, so it does not matter which thread is faster. The process is killed once each delivery is where
`LEFT` says. Two requests are never answered, of which asyncio complains at the end.
"""

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

from bailiff_bot import bootstrap
from bailiff_bot.sandbox import fixtures
from bailiff_bot.sandbox.aws.instance_fixture import STOPPED_BY_USER, InstanceFixture
from bailiff_bot.sandbox.sandbox import Sandbox
from bailiff_bot.sandbox.slack import RenderedMessage
from bailiff_bot.settings.model import Settings

FRIDAY = datetime(2026, 11, 20, 9, 10, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, 9, 0, 5, tzinfo=UTC)
AFTERWARDS = timedelta(minutes=20)
"""When Slack shows all that it took."""
FILES = Path(__file__).parent


def unused(key: str, name: str, **tags: str) -> InstanceFixture:
    """Return an instance that has run for too long."""
    up = timedelta(days=90)
    return InstanceFixture(
        key=key, name=name, since_start=up, tags=tuple(tags.items()), expected_table="stopped-when-unused"
    )


def abandoned(key: str) -> InstanceFixture:
    """Return an instance that was stopped long ago."""
    up, stopped = timedelta(days=200), timedelta(days=60)
    verdict = "deleted-when-abandoned"
    return InstanceFixture(
        key=key,
        name=key,
        since_start=up,
        state="stopped",
        reason=STOPPED_BY_USER,
        since_stop=stopped,
        expected_table=verdict,
    )


GONE_ON_MONDAY = (abandoned("alb-old"), abandoned("hro-old"))
ON_FRIDAY = (
    unused("agr-gpu", "agr-gpu"),
    unused("hro-master", "hro-master"),
    InstanceFixture(key="prod-db", name="prod-db", since_start=timedelta(days=5), expected_table="owned"),
    InstanceFixture(key="nabe-api", name="nabe-api", since_start=timedelta(days=5), expected_table="legit"),
    *GONE_ON_MONDAY,
)
NEW_ON_MONDAY = (
    unused("agr-new", "agr-new"),
    unused("nabe-etl", "nabe-etl"),
    unused("bill", "workernode", Owner="bill@octo.example"),
    unused("malo", "notebook", Owner="mlg@octo.example"),
)
MEMBERS = {member.name: member.id for member in fixtures.USERS}
ADA, ALBERT, HECTOR, NADIA, MALO, BILL = OWNERS = [MEMBERS[who] for who in "ada albert hector nadia malo bill".split()]
CHANNEL = fixtures.CHANNELS[0].id

SENT, OPEN = ("sent", True, False), ("pending", False, False)
LOST, ON_THE_WIRE = ("sending", True, False), ("sending", True, True)
LEFT = {
    ("parent", CHANNEL): SENT,
    ("tables 1", CHANNEL): LOST,  # Slack has it, and shows it later
    ("owners", CHANNEL): OPEN,
    ("file", CHANNEL): OPEN,
    ("nudge", ADA): SENT,
    ("nudge", NADIA): ON_THE_WIRE,  # Slack has it
    ("nudge", MALO): ON_THE_WIRE,  # Slack does not have it
    ("nudge", BILL): OPEN,  # Slack asked to wait
    ("edit", ADA): OPEN,
    ("edit", ALBERT): SENT,
    ("edit", HECTOR): OPEN,
}
"""Each delivery of Monday's digest: its state, whether Slack may have it, and whether the process still waits."""


@dataclass
class Clock:
    """The clock of Slack and of the bot; it runs."""

    ahead: timedelta = timedelta()

    def __call__(self) -> float:
        return time.time() + self.ahead.total_seconds()

    def set(self, at: datetime) -> None:
        self.ahead = at - datetime.now(UTC)


def bot_process(day: str, ahead: float) -> None:
    """Do a day's work in this process: the first digest, or run the bot until it is killed."""
    # The holder of a lease names its machine.
    with patch("socket.gethostname", return_value="replica"):
        bot = bootstrap.bot_process(Settings(), clock=lambda: datetime.now(UTC) + timedelta(seconds=ahead))
    if day == "friday":
        bot.periodic_work.schedules.record_use(bot.periodic_work.schedule_text, bot.periodic_work.clock())
        bot.periodic_work.digests.send_now()
        os._exit(0)
    bot.run()


def disturb(sandbox: Sandbox) -> None:
    """Tell Slack how to treat the messages of Monday."""
    fault = sandbox.slack.driver.inject_fault
    fault("slow", "chat.postMessage", channel=CHANNEL)  # the parent passes
    fault("drop_after", "chat.postMessage", channel=CHANNEL, seconds=600)
    fault("held", "chat.postMessage", channel="nadia", seconds=60)
    fault("slow", "chat.postMessage", channel="malo", seconds=60)
    fault("rate_limited", "chat.postMessage", channel="bill", seconds=600)
    fault("rate_limited", "chat.update", channel="ada", seconds=600)
    fault("rate_limited", "chat.update", channel="hector", seconds=600)


def left(file: Path) -> dict[tuple[str, str], tuple[str, bool, bool]]:
    """Return how far each delivery of Monday's digest is."""
    query = """select name, deliveries.recipient, state, attempted is not null, holder <> ''
        from deliveries join dispatches on dispatches.id = dispatch where occasion = 'scheduled'"""
    with closing(sqlite3.connect(file)) as database:
        return {
            ("edit" if name.startswith("edit ") else name, recipient): (state, bool(attempted), bool(held))
            for name, recipient, state, attempted, held in database.execute(query)
        }


def in_slack(sandbox: Sandbox) -> Iterator[dict[str, object]]:
    """Yield the messages that Slack has, without what the bot does not look for: blocks and uploaded files."""
    driver = sandbox.slack.driver
    for parent in driver.user("bill").visible_messages(fixtures.DIGEST_CHANNEL):
        for message in driver.user("bill").visible_messages(fixtures.DIGEST_CHANNEL, thread=parent):
            yield from kept(message, CHANNEL)
    for owner in OWNERS:
        for message in driver.user(owner).visible_messages():
            yield from kept(message, owner)


def kept(message: RenderedMessage, recipient: str) -> Iterator[dict[str, object]]:
    """Yield a message as `chat.postMessage` takes it, with its timestamp; nothing for one that shows a file."""
    if not message.files:
        thread = {"thread_ts": message.thread_ts} if message.thread_ts not in {None, message.ts} else {}
        metadata = message.metadata
        yield {"ts": message.ts, "channel": recipient, **thread, "text": message.text, "metadata": metadata}


def started(day: str, sandbox: Sandbox, clock: Clock) -> "subprocess.Popen[bytes]":
    """Start a bot process on a day."""
    at, new = (FRIDAY, ON_FRIDAY) if day == "friday" else (MONDAY, NEW_ON_MONDAY)
    clock.set(at)
    sandbox.aws.set_time(at)
    for machine in new:
        sandbox.aws.add(machine)
    command = [sys.executable, "-m", "tests.data.make_mid_digest", day, str(clock.ahead.total_seconds())]
    return subprocess.Popen(command, env=sandbox.environment())  # noqa: S603 - this file


def live_through(sandbox: Sandbox, clock: Clock, file: Path) -> None:
    """Send the first digest, and kill the bot in the middle of the second one."""
    driver = sandbox.slack.driver
    assert started("friday", sandbox, clock).wait(60) == 0
    for machine in GONE_ON_MONDAY:
        sandbox.aws.delete(machine.id)
    disturb(sandbox)
    bot = started("monday", sandbox, clock)
    try:
        driver.wait_for(lambda: left(file) == LEFT and driver.user(NADIA).visible_messages(), 30)
    finally:
        bot.kill()
        bot.wait()
    clock.ahead += AFTERWARDS


def main() -> None:
    """Write both files."""
    database, messages = FILES / "mid_digest.sqlite", FILES / "mid_digest.slack.json"
    clock = Clock()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "bailiff.sqlite"
        settings = {
            "BAILIFF_DATABASE_URL": f"sqlite:///{file}",
            "BAILIFF_DIGEST_CRON": "0 9 * * 1-5",
            "BAILIFF_REGIONS": "eu-west-1",
            "BAILIFF_ROLE_ARNS": "",
        }
        with Sandbox((), settings, clock) as sandbox:
            live_through(sandbox, clock, file)
            had = sorted(in_slack(sandbox), key=lambda message: str(message["ts"]))
        database.unlink(missing_ok=True)
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("pragma page_size = 1024")  # there are many tables with few rows
            connection.execute("vacuum into ?", [str(database)])  # with all that is still in the log beside the file
    assert left(database) == LEFT
    messages.write_text(json.dumps(had, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    if sys.argv[1:]:
        bot_process(sys.argv[1], float(sys.argv[2]))
    else:
        main()
