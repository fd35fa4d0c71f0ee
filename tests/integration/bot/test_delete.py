"""*Delete* is a request: an image, a day in which everybody concerned can cancel, decided again, then done once."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bailiff_bot.domain.action_result import ActionResult
from bailiff_bot.domain.audit import AuditResult
from bailiff_bot.domain.deletion import Deletion, DeletionStage
from bailiff_bot.messages.buttons import CANCEL_DELETION, DELETE
from bailiff_bot.sandbox.aws.instance_fixture import STOPPED_BY_USER, InstanceFixture, VolumeFixture
from bailiff_bot.sandbox.fixtures import ADMINISTRATOR_ID, DELETE_ROLE
from bailiff_bot.sandbox.sandbox import Sandbox
from bailiff_bot.sandbox.slack import RenderedView
from bailiff_bot.store.deletions import deletions
from tests.integration.bot.acting import ShiftedClock, acting_program, audit, changes, forge, key_of, refusing
from tests.integration.bot.conftest import ANSWER_TIMEOUT, SandboxUsers, days
from tests.integration.bot.databases import BACKENDS, new_database
from tests.integration.bot.person import Person
from tests.program import Program

DAY = timedelta(hours=24)
SHARED = "x-shared"
"""It belongs to Ada and to Nadia."""
CANCELLING = ("ada", "nadia", "albert", "bill")
"""Who asked for it, another owner, Ada's delegate and an administrator."""
NAMES = (
    "done",
    "wait",
    "fail",
    "typed",
    "start",
    "keep",
    "brake",
    "imaging",
    "lost",
    "ending",
    "gone",
    "twice",
    "late",
    "again",
)
DATA = VolumeFixture("/dev/sdf", 100, is_deleted_with_instance=False)


def abandoned(name: str, number: int = 0, **fields: object) -> InstanceFixture:
    """Return an instance that was stopped long ago."""
    return InstanceFixture(
        key=name,
        name=name,
        since_start=days(200 - number),
        since_stop=days(100 - number),
        state="stopped",
        reason=STOPPED_BY_USER,
        expected_table="deleted-when-abandoned",
        **fields,  # type: ignore[arg-type]
    )


