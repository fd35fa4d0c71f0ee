"""The seeded fleet of the sandbox, and changes to it."""

import os
import socket
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
import requests

from bailiff_bot.aws.botocore_parser import instances
from bailiff_bot.domain.identity import people_from_entries
from bailiff_bot.domain.instance import Instance, InstanceState, Target
from bailiff_bot.domain.inventory import Inventory
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.report import judge
from bailiff_bot.domain.snapshot import Snapshot
from bailiff_bot.domain.usage import UsageVerdict, judge_usage
from bailiff_bot.domain.usage_figures import DayFigures, UsageFigures, day_figures, usage_days
from bailiff_bot.sandbox.aws import fleet
from bailiff_bot.sandbox.aws.instance_fixture import STATE_CODES, InstanceFixture
from bailiff_bot.sandbox.aws.regions import DEFAULT_REGIONS
from bailiff_bot.sandbox.aws.server import AwsSandbox
from bailiff_bot.sandbox.aws.usage_patterns import UsagePattern
from bailiff_bot.sandbox.fixtures import DIRECTORY, LAB_ACCOUNT, OWN_ACCOUNT
from tests.integration.sandbox.aws.aws_requests import (
    BY_KEY,
    NOW,
    ClientFactory,
    acting,
    describe,
    describe_one,
    error_code,
    lab_credentials,
)

POLICY = Policy(
    allowed_regions=frozenset(fleet.ALLOWED_REGIONS), exempt_tags=fleet.EXEMPT_TAGS, owner_tags=fleet.OWNER_TAGS
)
EXPECTED = {
    fixture.id: (fixture.expected_table, fixture.other_broken_rules)
    for fixture in fleet.FLEET
    if fixture.expected_table not in {"absent", "unread"} and fixture not in fleet.MANAGED_INSTANCES
}
"""Table and other broken rules. Managed instances are judged together."""
USED = {fixture.id for fixture in fleet.FLEET if fixture.usage in {UsagePattern.USED, UsagePattern.FILE_SERVER}}


@pytest.fixture
def inventory(client: ClientFactory) -> Inventory:
    """Return all that the bot may read of the fleet."""
    credentials = {OWN_ACCOUNT: {}, LAB_ACCOUNT: lab_credentials(client)}
    targets = [
        Target(account, region)
        for account in credentials
        for region in DEFAULT_REGIONS
        if (account, region) not in fleet.DENIED_REGIONS
    ]
    found = [
        with_usage(instance, client("cloudwatch", target.region, **credentials[target.account]))
        for target in targets
        for instance in instances(
            client("ec2", target.region, **credentials[target.account]).describe_instances(), target
        )
    ]
    return Inventory(tuple(found), tuple(targets), (), NOW)


def with_usage(instance: Instance, cloudwatch: Any) -> Instance:
    """Return an instance with the figures that CloudWatch has of it, if it runs."""
    if instance.state is not InstanceState.RUNNING:
        return instance
    days = usage_days(POLICY.idle_days, NOW)
    start, end = (datetime.combine(day, time(), UTC) for day in (days[0], days[-1] + timedelta(days=1)))
    queries = [metric_query(f"m{number}", instance.id, *metric) for number, metric in enumerate(METRICS)]
    answer = cloudwatch.get_metric_data(MetricDataQueries=queries, StartTime=start, EndTime=end)
    hourly = [dict(zip(one["Timestamps"], one["Values"], strict=True)) for one in answer["MetricDataResults"]]
    return replace(instance, usage=UsageFigures(NOW, {day: figures(day, hourly) for day in days}))


METRICS = (("CPUUtilization", "Maximum"), ("CPUUtilization", "Average"), ("NetworkIn", "Sum"), ("NetworkOut", "Sum"))


def metric_query(name: str, instance_id: str, metric: str, statistic: str) -> dict[str, Any]:
    dimensions = [{"Name": "InstanceId", "Value": instance_id}]
    fields = {"Namespace": "AWS/EC2", "MetricName": metric, "Dimensions": dimensions}
    return {"Id": name, "MetricStat": {"Metric": fields, "Period": 3600, "Stat": statistic}}


def figures(day: date, hourly: list[dict[datetime, float]]) -> DayFigures:
    cpu_max, cpu, received, sent = ([value for hour, value in one.items() if hour.date() == day] for one in hourly)
    if not cpu:
        return day_figures(None, None, None, None, 0)
    return day_figures(max(cpu_max), sum(cpu) / len(cpu), sum(received) / 1e6, sum(sent) / 1e6, len(cpu))


