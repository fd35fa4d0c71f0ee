"""The sandbox's AWS, asked over HTTP as the bot asks it."""

import os
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
import requests
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from bailiff_bot.aws.parse import instances
from bailiff_bot.domain.identity import people
from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.inventory import Inventory
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.report import judge
from bailiff_bot.sandbox.aws import fleet
from bailiff_bot.sandbox.aws.credentials import ACCESS_KEY_ID, SECRET_ACCESS_KEY
from bailiff_bot.sandbox.aws.machine import STATES, Machine
from bailiff_bot.sandbox.aws.regions import ORDINARY
from bailiff_bot.sandbox.aws.server import AwsSandbox
from bailiff_bot.sandbox.cast import DIRECTORY, EXTERNAL_ID, LAB_ACCOUNT, LAB_ROLE_ARN, OWN_ACCOUNT

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
ONCE = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=5)
BY_KEY = {machine.key: machine for machine in fleet.FLEET}

Clients = Callable[..., Any]


@pytest.fixture(scope="module")
def session() -> Any:
    return boto3.Session()


@pytest.fixture
def aws() -> Iterator[AwsSandbox]:
    with AwsSandbox(now=NOW) as sandbox:
        yield sandbox


@pytest.fixture
def client(aws: AwsSandbox, session: Any) -> Clients:
    """A client of the bot's own account, or of others when told the credentials."""

    def make(service: str = "ec2", region: str = "eu-west-1", config: Config = ONCE, **credentials: str) -> Any:
        own = {"aws_access_key_id": ACCESS_KEY_ID, "aws_secret_access_key": SECRET_ACCESS_KEY}
        return session.client(service, region, endpoint_url=aws.url, config=config, **(own | credentials))

    return make


def assume(client: Clients, **changed: Any) -> dict[str, Any]:
    asked = {"RoleArn": LAB_ROLE_ARN, "RoleSessionName": "bailiff", "ExternalId": EXTERNAL_ID, **changed}
    answer = client("sts").assume_role(**{key: value for key, value in asked.items() if value})
    given: dict[str, Any] = answer["Credentials"]
    return given


def lab(client: Clients) -> dict[str, str]:
    given = assume(client)
    return {
        "aws_access_key_id": given["AccessKeyId"],
        "aws_secret_access_key": given["SecretAccessKey"],
        "aws_session_token": given["SessionToken"],
    }


def rows(ec2: Any, **asked: Any) -> list[dict[str, Any]]:
    return [row for group in ec2.describe_instances(**asked)["Reservations"] for row in group["Instances"]]


def row(ec2: Any, key: str) -> dict[str, Any]:
    [found] = rows(ec2, InstanceIds=[BY_KEY[key].id])
    return found


def refusal(call: Callable[..., Any], **asked: Any) -> str:
    with pytest.raises(ClientError) as refused:
        call(**asked)
    return str(refused.value.response["Error"]["Code"])


class TestFleet:
    def test_its_verdicts_are_those_of_the_rules(self, client: Clients) -> None:
        in_lab = lab(client)
        targets = [Target(account, region) for account in (OWN_ACCOUNT, LAB_ACCOUNT) for region in ORDINARY]
        open_targets = [target for target in targets if (target.account, target.region) not in fleet.DENIED]
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
        everyone = people((entry.trigram, entry.email) for entry in DIRECTORY)

        report = judge(Inventory(tuple(found), tuple(open_targets), (), NOW), everyone, policy, NOW)

        told = {
            instance.id: (table.id, tuple(finding.rule for finding in line.findings[1:]))
            for table in report.tables
            for line in table.rows
            for instance in line.instances
        }
        expected = {
            machine.id: (machine.verdict, machine.also)
            for machine in fleet.FLEET
            if machine.verdict not in {"absent", "unread"}
        }
        managed = {machine.id for machine in fleet.MANAGED}  # judged as one, not each
        assert {key: value for key, value in told.items() if key not in managed} == {
            key: value for key, value in expected.items() if key not in managed
        }
        assert {told[instance_id][0] for instance_id in managed} == {"managed"}

    def test_has_every_state_and_more_than_one_owner_with_several_debts(self) -> None:
        assert {machine.state for machine in fleet.FLEET} == set(STATES)
        fine = {"legit", "unread"}
        for owner in (fleet.ADA, fleet.HECTOR):
            assert len([machine for machine in owner if machine.verdict not in fine]) >= 3
            assert "legit" in {machine.verdict for machine in owner}

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


