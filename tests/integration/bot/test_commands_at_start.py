"""The bot has only just started, AWS is slow, and a dozen commands come at once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from bailiff_bot.sandbox.sandbox import Sandbox
from bailiff_bot.sandbox.slack import InteractionResult, RenderedMessage
from tests.integration.bot.conftest import WAIT_NOTICE, SandboxUsers

SLOWNESS = 4.0
ASKERS = ("ada", "albert", "hector", "nadia", "malo", "bill")
TYPED = ("/bailiff report", "/bailiff mine")


@dataclass(frozen=True, slots=True)
class CommandBurst:
    """What came of the dozen commands."""

    outcomes: list[InteractionResult]
    seen: dict[str, list[RenderedMessage]]
    """What each of the askers was shown."""
    help_came_first: bool
    """Whether somebody who asked for help after them all got it before the scan was done."""
    scans: int
    """How often the region was asked for its instances."""


@pytest.fixture(scope="module")
def burst(sandbox: Sandbox) -> CommandBurst:
    """Have six people type two commands each while the first scan is slow, and wait for the answers."""
    sandbox.aws.delay_responses("eu-west-1", SLOWNESS, action="DescribeInstances")
    sandbox.start_bot(BAILIFF_REGIONS="eu-west-1")
    users = SandboxUsers(sandbox)
    views = {who: users.view(who, "general") for who in ASKERS}
    commands = [(who, typed) for typed in TYPED for who in ASKERS]
    with ThreadPoolExecutor(len(commands)) as people:
        outcomes = list(people.map(lambda one: _types(sandbox, *one), commands))
    users.run_command("bill", "/bailiff help")
    help_came_first = not _both_answered(views["ada"].new_messages())
    seen = {who: view.wait_for_messages(_both_answered) for who, view in views.items()}
    scans = [
        one for one in sandbox.aws.calls if one.iam_action == "ec2:DescribeInstances" and one.account == "111122223333"
    ]
    sandbox.aws.clear_faults()
    return CommandBurst(outcomes, seen, help_came_first, len(scans))


def _types(sandbox: Sandbox, who: str, typed: str) -> InteractionResult:
    return sandbox.slack.driver.user(who).run_command(typed, channel="general")


def _both_answered(new: list[RenderedMessage]) -> bool:
    return len([one for one in new if WAIT_NOTICE not in one.text]) == len(TYPED)


def test_many_commands_at_once_are_all_acknowledged_in_time_though_the_scan_is_slow(burst: CommandBurst) -> None:
    assert all(outcome.acknowledged for outcome in burst.outcomes)
    assert max(outcome.seconds for outcome in burst.outcomes) < SLOWNESS


def test_everybody_who_asks_before_the_first_scan_is_told_to_wait_a_moment(burst: CommandBurst) -> None:
    for seen in burst.seen.values():
        assert any(WAIT_NOTICE in message.text for message in seen)


def test_everybody_gets_the_answer_when_the_scan_is_done(burst: CommandBurst) -> None:
    assert any("instances owe something" in message.visible_text for message in burst.seen["nadia"])
    assert any("agr-gpu-training" in message.visible_text for message in burst.seen["ada"])


def test_help_comes_at_once_though_a_dozen_wait_for_the_first_scan(burst: CommandBurst) -> None:
    assert burst.help_came_first


def test_all_who_ask_share_one_scan(burst: CommandBurst) -> None:
    assert burst.scans == 1


def test_once_there_is_a_snapshot_the_answer_comes_at_once(burst: CommandBurst, users: SandboxUsers) -> None:
    assert burst.scans == 1
    users.sandbox.aws.delay_responses("eu-west-1", SLOWNESS, action="DescribeInstances")
    (answer,) = users.run_command("ada", "/bailiff report", "general")
    assert "instances owe something" in answer.visible_text
