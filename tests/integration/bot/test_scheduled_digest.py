"""The digest that the running bot sends by itself when its slot comes."""

import dataclasses
import threading
from datetime import UTC, datetime, timedelta

import pytest
from apscheduler.triggers.date import DateTrigger

from bailiff_bot import wiring
from bailiff_bot.sandbox.slack import Seen
from bailiff_bot.sandbox.stage import Stage
from bailiff_bot.settings import Settings
from tests.integration.bot.conftest import ONE_REGION, PATIENCE, Audience, Screen

SOON = timedelta(seconds=1)


@pytest.fixture
def settings(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Return the settings that a process on the stage would have, in this one."""
    for name, value in stage.environment(**ONE_REGION).items():
        monkeypatch.setenv(name, value)
    return Settings()


@pytest.fixture
def screens(audience: Audience) -> dict[str, Screen]:
    """Look at the channel, and at the conversations of three owners."""
    owners = {who: audience.screen(who) for who in ("ada", "albert", "hector")}
    return {"channel": audience.screen("bill", "cloud-costs"), **owners}


@pytest.fixture
def served(settings: Settings, screens: dict[str, Screen]) -> dict[str, list[Seen]]:
    """Serve until a digest that is due in a second has come whole, then stop; return what everybody saw."""
    due = DateTrigger(datetime.now(UTC) + SOON)
    bot = dataclasses.replace(wiring.bot(settings), slots=due)
    stop = threading.Event()
    serving = threading.Thread(target=bot.serve, args=(stop,))
    serving.start()
    try:
        (parent,) = screens["channel"].wait()
        screens["channel"].stage.slack.driver.wait_for(
            lambda: "Told in a direct message" in "".join(one.words for one in screens["channel"].thread(parent)),
            PATIENCE,
        )
    finally:
        stop.set()
        serving.join(PATIENCE)
    assert not serving.is_alive()
    return {where: screen.new() for where, screen in screens.items()}


def test_the_bot_sends_one_digest_and_tells_each_owner_once_when_its_slot_comes(
    served: dict[str, list[Seen]],
) -> None:
    assert {where: len(seen) for where, seen in served.items()} == {"channel": 1, "ada": 1, "albert": 1, "hector": 1}


@pytest.mark.usefixtures("served")
def test_a_bot_that_stops_after_its_digest_leaves_no_connection(stage: Stage) -> None:
    stage.slack.driver.wait_for(lambda: stage.slack.driver.connections() == [])
