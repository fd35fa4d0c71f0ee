"""The bot has just started, AWS is slow, and a dozen commands come at once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from bailiff_bot.sandbox.sandbox import Sandbox
from bailiff_bot.sandbox.slack import InteractionResult, RenderedMessage
from tests.integration.bot.conftest import WAIT_NOTICE, SandboxUsers

SCAN_SECONDS = 4.0
USERS = ("ada", "albert", "hector", "nadia", "malo", "bill")
COMMANDS = ("/bailiff report", "/bailiff mine")


@dataclass(frozen=True, slots=True)
class CommandBurst:
    """The results of the dozen commands."""

    interactions: list[InteractionResult]
    visible: dict[str, list[RenderedMessage]]
    """The messages that each user saw."""
    help_before_scan: bool
    """Whether help, asked for last, came before the scan was done."""
    scans: int
    """How many times the region was read."""


@pytest.fixture(scope="module")
def burst(sandbox: Sandbox) -> CommandBurst:
    """Type two commands as each of six users while the first scan is slow, and wait for the answers."""
    sandbox.aws.delay_responses("eu-west-1", SCAN_SECONDS, action="DescribeInstances")
    sandbox.start_bot(BAILIFF_REGIONS="eu-west-1")
    users = SandboxUsers(sandbox)
    views = {user: users.view(user, "general") for user in USERS}
    requests = [(user, command) for command in COMMANDS for user in USERS]
    with ThreadPoolExecutor(len(requests)) as pool:
        interactions = list(pool.map(lambda request: _run_command(sandbox, *request), requests))
    users.run_command("bill", "/bailiff help")
    help_before_scan = not _both_answered(views["ada"].new_messages())
    visible = {user: view.wait_for_messages(_both_answered) for user, view in views.items()}
    scans = [
        call
        for call in sandbox.aws.calls
        if call.iam_action == "ec2:DescribeInstances" and call.account == "111122223333"
    ]
    sandbox.aws.clear_faults()
    return CommandBurst(interactions, visible, help_before_scan, len(scans))


def _run_command(sandbox: Sandbox, user: str, command: str) -> InteractionResult:
    return sandbox.slack.driver.user(user).run_command(command, channel="general")


def _both_answered(new: list[RenderedMessage]) -> bool:
    return len([message for message in new if WAIT_NOTICE not in message.text]) == len(COMMANDS)


def test_many_commands_at_once_are_all_acknowledged_before_the_slow_scan_ends(burst: CommandBurst) -> None:
    assert all(interaction.acknowledged for interaction in burst.interactions)
    assert max(interaction.seconds for interaction in burst.interactions) < SCAN_SECONDS


def test_every_user_who_asks_before_the_first_scan_gets_a_wait_notice(burst: CommandBurst) -> None:
    for visible in burst.visible.values():
        assert any(WAIT_NOTICE in message.text for message in visible)


def test_every_user_gets_the_answer_when_the_scan_is_done(burst: CommandBurst) -> None:
    assert any("instances break a rule" in message.visible_text for message in burst.visible["nadia"])
    assert any("agr-gpu-training" in message.visible_text for message in burst.visible["ada"])


def test_help_comes_at_once_while_a_dozen_commands_wait_for_the_first_scan(burst: CommandBurst) -> None:
    assert burst.help_before_scan


def test_all_commands_share_one_scan(burst: CommandBurst) -> None:
    assert burst.scans == 1


def test_with_a_snapshot_the_answer_comes_without_a_wait_notice(burst: CommandBurst, users: SandboxUsers) -> None:
    assert burst.scans == 1
    users.sandbox.aws.delay_responses("eu-west-1", SCAN_SECONDS, action="DescribeInstances")
    (answer,) = users.run_command("ada", "/bailiff report", "general")
    assert "instances break a rule" in answer.visible_text