def tables_and_rules(inventory: Inventory, policy: Policy) -> dict[str, tuple[str, tuple[str, ...]]]:
    people = people_from_entries((entry.trigram, entry.email) for entry in DIRECTORY)
    report = judge(Snapshot(inventory, people), policy, NOW)
    managed = {fixture.id for fixture in fleet.MANAGED_INSTANCES}
    found = {
        instance.id: (table.id, tuple(finding.rule for finding in row.findings[1:]))
        for table in report.tables
        for row in table.rows
        for instance in row.instances
    }
    assert {found[instance_id][0] for instance_id in managed} == {"managed"}
    return {instance_id: one for instance_id, one in found.items() if instance_id not in managed}


class TestFleet:
    def test_its_expected_tables_are_those_of_the_rules(self, inventory: Inventory) -> None:
        assert tables_and_rules(inventory, POLICY) == EXPECTED

    def test_with_usage_they_are_the_same_apart_from_what_is_used(self, inventory: Inventory) -> None:
        expected = {
            instance_id: (table, tuple(rule for rule in others if instance_id not in USED or rule != fleet.UNUSED))
            for instance_id, (table, others) in EXPECTED.items()
        }

        assert tables_and_rules(inventory, replace(POLICY, reads_usage=True)) == expected

    def test_has_instances_of_every_usage(self, inventory: Inventory) -> None:
        policy = replace(POLICY, reads_usage=True)
        verdicts = [judge_usage(one, policy, NOW).verdict for one in inventory.instances]

        assert set(verdicts) == set(UsageVerdict)
        assert {one.usage for one in fleet.FLEET} == set(UsagePattern)

    def test_has_every_state_and_more_than_one_owner_with_several_findings(self) -> None:
        assert {fixture.state for fixture in fleet.FLEET} == set(STATE_CODES)
        unflagged = {"legit", "unread"}
        for owner in (fleet.ADA_INSTANCES, fleet.HECTOR_INSTANCES):
            assert len([fixture for fixture in owner if fixture.expected_table not in unflagged]) >= 3
            assert "legit" in {fixture.expected_table for fixture in owner}

    def test_has_no_tags_key_where_there_are_no_tags(self, client: ClientFactory) -> None:
        assert "Tags" not in describe_one(client(), "untagged")

    def test_keeps_names_as_they_are(self, client: ClientFactory) -> None:
        ec2 = client()

        for key in ("alb-long", "blank", "backticks", "formula"):
            assert {"Key": "Name", "Value": BY_KEY[key].name} in describe_one(ec2, key)["Tags"]
        assert len(fleet.LONG_UNICODE_NAME) == 256

    def test_has_launch_and_attach_times_as_in_the_fixtures(self, client: ClientFactory) -> None:
        gateway = describe_one(client(), "hro-gateway")

        assert gateway["LaunchTime"] == NOW - timedelta(days=6)
        assert gateway["BlockDeviceMappings"][0]["Ebs"]["AttachTime"] == NOW - timedelta(days=730)
        assert gateway["NetworkInterfaces"][0]["Attachment"]["AttachTime"] == NOW - timedelta(days=730)

    def test_has_stop_reasons_in_the_format_of_aws(self, client: ClientFactory) -> None:
        retired = describe_one(client(), "hro-retired")

        assert retired["State"] == {"Code": 80, "Name": "stopped"}
        assert retired["StateTransitionReason"] == (
            "Server.ScheduledStop: Stopped due to scheduled retirement (2026-08-22 09:00:00 GMT)"
        )
        assert describe_one(client(), "alb-undated")["StateTransitionReason"] == ""


