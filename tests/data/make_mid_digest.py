"""Makes `mid_digest.sqlite` and `mid_digest.slack.json`: a bot that was killed while it sent a digest.

    python -m tests.data.make_mid_digest

Both files are committed and pin what this version stores; `tests/integration/bot/test_mid_digest.py` starts a bot on
them. Make them again only when a new migration needs a new example, and keep the old ones.

On a Friday a first digest is sent as a whole. On Monday a bot process sends the second one. Before that, faults are
injected into Slack for some of its messages, so that the order of the threads does not matter. The process is killed
once each delivery has its state in `STATES_WHEN_KILLED`. Two requests are never answered; asyncio logs them at the end.
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

from bailiff_bot.bootstrap.timing import Timing
from bailiff_bot.sandbox import fixtures
from bailiff_bot.sandbox.aws.instance_fixture import STOPPED_BY_USER, InstanceFixture
from bailiff_bot.sandbox.sandbox import Sandbox
from bailiff_bot.sandbox.slack import RenderedMessage
from bailiff_bot.settings.model import Settings
from tests.program import open_program

FRIDAY = datetime(2026, 11, 20, 9, 10, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, 9, 0, 5, tzinfo=UTC)
KILLED_TO_RESTART = timedelta(minutes=20)
"""How far the clock is moved after the kill. By then Slack shows every message that it accepted."""
FILES = Path(__file__).parent


def unused(key: str, name: str, **tags: str) -> InstanceFixture:
    """Return an instance that has run for too long."""
    age = timedelta(days=90)
    return InstanceFixture(
        key=key, name=name, since_start=age, tags=tuple(tags.items()), expected_table="stopped-when-unused"
    )


def abandoned(key: str) -> InstanceFixture:
    """Return an instance that was stopped long ago."""
    age, since_stop = timedelta(days=200), timedelta(days=60)
    verdict = "deleted-when-abandoned"
    return InstanceFixture(
        key=key,
        name=key,
        since_start=age,
        state="stopped",
        reason=STOPPED_BY_USER,
        since_stop=since_stop,
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
USER_IDS = {member.name: member.id for member in fixtures.USERS}
ADA, ALBERT, HECTOR, NADIA, MALO, BILL = OWNERS = [
    USER_IDS[name] for name in "ada albert hector nadia malo bill".split()
]
CHANNEL = fixtures.CHANNELS[0].id

SENT, PENDING = ("sent", True, False), ("pending", False, False)
ANSWER_LOST, WAITING_FOR_ANSWER = ("sending", True, False), ("sending", True, True)
STATES_WHEN_KILLED = {
    ("parent", CHANNEL): SENT,
    ("tables 1", CHANNEL): ANSWER_LOST,  # Slack has it, and shows it later
    ("owners", CHANNEL): PENDING,
    ("file", CHANNEL): PENDING,
    ("nudge", ADA): SENT,
    ("nudge", NADIA): WAITING_FOR_ANSWER,  # Slack has it
    ("nudge", MALO): WAITING_FOR_ANSWER,  # Slack does not have it
    ("nudge", BILL): PENDING,  # Slack asked to wait
    ("edit", ADA): PENDING,
    ("edit", ALBERT): SENT,
    ("edit", HECTOR): PENDING,
}
"""Each delivery of Monday's digest: its state, whether it was attempted, and whether the process holds a claim."""


@dataclass
class Clock:
    """The clock of Slack and of the bot: the real time plus an offset."""

    offset: timedelta = timedelta()

    def __call__(self) -> float:
        return time.time() + self.offset.total_seconds()

    def set(self, at: datetime) -> None:
        self.offset = at - datetime.now(UTC)


def bot_process(day: str, offset: float) -> None:
    """On "friday", send the first digest and exit. On another day, run the bot until it is killed."""
    with (
        patch("socket.gethostname", return_value="replica"),  # the name of the machine is in the holder of a lease
        open_program(Settings(), lambda: datetime.now(UTC) + timedelta(seconds=offset), Timing()) as program,
    ):
        if day == "friday":
            program.work.schedules.record_use(program.work.schedule_text, program.shared.clock())
            program.slack.digests.send_now().result()
            os._exit(0)
        program.process.run()


