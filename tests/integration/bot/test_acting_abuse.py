"""Forged, stolen, late and too early clicks on what changes AWS: one sentence, one audit row, and no call of AWS."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bailiff_bot.domain.audit import AuditResult
from bailiff_bot.domain.audit_verification import Break
from bailiff_bot.messages.buttons import CANCEL_DELETION, DELETE, RENAME, STOP, STOP_ALL, UNDO
from bailiff_bot.sandbox.aws.instance_fixture import STOPPED_BY_USER, InstanceFixture
from bailiff_bot.sandbox.aws.server import AwsSandbox
from bailiff_bot.sandbox.fixtures import ADMINISTRATOR_ID
from bailiff_bot.sandbox.sandbox import Sandbox
from bailiff_bot.sandbox.slack import RenderedView
from tests.integration.bot.acting import (
    ShiftedClock,
    acting_program,
    audit,
    changes,
    forge,
    key_of,
    refusing,
    state,
    submission,
)
from tests.integration.bot.conftest import ANSWER_TIMEOUT, SandboxUsers, days
from tests.integration.bot.databases import new_database
from tests.integration.bot.person import Person
from tests.program import Program

RUNNING = (
    "agr-sold",
    "agr-gone",
    "agr-done",
    "agr-group",
    "agr-kept",
    "agr-left",
    "agr-mail",
    "agr-new",
    "agr-two",
    "agr-wait",
    "agr-idle",
    "nabe-one",
)
GROUP = "aws:autoscaling:groupName"
ACTIONS = {STOP: "stop", STOP_ALL: "stop", RENAME: "rename", DELETE: "delete", UNDO: "undo", CANCEL_DELETION: "cancel"}


def running(name: str, number: int = 0, **fields: Any) -> InstanceFixture:
    since = days(90 - number)
    return InstanceFixture(key=name, name=name, since_start=since, expected_table="stopped-when-unused", **fields)


IDS = {name: running(name).id for name in RUNNING}


@pytest.fixture(scope="module")
def fleet() -> tuple[InstanceFixture, ...]:
    stop: dict[str, Any] = {"state": "stopped", "reason": STOPPED_BY_USER, "since_stop": days(60)}
    return (*(running(name, number) for number, name in enumerate(RUNNING)), running("agr-old", **stop))


@pytest.fixture(scope="module")
def program(
    sandbox: Sandbox, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Program]:
    """Serve a bot on PostgreSQL, with a digest that was sent."""
    database = new_database("postgresql", request, tmp_path_factory.mktemp("abuse"))
    with acting_program(sandbox, database, clock=ShiftedClock(), BAILIFF_ADMINS=ADMINISTRATOR_ID) as program:
        yield program


@pytest.fixture
def ada(program: Program, users: SandboxUsers) -> Person:
    assert program
    return Person(users, "ada")


@pytest.fixture
def nadia(program: Program, users: SandboxUsers) -> Person:
    assert program
    return Person(users, "nadia")


def form(person: Person, button: str, near: str) -> RenderedView:
    assert person.driver.click(person.nudge(), button, near=near).acknowledged
    return person.modal(near, "is stopped in AWS" if button == "Stop" else "is deleted on")


def private(person: Person, click: Callable[[], object], text: str) -> None:
    """Click, and wait for a private message that is one sentence with a text."""

    def found() -> list[str]:
        return [one.visible_text for one in person.driver.visible_messages() if one.is_ephemeral]

    before = len(found())
    click()
    [answer] = person.users.driver.wait_for(lambda: found()[before:], ANSWER_TIMEOUT)
    assert text in answer
    assert "\n" not in answer.strip()


@pytest.mark.parametrize("key", ["forged", "' or 1=1 --", "x" * 1_900, ""])
@pytest.mark.parametrize("button", [STOP, STOP_ALL, RENAME, DELETE, UNDO, CANCEL_DELETION])
def test_a_forged_key_does_nothing(program: Program, sandbox: Sandbox, ada: Person, button: str, key: str) -> None:
    with refusing(program, sandbox, ACTIONS[button], "unknown-button"):
        if button in {UNDO, CANCEL_DELETION}:
            private(ada, lambda: forge(ada, button, key), "too old")
        else:
            forge(ada, button, key)
            ada.modal("too old")


@pytest.mark.parametrize("button", [STOP, RENAME, DELETE])
def test_the_key_of_an_owner_is_of_no_use_to_somebody_else(
    program: Program, sandbox: Sandbox, ada: Person, nadia: Person, button: str
) -> None:
    key = key_of(ada.nudge(), "agr-idle", "Stop")
    with refusing(program, sandbox, ACTIONS[button], "not-yours"):
        forge(nadia, button, key)
        assert "ask its owner (AGR), or an administrator" in nadia.modal("It is not yours").visible_text


@pytest.mark.parametrize("button", [UNDO, CANCEL_DELETION])
def test_the_key_of_a_stop_neither_undoes_nor_cancels_anything(
    program: Program, sandbox: Sandbox, ada: Person, button: str
) -> None:
    key = key_of(ada.nudge(), "agr-idle", "Stop")
    with refusing(program, sandbox, ACTIONS[button], "unknown-button"):
        private(ada, lambda: forge(ada, button, key), "too old")


@pytest.mark.parametrize("click_id", ["", "' or 1=1 --", "x" * 3_000])
@pytest.mark.parametrize("action", ["stop", "stop_all", "rename", "delete"])
def test_a_form_with_a_forged_key_does_nothing(
    program: Program, sandbox: Sandbox, ada: Person, action: str, click_id: str
) -> None:
    click = ada.driver.click(ada.nudge(), "Stop", near="agr-idle").request
    view = ada.modal("agr-idle", "is stopped in AWS")
    with refusing(program, sandbox, action.removesuffix("_all"), "unknown-button"):
        ada.users.driver.send_payload(submission(click, view, f"bailiff_{action}_form", click_id))
        ada.modal("too old")


@pytest.mark.parametrize("action", ["stop", "stop_all", "rename", "delete"])
def test_the_form_of_somebody_else_does_nothing(
    program: Program, sandbox: Sandbox, ada: Person, nadia: Person, action: str
) -> None:
    stolen = form(ada, "Stop", "agr-idle").content["private_metadata"]
    click = nadia.driver.click(nadia.nudge(), "Stop", near="nabe-one").request
    view = nadia.modal("nabe-one", "is stopped in AWS")
    with refusing(program, sandbox, action.removesuffix("_all"), "unknown-button"):
        ada.users.driver.send_payload(submission(click, view, f"bailiff_{action}_form", stolen))
        nadia.modal("too old")
    assert state(sandbox, "agr-idle") == state(sandbox, "nabe-one") == "running"


@pytest.mark.parametrize(
    ("name", "change", "reason", "sentence"),
    [
        ("agr-sold", lambda aws: aws.rename(IDS["agr-sold"], "nabe-bought"), "not-yours", "It is not yours"),
        ("agr-gone", lambda aws: aws.delete(IDS["agr-gone"]), "gone", "does not exist any more"),
        ("agr-done", lambda aws: aws.stop(IDS["agr-done"]), "compliant", "breaks no rule any more"),
        (
            "agr-group",
            lambda aws: aws.tag(IDS["agr-group"], GROUP, "web"),
            "not-yours",
            "ask an administrator of Bailiff",
        ),
        (
            "agr-kept",
            lambda aws: aws.tag(IDS["agr-kept"], "bailiff:exempt", "2099-01-01"),
            "exempt",
            "Somebody keeps it",
        ),
    ],
)
def test_what_changed_while_the_form_was_open_is_left_alone(  # noqa: PLR0913, PLR0917 - what changed
    program: Program,
    sandbox: Sandbox,
    ada: Person,
    name: str,
    change: Callable[[AwsSandbox], None],
    reason: str,
    sentence: str,
) -> None:
    opened = form(ada, "Stop", name)
    change(sandbox.aws)
    with refusing(program, sandbox, "stop", reason):
        ada.driver.submit_modal(opened)
        ada.modal(sentence)


@pytest.mark.parametrize("change", [{"guest": True}, {"external": True}, {"deactivated": True}], ids=str)
def test_who_is_no_full_member_any_more_when_the_form_is_sent_is_refused(
    program: Program, sandbox: Sandbox, ada: Person, change: dict[str, bool]
) -> None:
    click = ada.driver.click(ada.nudge(), "Stop", near="agr-left").request
    view = ada.modal("agr-left", "is stopped in AWS")
    ada.users.driver.change_user("ada", **change)
    try:
        with refusing(program, sandbox, "stop", "not-a-member"):
            ada.users.driver.send_payload(
                submission(click, view, "bailiff_stop_form", view.content["private_metadata"])
            )
    finally:
        ada.users.driver.change_user("ada", **dict.fromkeys(change, False))
    assert "agr-left" not in ada.modal("Only full members").visible_text


@pytest.mark.parametrize(("button", "name"), [(STOP, "agr-mail"), (DELETE, "agr-old")])
def test_an_address_that_is_not_confirmed_stops_and_deletes_nothing(
    program: Program, sandbox: Sandbox, ada: Person, button: str, name: str
) -> None:
    """AWS logs the address as the person's."""
    ada.users.driver.change_user("ada", email_confirmed=False)
    try:
        with refusing(program, sandbox, ACTIONS[button], "cannot-check-you"):
            forge(ada, button, key_of(ada.nudge(), name, "Stop" if button == STOP else "Delete"))
            ada.modal("make sure that your e-mail address is confirmed in Slack")
    finally:
        ada.users.driver.change_user("ada", email_confirmed=True)


