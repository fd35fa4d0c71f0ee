"""A restarted bot answers from the stored snapshot, whatever AWS does meanwhile, and says how old it is."""

import time
from collections.abc import Iterator

import pytest

from bailiff_bot.bootstrap.bot import WORKER_THREADS
from bailiff_bot.sandbox.bot_processes import stop_bot
from bailiff_bot.sandbox.sandbox import Sandbox
from tests.integration.bot.conftest import FLEET_REGIONS, VISIBLE_INSTANCES, WAIT_NOTICE, SandboxUsers, days

RESPONSE_DELAY = 20.0
"""Seconds that AWS takes to respond: longer than any of these tests. An answer that waits for a scan comes too late."""
ANSWER_SECONDS = 2.0
"""Seconds within which a command is answered, on a busy machine."""


@pytest.fixture(scope="module", autouse=True)
def _earlier_scan(sandbox: Sandbox) -> None:
    """Run a bot until its first scan is done, and stop it."""
    bot = sandbox.start_bot(BAILIFF_REGIONS=FLEET_REGIONS)
    SandboxUsers(sandbox).run_command("ada", "/bailiff report")
    assert stop_bot(bot) == 0


@pytest.fixture
def users(users: SandboxUsers) -> Iterator[SandboxUsers]:
    """Start a bot while AWS is slow, and stop it afterwards."""
    users.sandbox.aws.delay_responses("eu-west-1", RESPONSE_DELAY, action="DescribeInstances")
    bot = users.sandbox.start_bot(BAILIFF_REGIONS=FLEET_REGIONS)
    yield users
    users.sandbox.aws.clear_faults()
    stop_bot(bot)


@pytest.mark.parametrize("command", ["/bailiff report", "/bailiff mine"])
def test_a_restarted_bot_answers_at_once_while_aws_is_slow(users: SandboxUsers, command: str) -> None:
    started = time.monotonic()
    (answer,) = users.run_command("ada", command)
    assert time.monotonic() - started < ANSWER_SECONDS
    assert WAIT_NOTICE not in answer.text
    assert "break a rule" in answer.visible_text


def test_an_answer_from_the_stored_snapshot_has_the_whole_fleet_and_what_was_not_read(users: SandboxUsers) -> None:
    (answer,) = users.run_command("ada", "/bailiff report")
    assert f"of {len(VISIBLE_INSTANCES)} instances break a rule" in answer.visible_text
    assert "9 of 10 regions of 2 accounts read" in answer.visible_text
    assert "not read: 111122223333/sa-east-1 (access denied)" in answer.visible_text


def test_the_home_tab_is_drawn_from_the_stored_snapshot(users: SandboxUsers) -> None:
    assert users.driver.user("ada").open_home().acknowledged
    home = users.driver.wait_for(users.driver.user("ada").home)
    assert WAIT_NOTICE not in home.visible_text


def test_if_slack_fails_at_the_first_command_the_user_is_asked_to_try_again(users: SandboxUsers) -> None:
    users.driver.inject_fault("server_error", "auth.test", times=None)
    (answer,) = users.run_command("ada", "/bailiff report")
    assert answer.visible_text == "Slack is not answering Bailiff: try again in a minute."


def test_an_answer_from_a_snapshot_that_is_days_old_says_so(sandbox: Sandbox) -> None:
    sandbox.advance_time(days(3))
    sandbox.aws.delay_responses("eu-west-1", RESPONSE_DELAY, action="DescribeInstances")
    bot = sandbox.start_bot(BAILIFF_REGIONS=FLEET_REGIONS)
    (answer,) = SandboxUsers(sandbox).run_command("ada", "/bailiff report")
    assert "3 days ago" in answer.visible_text
    sandbox.aws.clear_faults()
    stop_bot(bot)


def test_clicks_that_wait_when_the_bot_is_stopped_are_each_answered(sandbox: Sandbox) -> None:
    bot, users = sandbox.start_bot(BAILIFF_REGIONS=FLEET_REGIONS), SandboxUsers(sandbox)
    (answer,) = users.run_command("ada", "/bailiff mine")
    view, ada = users.view("ada"), users.driver.user("ada")
    users.driver.inject_fault("slow", "users.info", seconds=1.0, times=None)
    count = 2 * WORKER_THREADS
    for number in range(count):
        click = ada.click(answer, "Keep", forged={"action_id": "bailiff_undo", "value": f"forged {number}"})
        assert click.acknowledged
    assert stop_bot(bot) == 0
    told = [message.visible_text for message in view.wait_for_messages(lambda new: len(new) == count)]
    assert sum("too old" in text for text in told) == WORKER_THREADS
    assert sum("Bailiff is restarting: try again in a minute." in text for text in told) == WORKER_THREADS
