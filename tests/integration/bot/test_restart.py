"""A bot that was restarted answers from what it saw before, whatever AWS does meanwhile, and says how old that is."""

import time
from collections.abc import Iterator

import pytest

from bailiff_bot.sandbox.bot_processes import stop_bot
from bailiff_bot.sandbox.sandbox import Sandbox
from tests.integration.bot.conftest import FLEET_REGIONS, VISIBLE, WAIT_NOTICE, SandboxUsers, days

SLOWNESS = 20.0
"""Seconds that AWS takes: who waited for it would be told later than any of these tests lasts."""
PROMPT = 2.0
"""Seconds from the command to its answer, on a machine that is busy with other things."""


@pytest.fixture(scope="module", autouse=True)
def _earlier_scan(sandbox: Sandbox) -> None:
    """Let a bot look at the tenant once, and stop it."""
    bot = sandbox.start_bot(BAILIFF_REGIONS=FLEET_REGIONS)
    SandboxUsers(sandbox).run_command("ada", "/bailiff report")
    assert stop_bot(bot) == 0


@pytest.fixture
def users(users: SandboxUsers) -> Iterator[SandboxUsers]:
    """Give a test a bot that was just started while AWS is slow, and stop it afterwards."""
    users.sandbox.aws.delay_responses("eu-west-1", SLOWNESS, action="DescribeInstances")
    bot = users.sandbox.start_bot(BAILIFF_REGIONS=FLEET_REGIONS)
    yield users
    users.sandbox.aws.clear_faults()
    stop_bot(bot)


@pytest.mark.parametrize("typed", ["/bailiff report", "/bailiff mine"])
def test_a_bot_that_was_restarted_answers_at_once_though_aws_is_slow(users: SandboxUsers, typed: str) -> None:
    began = time.monotonic()
    (answer,) = users.run_command("ada", typed)
    assert time.monotonic() - began < PROMPT
    assert WAIT_NOTICE not in answer.text
    assert "owe something" in answer.visible_text


def test_an_answer_from_before_has_the_whole_fleet_and_what_was_not_read(users: SandboxUsers) -> None:
    (answer,) = users.run_command("ada", "/bailiff report")
    assert f"of {len(VISIBLE)} instances owe something" in answer.visible_text
    assert "9 of 10 regions of 2 accounts read" in answer.visible_text
    assert "not read: 111122223333/sa-east-1 (access denied)" in answer.visible_text


def test_the_home_tab_is_drawn_from_what_was_seen_before(users: SandboxUsers) -> None:
    assert users.driver.user("ada").open_home().acknowledged
    home = users.driver.wait_for(users.driver.user("ada").home)
    assert WAIT_NOTICE not in home.visible_text


def test_where_slack_fails_at_the_first_command_nobody_is_told_to_install_the_app_anew(users: SandboxUsers) -> None:
    users.driver.inject_fault("server_error", "auth.test", times=None)
    (answer,) = users.run_command("ada", "/bailiff report")
    assert answer.visible_text == "Slack does not answer Bailiff just now: please try again in a minute."


def test_an_answer_that_is_days_old_says_so(sandbox: Sandbox) -> None:
    sandbox.advance_time(days(3))
    sandbox.aws.delay_responses("eu-west-1", SLOWNESS, action="DescribeInstances")
    bot = sandbox.start_bot(BAILIFF_REGIONS=FLEET_REGIONS)
    (answer,) = SandboxUsers(sandbox).run_command("ada", "/bailiff report")
    assert "3 days ago" in answer.visible_text
    sandbox.aws.clear_faults()
    stop_bot(bot)
