"""*Stop all*: one modal, a call for each instance, a line for each, and none that carries a warning."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from bailiff_bot.aws.actions.ec2_actions import AwsActions
from bailiff_bot.domain.action_brakes import BrakeSwitch
from bailiff_bot.domain.audit import AuditResult
from bailiff_bot.domain.aws_step import Actor, StepResult
from bailiff_bot.domain.instance import Target
from bailiff_bot.messages.buttons import STOP_ALL
from bailiff_bot.sandbox.aws.instance_fixture import InstanceFixture
from bailiff_bot.sandbox.fixtures import ADMINISTRATOR_ID
from bailiff_bot.sandbox.sandbox import Sandbox
from bailiff_bot.sandbox.slack import RenderedMessage, RenderedView
from bailiff_bot.store.action_brakes import brake_switches
from tests.integration.bot.acting import ShiftedClock, acting_program, audit, changes, forge, refusing, state
from tests.integration.bot.conftest import SandboxUsers, days
from tests.integration.bot.databases import BACKENDS, new_database
from tests.integration.bot.person import Person
from tests.program import Program

PLAIN = ("agr-a", "agr-b", "agr-c", "agr-d")
WARNED, PROTECTED = "agr-warn", "agr-safe"


def running(name: str, number: int, **fields: object) -> InstanceFixture:
    since = days(90 - number)
    return InstanceFixture(key=name, name=name, since_start=since, expected_table="stopped-when-unused", **fields)  # type: ignore[arg-type]


@pytest.fixture(scope="module", params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    """Return the kind of the database. Each has a sandbox of its own."""
    return str(request.param)


@pytest.fixture(scope="module")
def fleet(backend: str) -> tuple[InstanceFixture, ...]:
    assert backend
    return (
        *(running(name, number) for number, name in enumerate(PLAIN)),
        running(WARNED, 5, type="m5d.large"),
        running(PROTECTED, 6, is_stop_protected=True),
        running("nabe-one", 7),
    )


class Recipient(Person):
    """A user who reads the latest direct message: each test sends a new one, from a database of its own."""

    def nudge(self) -> RenderedMessage:
        return [one for one in self.driver.visible_messages("bailiff") if "/nudge/" in str(one.metadata)][-1]


@pytest.fixture
def program(backend: str, sandbox: Sandbox, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Program]:
    """Serve the bot, with a digest that was sent. All instances run."""
    for name in PLAIN:
        if state(sandbox, name) != "running":
            sandbox.aws.start(name)
            sandbox.aws.delete(name)
            sandbox.aws.add(running(name, PLAIN.index(name)))
    with acting_program(sandbox, new_database(backend, request, tmp_path), clock=ShiftedClock()) as program:
        yield program


@pytest.fixture
def ada(program: Program, users: SandboxUsers) -> Person:
    assert program
    return Recipient(users, "ada")


def stop_all(ada: Person) -> RenderedView:
    """Click *Stop all* and return the form."""
    assert ada.driver.click(ada.nudge(), "Stop all 6").acknowledged
    return ada.modal("These 6 instances are stopped in AWS, one by one")


def stopped(sandbox: Sandbox) -> list[str]:
    return [name for name in (*PLAIN, WARNED, PROTECTED) if state(sandbox, name) == "stopped"]


def test_each_gets_its_own_call_and_its_own_line_and_what_warns_is_left_out(
    program: Program, sandbox: Sandbox, ada: Person
) -> None:
    before = len(changes(sandbox))
    form = stop_all(ada)
    assert all(name in form.visible_text for name in (*PLAIN, WARNED, PROTECTED))
    ada.driver.submit_modal(form)
    text = ada.modal("4 of 6 instances being stopped").visible_text
    assert all(f"Ada Granger is stopping {name}" in text for name in PLAIN)
    assert f"{WARNED} (" in text
    assert "is left out, stop it by itself: It has a local disk" in text
    assert "because of its stop protection" in text
    calls = changes(sandbox)[before:]
    assert len(calls) == len(PLAIN)
    assert all(one.iam_action == "ec2:StopInstances" and "InstanceId.2" not in one.form for one in calls)
    assert stopped(sandbox) == list(PLAIN)
    program.run_due()
    assert ada.wait_for_nudge("Ada Granger stopped agr-d").visible_text.count("Ada Granger stopped") == len(PLAIN)
    results = [row for row in audit(program) if row[0] == "stop"]
    assert [row[1] for row in results].count(AuditResult.DONE) == len(PLAIN)
    assert ("stop", AuditResult.REFUSED, "protected") in results


def test_a_brake_that_is_pulled_in_the_middle_stops_the_rest(program: Program, sandbox: Sandbox, ada: Person) -> None:
    """The brake is put on by another replica, while AWS stops the second instance."""
    stop, calls = AwsActions.stop, []
    switch = BrakeSwitch(is_on=True, user_id=ADMINISTRATOR_ID, name="Billie Ledger", at=program.shared.clock())

    def stop_and_brake(self: AwsActions, actor: Actor, target: Target, instance_id: str) -> StepResult:
        calls.append(instance_id)
        if len(calls) == 2:
            with program.shared.store.database.writing() as connection:
                values = {"is_on": True, "user_id": switch.user_id, "name": switch.name, "at": switch.at}
                connection.execute(brake_switches.insert().values(**values))
        return stop(self, actor, target, instance_id)

    with patch.object(AwsActions, "stop", stop_and_brake):
        ada.driver.submit_modal(stop_all(ada))
        text = ada.modal("2 of 6 instances being stopped").visible_text
    assert text.count("An administrator put the brake on") >= 2
    assert len(calls) == 2
    assert len(stopped(sandbox)) == 2
    refused = [row for row in audit(program) if row == ("stop", AuditResult.REFUSED, "brake")]
    assert len(refused) >= 2


def test_one_limit_counts_for_all_of_them(
    sandbox: Sandbox, users: SandboxUsers, backend: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    for name in PLAIN:
        sandbox.aws.delete(name)
        sandbox.aws.add(running(name, PLAIN.index(name)))
    settings: dict[str, Any] = {"BAILIFF_MAX_ACTIONS_PER_PERSON": "3"}
    with acting_program(sandbox, new_database(backend, request, tmp_path), clock=ShiftedClock(), **settings) as program:
        ada = Recipient(users, "ada")
        ada.driver.submit_modal(stop_all(ada))
        text = ada.modal("3 of 6 instances being stopped").visible_text
        assert "You reached a limit of the last 24 hours" in text
        assert len(stopped(sandbox)) == 3
        assert ("stop", AuditResult.REFUSED, "brake") in audit(program)


def test_a_submission_that_is_sent_again_stops_nothing_twice(program: Program, sandbox: Sandbox, ada: Person) -> None:
    sent = ada.driver.submit_modal(stop_all(ada))
    ada.modal("4 of 6 instances being stopped")
    before = len(changes(sandbox))
    ada.users.driver.send_payload(sent.request)
    ada.modal("This was done before. Ada Granger is stopping agr-a")
    assert len(changes(sandbox)) == before
    assert program


def test_another_person_stops_nothing_with_the_key_of_the_owner(
    program: Program, sandbox: Sandbox, ada: Person
) -> None:
    nadia, before = Recipient(ada.users, "nadia"), len(changes(sandbox))
    key = program.shared.store.offers.same_rendering(
        program.shared.store.offers.get(_key(ada))  # type: ignore[arg-type]
    )[0].key
    forge(nadia, STOP_ALL, key)
    nadia.driver.submit_modal(nadia.modal("These 6 instances"))
    assert nadia.modal("0 of 6 instances being stopped").visible_text.count("It is not yours") == 6
    assert len(changes(sandbox)) == before


def test_a_forged_key_does_nothing(program: Program, sandbox: Sandbox, ada: Person) -> None:
    with refusing(program, sandbox, "stop", "unknown-button"):
        forge(ada, STOP_ALL, "' or 1=1 --")
        ada.modal("too old")


def _key(person: Person) -> str:
    elements = (one for block in person.nudge().blocks for one in block.get("elements", ()))
    return next(str(one["value"]) for one in elements if one.get("action_id") == STOP_ALL)
