"""GetProducts of the sandbox, as boto3 calls it over HTTP."""

import json
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError

from bailiff_bot.sandbox.aws.server import AwsSandbox
from tests.integration.sandbox.aws.aws_requests import ClientFactory, error_code, lab_credentials

UNCHECKED = Config(retries={"total_max_attempts": 1}, parameter_validation=False)
"""Lets a client send what botocore would refuse by itself."""
T3_MICRO = {"instanceType": "t3.micro", "regionCode": "eu-west-1"}
VOLUMES = {"productFamily": "Storage", "regionCode": "sa-east-1"}


def filters(**fields: str) -> list[dict[str, str]]:
    return [{"Type": "TERM_MATCH", "Field": name, "Value": value} for name, value in fields.items()]


@pytest.fixture
def pricing(client: ClientFactory) -> Any:
    return client("pricing", "us-east-1", UNCHECKED)


def found(pricing: Any, service: str = "AmazonEC2", **fields: str) -> list[dict[str, Any]]:
    pages = pricing.get_paginator("get_products").paginate(ServiceCode=service, Filters=filters(**fields))
    return [json.loads(text) for page in pages for text in page["PriceList"]]


def usd(product: dict[str, Any]) -> str:
    [term] = product["terms"]["OnDemand"].values()
    [dimension] = term["priceDimensions"].values()
    return str(dimension["pricePerUnit"]["USD"])


class TestProducts:
    def test_are_strings_of_json(self, pricing: Any) -> None:
        answer = pricing.get_products(ServiceCode="AmazonEC2", Filters=filters(**T3_MICRO))

        assert answer["FormatVersion"] == "aws_v1"
        assert {type(entry) for entry in answer["PriceList"]} == {str}
        assert {json.loads(entry)["product"]["attributes"]["instanceType"] for entry in answer["PriceList"]} == {
            "t3.micro"
        }

    def test_that_are_recorded_are_unchanged_and_stand_once(self, pricing: Any) -> None:
        linux = {**T3_MICRO, "operation": "RunInstances", "tenancy": "Shared", "capacitystatus": "Used"}

        [product] = found(pricing, **linux)

        assert usd(product) == "0.0114000000"

    @pytest.mark.parametrize("region", ["us-east-1", "eu-west-1", "eu-west-3", "ap-southeast-2", "sa-east-1"])
    def test_tell_one_price_for_each_need_of_the_fleets_regions(self, pricing: Any, region: str) -> None:
        shared = {"regionCode": region, "tenancy": "Shared", "capacitystatus": "Used", "instanceType": "m5.4xlarge"}

        for operation in ("RunInstances", "RunInstances:0002", "RunInstances:0800"):
            assert len(found(pricing, **shared, operation=operation)) == 1
        for volume in ("gp2", "gp3", "io1", "io2", "st1", "sc1", "standard"):
            assert len(found(pricing, productFamily="Storage", volumeApiName=volume, regionCode=region)) == 1
        assert len(found(pricing, volumeApiName="io2", productFamily="System Operation", regionCode=region)) == 3
        description = "Hourly charge for In-use Public IPv4 Addresses"
        assert len(found(pricing, "AmazonVPC", regionCode=region, groupDescription=description)) == 1

    def test_have_the_traps_of_aws(self, pricing: Any) -> None:
        windows = found(pricing, usagetype="BoxUsage:m5.2xlarge")
        blocks = found(pricing, instanceType="p4de.24xlarge", regionCode="eu-west-3", marketoption="CapacityBlock")
        unused = found(pricing, **T3_MICRO, capacitystatus="AllocatedCapacityReservation")
        linux = found(
            pricing, instanceType="m5.2xlarge", usagetype="EUW3-BoxUsage:m5.2xlarge", operation="RunInstances"
        )

        assert sorted(map(usd, windows)) == ["0.3840000000", "0.3840000000", "0.7520000000"]
        assert {usd(product) for product in (*blocks, *unused)} == {"0.0000000000"}
        assert [sorted(product["terms"]) for product in linux] == [["OnDemand", "Reserved"]]

    def test_of_snapshots_are_listed_by_usage_type(self, pricing: Any) -> None:
        snapshots = found(pricing, productFamily="Storage Snapshot", regionCode="us-east-1")

        assert {product["product"]["attributes"]["usagetype"]: usd(product) for product in snapshots} == {
            "EBS:SnapshotUsage": "0.0500000000",
            "EBS:SnapshotArchiveStorage": "0.0125000000",
            "EBS:SnapshotUsageUnderBilling": "0.0000000000",
        }

    def test_that_nobody_knows_are_none(self, pricing: Any) -> None:
        assert found(pricing, instanceType="z9.huge") == []