class TestChanges:
    def test_a_stop_has_a_reason_with_the_date(self, aws: AwsSandbox, client: ClientFactory) -> None:
        ec2 = acting(client)
        aws.set_time(NOW + timedelta(hours=3))

        ec2.stop_instances(InstanceIds=[BY_KEY["prod-db"].id])

        stopped = describe_one(ec2, "prod-db")
        assert stopped["State"]["Name"] == "stopped"
        assert stopped["StateTransitionReason"] == "User initiated (2026-11-20 12:00:00 GMT)"

    def test_a_second_stop_changes_nothing(self, client: ClientFactory) -> None:
        ec2 = acting(client)
        before = describe_one(ec2, "hro-retired")["StateTransitionReason"]

        ec2.stop_instances(InstanceIds=[BY_KEY["hro-retired"].id])

        assert describe_one(ec2, "hro-retired")["StateTransitionReason"] == before

    def test_a_start_changes_the_launch_time_and_not_the_attach_time(self, client: ClientFactory) -> None:
        ec2 = acting(client)

        ec2.start_instances(InstanceIds=[BY_KEY["hro-retired"].id])

        started = describe_one(ec2, "hro-retired")
        assert (started["State"]["Name"], started["LaunchTime"]) == ("running", NOW)
        assert started["StateTransitionReason"] == ""
        assert started["BlockDeviceMappings"][0]["Ebs"]["AttachTime"] == NOW - timedelta(days=300)

    @pytest.mark.parametrize("key", ["gone", "leaving", "nabe-new"])
    def test_an_instance_that_starts_or_terminates_cannot_be_stopped(self, client: ClientFactory, key: str) -> None:
        parameters = {"InstanceIds": [BY_KEY["prod-db"].id, BY_KEY[key].id]}

        assert error_code(acting(client).stop_instances, **parameters) == "IncorrectInstanceState"
        assert describe_one(client(), "prod-db")["State"]["Name"] == "running"

    def test_a_terminated_instance_cannot_be_started(self, client: ClientFactory) -> None:
        assert error_code(acting(client).start_instances, InstanceIds=[BY_KEY["gone"].id]) == "IncorrectInstanceState"

    def test_an_unknown_instance_cannot_be_stopped(self, client: ClientFactory) -> None:
        parameters = {"InstanceIds": ["i-00000000000000000"]}

        assert error_code(acting(client).stop_instances, **parameters) == "InvalidInstanceID.NotFound"

    def test_can_be_made_by_the_test_with_id_key_or_name(self, aws: AwsSandbox, client: ClientFactory) -> None:
        ec2 = client()

        aws.stop("prod-db")
        aws.start(BY_KEY["dup-shared"].id)
        aws.rename("untagged", "agr-mine")
        aws.rename("workernode", None)
        aws.delete("MLG DEMO")

        assert describe_one(ec2, "prod-db")["StateTransitionReason"] == "User initiated (2026-11-20 09:00:00 GMT)"
        assert describe_one(ec2, "dup-shared")["LaunchTime"] == NOW
        assert describe_one(ec2, "untagged")["Tags"] == [{"Key": "Name", "Value": "agr-mine"}]
        assert describe_one(ec2, "tagged-address")["Tags"] == [{"Key": "Owner", "Value": "hro@octo.example"}]
        assert BY_KEY["mlg-demo"].id not in [instance["InstanceId"] for instance in describe(ec2)]

    def test_can_add_an_instance(self, aws: AwsSandbox, client: ClientFactory) -> None:
        fixture = InstanceFixture(
            key="new", name="agr-new", since_start=timedelta(0), region="eu-north-1", expected_table="legit"
        )

        instance_id = aws.add(fixture)

        [found] = describe(client("ec2", "eu-north-1"))
        assert found["InstanceId"] == instance_id == fixture.id
        assert instance_id in [instance.id for instance in aws.instances()]

    @pytest.mark.parametrize("reference", ["nothing", "alb-workers"])
    def test_need_a_reference_to_exactly_one_instance(self, aws: AwsSandbox, reference: str) -> None:
        with pytest.raises(LookupError, match="instances are called"):
            aws.stop(reference)


class TestSandbox:
    def test_records_its_calls(self, aws: AwsSandbox, client: ClientFactory) -> None:
        client().describe_instances(MaxResults=1000)

        assert [(call.account, call.region, call.iam_action) for call in aws.calls] == [
            (OWN_ACCOUNT, "eu-west-1", "ec2:DescribeInstances")
        ]
        assert aws.calls[0].form["MaxResults"] == "1000"

    def test_can_only_be_started_once_in_a_process(self, aws: AwsSandbox) -> None:
        with pytest.raises(RuntimeError, match="Another AwsSandbox"), AwsSandbox():
            pass

        assert requests.get(aws.url, timeout=5).status_code == 403

    def test_leaves_nothing_behind(self) -> None:
        before = dict(os.environ)
        with AwsSandbox(fleet.MANAGED_INSTANCES) as sandbox:
            port = int(sandbox.url.rpartition(":")[2])

        assert dict(os.environ) == before
        assert sandbox.instances() == ()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=1)

    def test_dates_its_fleet_by_the_clock_of_the_machine_by_default(self) -> None:
        with AwsSandbox(fleet.ADA_INSTANCES[:1]) as sandbox:
            [instance] = sandbox.instances()

        assert timedelta(days=2) <= datetime.now(UTC) - instance.launched < timedelta(days=2, minutes=5)