class TestPages:
    def test_cover_everything_once(self, client: Clients) -> None:
        ec2 = client()

        pages = list(ec2.get_paginator("describe_instances").paginate(PaginationConfig={"PageSize": 7}))

        seen = [one["InstanceId"] for page in pages for group in page["Reservations"] for one in group["Instances"]]
        assert [len(page["Reservations"]) for page in pages] == [7, 7, 7, 4]
        assert sorted(seen) == sorted(one["InstanceId"] for one in rows(ec2))

    @pytest.mark.parametrize("size", [4, 1001])
    def test_have_the_sizes_of_ec2(self, client: Clients, size: int) -> None:
        assert refusal(client().describe_instances, MaxResults=size) == "InvalidParameterValue"

    def test_refuse_a_token_that_is_none(self, client: Clients) -> None:
        assert refusal(client().describe_instances, MaxResults=5, NextToken="nonsense") == "InvalidParameterValue"

    def test_refuse_a_token_of_another_region(self, client: Clients) -> None:
        token = client().describe_instances(MaxResults=5)["NextToken"]

        elsewhere = client("ec2", "eu-west-3")

        assert refusal(elsewhere.describe_instances, MaxResults=5, NextToken=token) == "InvalidParameterValue"

    def test_cannot_be_asked_for_named_instances(self, client: Clients) -> None:
        asked = {"InstanceIds": [BY_KEY["prod-db"].id], "MaxResults": 5}

        assert refusal(client().describe_instances, **asked) == "InvalidParameterCombination"

    def test_of_a_region_without_instances_are_one_and_empty(self, client: Clients) -> None:
        answer = client("ec2", "ap-south-1").describe_instances(MaxResults=1000)

        assert answer["Reservations"] == []
        assert "NextToken" not in answer


class TestRegions:
    def test_are_the_enabled_ones(self, client: Clients) -> None:
        listed = [region["RegionName"] for region in client().describe_regions()["Regions"]]

        assert listed == sorted(ORDINARY)
        assert len(listed) == 17

    def test_are_all_of_them_when_asked(self, client: Clients) -> None:
        status = {
            region["RegionName"]: region["OptInStatus"]
            for region in client().describe_regions(AllRegions=True)["Regions"]
        }

        assert status["me-south-1"] == status["af-south-1"] == "not-opted-in"
        assert status["eu-west-1"] == "opt-in-not-required"

    def test_can_be_filtered_and_named(self, client: Clients) -> None:
        ec2 = client()
        ask = [{"Name": "opt-in-status", "Values": ["not-opted-in", "opted-in"]}]

        closed = ec2.describe_regions(AllRegions=True, Filters=ask)["Regions"]
        named = ec2.describe_regions(RegionNames=["eu-west-3"])["Regions"]

        assert "me-south-1" in [region["RegionName"] for region in closed]
        assert "eu-west-1" not in [region["RegionName"] for region in closed]
        assert [region["RegionName"] for region in named] == ["eu-west-3"]

    def test_can_be_disabled_for_one_account_and_enabled_again(self, aws: AwsSandbox, client: Clients) -> None:
        aws.disable("us-west-1", OWN_ACCOUNT)

        assert refusal(client("ec2", "us-west-1").describe_instances) == "AuthFailure"
        assert "us-west-1" not in str(client().describe_regions())
        assert "us-west-1" in str(client(**lab(client)).describe_regions())
        aws.enable("us-west-1")
        assert rows(client("ec2", "us-west-1")) == []

    def test_can_be_opted_into(self, aws: AwsSandbox, client: Clients) -> None:
        aws.enable("me-south-1", LAB_ACCOUNT)
        aws.enable("af-south-1")

        [cape_town] = client().describe_regions(RegionNames=["af-south-1"])["Regions"]

        assert cape_town["OptInStatus"] == "opted-in"
        assert refusal(client("ec2", "me-south-1").describe_instances) == "AuthFailure"
        assert rows(client("ec2", "me-south-1", **lab(client))) == []
        assert rows(client("ec2", "af-south-1")) == []

    def test_not_opted_into_refuse_every_key(self, client: Clients) -> None:
        assert refusal(client("ec2", "me-south-1").describe_instances) == "AuthFailure"


