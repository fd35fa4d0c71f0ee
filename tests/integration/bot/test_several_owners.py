"""An instance with several owners: each is told, each sees it, and what one of them fixes is fixed for all, once."""

import csv
import io
import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from bailiff_bot.sandbox.aws.instance_fixture import InstanceFixture
from bailiff_bot.sandbox.sandbox import Sandbox
from bailiff_bot.sandbox.slack import RenderedMessage
from tests.integration.bot.conftest import (
    LEGIT,
    ONE_REGION,
    SUMMARY_BEGINNINGS,
    SandboxUsers,
    days,
    ids,
    ids_of,
    run_in_process,
)

VALUE = "Ada Granger <agr@octo.example>; mailto:mlg@octo.example, gus@freelance.example | ada.granger"
OWNER_KEYS = ["agr@octo.example", "mlg@octo.example", "gus@freelance.example", "ada.granger@octo.example"]
SHARED = InstanceFixture(
    key="shared", name="workernode", since_start=days(3), tags=(("OWNER", VALUE),), expected_table="owned"
)
SETTINGS = {**ONE_REGION, "BAILIFF_OWNER_DOMAIN": "octo.example"}
OWNERS = ("ada", "malo")


@pytest.fixture(scope="module")
def fleet() -> tuple[InstanceFixture, ...]:
    return (SHARED, LEGIT)


@dataclass(frozen=True, slots=True)
class DigestDay:
    """What users saw after a digest."""

    stdout: str
    parent: RenderedMessage
    thread: list[RenderedMessage]
    direct_messages: dict[str, list[RenderedMessage]]

    @property
    def delivery_summary(self) -> str:
        return next(message.visible_text for message in self.thread if message.text.startswith(SUMMARY_BEGINNINGS))


@pytest.fixture(scope="module")
def answers(sandbox: Sandbox) -> dict[str, list[RenderedMessage]]:
    """Return what `/bailiff mine` answers to each owner."""
    sandbox.start_bot(None, **SETTINGS)
    users = SandboxUsers(sandbox)
    return {user: users.run_command(user, "/bailiff mine") for user in OWNERS}


@pytest.fixture(scope="module")
def digest_days(
    sandbox: Sandbox, answers: dict[str, list[RenderedMessage]], tmp_path_factory: pytest.TempPathFactory
) -> list[DigestDay]:
    """Send two digests, a day apart. In between, one of the owners renames the instance."""
    assert answers
    users, folder = SandboxUsers(sandbox), tmp_path_factory.mktemp("days")
    channel_view, direct_views = users.view("bill", "cloud-costs"), {user: users.view(user) for user in OWNERS}

    def send_digest() -> DigestDay:
        result = run_in_process(sandbox, "digest", folder=folder, **SETTINGS)
        parent = channel_view.new_messages()[-1]
        direct_messages = {user: view.new_messages() for user, view in direct_views.items()}
        return DigestDay(result.stdout, parent, channel_view.thread(parent), direct_messages)

    first = send_digest()
    sandbox.advance_time(days(1))
    sandbox.aws.rename(SHARED.id, "agr-workernode")
    return [first, send_digest()]


@pytest.mark.parametrize("user", OWNERS)
def test_mine_finds_the_instance_for_each_owner(answers: dict[str, list[RenderedMessage]], user: str) -> None:
    assert ids(answers[user][-1].visible_text) == ids_of(SHARED)


@pytest.mark.parametrize("user", OWNERS)
def test_each_owner_gets_one_direct_message_that_names_the_tag(digest_days: list[DigestDay], user: str) -> None:
    (message,) = digest_days[0].direct_messages[user]
    assert ids(message.visible_text) == ids_of(SHARED)
    assert "the tag OWNER names you" in message.visible_text


def test_the_digest_counts_the_instance_once_and_the_notified_owners_each(digest_days: list[DigestDay]) -> None:
    assert "1 of 2 instances breaks a rule" in digest_days[0].parent.visible_text
    assert "Owners notified: 2 of 2." in digest_days[0].stdout


def test_the_delivery_summary_names_each_owner_and_why_one_was_not_found(digest_days: list[DigestDay]) -> None:
    notified, _, not_found = digest_days[0].delivery_summary.partition("No owner found")
    assert "Ada Granger (agr@octo.example): 1 instance" in notified
    assert "Malo Legrand (mlg@octo.example): 1 instance" in notified
    assert "gus@freelance.example (1 instance): a guest in Slack" in not_found
    assert "ada.granger@octo.example (1 instance): no active Slack user has ada.granger@octo.example" in not_found


def test_the_table_and_the_csv_of_the_thread_show_all_owners(digest_days: list[DigestDay]) -> None:
    cells = {cell for message in digest_days[0].thread for table in message.tables for row in table for cell in row}
    assert ", ".join(OWNER_KEYS) in cells
    (file,) = [file for message in digest_days[0].thread for file in message.files]
    owners = {row["instance_id"]: row["owner"] for row in csv.DictReader(io.StringIO(file.text))}
    assert owners[SHARED.id] == "; ".join(OWNER_KEYS)


@pytest.mark.parametrize("user", OWNERS)
def test_a_fix_by_one_owner_updates_the_message_of_each(digest_days: list[DigestDay], user: str) -> None:
    (earlier,), (after,) = (day.direct_messages[user] for day in digest_days)
    assert (after.ts, after.is_edited) == (earlier.ts, True)
    assert after.visible_text.startswith("It is fixed. Thank you.")


def test_a_fix_counts_once_and_each_owner_is_thanked(digest_days: list[DigestDay]) -> None:
    assert "1 was fixed since " in digest_days[1].parent.visible_text
    assert "Thanks to Ada Granger (1) and Malo Legrand (1)" in digest_days[1].parent.visible_text


def test_the_report_as_json_and_on_the_terminal_shows_all_owners(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.aws.rename(SHARED.id, "workernode")
    result = run_in_process(sandbox, "report", "--format", "json", folder=tmp_path, **SETTINGS)
    owners = {one["instance_id"]: one["owner"] for one in json.loads(result.stdout)["records"]}
    assert owners == {SHARED.id: OWNER_KEYS, LEGIT.id: ["NABE"]}
    assert ", ".join(OWNER_KEYS) in run_in_process(sandbox, "report", folder=tmp_path, **SETTINGS).stdout
