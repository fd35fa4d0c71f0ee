"""The AWS of the sandbox checks keys, sessions, signatures and clocks."""

from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
import requests
from botocore.exceptions import ClientError

from bailiff_bot.sandbox.aws.server import AwsSandbox
from bailiff_bot.sandbox.fixtures import LAB_ACCOUNT, LAB_ROLE_ARN, OWN_ACCOUNT
from tests.integration.sandbox.aws.aws_requests import ClientFactory, assume, describe, error_code, lab_credentials


class TestCredentials:
    def test_identify_their_account(self, client: ClientFactory) -> None:
        own_identity = client("sts").get_caller_identity()
        lab_identity = client("sts", **lab_credentials(client)).get_caller_identity()

        assert (own_identity["Account"], own_identity["Arn"]) == (
            OWN_ACCOUNT,
            f"arn:aws:iam::{OWN_ACCOUNT}:user/bailiff",
        )
        assert lab_identity["Account"] == LAB_ACCOUNT
        assert lab_identity["Arn"] == f"arn:aws:sts::{LAB_ACCOUNT}:assumed-role/bailiff-read/bailiff"

    def test_can_come_from_the_environment(self, aws: AwsSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, value in aws.environment().items():
            monkeypatch.setenv(name, value)

        assert boto3.client("sts").get_caller_identity()["Account"] == OWN_ACCOUNT
        assert describe(boto3.client("ec2"))

    def test_that_are_unknown_are_refused(self, client: ClientFactory) -> None:
        unknown_key = {"aws_access_key_id": "AKIANOBODY"}

        assert error_code(client(**unknown_key).describe_instances) == "AuthFailure"
        assert error_code(client("sts", **unknown_key).get_caller_identity) == "InvalidClientTokenId"

    def test_with_a_wrong_secret_are_refused(self, client: ClientFactory) -> None:
        wrong_secret = {"aws_secret_access_key": "wrong"}

        assert error_code(client(**wrong_secret).describe_instances) == "AuthFailure"
        assert error_code(client("sts", **wrong_secret).get_caller_identity) == "SignatureDoesNotMatch"

    def test_of_a_role_need_their_session_token(self, client: ClientFactory) -> None:
        without_token = lab_credentials(client) | {"aws_session_token": ""}

        assert error_code(client(**without_token).describe_instances) == "AuthFailure"

    def test_that_are_missing_are_refused(self, aws: AwsSandbox) -> None:
        answer = requests.post(aws.url, data={"Action": "DescribeInstances"}, timeout=5)

        assert answer.status_code == 403

    def test_that_expired_are_refused_until_the_role_is_assumed_again(
        self, aws: AwsSandbox, client: ClientFactory
    ) -> None:
        old_credentials = lab_credentials(client)
        aws.expire_credentials(LAB_ACCOUNT)

        assert error_code(client(**old_credentials).describe_instances) == "RequestExpired"
        assert error_code(client("sts", **old_credentials).get_caller_identity) == "ExpiredToken"
        assert describe(client(**lab_credentials(client)))

    @pytest.mark.parametrize(
        ("skew", "ec2_error"), [(timedelta(minutes=20), "RequestExpired"), (timedelta(minutes=-20), "AuthFailure")]
    )
    def test_of_a_caller_with_a_wrong_clock_are_refused(
        self, aws: AwsSandbox, client: ClientFactory, skew: timedelta, ec2_error: str
    ) -> None:
        aws.set_clock_skew(skew)

        assert error_code(client().describe_instances) == ec2_error
        assert error_code(client("sts").get_caller_identity) == "SignatureDoesNotMatch"

    def test_of_a_caller_with_a_wrong_clock_are_refused_with_the_time_of_the_server(
        self, aws: AwsSandbox, client: ClientFactory
    ) -> None:
        aws.set_clock_skew(timedelta(days=2))

        with pytest.raises(ClientError) as caught:
            client().describe_instances()

        date = caught.value.response["ResponseMetadata"]["HTTPHeaders"]["date"]
        server_time = datetime.strptime(date, "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC)
        assert server_time - datetime.now(UTC) > timedelta(days=1)


class TestAssumeRole:
    @pytest.mark.parametrize(
        "overrides", [{"ExternalId": None}, {"ExternalId": "wrong"}, {"RoleArn": f"{LAB_ROLE_ARN}-of-another"}]
    )
    def test_is_denied_if_the_role_does_not_trust_the_caller(
        self, client: ClientFactory, overrides: dict[str, str | None]
    ) -> None:
        assert error_code(lambda: assume(client, **overrides)) == "AccessDenied"

    @pytest.mark.parametrize("overrides", [{"RoleSessionName": "no blanks"}, {"DurationSeconds": 60 * 60 * 12}])
    def test_checks_its_parameters(self, client: ClientFactory, overrides: dict[str, Any]) -> None:
        assert error_code(lambda: assume(client, **overrides)) == "ValidationError"

    def test_lasts_an_hour(self, client: ClientFactory) -> None:
        lifetime = assume(client)["Expiration"] - datetime.now(UTC)

        assert timedelta(minutes=59) < lifetime <= timedelta(hours=1)
