"""The digest that a running bot sends when its slot is due, and a missed or unfinished one."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bailiff_bot.errors import SlackError
from bailiff_bot.sandbox.sandbox import Sandbox
from bailiff_bot.sandbox.slack import RenderedMessage
from bailiff_bot.settings.model import Settings
from tests.integration.bot.conftest import ONE_REGION, ConversationView, SandboxUsers, serving
from tests.program import Program, open_program

OWNERS = ("ada", "albert", "hector")
NOTIFIED_HEADING = "Owners notified"


@pytest.fixture
def settings(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    """Return the settings that a process in the sandbox has, with a digest due in this minute."""
    monkeypatch.chdir(tmp_path)
    every_day_now = f"{datetime.now(UTC):%M %H} * * *"
    for name, value in sandbox.environment(**ONE_REGION, BAILIFF_DIGEST_CRON=every_day_now).items():
        monkeypatch.setenv(name, value)
    return Settings()


@pytest.fixture
def views(users: SandboxUsers) -> dict[str, ConversationView]:
    """Return what Bill sees in the channel, and what three owners see in their direct conversations."""
    owner_views = {user: users.view(user) for user in OWNERS}
    return {"channel": users.view("bill", "cloud-costs"), **owner_views}


@contextmanager
def due_program(settings: Settings) -> Iterator[Program]:
    """Yield a program whose digest is due: its slot is in this minute, its schedule exists for two minutes."""
    with open_program(settings) as program:
        program.work.schedules.record_use(program.work.schedule_text, datetime.now(UTC) - timedelta(minutes=2))
        yield program


def run_due(settings: Settings) -> None:
    """Run a program whose digest is due until all is sent."""
    with due_program(settings) as program:
        program.run_due()


def has_delivery_summary(channel_view: ConversationView) -> bool:
    """Return whether a digest has a final delivery summary in its thread."""
    return any(
        NOTIFIED_HEADING in reply.visible_text
        for parent in channel_view.new_messages()
        for reply in channel_view.thread(parent)
    )


@pytest.fixture
def messages_of_due_digest(settings: Settings, views: dict[str, ConversationView]) -> dict[str, list[RenderedMessage]]:
    """Serve until the due digest has its final delivery summary. Returns what each view then shows."""
    with due_program(settings) as program, serving(program.process):
        views["channel"].wait_for_messages(lambda _: has_delivery_summary(views["channel"]))
    return {name: view.new_messages() for name, view in views.items()}


def test_the_bot_sends_one_due_digest_and_notifies_each_owner_once(
    messages_of_due_digest: dict[str, list[RenderedMessage]],
) -> None:
    assert {name: len(messages) for name, messages in messages_of_due_digest.items()} == {
        "channel": 1,
        "ada": 1,
        "albert": 1,
        "hector": 1,
    }


@pytest.mark.usefixtures("messages_of_due_digest")
def test_a_bot_that_stops_after_its_digest_leaves_no_connection(sandbox: Sandbox) -> None:
    sandbox.slack.driver.wait_for(lambda: sandbox.slack.driver.connections() == [])


def test_a_restarted_bot_does_not_send_the_digest_again(
    settings: Settings, views: dict[str, ConversationView], messages_of_due_digest: dict[str, list[RenderedMessage]]
) -> None:
    run_due(settings)
    assert {name: view.new_messages() for name, view in views.items()} == messages_of_due_digest


def test_a_digest_that_failed_is_sent_once_slack_works_again(
    settings: Settings, views: dict[str, ConversationView], users: SandboxUsers
) -> None:
    users.driver.inject_fault("refuse", "conversations.list", error="internal_error")
    with pytest.raises(SlackError):
        run_due(settings)
    run_due(settings)
    assert len(views["channel"].new_messages()) == 1


def test_a_bot_completes_the_unfinished_digest_of_an_earlier_one(
    settings: Settings, views: dict[str, ConversationView], users: SandboxUsers
) -> None:
    users.driver.inject_fault("refuse", "chat.update", error="fatal_error")
    run_due(settings)
    assert not has_delivery_summary(views["channel"])
    run_due(settings)
    assert has_delivery_summary(views["channel"])
    assert {name: len(view.new_messages()) for name, view in views.items()} == {
        "channel": 1,
        **dict.fromkeys(OWNERS, 1),
    }
