"""The gate: pages, regions, permissions and failures, asked over HTTP as the bot asks."""

from datetime import timedelta

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from bailiff_bot.sandbox.aws.regions import DEFAULT_REGIONS
from bailiff_bot.sandbox.aws.server import AwsSandbox
from bailiff_bot.sandbox.fixtures import LAB_ACCOUNT, OWN_ACCOUNT
from tests.integration.sandbox.aws.aws_requests import BY_KEY, ONCE, Clients, lab, refusal, rows


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

        assert listed == sorted(DEFAULT_REGIONS)
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
        aws.disable_region("us-west-1", OWN_ACCOUNT)

        assert refusal(client("ec2", "us-west-1").describe_instances) == "AuthFailure"
        assert "us-west-1" not in str(client().describe_regions())
        assert "us-west-1" in str(client(**lab(client)).describe_regions())
        aws.enable_region("us-west-1")
        assert rows(client("ec2", "us-west-1")) == []

    def test_can_be_opted_into(self, aws: AwsSandbox, client: Clients) -> None:
        aws.enable_region("me-south-1", LAB_ACCOUNT)
        aws.enable_region("af-south-1")

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
        aws.respond_html("eu-west-1", account=OWN_ACCOUNT)

        assert "Reservations" not in client().describe_instances()
        assert rows(client(**lab(client)))

    def test_a_connection_is_reset_on_the_wire(self, aws: AwsSandbox, client: Clients) -> None:
        aws.reset_connections("eu-west-1", times=1)

        with pytest.raises(ConnectionClosedError) as closed:
            client().describe_instances()

        assert isinstance(reset := closed.value.kwargs["error"].args[1], ConnectionResetError), reset
        assert rows(client())

    def test_a_slow_region_holds_up_no_other_and_not_the_end(self, aws: AwsSandbox, client: Clients) -> None:
        aws.delay_responses("eu-west-1", seconds=3600)

        with pytest.raises(ReadTimeoutError):
            client(config=ONCE.merge(Config(read_timeout=0.2))).describe_instances()

        assert rows(client("ec2", "eu-west-3"))

    def test_heal_mends_what_was_broken_but_not_what_is_closed(self, aws: AwsSandbox, client: Clients) -> None:
        aws.respond_html("eu-west-1")
        aws.set_clock_skew(timedelta(hours=1))
        aws.expire_credentials()

        aws.clear_faults()

        assert rows(client())
        assert refusal(client("ec2", "sa-east-1").describe_instances) == "UnauthorizedOperation"
        assert refusal(client("ec2", "me-south-1").describe_instances) == "AuthFailure"
