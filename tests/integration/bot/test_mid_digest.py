"""A bot starts on the database of an earlier version, which stopped in the middle of a digest, and completes it once.

`tests/data/make_mid_digest.py` made the database and the messages that Slack had by then. Every later version must read
what is stored in them: columns, JSON keys, states, kinds and the metadata of messages.
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

from bailiff_bot.sandbox.aws.instance_fixture import InstanceFixture
from bailiff_bot.sandbox.sandbox import Sandbox
from bailiff_bot.sandbox.slack import RenderedMessage
from bailiff_bot.settings.model import Settings
from bailiff_bot.store.migrate import revisions
from bailiff_bot.store.store import store_at
from tests.integration.bot.conftest import ANSWER_TIMEOUT, LEGIT, ONE_REGION, serving
from tests.program import open_program

DATA = Path(__file__).parents[2] / "data"
DATABASE = DATA / "mid_digest.sqlite"
POSTED_BEFORE_RESTART: list[dict[str, Any]] = json.loads((DATA / "mid_digest.slack.json").read_text())
"""The messages that Slack had: the arguments of `chat.postMessage`, and the timestamp."""
RESTARTED = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
"""By then every lease has expired, and the digest has not."""
CHANNEL, ADA, ALBERT, HECTOR = "C0COSTS001", "U0AGR00001", "U0ALB00002", "U0HRO00003"
NADIA, MALO, BILL = "U0NABE0004", "U0MLG00005", "U0BIL00007"
OWNERS = (ADA, ALBERT, HECTOR, NADIA, MALO, BILL)
FRIDAY, MONDAY = POSTED_BEFORE_RESTART[0]["metadata"]["event_payload"]["key"].partition("/")[0], "2026-11-23T09:00 UTC"
"""The slots of the finished and of the unfinished digest."""


def monday_key(name: str, recipient: str = CHANNEL) -> str:
    """Return the key of a delivery of the unfinished digest."""
    return f"{MONDAY}/{name}/{recipient}"


SENT_BEFORE = {monday_key("parent"), monday_key("nudge", ADA)}
ANSWER_LOST = {monday_key("tables 1"), monday_key("nudge", NADIA)}
"""Slack has these messages. The database does not say so."""
NOT_SENT = {monday_key("owners"), monday_key("nudge", MALO), monday_key("nudge", BILL)}
"""Slack does not have these. For the direct message to Malo the database leaves that open."""


@dataclass
class FixedClock:
    """The clock of Slack. It moves only when it is set."""

    now: float = RESTARTED.timestamp()

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def fleet() -> tuple[InstanceFixture, ...]:
    return (LEGIT,)


@pytest.fixture(scope="module")
def slack_clock() -> FixedClock:
    return FixedClock()


def query_rows(database: Path, query: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query."""
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(query).fetchall()


def deliveries(database: Path) -> dict[str, dict[str, Any]]:
    """Return the deliveries of Monday's digest by their keys."""
    columns = "key", "part", "state", "attempted", "label", "recipient", "channel", "ts", "edits", "payload"
    query = f"select {', '.join(columns)} from deliveries where key like '{MONDAY}%'"  # noqa: S608 - our own names
    return {row[0]: dict(zip(columns, row, strict=True)) for row in query_rows(database, query)}


