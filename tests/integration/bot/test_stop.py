"""*Stop* and *Rename* in a direct message: decided at the click, done once in AWS, and said for good."""

from collections.abc import Iterator

import pytest

from bailiff_bot.domain.audit import AuditResult
from bailiff_bot.sandbox.aws.instance_fixture import InstanceFixture
from bailiff_bot.sandbox.sandbox import Sandbox
from bailiff_bot.sandbox.slack import RenderedView
from tests.integration.bot.acting import acting_program, audit
from tests.integration.bot.conftest import SandboxUsers, days
from tests.integration.bot.databases import BACKENDS, new_database
from tests.integration.bot.person import Person
from tests.program import Program


def running(name: str, days_ago: float = 60, **fields: object) -> InstanceFixture:
    """Return an instance that runs for long."""
    table = "stopped-when-unused" if name.startswith("agr") else "owned"
    return InstanceFixture(key=name, name=name, since_start=days(days_ago), expected_table=table, **fields)  # type: ignore[arg-type]


FLEET = (
    running("agr-stop"),
    running("agr-undo", 61),
    running("agr-disk", 62, type="m5d.large"),
    running("agr-safe", 63, is_stop_protected=True),
    running("agr-slow", 64),
    running("agr-name", 65),
)


@pytest.fixture(scope="module", params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    """Return the kind of the database. Each has a sandbox of its own."""
    return str(request.param)


@pytest.fixture(scope="module")
def fleet(backend: str) -> tuple[InstanceFixture, ...]:
    assert backend
    return FLEET


@pytest.fixture(scope="module")
def program(
    backend: str, sandbox: Sandbox, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Program]:
    """Serve the bot, with a digest that was sent."""
    database = new_database(backend, request, tmp_path_factory.mktemp("stop"))
    with acting_program(sandbox, database) as program:
        yield program


@pytest.fixture
def ada(program: Program, users: SandboxUsers) -> Person:
    assert program
    return Person(users, "ada")


def state(sandbox: Sandbox, name: str) -> str:
    return next(one.state for one in sandbox.aws.instances() if one.name == name)


def stop_form(ada: Person, name: str) -> RenderedView:
    """Click *Stop* and return the form."""
    assert ada.driver.click(ada.nudge(), "Stop", near=name).acknowledged
    return ada.modal("is stopped in AWS")


def test_an_instance_is_stopped_in_two_clicks_and_the_message_says_so_for_good(
    program: Program, sandbox: Sandbox, ada: Person
) -> None:
    form = stop_form(ada, "agr-stop")
    assert state(sandbox, "agr-stop") == "running"
    assert ada.driver.submit_modal(form).acknowledged
    assert "Ada Granger is stopping agr-stop" in ada.modal("is stopping").visible_text
    assert state(sandbox, "agr-stop") == "stopped"
    program.run_due()
    message = ada.wait_for_nudge("Ada Granger stopped agr-stop")
    assert "Its capacity, public address and memory may not come back" in message.visible_text
    rows = [row for row in audit(program) if row[0] == "stop"]
    assert rows[-2:] == [("stop", AuditResult.BEGUN, ""), ("stop", AuditResult.DONE, "")]
    [call] = [one for one in sandbox.aws.calls if one.iam_action == "ec2:StopInstances"]
    assert (call.role_session, call.source_identity) == ("bailiff-U0AGR00001", "agr@octo.example")