@pytest.mark.parametrize(
    ("kind", "value", "names"),
    [
        ("EQUALS", "gp3", {"gp3"}),
        ("CONTAINS", "gp", {"gp2", "gp3"}),
        ("ANY_OF", "gp3,st1", {"gp3", "st1"}),
        ("NONE_OF", "gp2,gp3,io1,io2,st1,sc1", {"standard"}),
    ],
)
def test_filters_are_of_five_kinds(pricing: Any, kind: str, value: str, names: set[str]) -> None:
    kinds = [*filters(**VOLUMES), {"Type": kind, "Field": "volumeApiName", "Value": value}]

    answer = pricing.get_products(ServiceCode="AmazonEC2", Filters=kinds)

    assert {json.loads(entry)["product"]["attributes"]["volumeApiName"] for entry in answer["PriceList"]} == names


class TestPages:
    def test_cover_everything_once(self, pricing: Any) -> None:
        settings = {"PageSize": 3}
        pages = list(
            pricing.get_paginator("get_products").paginate(
                ServiceCode="AmazonEC2", Filters=filters(**VOLUMES), PaginationConfig=settings
            )
        )

        assert [len(page["PriceList"]) for page in pages] == [3, 3, 1]
        assert len({entry for page in pages for entry in page["PriceList"]}) == 7

    def test_have_100_products_at_most(self, pricing: Any) -> None:
        answer = pricing.get_products(ServiceCode="AmazonEC2")

        assert len(answer["PriceList"]) == 100
        assert answer["NextToken"]

    def test_refuse_a_token_of_another_query(self, pricing: Any) -> None:
        token = pricing.get_products(ServiceCode="AmazonEC2")["NextToken"]

        for service, other in (("AmazonEC2", filters(**VOLUMES)), ("AmazonVPC", [])):
            parameters = {"ServiceCode": service, "Filters": other, "NextToken": token}
            assert error_code(pricing.get_products, **parameters) == "InvalidNextTokenException"
        assert error_code(pricing.get_products, ServiceCode="AmazonEC2", NextToken="x") == "InvalidNextTokenException"

    def test_expire(self, aws: AwsSandbox, pricing: Any) -> None:
        token = pricing.get_products(ServiceCode="AmazonEC2")["NextToken"]

        aws.expire_price_list_pages()

        parameters = {"ServiceCode": "AmazonEC2", "NextToken": token}
        assert error_code(pricing.get_products, **parameters) == "ExpiredNextTokenException"


