"""What the tests of the sandbox's AWS ask it with."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from bailiff_bot.sandbox.aws.fleet import FLEET
from bailiff_bot.sandbox.fixtures import EXTERNAL_ID, LAB_ROLE_ARN

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
ONCE = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=5)
BY_KEY = {machine.key: machine for machine in FLEET}

Clients = Callable[..., Any]


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
