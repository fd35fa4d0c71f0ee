"""A bot that was restarted answers from what it saw before, whatever AWS does meanwhile, and says how old that is."""

import time
from collections.abc import Iterator

import pytest

from bailiff_bot.sandbox.bot_processes import stop
from bailiff_bot.sandbox.sandbox import Stage
from tests.integration.bot.conftest import FIRST_TIME, FLEET_REGIONS, VISIBLE, Audience, days

SLOWNESS = 20.0
"""Seconds that AWS takes: who waited for it would be told later than any of these tests lasts."""
PROMPT = 2.0
"""Seconds from the command to its answer, on a machine that is busy with other things."""


@pytest.fixture(scope="module", autouse=True)
def _seen_before(stage: Stage) -> None:
    """Let a bot look at the tenant once, and stop it."""
    bot = stage.start_bot(BAILIFF_REGIONS=FLEET_REGIONS)
    Audience(stage).asks("ada", "/bailiff report")
    assert stop(bot) == 0


@pytest.fixture
def audience(audience: Audience) -> Iterator[Audience]:
    """Give a test a bot that was just started while AWS is slow, and stop it afterwards."""
    audience.stage.aws.slow("eu-west-1", SLOWNESS, action="DescribeInstances")
    bot = audience.stage.start_bot(BAILIFF_REGIONS=FLEET_REGIONS)
    yield audience
    audience.stage.aws.heal()
    stop(bot)


@pytest.mark.parametrize("typed", ["/bailiff report", "/bailiff mine"])
def test_a_bot_that_was_restarted_answers_at_once_though_aws_is_slow(audience: Audience, typed: str) -> None:
    began = time.monotonic()
    (answer,) = audience.asks("ada", typed)
    assert time.monotonic() - began < PROMPT
    assert FIRST_TIME not in answer.text
    assert "owe something" in answer.words


def test_an_answer_from_before_has_the_whole_fleet_and_what_was_not_read(audience: Audience) -> None:
    (answer,) = audience.asks("ada", "/bailiff report")
    assert f"of {len(VISIBLE)} instances owe something" in answer.words
    assert "9 of 10 regions of 2 accounts read" in answer.words
    assert "not read: 111122223333/sa-east-1 (access denied)" in answer.words


def test_the_home_tab_is_drawn_from_what_was_seen_before(audience: Audience) -> None:
    assert audience.driver.user("ada").opens_home().acknowledged
    home = audience.driver.wait_for(audience.driver.user("ada").home)
    assert FIRST_TIME not in home.words


def test_where_slack_fails_at_the_first_command_nobody_is_told_to_install_the_app_anew(audience: Audience) -> None:
    audience.driver.fault("server_error", "auth.test", times=None)
    (answer,) = audience.asks("ada", "/bailiff report")
    assert answer.words == "Slack does not answer Bailiff just now: please try again in a minute."


def test_an_answer_that_is_days_old_says_so(stage: Stage) -> None:
    stage.let_pass(days(3))
    stage.aws.slow("eu-west-1", SLOWNESS, action="DescribeInstances")
    bot = stage.start_bot(BAILIFF_REGIONS=FLEET_REGIONS)
    (answer,) = Audience(stage).asks("ada", "/bailiff report")
    assert "3 days ago" in answer.words
    stage.aws.heal()
    stop(bot)