class TestPermissions:
    def test_are_missing_in_one_region_of_the_bots_own_account(self, client: Clients) -> None:
        with pytest.raises(ClientError) as refused:
            client("ec2", "sa-east-1").describe_instances()

        assert refused.value.response["Error"]["Code"] == "UnauthorizedOperation"
        assert "You are not authorized to perform this operation. User: arn:aws:iam::111122223333:user/bailiff" in str(
            refused.value
        )
        assert [one["InstanceId"] for one in rows(client("ec2", "sa-east-1", **lab(client)))] == [
            BY_KEY["alb-carnival"].id
        ]

    def test_can_be_given_and_taken(self, aws: AwsSandbox, client: Clients) -> None:
        aws.allow("sa-east-1")
        aws.deny("eu-west-1", action="StopInstances")
        ec2 = client()

        assert [one["InstanceId"] for one in rows(client("ec2", "sa-east-1"))] == [BY_KEY["hro-spare"].id]
        asked = {"InstanceIds": [BY_KEY["prod-db"].id], "DryRun": True}
        assert refusal(ec2.stop_instances, **asked) == "UnauthorizedOperation"
        assert refusal(ec2.start_instances, **asked) == "DryRunOperation"
        assert rows(ec2)


class TestFailures:
    def test_throttling_ends_after_the_given_times(self, aws: AwsSandbox, client: Clients) -> None:
        ec2 = client()
        aws.throttle("eu-west-1", times=2)

        assert refusal(ec2.describe_instances) == "RequestLimitExceeded"
        assert refusal(ec2.describe_instances) == "RequestLimitExceeded"
        assert rows(ec2)

    def test_a_page_of_html_is_an_answer_without_reservations(self, aws: AwsSandbox, client: Clients) -> None:
        aws.html("eu-west-1", account=OWN_ACCOUNT)

        assert "Reservations" not in client().describe_instances()
        assert rows(client(**lab(client)))

    def test_a_connection_is_reset_on_the_wire(self, aws: AwsSandbox, client: Clients) -> None:
        aws.reset("eu-west-1", times=1)

        with pytest.raises(ConnectionClosedError) as closed:
            client().describe_instances()

        assert isinstance(reset := closed.value.kwargs["error"].args[1], ConnectionResetError), reset
        assert rows(client())

    def test_a_slow_region_holds_up_no_other_and_not_the_end(self, aws: AwsSandbox, client: Clients) -> None:
        aws.slow("eu-west-1", seconds=3600)

        with pytest.raises(ReadTimeoutError):
            client(config=ONCE.merge(Config(read_timeout=0.2))).describe_instances()

        assert rows(client("ec2", "eu-west-3"))

    def test_heal_mends_what_was_broken_but_not_what_is_closed(self, aws: AwsSandbox, client: Clients) -> None:
        aws.html("eu-west-1")
        aws.skew(timedelta(hours=1))
        aws.expire_credentials()

        aws.heal()

        assert rows(client())
        assert refusal(client("ec2", "sa-east-1").describe_instances) == "UnauthorizedOperation"
        assert refusal(client("ec2", "me-south-1").describe_instances) == "AuthFailure"


