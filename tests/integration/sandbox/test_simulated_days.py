"""Simulated days in the sandbox, and the interactions with AWS and the clock."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bailiff_bot.sandbox.aws.instance_fixture import STOPPED_BY_USER, InstanceFixture
from bailiff_bot.sandbox.aws.moto_instances import Ec2Instance
from bailiff_bot.sandbox.bot_processes import stop_bot
from bailiff_bot.sandbox.sandbox import Sandbox
from bailiff_bot.sandbox.slack import InteractionError

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
ONE_REGION = {"BAILIFF_REGIONS": "eu-west-1", "BAILIFF_ROLE_ARNS": ""}
RUNNING = InstanceFixture(key="up", name="agr-up", since_start=timedelta(days=3), expected_table="legit")
STOPPED = InstanceFixture(
    key="down",
    name="agr-down",
    since_start=timedelta(days=9),
    state="stopped",
    reason=STOPPED_BY_USER,
    since_stop=timedelta(days=2),
    expected_table="legit",
)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox((RUNNING, STOPPED)) as opened:
        yield opened


def find_instance(sandbox: Sandbox, fixture: InstanceFixture) -> Ec2Instance:
    return next(instance for instance in sandbox.aws.instances() if instance.id == fixture.id)


def test_advancing_time_makes_every_instance_older_for_aws_and_for_the_bot(sandbox: Sandbox) -> None:
    before, started_at = sandbox.aws.instances(), sandbox.aws.now()
    sandbox.advance_time(DAY)
    assert sandbox.aws.instances() == before
    assert DAY <= sandbox.aws.now() - started_at < DAY + MINUTE
    assert sandbox.environment()["BAILIFF_CLOCK_AHEAD"] == "86400"
    sandbox.advance_time(DAY / 2)
    assert sandbox.environment()["BAILIFF_CLOCK_AHEAD"] == "129600"


def test_a_stop_or_start_after_a_day_is_dated_by_that_day(sandbox: Sandbox) -> None:
    sandbox.advance_time(DAY)
    tomorrow = sandbox.aws.now()
    sandbox.aws.stop(RUNNING.id)
    sandbox.aws.start(STOPPED.id)
    assert find_instance(sandbox, RUNNING).reason.startswith(f"User initiated ({tomorrow:%Y-%m-%d %H:}")
    assert abs(find_instance(sandbox, STOPPED).launched - tomorrow) < MINUTE


def test_a_command_uses_the_advanced_time(sandbox: Sandbox) -> None:
    sandbox.advance_time(98 * DAY)
    report = json.loads(sandbox.run_cli("report", "--format", "json", **ONE_REGION).stdout)
    evidence = {record["instance_id"]: record["evidence"] for record in report["records"]}
    assert evidence == {RUNNING.id: ["running for 101 days"], STOPPED.id: ["stopped for 100 days"]}


def test_running_bots_are_restarted_with_their_settings(sandbox: Sandbox, tmp_path: Path) -> None:
    with (tmp_path / "log").open("w") as log:
        first = sandbox.start_bot(log.fileno(), BAILIFF_LOG_LEVEL="WARNING", **ONE_REGION)
    second, ended = sandbox.start_bot(None, **ONE_REGION), sandbox.start_bot(None, **ONE_REGION)
    stop_bot(ended)
    sandbox.advance_time(DAY)
    assert (first.returncode, second.returncode) == (0, 0)
    environments = [Path(f"/proc/{bot.pid}/environ").read_bytes().split(b"\0") for bot in sandbox.bots]
    assert [b"BAILIFF_CLOCK_AHEAD=86400" in environment for environment in environments] == [True, True]
    assert [b"BAILIFF_LOG_LEVEL=WARNING" in environment for environment in environments] == [True, False]
    assert [Path(f"/proc/{bot.pid}/fd/2").readlink().name for bot in sandbox.bots] == ["log", "bot.log"]
    sandbox.slack.driver.wait_for(lambda: len(sandbox.slack.driver.connections()) == 2)
    assert sandbox.slack.driver.user("ada").run_command("/bailiff help").acknowledged


def test_slack_dates_messages_by_the_advanced_time(sandbox: Sandbox) -> None:
    ada = sandbox.slack.driver.user("ada")
    first = float(ada.post_message("today", "general").ts)
    sandbox.advance_time(DAY)
    assert DAY.total_seconds() <= float(ada.post_message("tomorrow", "general").ts) - first < DAY.total_seconds() + 60


def test_instances_and_time_can_be_changed_by_interactions(sandbox: Sandbox) -> None:
    request = sandbox.slack.driver.request
    request("stop", handle=RUNNING.id)
    request("rename", handle=RUNNING.id, name="agr-renamed")
    request("start", handle=STOPPED.id)
    request("day_later")
    rows = {row["id"]: row for row in request("fleet")}
    assert (rows[RUNNING.id]["name"], rows[RUNNING.id]["state"]) == ("agr-renamed", "stopped")
    assert (rows[STOPPED.id]["state"], round(rows[STOPPED.id]["days"])) == ("running", 1)
    request("delete", handle=STOPPED.id)
    assert [row["id"] for row in request("fleet")] == [RUNNING.id]
    with pytest.raises(InteractionError, match="0 instances are called"):
        request("stop", handle=STOPPED.id)


def test_a_region_can_be_closed_and_opened(sandbox: Sandbox) -> None:
    request, region = sandbox.slack.driver.request, {"account": "111122223333", "region": "eu-west-1"}
    request("close_region", **region)
    assert {**region, "readable": False} in request("regions")
    request("open_region", **region)
    assert {**region, "readable": True} in request("regions")
    assert {"account": "111122223333", "region": "sa-east-1", "readable": False} in request("regions")