@dataclass(frozen=True, slots=True)
class ResumedDigest:
    """The sandbox and the database after a bot has completed the digest."""

    sandbox: Sandbox
    settings: Settings
    database: Path
    calls_before: int

    def calls(self, method: str) -> list[dict[str, Any]]:
        """Return the arguments of the bot's calls of a method."""
        new_calls = self.sandbox.slack.driver.calls()[self.calls_before :]
        return [call.arguments for call in new_calls if call.method == method]

    def direct_messages(self, user: str) -> list[RenderedMessage]:
        """Return the direct messages from the bot to a user."""
        return self.sandbox.slack.driver.user(user).visible_messages()

    def channel_messages(self) -> list[RenderedMessage]:
        """Return the messages in the channel and in its threads."""
        bill = self.sandbox.slack.driver.user("bill")
        return [
            message
            for parent in bill.visible_messages("cloud-costs")
            for message in bill.visible_messages("cloud-costs", thread=parent)
        ]

    def messages_by_key(self) -> dict[str, list[RenderedMessage]]:
        """Return the messages that have a key in their metadata, by key."""
        by_key: dict[str, list[RenderedMessage]] = {}
        for message in (
            *self.channel_messages(),
            *(message for user in OWNERS for message in self.direct_messages(user)),
        ):
            if message.metadata:
                by_key.setdefault(message.metadata["event_payload"]["key"], []).append(message)
        return by_key


def restore_slack_messages(sandbox: Sandbox, clock: FixedClock) -> None:
    """Post the messages that Slack had, with the same timestamps."""
    client = WebClient(sandbox.slack.bot_token, base_url=sandbox.slack.api_url)
    for message in POSTED_BEFORE_RESTART:
        clock.now = float(message["ts"]) + 5e-7  # a float is less exact than a microsecond
        answer = client.chat_postMessage(**{name: value for name, value in message.items() if name != "ts"})
        assert answer["ts"] == message["ts"]
    clock.now = RESTARTED.timestamp()


@pytest.fixture(scope="module")
def resumed_digest(
    sandbox: Sandbox, slack_clock: FixedClock, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ResumedDigest]:
    """Start a bot on a copy of the database, and stop it once the digest is finished."""
    database = tmp_path_factory.mktemp("mid_digest") / "bailiff.sqlite"
    shutil.copyfile(DATABASE, database)
    restore_slack_messages(sandbox, slack_clock)
    overrides = {"BAILIFF_DATABASE_URL": f"sqlite:///{database}", "BAILIFF_DIGEST_CRON": "0 9 * * 1-5"}
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.chdir(database.parent)
        for name, value in sandbox.environment(**ONE_REGION, **overrides).items():
            monkeypatch.setenv(name, value)
        resumed = ResumedDigest(sandbox, Settings(), database, len(sandbox.slack.driver.calls()))
        with open_program(resumed.settings, lambda: RESTARTED) as program, serving(program.process):
            sandbox.slack.driver.wait_for(lambda: is_finished(database), ANSWER_TIMEOUT)
        yield resumed


def is_finished(database: Path) -> bool:
    """Return whether every batch is finished."""
    return not query_rows(database, "select id from dispatches where finished is null")