class TestCredentials:
    def test_are_those_of_the_account(self, client: Clients) -> None:
        own = client("sts").get_caller_identity()
        other = client("sts", **lab(client)).get_caller_identity()

        assert (own["Account"], own["Arn"]) == (OWN_ACCOUNT, f"arn:aws:iam::{OWN_ACCOUNT}:user/bailiff")
        assert other["Account"] == LAB_ACCOUNT
        assert other["Arn"] == f"arn:aws:sts::{LAB_ACCOUNT}:assumed-role/bailiff-read/bailiff"

    def test_of_the_environment_are_enough(self, aws: AwsSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, value in aws.environment().items():
            monkeypatch.setenv(name, value)

        assert boto3.client("sts").get_caller_identity()["Account"] == OWN_ACCOUNT
        assert rows(boto3.client("ec2"))

    def test_unknown_are_refused(self, client: Clients) -> None:
        unknown = {"aws_access_key_id": "AKIANOBODY"}

        assert refusal(client(**unknown).describe_instances) == "AuthFailure"
        assert refusal(client("sts", **unknown).get_caller_identity) == "InvalidClientTokenId"

    def test_with_a_wrong_secret_are_refused(self, client: Clients) -> None:
        wrong = {"aws_secret_access_key": "wrong"}

        assert refusal(client(**wrong).describe_instances) == "AuthFailure"
        assert refusal(client("sts", **wrong).get_caller_identity) == "SignatureDoesNotMatch"

    def test_of_a_session_need_their_token(self, client: Clients) -> None:
        without_token = lab(client) | {"aws_session_token": ""}

        assert refusal(client(**without_token).describe_instances) == "AuthFailure"

    def test_that_are_none_are_refused(self, aws: AwsSandbox) -> None:
        answer = requests.post(aws.url, data={"Action": "DescribeInstances"}, timeout=5)

        assert answer.status_code == 403

    def test_that_expired_are_refused_until_the_role_is_assumed_anew(self, aws: AwsSandbox, client: Clients) -> None:
        before = lab(client)
        aws.expire_credentials(LAB_ACCOUNT)

        assert refusal(client(**before).describe_instances) == "RequestExpired"
        assert refusal(client("sts", **before).get_caller_identity) == "ExpiredToken"
        assert rows(client(**lab(client)))

    @pytest.mark.parametrize(
        ("ahead", "of_ec2"), [(timedelta(minutes=20), "RequestExpired"), (timedelta(minutes=-20), "AuthFailure")]
    )
    def test_of_a_caller_whose_clock_is_wrong_are_refused(
        self, aws: AwsSandbox, client: Clients, ahead: timedelta, of_ec2: str
    ) -> None:
        aws.skew(ahead)

        assert refusal(client().describe_instances) == of_ec2
        assert refusal(client("sts").get_caller_identity) == "SignatureDoesNotMatch"

    def test_of_a_caller_whose_clock_is_wrong_come_back_with_the_right_time(
        self, aws: AwsSandbox, client: Clients
    ) -> None:
        aws.skew(timedelta(days=2))

        with pytest.raises(ClientError) as refused:
            client().describe_instances()

        date = refused.value.response["ResponseMetadata"]["HTTPHeaders"]["date"]
        told = datetime.strptime(date, "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC)
        assert told - datetime.now(UTC) > timedelta(days=1)


class TestAssumeRole:
    @pytest.mark.parametrize(
        "changed", [{"ExternalId": None}, {"ExternalId": "wrong"}, {"RoleArn": f"{LAB_ROLE_ARN}-of-another"}]
    )
    def test_is_denied_without_the_trust_of_the_role(self, client: Clients, changed: dict[str, str | None]) -> None:
        assert refusal(lambda: assume(client, **changed)) == "AccessDenied"

    @pytest.mark.parametrize("changed", [{"RoleSessionName": "no blanks"}, {"DurationSeconds": 60 * 60 * 12}])
    def test_checks_its_parameters(self, client: Clients, changed: dict[str, Any]) -> None:
        assert refusal(lambda: assume(client, **changed)) == "ValidationError"

    def test_lasts_an_hour(self, client: Clients) -> None:
        lasts = assume(client)["Expiration"] - datetime.now(UTC)

        assert timedelta(minutes=59) < lasts <= timedelta(hours=1)


class TestChanges:
    def test_a_stop_is_dated_as_aws_dates_it(self, aws: AwsSandbox, client: Clients) -> None:
        ec2 = client()
        aws.travel(NOW + timedelta(hours=3))

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
        machine = Machine(key="new", name="agr-new", up=timedelta(0), region="eu-north-1", verdict="legit")

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

        assert [(asked.account, asked.region, asked.name) for asked in aws.asked] == [
            (OWN_ACCOUNT, "eu-west-1", "ec2:DescribeInstances")
        ]
        assert aws.asked[0].form["MaxResults"] == "1000"

    def test_is_one_at_a_time(self, aws: AwsSandbox) -> None:
        with pytest.raises(RuntimeError, match="Another AwsSandbox"), AwsSandbox():
            pass

        assert requests.get(aws.url, timeout=5).status_code == 403

    def test_leaves_nothing_behind(self) -> None:
        before = dict(os.environ)
        with AwsSandbox(fleet.MANAGED) as sandbox:
            port = int(sandbox.url.rpartition(":")[2])

        assert dict(os.environ) == before
        assert sandbox.instances() == ()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=1)

    def test_ages_its_fleet_from_the_machines_clock_unless_told(self) -> None:
        with AwsSandbox(fleet.ADA[:1]) as sandbox:
            [seen] = sandbox.instances()

        assert timedelta(days=2) <= datetime.now(UTC) - seen.launched < timedelta(days=2, minutes=5)