class TestRefusals:
    @pytest.mark.parametrize(
        "parameters",
        [
            {},
            {"ServiceCode": ""},
            {"ServiceCode": "Amazon EC2"},
            {"ServiceCode": "AmazonEC3"},
            {"ServiceCode": "AmazonEC2", "FormatVersion": "aws_v2"},
            {"ServiceCode": "AmazonEC2", "MaxResults": 0},
            {"ServiceCode": "AmazonEC2", "MaxResults": 101},
            {"ServiceCode": "AmazonEC2", "Filters": [{"Type": "REGEX", "Field": "regionCode", "Value": "x"}]},
            {"ServiceCode": "AmazonEC2", "Filters": filters(regionCode="")},
            {"ServiceCode": "AmazonEC2", "Filters": filters(colour="blue")},
            {"ServiceCode": "AmazonEC2", "Filters": filters(regionCode="x" * 1025)},
            {"ServiceCode": "AmazonEC2", "Filters": filters(regionCode="us-east-1") * 51},
        ],
    )
    def test_of_parameters_have_the_code_of_aws(self, pricing: Any, parameters: dict[str, Any]) -> None:
        assert error_code(pricing.get_products, **parameters) == "InvalidParameterException"

    def test_of_other_operations(self, pricing: Any) -> None:
        assert error_code(pricing.describe_services) == "AccessDeniedException"

    def test_of_a_region_without_endpoint(self, client: ClientFactory) -> None:
        pricing = client("pricing", "eu-west-1")

        assert error_code(pricing.get_products, ServiceCode="AmazonEC2") == "InvalidSignatureException"

    def test_of_permission_have_the_words_of_iam(self, aws: AwsSandbox, pricing: Any, client: ClientFactory) -> None:
        reader = client("pricing", "us-east-1", **lab_credentials(client))
        assert error_code(reader.get_products, ServiceCode="AmazonEC2") == "AccessDeniedException"

        aws.withdraw_permission("pricing:GetProducts")
        with pytest.raises(ClientError) as caught:
            pricing.get_products(ServiceCode="AmazonEC2")
        aws.restore_permission("pricing:GetProducts")

        assert caught.value.response["Error"]["Message"] == (
            "User: arn:aws:iam::111122223333:user/bailiff is not authorized to perform: pricing:GetProducts because no "
            "identity-based policy allows the pricing:GetProducts action"
        )
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
        assert pricing.get_products(ServiceCode="AmazonEC2", MaxResults=1)["PriceList"]

    def test_of_keys_have_the_codes_of_the_service(self, aws: AwsSandbox, client: ClientFactory) -> None:
        def code(**credentials: str) -> str:
            pricing = client("pricing", "us-east-1", **credentials)
            return error_code(pricing.get_products, ServiceCode="AmazonEC2")

        assert code(aws_access_key_id="AKIASOMEONEELSE00001") == "UnrecognizedClientException"
        assert code(aws_secret_access_key="wrong") == "InvalidSignatureException"
        aws.expire_credentials()
        assert code() == "ExpiredTokenException"


class TestFaults:
    def test_of_the_service_have_its_codes(self, aws: AwsSandbox, pricing: Any) -> None:
        aws.throttle(None, times=1, action="GetProducts")
        assert error_code(pricing.get_products, ServiceCode="AmazonEC2") == "ThrottlingException"
        aws.fail_requests(None, times=1, action="GetProducts")
        assert error_code(pricing.get_products, ServiceCode="AmazonEC2") == "InternalErrorException"
        aws.reset_connections(None, times=1, action="GetProducts")
        with pytest.raises(ConnectionClosedError):
            pricing.get_products(ServiceCode="AmazonEC2")
        assert pricing.get_products(ServiceCode="AmazonEC2", MaxResults=1)["PriceList"]

    def test_of_a_region_do_not_reach_it(self, aws: AwsSandbox, pricing: Any) -> None:
        aws.deny("us-east-1")

        assert pricing.get_products(ServiceCode="AmazonEC2", MaxResults=1)["PriceList"]


def test_a_call_is_recorded_with_its_parameters(aws: AwsSandbox, pricing: Any) -> None:
    pricing.get_products(ServiceCode="AmazonEC2", MaxResults=1)

    [call] = aws.calls
    assert (call.iam_action, call.region) == ("pricing:GetProducts", "us-east-1")
    assert call.parameters == {"ServiceCode": "AmazonEC2", "MaxResults": 1}
