"""The seeded fleet, and what happens to it."""

import os
import socket
from datetime import UTC, datetime, timedelta

import pytest
import requests

from bailiff_bot.domain.identity import people_from_entries
from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.inventory import Inventory
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.report import judge
from bailiff_bot.sandbox.aws import fleet
from bailiff_bot.sandbox.aws.instance_fixture import STATE_CODES, InstanceFixture
from bailiff_bot.sandbox.aws.regions import DEFAULT_REGIONS
from bailiff_bot.sandbox.aws.server import AwsSandbox
from bailiff_bot.sandbox.fixtures import DIRECTORY, LAB_ACCOUNT, OWN_ACCOUNT
from benchmarks.botocore_parser import instances
from tests.integration.sandbox.aws.aws_requests import BY_KEY, NOW, Clients, lab, refusal, row, rows


class TestFleet:
    def test_its_verdicts_are_those_of_the_rules(self, client: Clients) -> None:
        in_lab = lab(client)
        targets = [Target(account, region) for account in (OWN_ACCOUNT, LAB_ACCOUNT) for region in DEFAULT_REGIONS]
        open_targets = [target for target in targets if (target.account, target.region) not in fleet.DENIED_REGIONS]
        found = [
            instance
            for target in open_targets
            for instance in instances(
                client("ec2", target.region, **({} if target.account == OWN_ACCOUNT else in_lab)).describe_instances(),
                target,
            )
        ]
        policy = Policy(
            allowed_regions=frozenset(fleet.ALLOWED_REGIONS),
            exempt_tags=fleet.EXEMPT_TAGS,
            owner_tags=fleet.OWNER_TAGS,
        )
        everyone = people_from_entries((entry.trigram, entry.email) for entry in DIRECTORY)

        report = judge(Inventory(tuple(found), tuple(open_targets), (), NOW), everyone, policy, NOW)

        told = {
            instance.id: (table.id, tuple(finding.rule for finding in line.findings[1:]))
            for table in report.tables
            for line in table.rows
            for instance in line.instances
        }
        expected = {
            machine.id: (machine.expected_table, machine.other_broken_rules)
            for machine in fleet.FLEET
            if machine.expected_table not in {"absent", "unread"}
        }
        managed = {machine.id for machine in fleet.MANAGED_INSTANCES}  # judged as one, not each
        assert {key: value for key, value in told.items() if key not in managed} == {
            key: value for key, value in expected.items() if key not in managed
        }
        assert {told[instance_id][0] for instance_id in managed} == {"managed"}

    def test_has_every_state_and_more_than_one_owner_with_several_findings(self) -> None:
        assert {machine.state for machine in fleet.FLEET} == set(STATE_CODES)
        fine = {"legit", "unread"}
        for owner in (fleet.ADA_INSTANCES, fleet.HECTOR_INSTANCES):
            assert len([machine for machine in owner if machine.expected_table not in fine]) >= 3
            assert "legit" in {machine.expected_table for machine in owner}

    def test_has_no_tags_key_where_there_are_no_tags(self, client: Clients) -> None:
        assert "Tags" not in row(client(), "untagged")

    def test_keeps_names_as_they_are(self, client: Clients) -> None:
        ec2 = client()

        for key in ("alb-long", "blank", "backticks", "formula"):
            assert {"Key": "Name", "Value": BY_KEY[key].name} in row(ec2, key)["Tags"]
        assert len(fleet.LONG_UNICODE_NAME) == 256

    def test_is_as_old_as_it_says(self, client: Clients) -> None:
        gateway = row(client(), "hro-gateway")

        assert gateway["LaunchTime"] == NOW - timedelta(days=6)
        assert gateway["BlockDeviceMappings"][0]["Ebs"]["AttachTime"] == NOW - timedelta(days=730)
        assert gateway["NetworkInterfaces"][0]["Attachment"]["AttachTime"] == NOW - timedelta(days=730)

    def test_says_why_it_stopped_in_the_words_of_aws(self, client: Clients) -> None:
        retired = row(client(), "hro-retired")

        assert retired["State"] == {"Code": 80, "Name": "stopped"}
        assert retired["StateTransitionReason"] == (
            "Server.ScheduledStop: Stopped due to scheduled retirement (2026-08-22 09:00:00 GMT)"
        )
        assert row(client(), "alb-undated")["StateTransitionReason"] == ""


