"""The digest of a tenant in which nobody owes anything."""

import pytest

from bailiff_bot.sandbox.aws.instance_fixture import Machine
from bailiff_bot.sandbox.sandbox import Stage
from tests.integration.bot.conftest import ONE_REGION, Audience, bailiff_here, days


@pytest.fixture(scope="module")
def fleet() -> tuple[Machine, ...]:
    return (
        Machine(key="one", name="agr-one", up=days(2), verdict="legit"),
        Machine(key="two", name="hro-two", up=days(3), verdict="legit"),
    )


def test_when_all_is_well_the_digest_is_one_line_without_a_thread(audience: Audience, stage: Stage) -> None:
    screen = audience.screen("bill", "cloud-costs")
    done = bailiff_here(stage, "digest", **ONE_REGION)
    (message,) = screen.new()
    assert message.words.startswith("Nothing is owed by ")
    assert "1 of 1 region read" in message.words
    assert (message.reply_count, screen.thread(message), message.files) == (0, [], ())
    assert (done.returncode, done.stderr) == (0, "")


def test_when_all_is_well_nobody_is_told(audience: Audience, stage: Stage) -> None:
    bailiff_here(stage, "digest", **ONE_REGION)
    assert audience.calls("conversations.open") == []
    assert len(audience.calls("chat.postMessage")) == 1


def test_nothing_owed_in_a_part_of_the_tenant_is_not_called_well(audience: Audience, stage: Stage) -> None:
    stage.aws.deny("us-east-1")
    screen = audience.screen("bill", "cloud-costs")
    done = bailiff_here(stage, "digest", BAILIFF_REGIONS="eu-west-1,us-east-1", BAILIFF_ROLE_ARNS="")
    (message,) = screen.new()
    assert "2 instances in what could be read" in message.words
    assert "not read: us-east-1 (access denied)" in message.words
    assert done.returncode == 3


def test_a_declared_unread_region_is_shown_and_alarms_nobody(audience: Audience, stage: Stage) -> None:
    stage.aws.deny("us-east-1")
    screen = audience.screen("bill", "cloud-costs")
    declared = {"BAILIFF_REGIONS": "eu-west-1,us-east-1", "BAILIFF_EXPECTED_UNREAD": "us-east-1"}
    done = bailiff_here(stage, "digest", **ONE_REGION | declared)
    (message,) = screen.new()
    assert "closed, as declared: us-east-1 (access denied)" in message.words
    assert message.reply_count == 0
    assert (done.returncode, done.stderr) == (0, "")
