"""A database that an earlier version left in the middle of a digest: a bot that is started on it goes on exactly once.

`tests/data/make_mid_digest.py` made the database and the messages that Slack had by then. What is stored in them is
part of the contract with every later version: columns, JSON keys, states, kinds and the metadata of messages.
"""

import json
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from slack_sdk import WebClient

from bailiff_bot import bootstrap
from bailiff_bot.sandbox.aws.instance_fixture import InstanceFixture
from bailiff_bot.sandbox.sandbox import Sandbox
from bailiff_bot.sandbox.slack import RenderedMessage
from bailiff_bot.settings.model import Settings
from bailiff_bot.store.migrate import REVISIONS
from bailiff_bot.store.store import open_store
from tests.integration.bot.conftest import LEGIT, ONE_REGION, PATIENCE, serving
from tests.quick import QUICK

DATA = Path(__file__).parents[2] / "data"
DATABASE = DATA / "mid_digest.sqlite"
POSTED: list[dict[str, Any]] = json.loads((DATA / "mid_digest.slack.json").read_text())
"""What Slack had, as `chat.postMessage` takes it, and its timestamp."""
RESTARTED = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
"""Every lease has run out, and the digest is still wanted."""
CHANNEL, ADA, ALBERT, HECTOR = "C0COSTS001", "U0AGR00001", "U0ALB00002", "U0HRO00003"
NADIA, MALO, BILL = "U0NABE0004", "U0MLG00005", "U0BIL00007"
OWNERS = (ADA, ALBERT, HECTOR, NADIA, MALO, BILL)
FRIDAY, MONDAY = POSTED[0]["metadata"]["event_payload"]["key"].partition("/")[0], "2026-11-23T09:00 UTC"
"""The slots of both digests."""


def monday(name: str, recipient: str = CHANNEL) -> str:
    """Return the key of a delivery of the digest that was left."""
    return f"{MONDAY}/{name}/{recipient}"


SENT_BEFORE = {monday("parent"), monday("nudge", ADA)}
ANSWER_LOST = {monday("tables 1"), monday("nudge", NADIA)}
"""Slack has them, and the database does not know it."""
NOT_SENT = {monday("owners"), monday("nudge", MALO), monday("nudge", BILL)}
"""Of the direct message to Malo the database does not know either whether Slack has it."""


@dataclass
class StandingClock:
    """Slack's clock; it stands."""

    at: float = RESTARTED.timestamp()

    def __call__(self) -> float:
        return self.at


@pytest.fixture(scope="module")
def fleet() -> tuple[InstanceFixture, ...]:
    return (LEGIT,)


@pytest.fixture(scope="module")
def slack_clock() -> StandingClock:
    return StandingClock()


def rows(database: Path, query: str) -> list[tuple[Any, ...]]:
    """Return what a query finds."""
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(query).fetchall()


def deliveries(database: Path) -> dict[str, dict[str, Any]]:
    """Return the deliveries of Monday's digest by their keys."""
    names = "key", "part", "state", "attempted", "label", "recipient", "channel", "ts", "edits", "payload"
    query = f"select {', '.join(names)} from deliveries where key like '{MONDAY}%'"  # noqa: S608 - our own names
    return {row[0]: dict(zip(names, row, strict=True)) for row in rows(database, query)}


@dataclass(frozen=True, slots=True)
class After:
    """What there is after a bot has gone on."""

    sandbox: Sandbox
    settings: Settings
    database: Path
    calls_before: int

    def calls(self, method: str) -> list[dict[str, Any]]:
        """Return the arguments of the calls of a method that the bot made."""
        calls = self.sandbox.slack.driver.calls()[self.calls_before :]
        return [call.arguments for call in calls if call.method == method]

    def direct(self, who: str) -> list[RenderedMessage]:
        """Return what somebody got from the bot."""
        return self.sandbox.slack.driver.user(who).visible_messages()

    def channel(self) -> list[RenderedMessage]:
        """Return what stands in the channel and in the threads there."""
        bill = self.sandbox.slack.driver.user("bill")
        return [
            one
            for parent in bill.visible_messages("cloud-costs")
            for one in bill.visible_messages("cloud-costs", thread=parent)
        ]

    def by_key(self) -> dict[str, list[RenderedMessage]]:
        """Return every message with a key."""
        found: dict[str, list[RenderedMessage]] = {}
        for one in (*self.channel(), *(one for who in OWNERS for one in self.direct(who))):
            if one.metadata:
                found.setdefault(one.metadata["event_payload"]["key"], []).append(one)
        return found


def post(sandbox: Sandbox, clock: StandingClock) -> None:
    """Put into Slack what it had, under the same timestamps."""
    client = WebClient(sandbox.slack.bot_token, base_url=sandbox.slack.api_url)
    for message in POSTED:
        clock.at = float(message["ts"]) + 5e-7  # a float is less exact than a microsecond
        answer = client.chat_postMessage(**{name: value for name, value in message.items() if name != "ts"})
        assert answer["ts"] == message["ts"]
    clock.at = RESTARTED.timestamp()