def inject_faults(sandbox: Sandbox) -> None:
    """Inject the faults that bring each delivery of Monday into its state in `STATES_WHEN_KILLED`."""
    inject = sandbox.slack.driver.inject_fault
    inject("slow", "chat.postMessage", channel=CHANNEL)  # the parent succeeds
    inject("drop_after", "chat.postMessage", channel=CHANNEL, seconds=600)
    inject("held", "chat.postMessage", channel="nadia", seconds=60)
    inject("slow", "chat.postMessage", channel="malo", seconds=60)
    inject("rate_limited", "chat.postMessage", channel="bill", seconds=600)
    inject("rate_limited", "chat.update", channel="ada", seconds=600)
    inject("rate_limited", "chat.update", channel="hector", seconds=600)


def delivery_states(file: Path) -> dict[tuple[str, str], tuple[str, bool, bool]]:
    """Return the state of each delivery of Monday's digest, as in `STATES_WHEN_KILLED`."""
    query = """select name, deliveries.recipient, state, attempted is not null, holder <> ''
        from deliveries join dispatches on dispatches.id = dispatch where occasion = 'scheduled'"""
    with closing(sqlite3.connect(file)) as database:
        return {
            ("edit" if name.startswith("edit ") else name, recipient): (state, bool(attempted), bool(claimed))
            for name, recipient, state, attempted, claimed in database.execute(query)
        }


def messages_in_slack(sandbox: Sandbox) -> Iterator[dict[str, object]]:
    """Yield the messages that Slack has, without blocks and uploaded files, which the bot does not look up."""
    driver = sandbox.slack.driver
    for parent in driver.user("bill").visible_messages(fixtures.DIGEST_CHANNEL):
        for message in driver.user("bill").visible_messages(fixtures.DIGEST_CHANNEL, thread=parent):
            yield from as_post(message, CHANNEL)
    for owner in OWNERS:
        for message in driver.user(owner).visible_messages():
            yield from as_post(message, owner)


def as_post(message: RenderedMessage, recipient: str) -> Iterator[dict[str, object]]:
    """Yield the arguments of `chat.postMessage` for a message, and its timestamp. Yields nothing for a file."""
    if not message.files:
        thread = {"thread_ts": message.thread_ts} if message.thread_ts not in {None, message.ts} else {}
        metadata = message.metadata
        yield {"ts": message.ts, "channel": recipient, **thread, "text": message.text, "metadata": metadata}


def start_bot(day: str, sandbox: Sandbox, clock: Clock) -> "subprocess.Popen[bytes]":
    """Set the day, add its new instances, and start a bot process."""
    at, new_instances = (FRIDAY, ON_FRIDAY) if day == "friday" else (MONDAY, NEW_ON_MONDAY)
    clock.set(at)
    sandbox.aws.set_time(at)
    for instance in new_instances:
        sandbox.aws.add(instance)
    command = [sys.executable, "-m", "tests.data.make_mid_digest", day, str(clock.offset.total_seconds())]
    return subprocess.Popen(command, env=sandbox.environment())  # noqa: S603 - this file


def run_both_days(sandbox: Sandbox, clock: Clock, file: Path) -> None:
    """Send the first digest, and kill the bot in the middle of the second one."""
    driver = sandbox.slack.driver
    assert start_bot("friday", sandbox, clock).wait(60) == 0
    for instance in GONE_ON_MONDAY:
        sandbox.aws.delete(instance.id)
    inject_faults(sandbox)
    bot = start_bot("monday", sandbox, clock)
    try:
        driver.wait_for(
            lambda: delivery_states(file) == STATES_WHEN_KILLED and driver.user(NADIA).visible_messages(), 30
        )
    finally:
        bot.kill()
        bot.wait()
    clock.offset += KILLED_TO_RESTART


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
            run_both_days(sandbox, clock, file)
            posted = sorted(messages_in_slack(sandbox), key=lambda message: str(message["ts"]))
        database.unlink(missing_ok=True)
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("pragma page_size = 1024")  # small pages: there are many tables with few rows
            # The copy includes the rows that are still in the write-ahead log.
            connection.execute("vacuum into ?", [str(database)])
    assert delivery_states(database) == STATES_WHEN_KILLED
    messages.write_text(json.dumps(posted, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    if sys.argv[1:]:
        bot_process(sys.argv[1], float(sys.argv[2]))
    else:
        main()
