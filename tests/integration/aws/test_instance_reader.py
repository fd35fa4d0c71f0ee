"""An instance is read again by its id, as it is now, with the role of its account."""

from collections.abc import Iterator

import pytest

from bailiff_bot.aws.access import Limits
from bailiff_bot.aws.instance_reader import InstanceReader
from bailiff_bot.domain.gap import Gap
from bailiff_bot.domain.instance import InstanceState, Target
from bailiff_bot.domain.inventory import UnreadReason
from bailiff_bot.sandbox.aws.fleet import FLEET
from bailiff_bot.sandbox.aws.server import AwsSandbox
from bailiff_bot.sandbox.fixtures import EXTERNAL_ID, LAB_ROLE_ARN
from tests.integration.aws.conftest import SetAwsEnvironment

RUNNING = next(one for one in FLEET if one.state == "running" and one.expected_table == "stopped-when-unused")
IN_LAB = next(one for one in FLEET if one.account != RUNNING.account)
READER = InstanceReader([LAB_ROLE_ARN], EXTERNAL_ID, Limits(max_attempts=1, target_deadline=5.0))


@pytest.fixture
def aws(set_aws_environment: SetAwsEnvironment) -> Iterator[AwsSandbox]:
    with AwsSandbox() as sandbox:
        set_aws_environment(sandbox.environment())
        yield sandbox


@pytest.mark.parametrize("fixture", [RUNNING, IN_LAB], ids=["own account", "account of a role"])
def test_only_this_instance_is_read(aws: AwsSandbox, fixture: object) -> None:
    assert aws
    one = RUNNING if fixture is RUNNING else IN_LAB
    found = READER.read(Target(one.account, one.region), one.id)
    assert not isinstance(found, Gap)
    assert [instance.id for instance in found] == [one.id]


def test_it_is_read_as_it_is_now(aws: AwsSandbox) -> None:
    aws.stop(RUNNING.key)
    found = READER.read(Target(RUNNING.account, RUNNING.region), RUNNING.id)
    assert not isinstance(found, Gap)
    assert found[0].state is InstanceState.STOPPED


def test_an_instance_that_is_gone_is_no_gap(aws: AwsSandbox) -> None:
    aws.delete(RUNNING.key)
    assert READER.read(Target(RUNNING.account, RUNNING.region), RUNNING.id) == ()
    assert READER.read(Target(RUNNING.account, RUNNING.region), "i-00000000000000000") == ()


def test_without_an_id_the_whole_target_is_read(aws: AwsSandbox) -> None:
    assert aws
    found = READER.read(Target(RUNNING.account, RUNNING.region), None)
    assert not isinstance(found, Gap)
    assert len(found) > 1


def test_what_cannot_be_read_is_a_gap_and_not_gone(aws: AwsSandbox) -> None:
    aws.deny(RUNNING.region, action="DescribeInstances")
    found = READER.read(Target(RUNNING.account, RUNNING.region), RUNNING.id)
    assert isinstance(found, Gap)
    assert found.reason == UnreadReason.ACCESS_DENIED


def test_an_account_without_a_role_is_a_gap_and_not_gone(aws: AwsSandbox) -> None:
    assert aws
    assert isinstance(READER.read(Target("999999999999", "eu-west-1"), RUNNING.id), Gap)


def test_without_credentials_nothing_is_gone(set_aws_environment: SetAwsEnvironment) -> None:
    with AwsSandbox() as sandbox:
        wrong = {"AWS_ACCESS_KEY_ID": "AKIAWRONG00000000000", "AWS_SECRET_ACCESS_KEY": "wrong"}
        set_aws_environment(sandbox.environment() | wrong)
        assert isinstance(READER.read(Target(RUNNING.account, RUNNING.region), RUNNING.id), Gap)
