"""Forged, stolen, late and repeated clicks: one sentence answers each, nothing is done, and one audit row says so."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from bailiff_bot.domain.audit import AuditEntry, AuditResult
from bailiff_bot.domain.audit_verification import Break
from bailiff_bot.sandbox.aws.instance_fixture import InstanceFixture
from bailiff_bot.sandbox.sandbox import Sandbox
from bailiff_bot.sandbox.slack import RenderedView
from tests.integration.bot.conftest import ANSWER_TIMEOUT, SandboxUsers, days
from tests.integration.bot.databases import new_database, serving_program
from tests.integration.bot.person import Person
from tests.program import Program

START = datetime(2020, 1, 1, tzinfo=UTC)
NAMES = (
    "agr-sold",
    "agr-gone",
    "agr-done",
    "agr-left",
    "agr-undo",
    "agr-kept",
    "agr-both",
    "agr-idle",
    "agr-more",
    "nabe-one",
)
Payload = dict[str, Any]


@pytest.fixture(scope="module")
def fleet() -> tuple[InstanceFixture, ...]:
    return tuple(
        InstanceFixture(key=name, name=name, since_start=days(90 - number), expected_table="stopped-when-unused")
        for number, name in enumerate(NAMES)
    )


@dataclass(slots=True)
class RestartableBot:
    """A bot whose process ends and starts again, with the same database."""

    sandbox: Sandbox
    database: str
    program: Program = field(init=False)
    _running: ExitStack = field(default_factory=ExitStack)

    def start(self, *, digest: bool = False) -> None:
        self.program = self._running.enter_context(serving_program(self.sandbox, self.database, digest=digest))

    def stop(self) -> None:
        self._running.close()

    def restart(self) -> None:
        self.stop()
        self.start()

    def audit(self) -> list[AuditEntry]:
        return list(self.program.shared.store.audit.since(START))

    def kept(self) -> set[str]:
        """Return the ids of the instances that somebody keeps."""
        store, now = self.program.shared.store, self.program.shared.clock()
        return {grant.subject.id for grant in store.exemptions.live(now)}

    @contextmanager
    def refusing(self, action: str, reason: str) -> Iterator[None]:
        """Fail unless the block leads to one row, of a refusal with this reason, and changes nothing."""
        before, kept = len(self.audit()), self.kept()
        yield
        self.sandbox.slack.driver.wait_for(lambda: len(self.audit()) > before, ANSWER_TIMEOUT)
        (row,) = [entry.record for entry in self.audit()[before:]]
        assert (row.action, row.result, row.reason) == (action, AuditResult.REFUSED, reason)
        assert self.kept() == kept


@pytest.fixture(scope="module")
def bot(
    sandbox: Sandbox, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RestartableBot]:
    """Serve a bot on PostgreSQL, with a digest that was sent."""
    bot = RestartableBot(sandbox, new_database("postgresql", request, tmp_path_factory.mktemp("abuse")))
    bot.start(digest=True)
    yield bot
    bot.stop()


@pytest.fixture
def ada(bot: RestartableBot, users: SandboxUsers) -> Person:
    assert bot
    return Person(users, "ada")


@pytest.fixture
def instance_id(fleet: tuple[InstanceFixture, ...]) -> Callable[[str], str]:
    return {one.key: one.id for one in fleet}.__getitem__


def submission(bot: RestartableBot, ada: Person, form: RenderedView) -> Payload:
    """Return the submission of a form, as Slack would send it. The form is still open."""
    with bot.refusing("keep", "input"):
        refused = ada.driver.submit_modal(form, {"until": "2020-01-01"})
    assert "until" in refused.payload["errors"]
    valid = deepcopy(refused.request)
    valid["view"]["state"]["values"] = deepcopy(form.values)
    return valid


def private_answer(person: Person, click: Callable[[], object]) -> str:
    """Return the text of the private message that a click leads to."""

    def private() -> list[str]:
        return [one.visible_text for one in person.driver.visible_messages() if one.is_ephemeral]

    before = len(private())
    click()
    answers = person.users.driver.wait_for(lambda: private()[before:], ANSWER_TIMEOUT)
    assert len(answers) == 1
    return answers[0]


def test_an_instance_that_changed_hands_while_the_form_was_open_stays_with_its_new_owner(
    bot: RestartableBot, ada: Person, instance_id: Callable[[str], str]
) -> None:
    form = ada.form(ada.nudge(), "agr-sold")
    bot.sandbox.aws.rename(instance_id("agr-sold"), "nabe-bought")
    with bot.refusing("keep", "not-yours"):
        ada.driver.submit_modal(form)
        assert "ask its owner (NABE), or an administrator" in ada.modal("not yours").visible_text


def test_an_instance_that_was_deleted_while_the_form_was_open_is_said_to_be_gone(
    bot: RestartableBot, ada: Person, instance_id: Callable[[str], str]
) -> None:
    form = ada.form(ada.nudge(), "agr-gone")
    bot.sandbox.aws.delete(instance_id("agr-gone"))
    with bot.refusing("keep", "gone"):
        ada.driver.submit_modal(form)
        ada.modal("does not exist any more")


def test_an_instance_that_was_fixed_while_the_form_was_open_needs_nothing(
    bot: RestartableBot, ada: Person, instance_id: Callable[[str], str]
) -> None:
    form = ada.form(ada.nudge(), "agr-done")
    bot.sandbox.aws.stop(instance_id("agr-done"))
    with bot.refusing("keep", "compliant"):
        ada.driver.submit_modal(form)
        ada.modal("breaks no rule any more")


@pytest.mark.parametrize(
    ("change", "back"),
    [({"guest": True}, {"guest": False}), ({"external": True}, {"external": False})],
    ids=["a guest", "an external"],
)
def test_who_is_no_full_member_any_more_when_the_form_is_sent_is_refused(
    bot: RestartableBot, ada: Person, change: Payload, back: Payload
) -> None:
    form = ada.form(ada.nudge(), "agr-left")
    ada.users.driver.change_user("ada", **change)
    try:
        with bot.refusing("keep", "not-a-member"):
            ada.driver.submit_modal(form)
            assert "agr-left" not in ada.modal("Only full members").visible_text
    finally:
        ada.users.driver.change_user("ada", **back)


def test_who_was_deactivated_before_a_click_arrives_is_refused(bot: RestartableBot, ada: Person) -> None:
    sent = submission(bot, ada, ada.form(ada.nudge(), "agr-left"))
    ada.users.driver.deactivate("ada")
    try:
        with bot.refusing("keep", "not-a-member"):
            ada.users.driver.send_payload(sent)
    finally:
        ada.users.driver.change_user("ada", deactivated=False)
    ada.modal("Only full members")


def test_if_slack_does_not_change_the_form_the_answer_is_a_private_message(bot: RestartableBot, ada: Person) -> None:
    bot.sandbox.slack.driver.inject_fault("server_error", "views.update", times=None)
    message = ada.nudge()
    with bot.refusing("keep", "unknown-button"):
        forged = {"value": "forged"}
        answer = private_answer(ada, lambda: ada.driver.click(message, "Keep", near="agr-left", forged=forged))
    assert "too old" in answer
    bot.sandbox.slack.driver.clear_faults()


@pytest.mark.parametrize("click_id", ["", "' or 1=1 --", "x" * 3_000])
def test_a_form_with_a_forged_key_does_nothing(bot: RestartableBot, ada: Person, click_id: str) -> None:
    sent = submission(bot, ada, ada.form(ada.nudge(), "agr-left"))
    sent["view"]["private_metadata"] = click_id
    with bot.refusing("keep", "unknown-button"):
        ada.users.driver.send_payload(sent)
        ada.modal("too old")


def test_a_form_of_somebody_else_does_nothing(bot: RestartableBot, ada: Person) -> None:
    sent, nadia = submission(bot, ada, ada.form(ada.nudge(), "agr-left")), Person(ada.users, "nadia")
    form = nadia.form(nadia.nudge(), "nabe-one")
    stolen = submission(bot, nadia, form)
    stolen["view"]["private_metadata"] = sent["view"]["private_metadata"]
    with bot.refusing("keep", "unknown-button"):
        ada.users.driver.send_payload(stolen)
        nadia.modal("too old")


@pytest.mark.parametrize(
    ("block", "state"),
    [
        ("until", {"type": "datepicker", "selected_date": "never"}),
        ("until", {"type": "datepicker", "selected_date": None}),
        ("until", {"type": "datepicker", "selected_date": "9999-12-31"}),
    ],
)
def test_a_day_that_is_none_is_answered_in_its_field(
    bot: RestartableBot, ada: Person, block: str, state: Payload
) -> None:
    kept = bot.kept()
    form = ada.form(ada.nudge(), "agr-left")
    with bot.refusing("keep", "input"):
        answer = ada.driver.submit_modal(form, forged={block: {block: state}})
    assert "Choose a day from tomorrow" in answer.payload["errors"]["until"]
    assert bot.kept() == kept


@pytest.mark.parametrize("key", ["", "' or 1=1 --"])
def test_a_forged_key_of_an_undo_does_nothing(bot: RestartableBot, ada: Person, key: str) -> None:
    _keep(ada, "agr-undo")
    with bot.refusing("undo", "unknown-button"):
        text = private_answer(ada, lambda: ada.driver.click(ada.nudge(), "Undo", forged={"value": key}))
    assert "too old" in text


def test_an_undo_with_the_key_of_a_keep_does_nothing(bot: RestartableBot, ada: Person) -> None:
    _keep(ada, "agr-undo")
    other = ada.driver.click(ada.nudge(), "Keep", near="agr-left").request["actions"][0]["value"]
    ada.modal("Until when")
    with bot.refusing("undo", "unknown-button"):
        assert "too old" in private_answer(ada, lambda: ada.driver.click(ada.nudge(), "Undo", forged={"value": other}))


def test_another_person_cannot_undo_it_with_the_key_of_who_did_it(bot: RestartableBot, ada: Person) -> None:
    _keep(ada, "agr-undo")
    _keep(nadia := Person(ada.users, "nadia"), "nabe-one")
    key = _undo_key(ada)
    with bot.refusing("undo", "not-yours"):
        text = private_answer(nadia, lambda: nadia.driver.click(nadia.nudge(), "Undo", forged={"value": key}))
    assert "It is not yours" in text


def test_an_undo_in_an_earlier_rendering_is_not_done_twice(bot: RestartableBot, ada: Person) -> None:
    _keep(ada, "agr-undo")
    earlier = _undo_key(ada)
    _keep(ada, "agr-more")  # the message is rendered again, with another key
    assert _undo_key(ada) != earlier
    assert ada.driver.click(ada.nudge(), "Undo").acknowledged
    ada.wait_for_nudge("undid it")
    with bot.refusing("undo", "done-already"):
        text = private_answer(ada, lambda: ada.driver.click(ada.nudge(), "Undo", forged={"value": earlier}))
    assert "This was done before" in text


def test_what_was_sent_again_after_a_restart_is_done_once(bot: RestartableBot, ada: Person) -> None:
    form = ada.form(ada.nudge(), "agr-kept")
    sent = ada.driver.submit_modal(form)
    ada.modal("keeps agr-kept")
    ada.wait_for_nudge("keeps agr-kept")
    bot.restart()
    with bot.refusing("keep", "done-already"):
        ada.users.driver.send_payload(sent.request)
        ada.modal("This was done before")


def test_a_click_that_is_sent_again_after_a_restart_is_answered(bot: RestartableBot, ada: Person) -> None:
    click = ada.driver.click(ada.nudge(), "Keep", near="agr-left")
    ada.modal("Until when")
    bot.restart()
    kept = bot.kept()
    text = private_answer(ada, lambda: ada.users.driver.send_payload(click.request))  # its trigger was used
    assert text == "Slack did not open the form: click again."
    assert bot.kept() == kept


def test_a_form_from_before_a_restart_is_saved_after_it(bot: RestartableBot, ada: Person) -> None:
    form = ada.form(ada.nudge(), "agr-idle")
    bot.restart()
    assert ada.driver.submit_modal(form).acknowledged
    ada.modal("keeps agr-idle")
    ada.wait_for_nudge("keeps agr-idle")


def test_an_undo_that_is_sent_again_after_a_restart_is_done_once(bot: RestartableBot, ada: Person) -> None:
    _keep(ada, "agr-undo")
    click = ada.driver.click(ada.nudge(), "Undo", forged={"value": _undo_key(ada)})
    ada.wait_for_nudge("undid it")
    bot.restart()
    with bot.refusing("undo", "done-already"):
        text = private_answer(ada, lambda: ada.users.driver.send_payload(click.request))
    assert text.startswith("This was done before.")


def test_two_replicas_that_get_one_click_each_do_it_once_and_answer_both(bot: RestartableBot, ada: Person) -> None:
    """Each replica opens a form of its own."""
    with serving_program(bot.sandbox, bot.database):
        first, second = ada.driver.click_twice(ada.nudge(), "Keep", near="agr-both")
        assert first.acknowledged
        assert second.acknowledged
        ada.driver.submit_modal(ada.modal("Until when"))
        ada.driver.dismiss_modal(ada.modal("keeps agr-both"))  # the other form is beneath
        with bot.refusing("keep", "done-already"):
            ada.driver.submit_modal(ada.modal("Until when"))
            ada.modal("This was done before")
    ada.wait_for_nudge("keeps agr-both")


def test_the_audit_log_is_whole(bot: RestartableBot) -> None:
    assert not isinstance(bot.program.shared.store.audit.verify(), Break)


def _keep(person: Person, name: str) -> None:
    """Keep an instance, unless it is kept and can be undone."""
    if f"keeps {name}" not in person.nudge().visible_text.rpartition("undid it")[2]:
        person.keep(person.nudge(), name)
        person.wait_for_nudge(f"keeps {name}")
    person.users.driver.wait_for(lambda: "Undo" in person.nudge().buttons, ANSWER_TIMEOUT)


def _undo_key(person: Person) -> str:
    """Return the key of the first *Undo* in the direct message."""
    elements = (block.get("accessory", {}) for block in person.nudge().blocks)
    return next(str(one["value"]) for one in elements if one.get("action_id") == "bailiff_undo")
