"""From a page of DescribeInstances to instances."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from bailiff_bot.aws.errors import Unreadable
from bailiff_bot.aws.parse import instances, transition_date
from bailiff_bot.domain.instance import Instance, State, Target
from bailiff_bot.domain.inventory import Reason

TARGET = Target("111122223333", "eu-west-1")
LAUNCHED = datetime(2026, 11, 1, 8, tzinfo=UTC)
STOPPED_BY_AWS = "Server.ScheduledStop: Stopped due to scheduled retirement (2019-05-02 07:00:00 GMT)"


def row(**changed: Any) -> dict[str, Any]:
    whole = {
        "InstanceId": "i-1",
        "InstanceType": "t3.micro",
        "State": {"Code": 16, "Name": "running"},
        "LaunchTime": LAUNCHED,
        **changed,
    }
    return {key: value for key, value in whole.items() if value is not None}


def parsed(*rows: dict[str, Any]) -> list[Instance]:
    return list(instances({"Reservations": [{"Instances": [each]} for each in rows]}, TARGET))


def test_an_instance_without_tags_has_none() -> None:
    assert parsed(row()) == [Instance("i-1", TARGET, "t3.micro", State.RUNNING, LAUNCHED)]


def test_tags_are_kept_as_they_are() -> None:
    tags = [{"Key": "Name", "Value": "  `agr` <!channel> été 🦀 "}, {"Key": "blank", "Value": ""}, {"Key": "bare"}]
    assert parsed(row(Tags=tags))[0].tags == {"Name": "  `agr` <!channel> été 🦀 ", "blank": "", "bare": ""}


def test_every_instance_of_a_reservation_counts() -> None:
    page = {"Reservations": [{"Instances": [row(), row(InstanceId="i-2")]}, {"Instances": [row(InstanceId="i-3")]}]}
    assert [instance.id for instance in instances(page, TARGET)] == ["i-1", "i-2", "i-3"]


@pytest.mark.parametrize("name", ["pending", "running", "stopping", "stopped"])
def test_what_exists_is_there(name: str) -> None:
    assert parsed(row(State={"Name": name}))[0].state == name


@pytest.mark.parametrize("name", ["shutting-down", "terminated"])
def test_what_is_gone_is_not(name: str) -> None:
    assert parsed(row(State={"Name": name})) == []


def test_the_start_is_in_utc() -> None:
    there = LAUNCHED.astimezone(timezone(timedelta(hours=-8)))
    assert parsed(row(LaunchTime=there))[0].launched.tzinfo is UTC


@pytest.mark.parametrize(
    ("reason", "date"),
    [
        ("", None),
        ("User initiated", None),
        ("Server.InternalError: Internal error on launch", None),
        ("User initiated (2016-06-23 23:39:15 GMT)", datetime(2016, 6, 23, 23, 39, 15, tzinfo=UTC)),
        ("User initiated (2016-06-23 23:39:15 UTC)", datetime(2016, 6, 23, 23, 39, 15, tzinfo=UTC)),
        (STOPPED_BY_AWS, datetime(2019, 5, 2, 7, tzinfo=UTC)),
        ("Moved (2015-01-01 00:00:00 GMT) (2016-01-01 00:00:00 GMT)", datetime(2016, 1, 1, tzinfo=UTC)),
        ("User initiated (2016-13-41 23:39:15 GMT)", None),
        ("User initiated (2016-06-23 23:39:15 CEST)", None),
    ],
)
def test_the_last_date_in_parentheses_is_that_of_the_last_action(reason: str, date: datetime | None) -> None:
    assert transition_date(reason) == date
    assert parsed(row(StateTransitionReason=reason))[0].transitioned == date


@pytest.mark.parametrize(
    "page",
    [
        {},
        {"ResponseMetadata": {"HTTPStatusCode": 200}},
        {"Reservations": [{}]},
        {"Reservations": [{"Instances": [row(InstanceId=None)]}]},
        {"Reservations": [{"Instances": [row(InstanceId="")]}]},
        {"Reservations": [{"Instances": [row(InstanceType=["t3.micro", "t3.micro"])]}]},
        {"Reservations": [{"Instances": [row(State=None)]}]},
        {"Reservations": [{"Instances": [row(State={"Code": 16})]}]},
        {"Reservations": [{"Instances": [row(State={"Name": "dreaming"})]}]},
        {"Reservations": [{"Instances": [row(LaunchTime=None)]}]},
        {"Reservations": [{"Instances": [row(Tags=[{"Value": "x"}])]}]},
        {"Reservations": [{"Instances": [row(Tags=[{"Key": ["Name", "Name"], "Value": "x"}])]}]},
    ],
)
def test_a_page_that_is_no_answer_is_refused(page: dict[str, Any]) -> None:
    with pytest.raises(Unreadable) as caught:
        list(instances(page, TARGET))
    assert caught.value.reason is Reason.BAD_ANSWER


def test_an_empty_page_is_an_answer() -> None:
    assert parsed() == []