class TestChanges:
    def test_a_stop_is_dated_as_aws_dates_it(self, aws: AwsSandbox, client: Clients) -> None:
        ec2 = client()
        aws.set_time(NOW + timedelta(hours=3))

        ec2.stop_instances(InstanceIds=[BY_KEY["prod-db"].id])

        stopped = row(ec2, "prod-db")
        assert stopped["State"]["Name"] == "stopped"
        assert stopped["StateTransitionReason"] == "User initiated (2026-11-20 12:00:00 GMT)"

    def test_a_second_stop_changes_nothing(self, client: Clients) -> None:
        ec2 = client()
        before = row(ec2, "hro-retired")["StateTransitionReason"]

        ec2.stop_instances(InstanceIds=[BY_KEY["hro-retired"].id])

        assert row(ec2, "hro-retired")["StateTransitionReason"] == before

    def test_a_start_moves_the_launch_time_and_not_the_age(self, client: Clients) -> None:
        ec2 = client()

        ec2.start_instances(InstanceIds=[BY_KEY["hro-retired"].id])

        started = row(ec2, "hro-retired")
        assert (started["State"]["Name"], started["LaunchTime"]) == ("running", NOW)
        assert started["StateTransitionReason"] == ""
        assert started["BlockDeviceMappings"][0]["Ebs"]["AttachTime"] == NOW - timedelta(days=300)

    @pytest.mark.parametrize("key", ["gone", "leaving", "nabe-new"])
    def test_what_is_ending_or_beginning_cannot_be_stopped(self, client: Clients, key: str) -> None:
        asked = {"InstanceIds": [BY_KEY["prod-db"].id, BY_KEY[key].id]}

        assert refusal(client().stop_instances, **asked) == "IncorrectInstanceState"
        assert row(client(), "prod-db")["State"]["Name"] == "running"

    def test_what_is_terminated_cannot_be_started(self, client: Clients) -> None:
        assert refusal(client().start_instances, InstanceIds=[BY_KEY["gone"].id]) == "IncorrectInstanceState"

    def test_what_is_not_there_cannot_be_stopped(self, client: Clients) -> None:
        asked = {"InstanceIds": ["i-00000000000000000"]}

        assert refusal(client().stop_instances, **asked) == "InvalidInstanceID.NotFound"

    def test_can_be_made_from_outside_by_id_key_or_name(self, aws: AwsSandbox, client: Clients) -> None:
        ec2 = client()

        aws.stop("prod-db")
        aws.start(BY_KEY["dup-shared"].id)
        aws.rename("untagged", "agr-mine")
        aws.rename("workernode", None)
        aws.delete("MLG DEMO")

        assert row(ec2, "prod-db")["StateTransitionReason"] == "User initiated (2026-11-20 09:00:00 GMT)"
        assert row(ec2, "dup-shared")["LaunchTime"] == NOW
        assert row(ec2, "untagged")["Tags"] == [{"Key": "Name", "Value": "agr-mine"}]
        assert row(ec2, "tagged-address")["Tags"] == [{"Key": "Owner", "Value": "hro@octo.example"}]
        assert BY_KEY["mlg-demo"].id not in [one["InstanceId"] for one in rows(ec2)]

    def test_can_add_a_machine(self, aws: AwsSandbox, client: Clients) -> None:
        machine = InstanceFixture(
            key="new", name="agr-new", since_start=timedelta(0), region="eu-north-1", expected_table="legit"
        )

        instance_id = aws.add(machine)

        [found] = rows(client("ec2", "eu-north-1"))
        assert found["InstanceId"] == instance_id == machine.id
        assert instance_id in [seen.id for seen in aws.instances()]

    @pytest.mark.parametrize("handle", ["nothing", "alb-workers"])
    def test_need_a_handle_that_is_one_machines(self, aws: AwsSandbox, handle: str) -> None:
        with pytest.raises(LookupError, match="instances are called"):
            aws.stop(handle)


class TestSandbox:
    def test_remembers_what_it_was_asked(self, aws: AwsSandbox, client: Clients) -> None:
        client().describe_instances(MaxResults=1000)

        assert [(asked.account, asked.region, asked.iam_action) for asked in aws.calls] == [
            (OWN_ACCOUNT, "eu-west-1", "ec2:DescribeInstances")
        ]
        assert aws.calls[0].form["MaxResults"] == "1000"

    def test_is_one_at_a_time(self, aws: AwsSandbox) -> None:
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

    def test_ages_its_fleet_from_the_machines_clock_unless_told(self) -> None:
        with AwsSandbox(fleet.ADA_INSTANCES[:1]) as sandbox:
            [seen] = sandbox.instances()

        assert timedelta(days=2) <= datetime.now(UTC) - seen.launched < timedelta(days=2, minutes=5)