def test_who_has_become_the_owner_by_a_tag_just_now_is_refused(
    program: Program, sandbox: Sandbox, nadia: Person, ada: Person
) -> None:
    """Whoever may write a tag must not thereby be able to stop or delete."""
    key = key_of(ada.nudge(), "agr-new", "Stop")
    sandbox.aws.rename(IDS["agr-new"], "nabe-taken")
    with refusing(program, sandbox, "stop", "owner-too-new"):
        forge(nadia, STOP, key)
        nadia.modal("Scans must have shown this owner for 1 hour")
    assert state(sandbox, "nabe-taken") == "running"


def test_two_clicks_at_once_stop_it_once(program: Program, sandbox: Sandbox, ada: Person) -> None:
    before, rows = len(changes(sandbox)), len(audit(program))
    sent = ada.driver.submit_modal(form(ada, "Stop", "agr-two"))
    for _ in range(4):
        ada.users.driver.send_payload(sent.request)

    def refused() -> bool:
        """Whether four were refused: as done before, or because the instance was stopping or stopped when read."""
        reasons = [reason for action, result, reason in audit(program)[rows:] if result is AuditResult.REFUSED]
        return len(reasons) >= 4 and {*reasons} <= {"done-already", "busy", "wrong-state"}

    ada.users.driver.wait_for(refused, ANSWER_TIMEOUT)
    assert len(changes(sandbox)) == before + 1
    assert state(sandbox, "agr-two") == "stopped"


def test_while_the_brake_is_on_nothing_is_changed(program: Program, sandbox: Sandbox, ada: Person) -> None:
    opened = form(ada, "Stop", "agr-wait")
    ada.users.run_command("bill", "/bailiff brake on")
    try:
        with refusing(program, sandbox, "stop", "brake"):
            ada.driver.submit_modal(opened)
            ada.modal("An administrator put the brake on")
    finally:
        ada.users.run_command("bill", "/bailiff brake off")


def test_the_audit_log_is_whole(program: Program) -> None:
    assert not isinstance(program.shared.store.audit.verify(), Break)
