"""The digest that the running bot sends by itself when its slot has come, and what it does about one it missed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bailiff_bot import bootstrap
from bailiff_bot.errors import SlackError
from bailiff_bot.runtime.process import BotProcess
from bailiff_bot.sandbox.sandbox import Sandbox
from bailiff_bot.sandbox.slack import RenderedMessage
from bailiff_bot.settings.model import Settings
from tests.integration.bot.conftest import ONE_REGION, ConversationView, SandboxUsers, serving
from tests.quick import QUICK

OWNERS = ("ada", "albert", "hector")
NOTIFIED_HEADING = "Told in a direct message"


@pytest.fixture
def settings(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    """Return the settings that a process on the stage would have, in this one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("bailiff_bot.bootstrap.TIMING", QUICK)
    this_minute = f"{datetime.now(UTC):%M %H} * * *"
    for name, value in sandbox.environment(**ONE_REGION, BAILIFF_DIGEST_CRON=this_minute).items():
        monkeypatch.setenv(name, value)
    return Settings()


@pytest.fixture
def views(users: SandboxUsers) -> dict[str, ConversationView]:
    """Look at the channel, and at the conversations of three owners."""
    owners = {who: users.view(who) for who in OWNERS}
    return {"channel": users.view("bill", "cloud-costs"), **owners}


def build_due_process(settings: Settings) -> BotProcess:
    """Return a bot whose slot of today came in this minute, and which was away since before that."""
    bot = bootstrap.bot_process(settings)
    bot.periodic_work.schedules.record_use(bot.periodic_work.schedule_text, datetime.now(UTC) - timedelta(minutes=2))
    return bot


def owners_are_listed(channel: ConversationView) -> bool:
    """Return whether there is a digest whose thread says who was told."""
    return any(
        NOTIFIED_HEADING in one.visible_text for parent in channel.new_messages() for one in channel.thread(parent)
    )


@pytest.fixture
def messages_of_due_digest(settings: Settings, views: dict[str, ConversationView]) -> dict[str, list[RenderedMessage]]:
    """Serve until a digest that is due has come whole, then stop; return what everybody saw."""
    with serving(build_due_process(settings)):
        views["channel"].wait_for_messages(lambda _: owners_are_listed(views["channel"]))
    return {where: view.new_messages() for where, view in views.items()}


def test_the_bot_sends_one_digest_and_notifies_each_owner_once_when_its_slot_has_come(
    messages_of_due_digest: dict[str, list[RenderedMessage]],
) -> None:
    assert {where: len(seen) for where, seen in messages_of_due_digest.items()} == {
        "channel": 1,
        "ada": 1,
        "albert": 1,
        "hector": 1,
    }


@pytest.mark.usefixtures("messages_of_due_digest")
def test_a_bot_that_stops_after_its_digest_leaves_no_connection(sandbox: Sandbox) -> None:
    sandbox.slack.driver.wait_for(lambda: sandbox.slack.driver.connections() == [])


def test_a_bot_that_is_started_again_does_not_send_it_again(
    settings: Settings, views: dict[str, ConversationView], messages_of_due_digest: dict[str, list[RenderedMessage]]
) -> None:
    build_due_process(settings).periodic_work.run_due()
    assert {where: view.new_messages() for where, view in views.items()} == messages_of_due_digest


def test_a_channel_that_is_mended_gets_the_digest_that_failed_before(
    settings: Settings, views: dict[str, ConversationView], users: SandboxUsers
) -> None:
    users.driver.inject_fault("refuse", "conversations.list", error="internal_error")
    with pytest.raises(SlackError):
        build_due_process(settings).periodic_work.run_due()
    build_due_process(settings).periodic_work.run_due()
    assert len(views["channel"].new_messages()) == 1


def test_what_a_bot_left_unfinished_is_completed_by_the_next(
    settings: Settings, views: dict[str, ConversationView], users: SandboxUsers
) -> None:
    users.driver.inject_fault("refuse", "chat.update", error="fatal_error", times=2)
    build_due_process(settings).periodic_work.run_due()
    assert not owners_are_listed(views["channel"])
    build_due_process(settings).periodic_work.run_due()
    assert owners_are_listed(views["channel"])
    assert {where: len(view.new_messages()) for where, view in views.items()} == {
        "channel": 1,
        **dict.fromkeys(OWNERS, 1),
    }
