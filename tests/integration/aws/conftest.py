"""A fake AWS on 127.0.0.1, and an environment that names no other AWS."""

import os
from collections.abc import Callable, Iterator, Mapping

import pytest

from bailiff_bot.aws.sessions import SESSIONS
from bailiff_bot.domain.inventory import Inventory, UnreadReason
from tests.integration.aws.fake_aws import FakeAws, identity, page, regions

AWS_ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "AKIAOWNKEY0000000000",
    "AWS_SECRET_ACCESS_KEY": "own-secret",
    "AWS_REGION": "eu-west-1",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}

SetAwsEnvironment = Callable[[Mapping[str, str]], None]


@pytest.fixture
def set_aws_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[SetAwsEnvironment]:
    """Return a function that replaces all AWS variables of this process."""

    def set_environment(environment: Mapping[str, str]) -> None:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            monkeypatch.delenv(name)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        SESSIONS.reset()

    set_environment(AWS_ENVIRONMENT)
    yield set_environment
    SESSIONS.reset()


@pytest.fixture
def fake_aws(set_aws_environment: SetAwsEnvironment) -> Iterator[FakeAws]:
    """Return a fake AWS without faults: one account, two enabled regions with one instance each."""
    with FakeAws() as endpoint:
        endpoint.on("GetCallerIdentity", identity())
        endpoint.on("DescribeRegions", regions("eu-west-1", "us-east-1", closed=["me-south-1"]))
        endpoint.on("DescribeInstances", lambda request: page([f"i-{request.region}"]))
        set_aws_environment(AWS_ENVIRONMENT | {"AWS_ENDPOINT_URL": endpoint.url})
        yield endpoint


def unread(inventory: Inventory) -> list[tuple[str, str, UnreadReason]]:
    return [(gap.where.account, gap.where.region, UnreadReason(gap.reason)) for gap in inventory.gaps if gap.where]


def read(inventory: Inventory) -> list[tuple[str, str]]:
    return [(target.account, target.region) for target in inventory.read]