@pytest.fixture(scope="module")
def after(sandbox: Sandbox, slack_clock: StandingClock, tmp_path_factory: pytest.TempPathFactory) -> Iterator[After]:
    """Start a bot on a copy of the database, and stop it when the digest is finished."""
    database = tmp_path_factory.mktemp("mid_digest") / "bailiff.sqlite"
    shutil.copyfile(DATABASE, database)
    post(sandbox, slack_clock)
    changes = {"BAILIFF_DATABASE_URL": f"sqlite:///{database}", "BAILIFF_DIGEST_CRON": "0 9 * * 1-5"}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(database.parent)
        patch.setattr("bailiff_bot.bootstrap.TIMING", QUICK)
        for name, value in sandbox.environment(**ONE_REGION, **changes).items():
            patch.setenv(name, value)
        after = After(sandbox, Settings(), database, len(sandbox.slack.driver.calls()))
        with serving(bootstrap.bot_process(after.settings, clock=lambda: RESTARTED)):
            sandbox.slack.driver.wait_for(lambda: finished(database), PATIENCE)
        yield after


def finished(database: Path) -> bool:
    """Return whether nothing is left to do."""
    return not rows(database, "select id from dispatches where finished is null")


def test_the_database_was_left_with_deliveries_in_every_stage() -> None:
    left = {(one["part"], one["state"], one["attempted"] is not None) for one in deliveries(DATABASE).values()}
    assert left == {
        ("parent", "sent", True),
        ("reply", "sending", True),
        ("roll", "pending", False),
        ("file", "pending", False),
        ("nudge", "sent", True),
        ("nudge", "sending", True),
        ("nudge", "pending", False),
        ("edit", "sent", True),
        ("edit", "pending", False),
    }
    assert rows(DATABASE, "select occasion, finished is null from dispatches order by planned") == [
        ("by hand", 0),
        ("scheduled", 1),
    ]


def test_opening_the_database_brings_its_tables_up_to_date(tmp_path: Path) -> None:
    database = shutil.copyfile(DATABASE, tmp_path / "bailiff.sqlite")
    assert rows(database, "select version_num from bailiff_revision") == [("0003",)]
    open_store(f"sqlite:///{database}").close()
    assert rows(database, "select version_num from bailiff_revision") == [(REVISIONS[-1],)]


def test_every_delivery_is_sent_and_the_digest_is_finished(after: After) -> None:
    assert {one["state"] for one in deliveries(after.database).values()} == {"sent"}
    assert len(deliveries(after.database)) == len(deliveries(DATABASE)) == 11
    assert finished(after.database)


def test_every_message_is_in_slack_exactly_once(after: After) -> None:
    seen = {key: [one.ts for one in found] for key, found in after.by_key().items() if key.startswith(MONDAY)}
    stored = deliveries(after.database)
    assert seen.keys() == SENT_BEFORE | ANSWER_LOST | NOT_SENT
    assert seen == {key: [stored[key]["ts"]] for key in seen}
    (file,) = [file for one in after.channel() for file in one.files]
    assert file.name == json.loads(deliveries(DATABASE)[monday("file")]["payload"])["name"]


def test_what_slack_had_already_is_found_and_not_sent_again(after: After) -> None:
    had = {message["metadata"]["event_payload"]["key"]: message["ts"] for message in POSTED}
    stored = deliveries(after.database)
    assert {key: stored[key]["ts"] for key in SENT_BEFORE | ANSWER_LOST} == {
        key: had[key] for key in SENT_BEFORE | ANSWER_LOST
    }
    posted = Counter(call["metadata"]["event_payload"]["key"] for call in after.calls("chat.postMessage"))
    assert posted == Counter(NOT_SENT)
    assert len(after.calls("files.completeUploadExternal")) == 1


def test_what_is_sent_has_the_same_metadata_as_before(after: After) -> None:
    metadata = [call["metadata"] for call in after.calls("chat.postMessage")]
    assert {(one["event_type"], *one["event_payload"]) for one in metadata} == {("bailiff_post", "key")}


def test_each_owner_got_one_direct_message_of_the_digest(after: After) -> None:
    assert {who: len(after.direct(who)) for who in OWNERS} == {
        ADA: 2,  # of both digests
        ALBERT: 1,  # of the first one
        HECTOR: 1,  # of the first one
        NADIA: 1,
        MALO: 1,
        BILL: 1,
    }


def test_the_delivery_summary_says_in_the_end_who_was_told(after: After) -> None:
    (summary,) = after.by_key()[monday("owners")]
    told = [one["label"] for one in deliveries(after.database).values() if one["part"] == "nudge"]
    assert summary.is_edited
    assert len(told) == 4
    assert all(label in summary.visible_text for label in told)


def test_the_earlier_direct_messages_are_edited_as_it_was_planned(after: After) -> None:
    messages = after.by_key()
    for who, said in ((ADA, "This was the state of 20 Nov"), (HECTOR, "1 of 2 settled since 20 Nov")):
        (message,) = messages[f"{FRIDAY}/nudge/{who}"]
        assert message.is_edited
        assert message.visible_text.startswith(said)


def test_nothing_else_is_edited(after: After) -> None:
    stored = deliveries(after.database)
    edited = Counter(call["ts"] for call in after.calls("chat.update"))
    edits = {one["edits"] for one in stored.values() if one["part"] == "edit" and one["recipient"] in {ADA, HECTOR}}
    assert edited == Counter({*edits, stored[monday("owners")]["ts"]})


def test_a_second_start_sends_nothing(after: After) -> None:
    before, calls = after.by_key(), len(after.sandbox.slack.driver.calls())
    bot = bootstrap.bot_process(after.settings, clock=lambda: RESTARTED)
    bot.periodic_work.run_due()
    made = {call.method for call in after.sandbox.slack.driver.calls()[calls:]}
    assert not [method for method in made if method.startswith(("chat.", "files."))]
    assert after.by_key() == before
