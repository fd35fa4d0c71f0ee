"""The EC2 API of the sandbox: pages, regions, permissions and faults, over HTTP as the bot uses it."""

from datetime import timedelta

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from bailiff_bot.sandbox.aws.regions import DEFAULT_REGIONS
from bailiff_bot.sandbox.aws.server import AwsSandbox
from bailiff_bot.sandbox.fixtures import LAB_ACCOUNT, OWN_ACCOUNT
from tests.integration.sandbox.aws.aws_requests import (
    BY_KEY,
    ONCE,
    ClientFactory,
    acting,
    describe,
    error_code,
    lab_credentials,
)


class TestPages:
    def test_cover_everything_once(self, client: ClientFactory) -> None:
        ec2 = client()

        pages = list(ec2.get_paginator("describe_instances").paginate(PaginationConfig={"PageSize": 7}))

        listed_ids = [
            instance["InstanceId"]
            for page in pages
            for reservation in page["Reservations"]
            for instance in reservation["Instances"]
        ]
        assert [len(page["Reservations"]) for page in pages] == [7, 7, 7, 4]
        assert sorted(listed_ids) == sorted(instance["InstanceId"] for instance in describe(ec2))

    @pytest.mark.parametrize("size", [4, 1001])
    def test_have_the_sizes_of_ec2(self, client: ClientFactory, size: int) -> None:
        assert error_code(client().describe_instances, MaxResults=size) == "InvalidParameterValue"

    def test_refuse_an_unknown_token(self, client: ClientFactory) -> None:
        assert error_code(client().describe_instances, MaxResults=5, NextToken="nonsense") == "InvalidParameterValue"

    def test_refuse_a_token_of_another_region(self, client: ClientFactory) -> None:
        token = client().describe_instances(MaxResults=5)["NextToken"]

        other_region = client("ec2", "eu-west-3")

        assert error_code(other_region.describe_instances, MaxResults=5, NextToken=token) == "InvalidParameterValue"

    def test_cannot_be_combined_with_instance_ids(self, client: ClientFactory) -> None:
        parameters = {"InstanceIds": [BY_KEY["prod-db"].id], "MaxResults": 5}

        assert error_code(client().describe_instances, **parameters) == "InvalidParameterCombination"

    def test_of_an_empty_region_are_one_empty_page(self, client: ClientFactory) -> None:
        answer = client("ec2", "ap-south-1").describe_instances(MaxResults=1000)

        assert answer["Reservations"] == []
        assert "NextToken" not in answer


class TestRegions:
    def test_are_the_enabled_ones(self, client: ClientFactory) -> None:
        listed = [region["RegionName"] for region in client().describe_regions()["Regions"]]

        assert listed == sorted(DEFAULT_REGIONS)
        assert len(listed) == 17

    def test_include_disabled_ones_on_request(self, client: ClientFactory) -> None:
        status = {
            region["RegionName"]: region["OptInStatus"]
            for region in client().describe_regions(AllRegions=True)["Regions"]
        }

        assert status["me-south-1"] == status["af-south-1"] == "not-opted-in"
        assert status["eu-west-1"] == "opt-in-not-required"

    def test_can_be_filtered_and_named(self, client: ClientFactory) -> None:
        ec2 = client()
        filters = [{"Name": "opt-in-status", "Values": ["not-opted-in", "opted-in"]}]

        closed = ec2.describe_regions(AllRegions=True, Filters=filters)["Regions"]
        named = ec2.describe_regions(RegionNames=["eu-west-3"])["Regions"]

        assert "me-south-1" in [region["RegionName"] for region in closed]
        assert "eu-west-1" not in [region["RegionName"] for region in closed]
        assert [region["RegionName"] for region in named] == ["eu-west-3"]

    def test_can_be_disabled_for_one_account_and_enabled_again(self, aws: AwsSandbox, client: ClientFactory) -> None:
        aws.disable_region("us-west-1", OWN_ACCOUNT)

        assert error_code(client("ec2", "us-west-1").describe_instances) == "AuthFailure"
        assert "us-west-1" not in str(client().describe_regions())
        assert "us-west-1" in str(client(**lab_credentials(client)).describe_regions())
        aws.enable_region("us-west-1")
        assert describe(client("ec2", "us-west-1")) == []

    def test_can_be_opted_into(self, aws: AwsSandbox, client: ClientFactory) -> None:
        aws.enable_region("me-south-1", LAB_ACCOUNT)
        aws.enable_region("af-south-1")

        [cape_town] = client().describe_regions(RegionNames=["af-south-1"])["Regions"]

        assert cape_town["OptInStatus"] == "opted-in"
        assert error_code(client("ec2", "me-south-1").describe_instances) == "AuthFailure"
        assert describe(client("ec2", "me-south-1", **lab_credentials(client))) == []
        assert describe(client("ec2", "af-south-1")) == []

    def test_that_are_not_opted_into_refuse_every_key(self, client: ClientFactory) -> None:
        assert error_code(client("ec2", "me-south-1").describe_instances) == "AuthFailure"


