"""Days that pass on the stage, and the switches of the world around Slack."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from bailiff_bot.sandbox.aws.machine import BY_USER, Machine
from bailiff_bot.sandbox.slack import Impossible
from bailiff_bot.sandbox.stage import Stage

DAY = timedelta(days=1)
RUNNING = Machine(key="up", name="agr-up", up=timedelta(days=3), verdict="legit")
STOPPED = Machine(
    key="down",
    name="agr-down",
    up=timedelta(days=9),
    state="stopped",
    reason=BY_USER,
    stopped=timedelta(days=2),
    verdict="legit",
)


@pytest.fixture
def stage() -> Iterator[Stage]:
    with Stage((RUNNING, STOPPED)) as opened:
        yield opened


def test_a_day_makes_every_start_and_every_stop_a_day_older(stage: Stage) -> None:
    before = {seen.id: seen for seen in stage.aws.instances()}
    stage.let_pass(DAY)
    for seen in stage.aws.instances():
        assert before[seen.id].launched - seen.launched == DAY
    old, new = before[STOPPED.id].reason, {seen.id: seen for seen in stage.aws.instances()}[STOPPED.id].reason
    assert new.startswith("User initiated (")
    assert new < old


def test_slack_dates_what_is_said_a_day_later(stage: Stage) -> None:
    ada = stage.slack.driver.user("ada")
    first = float(ada.says("today", "general").ts)
    stage.let_pass(DAY)
    assert DAY.total_seconds() <= float(ada.says("tomorrow", "general").ts) - first < DAY.total_seconds() + 60


def test_the_switches_are_acts(stage: Stage) -> None:
    ask = stage.slack.driver.ask
    ask("stop", handle=RUNNING.id)
    ask("rename", handle=RUNNING.id, name="agr-renamed")
    ask("start", handle=STOPPED.id)
    ask("day_later")
    rows = {row["id"]: row for row in ask("fleet")}
    assert (rows[RUNNING.id]["name"], rows[RUNNING.id]["state"]) == ("agr-renamed", "stopped")
    assert (rows[STOPPED.id]["state"], round(rows[STOPPED.id]["days"])) == ("running", 1)
    ask("delete", handle=STOPPED.id)
    assert [row["id"] for row in ask("fleet")] == [RUNNING.id]
    with pytest.raises(Impossible, match="0 instances are called"):
        ask("stop", handle=STOPPED.id)


def test_a_region_is_closed_and_opened(stage: Stage) -> None:
    ask, region = stage.slack.driver.ask, {"account": "111122223333", "region": "eu-west-1"}
    ask("close_region", **region)
    assert {**region, "readable": False} in ask("regions")
    ask("open_region", **region)
    assert {**region, "readable": True} in ask("regions")
    assert {"account": "111122223333", "region": "sa-east-1", "readable": False} in ask("regions")
