"""Who is told of a deletion, and cancels it in the own message."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bailiff_bot.sandbox.aws.instance_fixture import STOPPED_BY_USER, InstanceFixture
from bailiff_bot.sandbox.fixtures import TRIAGE_CHANNEL
from bailiff_bot.sandbox.sandbox import Sandbox
from tests.integration.bot.acting import acting_program
from tests.integration.bot.conftest import SandboxUsers, days
from tests.integration.bot.person import Person
from tests.program import Program

NAME = "x-shared"
"""It belongs to Ada and to Nadia."""


@pytest.fixture(scope="module")
def fleet() -> tuple[InstanceFixture, ...]:
    shared = InstanceFixture(
        key=NAME,
        name=NAME,
        since_start=days(200),
        since_stop=days(100),
        state="stopped",
        reason=STOPPED_BY_USER,
        tags=(("Owner", "agr@octo.example; nabe@octo.example"),),
        expected_table="deleted-when-abandoned",
    )
    return (shared,)


@pytest.fixture(scope="module")
def program(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """Serve the bot, with a digest that was sent."""
    folder: Path = tmp_path_factory.mktemp("delete-notices")
    with acting_program(sandbox, f"sqlite:///{folder / 'bailiff.sqlite'}") as program:
        yield program


def test_another_owner_and_the_triage_channel_are_told_and_cancel_in_their_own_message(
    program: Program, sandbox: Sandbox, users: SandboxUsers
) -> None:
    ada, triage, nadia = Person(users, "ada"), users.view("nadia", TRIAGE_CHANNEL), users.view("nadia")
    assert ada.driver.click(ada.nudge(), "Delete", near=NAME).acknowledged
    ada.driver.submit_modal(ada.modal(NAME, "is deleted on"), {"confirmation": NAME})
    ada.modal("Ada Granger asked to delete")
    program.run_due()
    told = f"Ada Granger asked to delete {NAME}"
    [post] = [one for one in triage.wait_for_messages() if told in one.visible_text]
    assert "Cancel the deletion" in post.buttons
    [notice] = [one for one in nadia.wait_for_messages() if told in one.visible_text]
    assert users.click("nadia", notice, "Cancel the deletion").acknowledged
    ada.wait_for_nudge(f"Nadia Bensaïd cancelled the deletion of {NAME}")
    program.run_due()
    over = triage.wait_for_messages(lambda new: [one for one in new if "was cancelled" in one.visible_text])
    assert "Cancel the deletion" not in over[-1].buttons
    assert [one.state for one in sandbox.aws.instances()] == ["stopped"]