class TestPermissions:
    def test_are_missing_in_one_region_of_the_bots_own_account(self, client: ClientFactory) -> None:
        with pytest.raises(ClientError) as caught:
            client("ec2", "sa-east-1").describe_instances()

        assert caught.value.response["Error"]["Code"] == "UnauthorizedOperation"
        assert "You are not authorized to perform this operation. User: arn:aws:iam::111122223333:user/bailiff" in str(
            caught.value
        )
        assert [
            instance["InstanceId"] for instance in describe(client("ec2", "sa-east-1", **lab_credentials(client)))
        ] == [BY_KEY["alb-carnival"].id]

    def test_can_be_allowed_and_denied(self, aws: AwsSandbox, client: ClientFactory) -> None:
        aws.allow("sa-east-1")
        aws.deny("eu-west-1", action="StopInstances")
        ec2 = client()

        assert [instance["InstanceId"] for instance in describe(client("ec2", "sa-east-1"))] == [BY_KEY["hro-spare"].id]
        parameters = {"InstanceIds": [BY_KEY["prod-db"].id], "DryRun": True}
        assert error_code(acting(client).stop_instances, **parameters) == "UnauthorizedOperation"
        assert error_code(acting(client).start_instances, **parameters) == "DryRunOperation"
        assert describe(ec2)


class TestFailures:
    def test_throttling_ends_after_the_given_number_of_calls(self, aws: AwsSandbox, client: ClientFactory) -> None:
        ec2 = client()
        aws.throttle("eu-west-1", times=2)

        assert error_code(ec2.describe_instances) == "RequestLimitExceeded"
        assert error_code(ec2.describe_instances) == "RequestLimitExceeded"
        assert describe(ec2)

    def test_a_page_of_html_is_an_answer_without_reservations(self, aws: AwsSandbox, client: ClientFactory) -> None:
        aws.respond_html("eu-west-1", account=OWN_ACCOUNT)

        assert "Reservations" not in client().describe_instances()
        assert describe(client(**lab_credentials(client)))

    def test_a_reset_connection_is_a_tcp_reset(self, aws: AwsSandbox, client: ClientFactory) -> None:
        aws.reset_connections("eu-west-1", times=1)

        with pytest.raises(ConnectionClosedError) as closed:
            client().describe_instances()

        assert isinstance(reset := closed.value.kwargs["error"].args[1], ConnectionResetError), reset
        assert describe(client())

    def test_a_lost_response_is_of_a_call_that_was_done(self, aws: AwsSandbox, client: ClientFactory) -> None:
        aws.lose_responses("eu-west-1", times=1, action="StopInstances")
        parameters = {"InstanceIds": [BY_KEY["prod-db"].id]}

        with pytest.raises(ConnectionClosedError):
            acting(client).stop_instances(**parameters)

        assert describe(client(), **parameters)[0]["State"]["Name"] == "stopped"

    def test_a_slow_region_delays_no_other_region_and_not_the_shutdown(
        self, aws: AwsSandbox, client: ClientFactory
    ) -> None:
        aws.delay_responses("eu-west-1", seconds=3600)

        with pytest.raises(ReadTimeoutError):
            client(config=ONCE.merge(Config(read_timeout=0.2))).describe_instances()

        assert describe(client("ec2", "eu-west-3"))

    def test_clear_faults_ends_faults_and_keeps_denied_and_disabled_regions(
        self, aws: AwsSandbox, client: ClientFactory
    ) -> None:
        aws.respond_html("eu-west-1")
        aws.set_clock_skew(timedelta(hours=1))
        aws.expire_credentials()

        aws.clear_faults()

        assert describe(client())
        assert error_code(client("ec2", "sa-east-1").describe_instances) == "UnauthorizedOperation"
        assert error_code(client("ec2", "me-south-1").describe_instances) == "AuthFailure"
