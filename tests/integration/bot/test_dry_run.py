"""With `BAILIFF_ACTIONS_DRY_RUN`, AWS only checks the permission: nothing changes, and every message says so."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bailiff_bot.domain.audit import AuditResult
from bailiff_bot.sandbox.aws.instance_fixture import STOPPED_BY_USER, InstanceFixture
from bailiff_bot.sandbox.sandbox import Sandbox
from tests.integration.bot.acting import ShiftedClock, acting_program, audit, changes, state
from tests.integration.bot.conftest import SandboxUsers, days
from tests.integration.bot.person import Person
from tests.program import Program

_ABANDONED = {"state": "stopped", "reason": STOPPED_BY_USER, "since_stop": days(60)}


@pytest.fixture(scope="module")
def fleet() -> tuple[InstanceFixture, ...]:
    return (
        InstanceFixture(key="agr-dry", name="agr-dry", since_start=days(60), expected_table="stopped-when-unused"),
        InstanceFixture(
            key="agr-old",
            name="agr-old",
            since_start=days(90),
            expected_table="deleted-when-abandoned",
            **_ABANDONED,  # type: ignore[arg-type]
        ),
    )


@pytest.fixture(scope="module")
def clock() -> ShiftedClock:
    return ShiftedClock()


@pytest.fixture(scope="module")
def program(sandbox: Sandbox, clock: ShiftedClock, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    database: Path = tmp_path_factory.mktemp("dry") / "bailiff.sqlite"
    with acting_program(sandbox, f"sqlite:///{database}", clock=clock, BAILIFF_ACTIONS_DRY_RUN="on") as program:
        yield program


@pytest.fixture
def ada(program: Program, users: SandboxUsers) -> Person:
    assert program
    return Person(users, "ada")


def test_a_stop_changes_nothing_and_says_so(program: Program, sandbox: Sandbox, ada: Person) -> None:
    ada.driver.click(ada.nudge(), "Stop", near="agr-dry")
    ada.driver.submit_modal(ada.modal("agr-dry", "is stopped in AWS"))
    ada.modal("Ada Granger may stop agr-dry", "AWS allows it. A dry run, so nothing was changed")
    program.run_due()
    message = ada.wait_for_nudge("A dry run, so nothing was changed")
    assert "Undo starts it again" not in message.visible_text
    assert audit(program)[-1] == ("stop", AuditResult.DONE, "dry run")
    assert state(sandbox, "agr-dry") == "running"
    assert changes(sandbox)[-1].form["DryRun"] == "true"


def test_a_deletion_makes_no_image_and_deletes_nothing_and_says_so(
    program: Program, sandbox: Sandbox, ada: Person, clock: ShiftedClock
) -> None:
    ada.driver.click(ada.nudge(), "Delete", near="agr-old")
    ada.driver.submit_modal(ada.modal("agr-old", "is deleted on"), {"confirmation": "agr-old"})
    ada.modal("Ada Granger asked to delete agr-old", "It is a dry run, so nothing is changed")
    ada.wait_for_nudge("It is a dry run, so nothing is changed")  # an edit that waits for a day is given up
    assert program.shared.store.deletions.open() == ()  # it is not carried out, whatever the settings are then
    clock.advance(timedelta(hours=25))
    program.run_due()
    assert state(sandbox, "agr-old") == "stopped"
    assert all(one.form["DryRun"] == "true" for one in changes(sandbox))
    assert audit(program)[-1] == ("delete", AuditResult.DONE, "dry run")
