"""Days that pass on the stage, and the switches of the world around Slack."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bailiff_bot.sandbox.aws.instance_fixture import BY_USER, Machine
from bailiff_bot.sandbox.aws.moto_instances import Seen
from bailiff_bot.sandbox.bot_processes import stop
from bailiff_bot.sandbox.sandbox import Stage
from bailiff_bot.sandbox.slack import Impossible

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
ONE_REGION = {"BAILIFF_REGIONS": "eu-west-1", "BAILIFF_ROLE_ARNS": ""}
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


def machine(stage: Stage, wanted: Machine) -> Seen:
    return next(seen for seen in stage.aws.instances() if seen.id == wanted.id)


def test_a_day_later_every_instance_is_a_day_older_by_everybody_s_clock(stage: Stage) -> None:
    before, now = stage.aws.instances(), stage.aws.now()
    stage.let_pass(DAY)
    assert stage.aws.instances() == before
    assert DAY <= stage.aws.now() - now < DAY + MINUTE
    assert stage.environment()["BAILIFF_CLOCK_AHEAD"] == "86400"
    stage.let_pass(DAY / 2)
    assert stage.environment()["BAILIFF_CLOCK_AHEAD"] == "129600"


def test_what_is_stopped_or_started_a_day_later_is_dated_by_that_day(stage: Stage) -> None:
    stage.let_pass(DAY)
    tomorrow = stage.aws.now()
    stage.aws.stop(RUNNING.id)
    stage.aws.start(STOPPED.id)
    assert machine(stage, RUNNING).reason.startswith(f"User initiated ({tomorrow:%Y-%m-%d %H:}")
    assert abs(machine(stage, STOPPED).launched - tomorrow) < MINUTE


def test_a_command_lives_a_day_later_too(stage: Stage) -> None:
    stage.let_pass(98 * DAY)
    report = json.loads(stage.bailiff("report", "--format", "json", **ONE_REGION).stdout)
    evidence = {record["instance_id"]: record["evidence"] for record in report["records"]}
    assert evidence == {RUNNING.id: ["running for 101 days"], STOPPED.id: ["stopped for 100 days"]}


def test_the_bots_that_run_are_started_anew_as_they_were(stage: Stage, tmp_path: Path) -> None:
    with (tmp_path / "log").open("w") as log:
        first = stage.start_bot(log.fileno(), BAILIFF_LOG_LEVEL="WARNING", **ONE_REGION)
    second, ended = stage.start_bot(None, **ONE_REGION), stage.start_bot(None, **ONE_REGION)
    stop(ended)
    stage.let_pass(DAY)
    assert (first.returncode, second.returncode) == (0, 0)
    environments = [Path(f"/proc/{bot.pid}/environ").read_bytes().split(b"\0") for bot in stage.bots]
    assert [b"BAILIFF_CLOCK_AHEAD=86400" in environment for environment in environments] == [True, True]
    assert [b"BAILIFF_LOG_LEVEL=WARNING" in environment for environment in environments] == [True, False]
    assert [Path(f"/proc/{bot.pid}/fd/2").readlink().name for bot in stage.bots] == ["log", "bot.log"]
    stage.slack.driver.wait_for(lambda: len(stage.slack.driver.connections()) == 2)
    assert stage.slack.driver.user("ada").types("/bailiff help").acknowledged


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
