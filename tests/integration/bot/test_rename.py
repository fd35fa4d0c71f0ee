"""*Rename* in a direct message: the identifier is filled in, and a wrong name is answered in its field."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from bailiff_bot.domain.audit import AuditResult
from bailiff_bot.sandbox.aws.instance_fixture import InstanceFixture
from bailiff_bot.sandbox.fixtures import ADMINISTRATOR_ID, OWN_ACCOUNT
from bailiff_bot.sandbox.sandbox import Sandbox
from bailiff_bot.sandbox.slack import RenderedView
from tests.integration.bot.acting import ShiftedClock, acting_program, audit, changes, refusing
from tests.integration.bot.conftest import SandboxUsers, days
from tests.integration.bot.databases import BACKENDS, new_database
from tests.integration.bot.person import Person
from tests.program import Program

ADAS, BILLIES = (("Owner", "agr@octo.example"),), (("Owner", "bill@octo.example"),)
KEYS = ("x-plain", "x-wrong", "x-other", "x-moved", "x-twice")


@pytest.fixture(scope="module", params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    """Return the kind of the database. Each has a sandbox of its own."""
    return str(request.param)


@pytest.fixture(scope="module")
def fleet(backend: str) -> tuple[InstanceFixture, ...]:
    assert backend
    one = InstanceFixture(key="", name="", since_start=days(5), expected_table="owned", tags=ADAS)
    adas = [replace(one, key=key, name=key) for key in KEYS]
    unnamed = replace(one, key="x-none", name=None, expected_table="named")
    billies = replace(one, key="x-bill", name="x-bill", tags=BILLIES)
    return (*adas, unnamed, billies)


@pytest.fixture(scope="module")
def program(
    backend: str, sandbox: Sandbox, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Program]:
    """Serve the bot, with a digest that was sent and an administrator."""
    database = new_database(backend, request, tmp_path_factory.mktemp("rename"))
    with acting_program(sandbox, database, clock=ShiftedClock(), BAILIFF_ADMINS=ADMINISTRATOR_ID) as program:
        yield program


@pytest.fixture
def ada(program: Program, users: SandboxUsers) -> Person:
    assert program
    return Person(users, "ada")


def form(person: Person, near: str) -> RenderedView:
    """Click *Rename* and return the form."""
    assert person.driver.click(person.nudge(), "Rename", near=near).acknowledged
    return person.modal("gets another Name tag", near)


def name(sandbox: Sandbox, fleet: tuple[InstanceFixture, ...], key: str) -> str | None:
    instance_id = next(one.id for one in fleet if one.key == key)
    return next(one.name for one in sandbox.aws.instances() if one.id == instance_id)


def test_a_name_is_filled_in_and_the_message_says_what_was_done(
    program: Program, sandbox: Sandbox, ada: Person, fleet: tuple[InstanceFixture, ...]
) -> None:
    shown = form(ada, "x-plain")
    assert "your identifier (AGR)" in shown.visible_text
    assert ada.driver.submit_modal(shown).acknowledged
    ada.modal("Ada Granger renamed x-plain", "to agr-x-plain")
    assert name(sandbox, fleet, "x-plain") == "agr-x-plain"
    program.run_due()
    ada.wait_for_nudge("to agr-x-plain")
    [call] = changes(sandbox)
    assert (call.iam_action, call.role, call.source_identity) == ("ec2:CreateTags", "bailiff-act", "agr@octo.example")
    assert [row for row in audit(program) if row[0] == "rename"] == [
        ("rename", AuditResult.BEGUN, ""),
        ("rename", AuditResult.DONE, ""),
    ]


def test_an_instance_without_name_gets_one(
    program: Program, sandbox: Sandbox, ada: Person, fleet: tuple[InstanceFixture, ...]
) -> None:
    instance_id = next(one.id for one in fleet if one.key == "x-none")
    ada.driver.submit_modal(form(ada, instance_id), {"name": "  AGR first  "})
    ada.modal("renamed", "to AGR first")
    assert name(sandbox, fleet, "x-none") == "AGR first"
    assert program


@pytest.mark.parametrize("wrong", ["web", "   ", "xyz-web", "agr" + "é" * 2, "agr-" + "x" * 253, "\u200b", "agrx"])
def test_a_wrong_name_is_answered_in_its_field(program: Program, sandbox: Sandbox, ada: Person, wrong: str) -> None:
    shown = form(ada, "x-wrong")
    state = {"name": {"name": {"type": "plain_text_input", "value": wrong}}}
    with refusing(program, sandbox, "rename", "input"):
        answer = ada.driver.submit_modal(shown, forged=state)
    assert "Start with an identifier that the directory knows" in answer.payload["errors"]["name"]


def test_the_identifier_of_a_colleague_is_refused_for_an_owner(
    program: Program, sandbox: Sandbox, ada: Person, fleet: tuple[InstanceFixture, ...]
) -> None:
    """That would hand it over."""
    with refusing(program, sandbox, "rename", "input"):
        ada.driver.submit_modal(form(ada, "x-other"), {"name": "nabe-web"})
        ada.modal("This name cannot be used: start it with AGR")
    assert name(sandbox, fleet, "x-other") == "x-other"


def test_an_administrator_may_give_it_to_a_colleague(
    program: Program, sandbox: Sandbox, ada: Person, fleet: tuple[InstanceFixture, ...]
) -> None:
    bill = Person(ada.users, "bill")
    shown = form(bill, "x-bill")
    bill.driver.submit_modal(shown, {"name": "nabe-web"})
    bill.modal("Billie Ledger renamed x-bill", "to nabe-web")
    assert name(sandbox, fleet, "x-bill") == "nabe-web"
    assert program


def test_what_has_a_right_name_by_then_is_left_alone(
    program: Program, sandbox: Sandbox, ada: Person, fleet: tuple[InstanceFixture, ...]
) -> None:
    shown = form(ada, "x-moved")
    sandbox.aws.rename("x-moved", "agr-by-hand")
    with refusing(program, sandbox, "rename", "compliant"):
        ada.driver.submit_modal(shown)
        ada.modal("breaks no rule any more")
    assert name(sandbox, fleet, "x-moved") == "agr-by-hand"


def test_a_submission_that_is_sent_again_renames_it_once(program: Program, sandbox: Sandbox, ada: Person) -> None:
    sent = ada.driver.submit_modal(form(ada, "x-twice"))
    ada.modal("to agr-x-twice")
    with refusing(program, sandbox, "rename", "done-already"):
        ada.users.driver.send_payload(sent.request)
        ada.modal("This was done before. Ada Granger renamed x-twice")


def test_the_audit_log_is_whole(program: Program) -> None:
    assert "number" in str(program.shared.store.audit.verify())


def test_aws_is_asked_only_for_the_account_of_the_instance(program: Program, sandbox: Sandbox) -> None:
    assert program
    assert {one.account for one in changes(sandbox)} == {OWN_ACCOUNT}