def test_the_database_has_deliveries_in_every_stage() -> None:
    stages = {
        (delivery["part"], delivery["state"], delivery["attempted"] is not None)
        for delivery in deliveries(DATABASE).values()
    }
    assert stages == {
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
    assert query_rows(DATABASE, "select occasion, finished is null from dispatches order by planned") == [
        ("by hand", 0),
        ("scheduled", 1),
    ]


def test_opening_the_database_brings_its_tables_up_to_date(tmp_path: Path) -> None:
    database = shutil.copyfile(DATABASE, tmp_path / "bailiff.sqlite")
    assert query_rows(database, "select version_num from bailiff_revision") == [("0003",)]
    store_at(f"sqlite:///{database}").open().close()
    assert query_rows(database, "select version_num from bailiff_revision") == [(revisions()[-1],)]


def test_every_delivery_is_sent_and_the_digest_is_finished(resumed_digest: ResumedDigest) -> None:
    assert {delivery["state"] for delivery in deliveries(resumed_digest.database).values()} == {"sent"}
    assert len(deliveries(resumed_digest.database)) == len(deliveries(DATABASE)) == 11
    assert is_finished(resumed_digest.database)


def test_every_message_is_in_slack_exactly_once(resumed_digest: ResumedDigest) -> None:
    timestamps = {
        key: [message.ts for message in messages]
        for key, messages in resumed_digest.messages_by_key().items()
        if key.startswith(MONDAY)
    }
    stored = deliveries(resumed_digest.database)
    assert timestamps.keys() == SENT_BEFORE | ANSWER_LOST | NOT_SENT
    assert timestamps == {key: [stored[key]["ts"]] for key in timestamps}
    (file,) = [file for message in resumed_digest.channel_messages() for file in message.files]
    assert file.name == json.loads(deliveries(DATABASE)[monday_key("file")]["payload"])["name"]


def test_messages_that_slack_has_are_found_and_not_sent_again(resumed_digest: ResumedDigest) -> None:
    timestamps = {message["metadata"]["event_payload"]["key"]: message["ts"] for message in POSTED_BEFORE_RESTART}
    stored = deliveries(resumed_digest.database)
    assert {key: stored[key]["ts"] for key in SENT_BEFORE | ANSWER_LOST} == {
        key: timestamps[key] for key in SENT_BEFORE | ANSWER_LOST
    }
    posted = Counter(call["metadata"]["event_payload"]["key"] for call in resumed_digest.calls("chat.postMessage"))
    assert posted == Counter(NOT_SENT)
    assert len(resumed_digest.calls("files.completeUploadExternal")) == 1


def test_the_metadata_of_messages_is_the_same_as_before(resumed_digest: ResumedDigest) -> None:
    metadata = [call["metadata"] for call in resumed_digest.calls("chat.postMessage")]
    assert {(metadata_item["event_type"], *metadata_item["event_payload"]) for metadata_item in metadata} == {
        ("bailiff_post", "key")
    }


def test_each_owner_gets_one_direct_message_of_the_digest(resumed_digest: ResumedDigest) -> None:
    assert {user: len(resumed_digest.direct_messages(user)) for user in OWNERS} == {
        ADA: 2,  # of both digests
        ALBERT: 1,  # of the first one
        HECTOR: 1,  # of the first one
        NADIA: 1,
        MALO: 1,
        BILL: 1,
    }


def test_the_final_delivery_summary_lists_who_was_notified(resumed_digest: ResumedDigest) -> None:
    (summary,) = resumed_digest.messages_by_key()[monday_key("owners")]
    labels = [
        delivery["label"] for delivery in deliveries(resumed_digest.database).values() if delivery["part"] == "nudge"
    ]
    assert summary.is_edited
    assert len(labels) == 4
    assert all(label in summary.visible_text for label in labels)


def test_the_earlier_direct_messages_are_edited_as_planned(resumed_digest: ResumedDigest) -> None:
    messages = resumed_digest.messages_by_key()
    for user, opening in ((ADA, "This was the state of 20 Nov"), (HECTOR, "1 of 2 settled since 20 Nov")):
        (message,) = messages[f"{FRIDAY}/nudge/{user}"]
        assert message.is_edited
        assert message.visible_text.startswith(opening)


def test_nothing_else_is_edited(resumed_digest: ResumedDigest) -> None:
    stored = deliveries(resumed_digest.database)
    edited = Counter(call["ts"] for call in resumed_digest.calls("chat.update"))
    edits = {
        delivery["edits"]
        for delivery in stored.values()
        if delivery["part"] == "edit" and delivery["recipient"] in {ADA, HECTOR}
    }
    assert edited == Counter({*edits, stored[monday_key("owners")]["ts"]})


def test_a_second_start_sends_nothing(resumed_digest: ResumedDigest) -> None:
    before, calls = resumed_digest.messages_by_key(), len(resumed_digest.sandbox.slack.driver.calls())
    with open_program(resumed_digest.settings, lambda: RESTARTED) as program:
        program.run_due()
    methods = {call.method for call in resumed_digest.sandbox.slack.driver.calls()[calls:]}
    assert not [method for method in methods if method.startswith(("chat.", "files."))]
    assert resumed_digest.messages_by_key() == before
