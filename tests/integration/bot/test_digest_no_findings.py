"""The digest when no instance breaks a rule."""

import pytest

from bailiff_bot.sandbox.aws.instance_fixture import InstanceFixture
from bailiff_bot.sandbox.sandbox import Sandbox
from tests.integration.bot.conftest import ONE_REGION, SandboxUsers, days, run_in_process


@pytest.fixture(scope="module")
def fleet() -> tuple[InstanceFixture, ...]:
    return (
        InstanceFixture(key="one", name="agr-one", since_start=days(2), expected_table="legit"),
        InstanceFixture(key="two", name="hro-two", since_start=days(3), expected_table="legit"),
    )


def test_without_findings_the_digest_is_one_line_without_a_thread(users: SandboxUsers, sandbox: Sandbox) -> None:
    view = users.view("bill", "cloud-costs")
    result = run_in_process(sandbox, "digest", **ONE_REGION)
    (message,) = view.new_messages()
    assert message.visible_text.startswith("No instance breaks a rule ")
    assert "1 of 1 region read" in message.visible_text
    assert (message.reply_count, view.thread(message), message.files) == (0, [], ())
    assert (result.returncode, result.stderr) == (0, "")


def test_without_findings_nobody_is_notified(users: SandboxUsers, sandbox: Sandbox) -> None:
    run_in_process(sandbox, "digest", **ONE_REGION)
    assert users.calls("conversations.open") == []
    assert len(users.calls("chat.postMessage")) == 1


def test_without_findings_the_digest_still_names_an_unread_region(users: SandboxUsers, sandbox: Sandbox) -> None:
    sandbox.aws.deny("us-east-1")
    view = users.view("bill", "cloud-costs")
    result = run_in_process(sandbox, "digest", BAILIFF_REGIONS="eu-west-1,us-east-1", BAILIFF_ROLE_ARNS="")
    (message,) = view.new_messages()
    assert "No instance breaks a rule in what could be read (2 instances)" in message.visible_text
    assert "not read: us-east-1 (access denied)" in message.visible_text
    assert result.returncode == 3


def test_a_declared_unread_region_is_shown_and_gives_exit_code_0(users: SandboxUsers, sandbox: Sandbox) -> None:
    sandbox.aws.deny("us-east-1")
    view = users.view("bill", "cloud-costs")
    overrides = {"BAILIFF_REGIONS": "eu-west-1,us-east-1", "BAILIFF_EXPECTED_UNREAD": "us-east-1"}
    result = run_in_process(sandbox, "digest", **ONE_REGION | overrides)
    (message,) = view.new_messages()
    assert "closed, as expected: us-east-1 (access denied)" in message.visible_text
    assert message.reply_count == 0
    assert (result.returncode, result.stderr) == (0, "")