@pytest.fixture(scope="module", params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    """Return the kind of the database. Each has a sandbox of its own."""
    return str(request.param)


@pytest.fixture(scope="module")
def fleet(backend: str) -> tuple[InstanceFixture, ...]:
    assert backend
    both = (("Owner", "agr@octo.example; nabe@octo.example"),)
    # The most urgent is the one that the last test needs: what was done takes the room of the least urgent.
    own = [abandoned(f"agr-{name}", number) for number, name in enumerate(reversed(NAMES))]
    shared = [abandoned(f"{SHARED}-{name}", 30, tags=both) for name in CANCELLING]
    rich = abandoned("agr-rich", 40, volumes=(VolumeFixture(), DATA), has_elastic_address=True, has_hibernation=True)
    billies = abandoned("x-bill", 42, tags=(("Owner", "bill@octo.example"),))
    return (*own, *shared, rich, abandoned("alb-own", 41), billies)


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
    """Serve the bot, with a digest that was sent and an administrator."""
    database = new_database(backend, request, tmp_path_factory.mktemp("delete"))
    settings: dict[str, Any] = {"BAILIFF_ADMINS": ADMINISTRATOR_ID, "BAILIFF_MAX_DELETIONS_PER_PERSON": "100"}
    settings["BAILIFF_MAX_ACTIONS_PER_PERSON"] = "100"
    with acting_program(sandbox, database, clock=clock, **settings) as program:
        yield program


@pytest.fixture
def ada(program: Program, users: SandboxUsers) -> Iterator[Person]:
    assert program
    users.sandbox.aws.delay_images(timedelta(0))
    yield Person(users, "ada")
    users.sandbox.aws.reset_roles()
    users.sandbox.aws.finish_images()


def form(ada: Person, name: str) -> RenderedView:
    assert ada.driver.click(ada.nudge(), "Delete", near=name).acknowledged
    return ada.modal(name, "is deleted on")


def ask(program: Program, ada: Person, name: str) -> Deletion:
    """Ask for the deletion of an instance, and return it."""
    ada.driver.submit_modal(form(ada, name), {"confirmation": name})
    ada.modal(f"Ada Granger asked to delete {name}", "unless somebody cancels that")
    program.run_due()  # the owners are told
    return open_deletion(program, name)


def open_deletion(program: Program, name: str) -> Deletion:
    return next(one for one in program.shared.store.deletions.open() if name in one.result.offer.title)


def outcome(program: Program, deletion: Deletion) -> ActionResult:
    found = program.shared.store.deletions.get(deletion.id)
    assert found
    assert found.stage is DeletionStage.OVER
    return found.result


def state_of(sandbox: Sandbox, deletion: Deletion) -> str:
    return next((one.state for one in sandbox.aws.instances() if one.id == deletion.instance_id), "gone")


def terminated(sandbox: Sandbox, deletion: Deletion) -> int:
    """Return how often AWS was asked to terminate it."""
    calls = [one for one in changes(sandbox) if one.iam_action == "ec2:TerminateInstances"]
    return sum(deletion.instance_id in one.form.values() for one in calls)


def cancel_key(program: Program, deletion: Deletion, number: int = 0) -> str:
    """Return the key of a *Cancel the deletion*, as a message to an owner has it."""
    offer = replace(deletion.result.offer, key=f"cancel {deletion.id} {number}", made_id=deletion.id)
    program.shared.store.offers.save([offer])
    return offer.key


def test_what_was_started_and_stopped_again_cannot_be_deleted_with_a_forged_click(
    program: Program, sandbox: Sandbox, ada: Person
) -> None:
    key = key_of(ada.nudge(), "agr-again", "Delete")
    sandbox.aws.start("agr-again")
    sandbox.aws.stop("agr-again")
    with refusing(program, sandbox, "delete", "compliant"):
        forge(ada, DELETE, key)
        ada.modal("agr-again", "breaks no rule any more")


def test_it_is_deleted_a_day_later_once_its_image_is_there(
    program: Program, sandbox: Sandbox, ada: Person, clock: ShiftedClock
) -> None:
    before = len(audit(program))
    deletion = ask(program, ada, "agr-done")
    assert deletion.stage is DeletionStage.WAITING
    assert deletion.image_id
    clock.advance(DAY - timedelta(minutes=5))
    program.run_due()
    assert terminated(sandbox, deletion) == 0
    clock.advance(timedelta(minutes=6))
    program.run_due()
    program.run_due()
    assert state_of(sandbox, deletion) == "terminated"
    assert terminated(sandbox, deletion) == 1
    assert "Launch from its image" in ada.wait_for_nudge("Ada Granger deleted agr-done").buttons
    rows = [row[:2] for row in audit(program)[before:] if row[0] in {"delete", "image"}]
    begun, done = AuditResult.BEGUN, AuditResult.DONE
    assert rows == [("delete", begun), ("image", done), ("delete", begun), ("delete", done)]
    call = changes(sandbox)[-1]
    assert (call.role, call.source_identity) == (DELETE_ROLE, "agr@octo.example")


def test_the_form_lists_what_becomes_of_each_volume_and_address(ada: Person) -> None:
    text = form(ada, "agr-rich").visible_text
    for said in (
        "/dev/sda1, 8 GiB): is deleted",
        "/dev/sdf, 100 GiB): stays",
        "Elastic IP",
        "stays, and goes on costing",
    ):
        assert said in text
    assert "The image does not hold the security groups" in text
    assert "its image may not start" in text


@pytest.mark.parametrize("typed", ["agr", "AGR-TYPED", "agr-typed2", "i-00000000000000000", "  ", "agr-wait"])
def test_what_is_neither_its_name_nor_its_id_is_answered_in_its_field(
    program: Program, sandbox: Sandbox, ada: Person, typed: str
) -> None:
    state = {"confirmation": {"confirmation": {"type": "plain_text_input", "value": typed}}}
    opened = form(ada, "agr-typed")
    with refusing(program, sandbox, "delete", "input"):
        answer = ada.driver.submit_modal(opened, forged=state)
    assert "Type the name or the id" in answer.payload["errors"]["confirmation"]


def test_its_id_confirms_it_too(program: Program, ada: Person) -> None:
    opened = form(ada, "agr-typed")
    instance_id = abandoned("agr-typed").id
    ada.driver.submit_modal(opened, {"confirmation": f" {instance_id} "})
    ada.modal("asked to delete agr-typed")
    deletion = open_deletion(program, "agr-typed")
    forge(ada, CANCEL_DELETION, cancel_key(program, deletion))
    ada.users.driver.wait_for(lambda: deletion not in program.shared.store.deletions.open(), ANSWER_TIMEOUT)


def test_as_long_as_the_image_is_pending_nothing_is_deleted(
    program: Program, sandbox: Sandbox, ada: Person, clock: ShiftedClock
) -> None:
    sandbox.aws.delay_images()
    deletion = ask(program, ada, "agr-wait")
    clock.advance(2 * DAY)
    program.run_due()
    assert terminated(sandbox, deletion) == 0
    assert open_deletion(program, "agr-wait").stage is DeletionStage.WAITING
    sandbox.aws.finish_images()
    program.run_due()
    assert state_of(sandbox, deletion) == "terminated"


def test_if_the_image_fails_it_is_not_deleted_and_that_is_told(
    program: Program, sandbox: Sandbox, ada: Person, clock: ShiftedClock
) -> None:
    sandbox.aws.delay_images()
    deletion = ask(program, ada, "agr-fail")
    sandbox.aws.fail_images()
    clock.advance(DAY)
    program.run_due()
    assert outcome(program, deletion).detail == "it was not deleted: the image of it failed"
    ada.wait_for_nudge("Ada Granger could not delete agr-fail")
    assert state_of(sandbox, deletion) == "stopped"
    assert terminated(sandbox, deletion) == 0


def test_a_request_that_is_sent_again_is_one_request(program: Program, sandbox: Sandbox, ada: Person) -> None:
    sent = ada.driver.submit_modal(form(ada, "agr-twice"), {"confirmation": "agr-twice"})
    ada.modal("asked to delete agr-twice")
    with refusing(program, sandbox, "delete", "done-already"):
        ada.users.driver.send_payload(sent.request)
        ada.modal("This was done before. Ada Granger asked to delete agr-twice")
    forge(ada, CANCEL_DELETION, cancel_key(program, open_deletion(program, "agr-twice")))


@pytest.mark.parametrize("name", CANCELLING)
def test_everybody_concerned_can_cancel_it(
    program: Program, sandbox: Sandbox, ada: Person, clock: ShiftedClock, name: str
) -> None:
    """A stolen session that deletes ends in a cancelled request."""
    if name == "albert":
        ada.users.run_command("ada", "/bailiff delegate @albert 10d")
    deletion = ask(program, ada, f"{SHARED}-{name}")
    person, said = Person(ada.users, name), f"cancelled the deletion of {SHARED}-{name}"
    forge(person, CANCEL_DELETION, cancel_key(program, deletion))
    ada.wait_for_nudge(said)
    ada.users.driver.wait_for(lambda: said in str([one.visible_text for one in person.driver.visible_messages()]), 10)
    assert audit(program)[-1] == ("cancel", AuditResult.DONE, "")
    clock.advance(DAY)
    program.run_due()
    assert state_of(sandbox, deletion) == "stopped"
    assert terminated(sandbox, deletion) == 0


def test_nobody_else_can_cancel_it_and_it_is_cancelled_once(program: Program, sandbox: Sandbox, ada: Person) -> None:
    deletion = ask(program, ada, "agr-late")
    key, nadia = cancel_key(program, deletion), Person(ada.users, "nadia")
    with refusing(program, sandbox, "cancel", "not-yours"):
        forge(nadia, CANCEL_DELETION, key)
    forge(ada, CANCEL_DELETION, key)
    ada.wait_for_nudge("cancelled the deletion of agr-late")
    with refusing(program, sandbox, "cancel", "done-already"):
        forge(ada, CANCEL_DELETION, cancel_key(program, deletion, 1))


Change = Callable[[Sandbox, Program, Person], object]
CHANGES_SINCE: dict[str, tuple[Change, str]] = {
    "start": (lambda sandbox, _program, _ada: sandbox.aws.start("agr-start"), "it breaks no rule any more"),
    "keep": (
        lambda sandbox, _program, _ada: sandbox.aws.tag("agr-keep", "bailiff:exempt", "2099-01-01"),
        "keeps it since",
    ),
    "brake": (lambda _sandbox, _program, ada: ada.users.run_command("bill", "/bailiff brake on"), "the brake is on"),
    "gone": (lambda sandbox, _program, _ada: sandbox.aws.delete("agr-gone"), "it did not exist any more"),
}


@pytest.mark.parametrize("name", CHANGES_SINCE)
def test_what_changed_since_is_decided_again_when_it_is_due(
    program: Program, sandbox: Sandbox, ada: Person, clock: ShiftedClock, name: str
) -> None:
    change, reason = CHANGES_SINCE[name]
    deletion = ask(program, ada, f"agr-{name}")
    change(sandbox, program, ada)
    clock.advance(DAY)
    try:
        program.run_due()
    finally:
        if name == "brake":
            ada.users.run_command("bill", "/bailiff brake off")
    assert reason in outcome(program, deletion).detail
    ada.wait_for_nudge(f"could not delete agr-{name}")
    assert terminated(sandbox, deletion) == 0
    assert any(row[0] == "delete" and reason in row[2] for row in audit(program))


def set_stage(program: Program, deletion: Deletion, stage: DeletionStage, image_id: str | None = None) -> None:
    """Leave a deletion as a process does that was killed."""
    values = {"stage": stage, "changed": program.shared.clock()}
    image = {} if image_id is None else {"image_id": image_id}
    with program.shared.store.database.writing() as connection:
        connection.execute(deletions.update().where(deletions.c.id == deletion.id).values(**values, **image))


def test_a_bot_that_was_killed_while_it_asked_for_the_image_finds_the_one_that_it_made(
    program: Program, sandbox: Sandbox, ada: Person, clock: ShiftedClock
) -> None:
    deletion = ask(program, ada, "agr-imaging")
    set_stage(program, deletion, DeletionStage.IMAGING, "")
    program.run_due()
    assert open_deletion(program, "agr-imaging").stage is DeletionStage.IMAGING  # it may be asking just now
    clock.advance(timedelta(minutes=2))
    program.run_due()
    assert open_deletion(program, "agr-imaging").image_id == deletion.image_id
    clock.advance(DAY)
    program.run_due()
    assert state_of(sandbox, deletion) == "terminated"


def test_a_bot_that_was_killed_before_the_call_terminates_it_afterwards(
    program: Program, sandbox: Sandbox, ada: Person, clock: ShiftedClock
) -> None:
    deletion = ask(program, ada, "agr-lost")
    clock.advance(DAY)
    set_stage(program, deletion, DeletionStage.TERMINATING)
    program.run_due()
    assert terminated(sandbox, deletion) == 0
    clock.advance(timedelta(minutes=2))
    program.run_due()
    program.run_due()
    assert state_of(sandbox, deletion) == "terminated"
    assert terminated(sandbox, deletion) == 1
    assert outcome(program, deletion).outcome == "done"


def test_a_bot_that_was_killed_after_the_call_says_that_it_is_done(
    program: Program, sandbox: Sandbox, ada: Person, clock: ShiftedClock
) -> None:
    deletion = ask(program, ada, "agr-ending")
    clock.advance(DAY)
    set_stage(program, deletion, DeletionStage.TERMINATING)
    sandbox.aws.delete(deletion.instance_id)
    program.run_due()
    assert outcome(program, deletion).outcome == "done"
    assert terminated(sandbox, deletion) == 0
    ada.wait_for_nudge("Ada Granger deleted agr-ending")


def test_the_audit_log_is_whole(program: Program) -> None:
    assert "number" in str(program.shared.store.audit.verify())
