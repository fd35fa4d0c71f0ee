"""The digest that the running bot sends by itself when its slot has come, and what it does about one it missed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bailiff_bot import bootstrap
from bailiff_bot.errors import SlackError
from bailiff_bot.runtime.process import Bot
from bailiff_bot.sandbox.sandbox import Stage
from bailiff_bot.sandbox.slack import Seen
from bailiff_bot.settings.model import Settings
from tests.integration.bot.conftest import ONE_REGION, Audience, Screen, serving
from tests.quick import QUICK

OWNERS = ("ada", "albert", "hector")
TOLD = "Told in a direct message"


@pytest.fixture
def settings(stage: Stage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    """Return the settings that a process on the stage would have, in this one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("bailiff_bot.bootstrap.TIMING", QUICK)
    this_minute = f"{datetime.now(UTC):%M %H} * * *"
    for name, value in stage.environment(**ONE_REGION, BAILIFF_DIGEST_CRON=this_minute).items():
        monkeypatch.setenv(name, value)
    return Settings()


@pytest.fixture
def screens(audience: Audience) -> dict[str, Screen]:
    """Look at the channel, and at the conversations of three owners."""
    owners = {who: audience.screen(who) for who in OWNERS}
    return {"channel": audience.screen("bill", "cloud-costs"), **owners}


def built(settings: Settings) -> Bot:
    """Return a bot whose slot of today came in this minute, and which was away since before that."""
    bot = bootstrap.bot(settings)
    bot.duty.schedules.since(bot.duty.schedule, datetime.now(UTC) - timedelta(minutes=2))
    return bot


def told(channel: Screen) -> bool:
    """Return whether there is a digest whose thread says who was told."""
    return any(TOLD in one.words for parent in channel.new() for one in channel.thread(parent))


@pytest.fixture
def served(settings: Settings, screens: dict[str, Screen]) -> dict[str, list[Seen]]:
    """Serve until a digest that is due has come whole, then stop; return what everybody saw."""
    with serving(built(settings)):
        screens["channel"].wait(lambda _: told(screens["channel"]))
    return {where: screen.new() for where, screen in screens.items()}


def test_the_bot_sends_one_digest_and_tells_each_owner_once_when_its_slot_has_come(
    served: dict[str, list[Seen]],
) -> None:
    assert {where: len(seen) for where, seen in served.items()} == {"channel": 1, "ada": 1, "albert": 1, "hector": 1}


@pytest.mark.usefixtures("served")
def test_a_bot_that_stops_after_its_digest_leaves_no_connection(stage: Stage) -> None:
    stage.slack.driver.wait_for(lambda: stage.slack.driver.connections() == [])


def test_a_bot_that_is_started_again_does_not_send_it_again(
    settings: Settings, screens: dict[str, Screen], served: dict[str, list[Seen]]
) -> None:
    built(settings).duty.tend()
    assert {where: screen.new() for where, screen in screens.items()} == served


def test_a_channel_that_is_mended_gets_the_digest_that_failed_before(
    settings: Settings, screens: dict[str, Screen], audience: Audience
) -> None:
    audience.driver.fault("refuse", "conversations.list", error="internal_error")
    with pytest.raises(SlackError):
        built(settings).duty.tend()
    built(settings).duty.tend()
    assert len(screens["channel"].new()) == 1


def test_what_a_bot_left_unfinished_is_completed_by_the_next(
    settings: Settings, screens: dict[str, Screen], audience: Audience
) -> None:
    audience.driver.fault("refuse", "chat.update", error="fatal_error", times=2)
    built(settings).duty.tend()
    assert not told(screens["channel"])
    built(settings).duty.tend()
    assert told(screens["channel"])
    assert {where: len(screen.new()) for where, screen in screens.items()} == {
        "channel": 1,
        **dict.fromkeys(OWNERS, 1),
    }
