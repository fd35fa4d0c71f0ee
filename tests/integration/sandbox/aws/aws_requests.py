"""Requests to the AWS of the sandbox."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from bailiff_bot.sandbox.aws.fleet import FLEET
from bailiff_bot.sandbox.fixtures import ACT_ROLE, EXTERNAL_ID, LAB_ROLE_ARN, OWN_ACCOUNT, role_arn

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
ONCE = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=5)
BY_KEY = {fixture.key: fixture for fixture in FLEET}

ClientFactory = Callable[..., Any]


def assume(client: ClientFactory, **overrides: Any) -> dict[str, Any]:
    parameters = {"RoleArn": LAB_ROLE_ARN, "RoleSessionName": "bailiff", "ExternalId": EXTERNAL_ID, **overrides}
    answer = client("sts").assume_role(**{key: value for key, value in parameters.items() if value})
    credentials: dict[str, Any] = answer["Credentials"]
    return credentials


def lab_credentials(client: ClientFactory) -> dict[str, str]:
    return _keys(assume(client))


def role_credentials(
    client: ClientFactory, role: str = ACT_ROLE, account: str = OWN_ACCOUNT, **overrides: Any
) -> dict[str, str]:
    """Return the credentials of a session of a role that acts, as the bot assumes it."""
    session = {"RoleSessionName": "bailiff-U0AGR00001", "SourceIdentity": "agr@octo.example", **overrides}
    return _keys(assume(client, RoleArn=role_arn(account, role), **session))


def acting(client: ClientFactory, role: str = ACT_ROLE, region: str = "eu-west-1", **overrides: Any) -> Any:
    """Return a client of EC2 in a session of a role that acts."""
    return client("ec2", region, **role_credentials(client, role, **overrides))


def _keys(credentials: dict[str, Any]) -> dict[str, str]:
    return {
        "aws_access_key_id": credentials["AccessKeyId"],
        "aws_secret_access_key": credentials["SecretAccessKey"],
        "aws_session_token": credentials["SessionToken"],
    }


def describe(ec2: Any, **parameters: Any) -> list[dict[str, Any]]:
    return [
        instance
        for reservation in ec2.describe_instances(**parameters)["Reservations"]
        for instance in reservation["Instances"]
    ]


def describe_one(ec2: Any, key: str) -> dict[str, Any]:
    [found] = describe(ec2, InstanceIds=[BY_KEY[key].id])
    return found


def error_code(call: Callable[..., Any], **parameters: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    return str(caught.value.response["Error"]["Code"])
