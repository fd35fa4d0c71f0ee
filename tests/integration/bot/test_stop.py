"""*Stop* and its *Undo* in a direct message: decided at the click, done once in AWS, and said for good."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from bailiff_bot.domain.audit import AuditResult
from bailiff_bot.messages.buttons import STOP, UNDO
from bailiff_bot.sandbox.aws.instance_fixture import INSTANCE_STORE, SPOT_ONE_TIME, InstanceFixture, VolumeFixture
from bailiff_bot.sandbox.fixtures import ACT_ROLE, ACTION_ROLE_ARNS, LAB_ACCOUNT, LAB_ROLE_ARN, OWN_ACCOUNT
from bailiff_bot.sandbox.sandbox import Sandbox
from bailiff_bot.sandbox.slack import RenderedMessage, RenderedView
from tests.integration.bot.acting import ShiftedClock, acting_program, audit, changes, forge, key_of, refusing, state
from tests.integration.bot.conftest import ANSWER_TIMEOUT, SandboxUsers, days
from tests.integration.bot.databases import BACKENDS, new_database
from tests.integration.bot.person import Person
from tests.program import Program

MINUTE = timedelta(minutes=1)
SHARED = "x-shared"
"""It belongs to Ada and to Nadia."""


def running(name: str, days_ago: float = 60, **fields: object) -> InstanceFixture:
    """Return an instance that runs for long."""
    table = "stopped-when-unused" if name.startswith("agr") else "owned"
    return InstanceFixture(key=name, name=name, since_start=days(days_ago), expected_table=table, **fields)  # type: ignore[arg-type]


WARNED = (("Schedule", "office-hours"), ("aws:cloudformation:stack-name", "lab"))
FLEET = (
    running("agr-stop"),
    running("agr-slow", 61),
    running("agr-late", 62),
    running("agr-runs", 63),
    running("agr-twice", 64),
    running("agr-warn", 65, type="m5d.large", has_public_address=True, tags=WARNED),
    running("agr-safe", 66, is_stop_protected=True),
    running("agr-spot", 67, lifecycle=SPOT_ONE_TIME),
    running("agr-root", 68, root_device=INSTANCE_STORE, volumes=(VolumeFixture("/dev/sdf"),)),
    running("agr-deny", 69),
    running("agr-kept", 70),
    running("agr-lab", 71, account=LAB_ACCOUNT),
    running("agr-busy", 72),
    running("alb-other", 74),
    running(SHARED, 73, tags=(("Owner", "agr@octo.example; nabe@octo.example"),)),
)
ONLY_OWN_ROLE: dict[str, Any] = {"BAILIFF_ROLE_ARNS": LAB_ROLE_ARN, "BAILIFF_ACTION_ROLE_ARNS": ACTION_ROLE_ARNS[0]}
"""Bailiff reads both accounts, and may act in one."""


@pytest.fixture(scope="module", params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    """Return the kind of the database. Each has a sandbox of its own."""
    return str(request.param)


@pytest.fixture(scope="module")
def fleet(backend: str) -> tuple[InstanceFixture, ...]:
    assert backend
    return FLEET


@pytest.fixture(scope="module")
def clock(backend: str) -> ShiftedClock:
    assert backend
    return ShiftedClock()


@pytest.fixture(scope="module")
def program(
    backend: str,
    sandbox: Sandbox,
    clock: ShiftedClock,
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Program]:
    """Serve the bot, with a digest that was sent."""
    database = new_database(backend, request, tmp_path_factory.mktemp("stop"))
    with acting_program(sandbox, database, clock=clock, **ONLY_OWN_ROLE) as program:
        yield program


@pytest.fixture
def ada(program: Program, users: SandboxUsers) -> Iterator[Person]:
    assert program
    yield Person(users, "ada")
    users.sandbox.aws.reset_roles()
    users.sandbox.aws.finish_transitions()
    users.sandbox.aws.delay_transitions(timedelta(0))


def stop_form(ada: Person, name: str) -> RenderedView:
    """Click *Stop* and return the form."""
    assert ada.driver.click(ada.nudge(), "Stop", near=name).acknowledged
    return ada.modal(name, "is stopped in AWS")


def stop(program: Program, ada: Person, name: str) -> RenderedMessage:
    """Stop an instance, and return the message that says so."""
    ada.driver.submit_modal(stop_form(ada, name))
    ada.modal(f"is stopping {name}")
    program.run_due()
    return ada.wait_for_nudge(f"Ada Granger stopped {name}")


def said_privately(person: Person, text: str) -> str:
    """Return the private message with a text, once it is there."""

    def found() -> str:
        private = [one.visible_text for one in person.driver.visible_messages() if one.is_ephemeral]
        return next((one for one in private if text in one), "")

    return person.users.driver.wait_for(found, ANSWER_TIMEOUT)


def test_an_instance_is_stopped_in_two_clicks_and_the_message_says_so_for_good(
    program: Program, sandbox: Sandbox, ada: Person
) -> None:
    assert "only if an owner, a delegate or an administrator asks for it" in ada.nudge().visible_text
    form = stop_form(ada, "agr-stop")
    assert "Before you do it" not in form.visible_text
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
    assert (call.role, call.role_session, call.source_identity) == (ACT_ROLE, "bailiff-U0AGR00001", "agr@octo.example")


def test_as_long_as_aws_stops_it_the_message_says_that_and_undo_counts_from_when_it_is_stopped(
    program: Program, sandbox: Sandbox, ada: Person, clock: ShiftedClock
) -> None:
    sandbox.aws.delay_transitions()
    ada.driver.submit_modal(stop_form(ada, "agr-slow"))
    ada.modal("is stopping agr-slow")
    program.run_due()
    waiting = ada.wait_for_nudge("Ada Granger is stopping agr-slow")
    assert "Undo" not in waiting.visible_text.partition("is stopping agr-slow")[2].partition("\n")[0]
    clock.advance(12 * MINUTE)
    program.run_due()
    assert "is stopping agr-slow" in ada.nudge().visible_text
    sandbox.aws.finish_transitions()
    program.run_due()
    stopped = ada.wait_for_nudge("Ada Granger stopped agr-slow")
    clock.advance(9 * MINUTE)
    assert ada.driver.click(stopped, "Undo", near="stopped agr-slow").acknowledged
    ada.wait_for_nudge("Ada Granger started agr-slow")
    sandbox.aws.finish_transitions()
    assert state(sandbox, "agr-slow") == "running"
    assert audit(program)[-1] == ("undo", AuditResult.DONE, "")


def test_what_is_stopping_already_is_not_stopped_again(program: Program, sandbox: Sandbox, ada: Person) -> None:
    key, form = key_of(ada.nudge(), "agr-busy", "Stop"), stop_form(ada, "agr-busy")
    sandbox.aws.delay_transitions()
    ada.driver.submit_modal(form)
    ada.modal("is stopping agr-busy")
    with refusing(program, sandbox, "stop", "done-already"):
        forge(ada, STOP, key)
        ada.modal("This was done before. Ada Granger is stopping agr-busy")


def test_undo_is_over_ten_minutes_after_it_was_stopped(
    program: Program, sandbox: Sandbox, ada: Person, clock: ShiftedClock
) -> None:
    message = stop(program, ada, "agr-late")
    clock.advance(10 * MINUTE)
    with refusing(program, sandbox, "undo", "too-late"):
        ada.driver.click(message, "Undo", near="stopped agr-late")
        said_privately(ada, "ten minutes only")
    assert state(sandbox, "agr-late") == "stopped"


def test_what_somebody_started_again_needs_no_undo(program: Program, sandbox: Sandbox, ada: Person) -> None:
    message = stop(program, ada, "agr-runs")
    sandbox.aws.start("agr-runs")
    with refusing(program, sandbox, "undo", "wrong-state"):
        ada.driver.click(message, "Undo", near="stopped agr-runs")
        said_privately(ada, "It is not stopped, so there is nothing to undo.")


def test_undo_is_done_once(program: Program, sandbox: Sandbox, ada: Person) -> None:
    message = stop(program, ada, "agr-twice")
    key = key_of(message, "stopped agr-twice")
    ada.driver.click(message, "Undo", near="stopped agr-twice")
    ada.wait_for_nudge("Ada Granger started agr-twice")
    assert state(sandbox, "agr-twice") == "running"
    with refusing(program, sandbox, "undo", "done-already"):
        forge(ada, UNDO, key)
        said_privately(ada, "This was done before. Ada Granger started agr-twice")


def test_another_owner_may_undo_it_and_nobody_else(program: Program, sandbox: Sandbox, ada: Person) -> None:
    """What restores is not refused."""
    ada.driver.click(ada.nudge(), "Stop", near=SHARED)
    ada.driver.submit_modal(ada.modal(SHARED, "is stopped in AWS"))
    ada.modal(f"is stopping {SHARED}")
    program.run_due()
    key = key_of(ada.wait_for_nudge(f"stopped {SHARED}"), f"stopped {SHARED}")
    nadia, albert = Person(ada.users, "nadia"), Person(ada.users, "albert")
    with refusing(program, sandbox, "undo", "not-yours"):
        forge(albert, UNDO, key)
        said_privately(albert, "It is not yours")
    forge(nadia, UNDO, key)
    ada.wait_for_nudge(f"Nadia Bensaïd started {SHARED}")
    assert state(sandbox, SHARED) == "running"


def test_the_form_warns_of_what_is_lost_and_of_who_starts_it_again(ada: Person) -> None:
    form = stop_form(ada, "agr-warn")
    for warning in ("local disk", "public address is lost", "schedule starts it again", "CloudFormation stack"):
        assert warning in form.visible_text


@pytest.mark.parametrize(
    ("name", "reason", "sentence"),
    [
        ("agr-safe", "protected", "protect"),
        ("agr-spot", "not-stoppable", "spot"),
        ("agr-root", "not-stoppable", "instance store"),
    ],
)
def test_what_cannot_be_stopped_is_answered_with_what_can_be_done(  # noqa: PLR0913, PLR0917 - what is refused
    program: Program, sandbox: Sandbox, ada: Person, name: str, reason: str, sentence: str
) -> None:
    with refusing(program, sandbox, "stop", reason):
        ada.driver.click(ada.nudge(), "Stop", near=name)
        answer = ada.modal(name)
    assert sentence in answer.visible_text.casefold()
    assert "console" in answer.visible_text
    assert state(sandbox, name) == "running"


def test_an_account_without_role_says_so_and_a_forged_click_there_is_refused(
    program: Program, sandbox: Sandbox, ada: Person
) -> None:
    text = ada.nudge().visible_text
    assert f"Bailiff has no role to stop instances of the account {LAB_ACCOUNT}" in text
    key = key_of(ada.nudge(), "agr-lab", "Keep")
    with refusing(program, sandbox, "stop", "not-enabled"):
        forge(ada, STOP, key)
        ada.modal("agr-lab", f"no role for this in account {LAB_ACCOUNT}")


def test_a_role_that_aws_refuses_changes_nothing_and_is_told(program: Program, sandbox: Sandbox, ada: Person) -> None:
    form = stop_form(ada, "agr-deny")
    sandbox.aws.refuse_role(OWN_ACCOUNT, ACT_ROLE)
    with refusing(program, sandbox, "stop", "unread"):
        ada.driver.submit_modal(form)
        ada.modal("AWS did not show the instance to the role of Bailiff", "bailiff-act")


def test_what_a_policy_denies_is_told_with_the_reason_and_may_be_tried_again(
    program: Program, sandbox: Sandbox, ada: Person
) -> None:
    key = key_of(ada.nudge(), "agr-deny", "Stop")
    form = stop_form(ada, "agr-deny")
    sandbox.aws.deny("eu-west-1", action="StopInstances")
    ada.driver.submit_modal(form)
    ada.modal("Ada Granger could not stop agr-deny", "denies ec2:StopInstances")
    action, result, reason = audit(program)[-1]
    assert (action, result) == ("stop", AuditResult.FAILED)
    assert "denies ec2:StopInstances" in reason
    message = ada.wait_for_nudge("could not stop agr-deny")
    assert "agr-deny" in message.visible_text.replace("could not stop agr-deny", "")
    assert state(sandbox, "agr-deny") == "running"
    sandbox.aws.clear_faults()
    forge(ada, STOP, key)
    ada.driver.submit_modal(ada.modal("agr-deny", "is stopped in AWS"))
    ada.modal("is stopping agr-deny")
    program.run_due()
    assert "Undo" in ada.wait_for_nudge("Ada Granger stopped agr-deny").visible_text


def test_ones_own_exemption_ends_with_the_stop(program: Program, sandbox: Sandbox, ada: Person) -> None:
    key = key_of(ada.nudge(), "agr-kept", "Stop")
    ada.keep(ada.nudge(), "agr-kept")
    ada.wait_for_nudge("keeps agr-kept")
    assert program.shared.store.exemptions.live(program.shared.clock())
    forge(ada, STOP, key)
    ada.driver.submit_modal(ada.modal("agr-kept", "is stopped in AWS"))
    ada.modal("is stopping agr-kept")
    program.run_due()
    ada.wait_for_nudge("Ada Granger stopped agr-kept")
    assert program.shared.store.exemptions.live(program.shared.clock()) == ()
    assert state(sandbox, "agr-kept") == "stopped"


def test_the_audit_log_is_whole_and_every_call_was_made_in_the_name_of_who_clicked(
    program: Program, sandbox: Sandbox
) -> None:
    assert "number" in str(program.shared.store.audit.verify())
    assert {(one.role, one.source_identity) for one in changes(sandbox)} <= {
        (ACT_ROLE, "agr@octo.example"),
        (ACT_ROLE, "nabe@octo.example"),
    }
