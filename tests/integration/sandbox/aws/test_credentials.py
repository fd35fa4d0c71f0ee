"""Keys, sessions, signatures and clocks."""

from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
import requests
from botocore.exceptions import ClientError

from bailiff_bot.sandbox.aws.server import AwsSandbox
from bailiff_bot.sandbox.fixtures import LAB_ACCOUNT, LAB_ROLE_ARN, OWN_ACCOUNT
from tests.integration.sandbox.aws.aws_requests import Clients, assume, lab, refusal, rows


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
        aws.set_clock_skew(ahead)

        assert refusal(client().describe_instances) == of_ec2
        assert refusal(client("sts").get_caller_identity) == "SignatureDoesNotMatch"

    def test_of_a_caller_whose_clock_is_wrong_come_back_with_the_right_time(
        self, aws: AwsSandbox, client: Clients
    ) -> None:
        aws.set_clock_skew(timedelta(days=2))

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
