"""The bot has only just started, AWS is slow, and a dozen commands come at once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from bailiff_bot.sandbox.sandbox import Stage
from bailiff_bot.sandbox.slack import Outcome, Seen
from tests.integration.bot.conftest import FIRST_TIME, Audience

SLOWNESS = 4.0
ASKERS = ("ada", "albert", "hector", "nadia", "malo", "bill")
TYPED = ("/bailiff report", "/bailiff mine")


@dataclass(frozen=True, slots=True)
class Rush:
    """What came of the dozen commands."""

    outcomes: list[Outcome]
    seen: dict[str, list[Seen]]
    """What each of the askers was shown."""
    help_came_first: bool
    """Whether somebody who asked for help after them all got it before the scan was done."""
    scans: int
    """How often the region was asked for its instances."""


@pytest.fixture(scope="module")
def rush(stage: Stage) -> Rush:
    """Have six people type two commands each while the first scan is slow, and wait for the answers."""
    stage.aws.slow("eu-west-1", SLOWNESS, action="DescribeInstances")
    stage.start_bot(BAILIFF_REGIONS="eu-west-1")
    audience = Audience(stage)
    screens = {who: audience.screen(who, "general") for who in ASKERS}
    commands = [(who, typed) for typed in TYPED for who in ASKERS]
    with ThreadPoolExecutor(len(commands)) as people:
        outcomes = list(people.map(lambda one: _types(stage, *one), commands))
    audience.asks("bill", "/bailiff help")
    help_came_first = not _both_answered(screens["ada"].new())
    seen = {who: screen.wait(_both_answered) for who, screen in screens.items()}
    scans = [one for one in stage.aws.asked if one.name == "ec2:DescribeInstances" and one.account == "111122223333"]
    stage.aws.heal()
    return Rush(outcomes, seen, help_came_first, len(scans))


def _types(stage: Stage, who: str, typed: str) -> Outcome:
    return stage.slack.driver.user(who).types(typed, channel="general")


def _both_answered(new: list[Seen]) -> bool:
    return len([one for one in new if FIRST_TIME not in one.text]) == len(TYPED)


def test_many_commands_at_once_are_all_acknowledged_in_time_though_the_scan_is_slow(rush: Rush) -> None:
    assert all(outcome.acknowledged for outcome in rush.outcomes)
    assert max(outcome.seconds for outcome in rush.outcomes) < SLOWNESS


def test_everybody_who_asks_before_the_first_scan_is_told_to_wait_a_moment(rush: Rush) -> None:
    for seen in rush.seen.values():
        assert any(FIRST_TIME in message.text for message in seen)


def test_everybody_gets_the_answer_when_the_scan_is_done(rush: Rush) -> None:
    assert any("instances owe something" in message.words for message in rush.seen["nadia"])
    assert any("agr-gpu-training" in message.words for message in rush.seen["ada"])


def test_help_comes_at_once_though_a_dozen_wait_for_the_first_scan(rush: Rush) -> None:
    assert rush.help_came_first


def test_all_who_ask_share_one_scan(rush: Rush) -> None:
    assert rush.scans == 1


def test_once_there_is_a_snapshot_the_answer_comes_at_once(rush: Rush, audience: Audience) -> None:
    assert rush.scans == 1
    audience.stage.aws.slow("eu-west-1", SLOWNESS, action="DescribeInstances")
    (answer,) = audience.asks("ada", "/bailiff report", "general")
    assert "instances owe something" in answer.words
