from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config

from bailiff_bot.sandbox.aws.credentials import ACCESS_KEY_ID, SECRET_ACCESS_KEY
from bailiff_bot.sandbox.aws.server import AwsSandbox
from tests.integration.sandbox.aws.aws_requests import NOW, ONCE, ClientFactory


@pytest.fixture(scope="module")
def session() -> Any:
    return boto3.Session()


@pytest.fixture
def aws() -> Iterator[AwsSandbox]:
    with AwsSandbox(now=NOW) as sandbox:
        yield sandbox


@pytest.fixture
def client(aws: AwsSandbox, session: Any) -> ClientFactory:
    """Return a function that creates a client: of the bot's own account, or of the account of given credentials."""

    def create(service: str = "ec2", region: str = "eu-west-1", config: Config = ONCE, **credentials: str) -> Any:
        own_credentials = {"aws_access_key_id": ACCESS_KEY_ID, "aws_secret_access_key": SECRET_ACCESS_KEY}
        return session.client(service, region, endpoint_url=aws.url, config=config, **(own_credentials | credentials))

    return create
