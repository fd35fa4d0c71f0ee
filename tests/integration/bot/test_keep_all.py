"""*Keep all*: one modal for all instances of a message, each decided by itself and done once."""

import os
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest

from bailiff_bot.domain.audit import AuditResult
from bailiff_bot.sandbox.aws.instance_fixture import InstanceFixture
from bailiff_bot.sandbox.sandbox import Sandbox
from bailiff_bot.sandbox.slack import RenderedMessage, RenderedView
from bailiff_bot.settings.model import Settings
from tests.integration.bot.conftest import ANSWER_TIMEOUT, ONE_REGION, SandboxUsers, days, serving
from tests.integration.bot.person import Person
from tests.integration.bot.test_keep import START, audit, flagged
from tests.program import Program, open_program

NAMES = ("agr-a", "agr-b", "agr-c")


@pytest.fixture(scope="module")
def fleet() -> tuple[InstanceFixture, ...]:
    owned = [*NAMES, "mlg-a"]
    return tuple(
        InstanceFixture(key=name, name=name, since_start=days(90 - number), expected_table="stopped-when-unused")
        for number, name in enumerate(owned)
    )


class Recipient(Person):
    """A user who reads the latest direct message: each test sends a new one, from a database of its own."""

    def nudge(self) -> RenderedMessage:
        return [one for one in self.driver.visible_messages("bailiff") if not one.is_ephemeral][-1]


@pytest.fixture
def program(sandbox: Sandbox, tmp_path: Path) -> Iterator[Program]:
    """Serve the bot, with a digest that was sent."""
    address = f"sqlite:///{tmp_path}/bailiff.sqlite"
    environment = sandbox.environment(BAILIFF_DATABASE_URL=address, **ONE_REGION)
    with patch.dict(os.environ, environment, clear=True), open_program(Settings()) as program:
        program.slack.digests.send_now().result()
        with serving(program.process):
            sandbox.slack.driver.wait_for(sandbox.slack.driver.connections, ANSWER_TIMEOUT)
            yield program


@pytest.fixture
def ada(program: Program, users: SandboxUsers) -> Person:
    assert program
    return Recipient(users, "ada")


def form(person: Person, container: RenderedMessage | RenderedView) -> RenderedView:
    assert person.driver.click(container, "Keep all 3").acknowledged
    return person.modal("Until when")


def live(program: Program) -> int:
    return len(program.shared.store.exemptions.live(program.shared.clock()))


def test_on_the_home_tab_and_in_an_answer(program: Program, ada: Person) -> None:
    (answer,) = ada.users.run_command("ada", "/bailiff mine")
    ada.driver.dismiss_modal(form(ada, answer))
    ada.driver.open_home()
    home = ada.users.driver.wait_for(ada.driver.home, ANSWER_TIMEOUT)
    assert home
    ada.driver.submit_modal(form(ada, home))
    ada.modal("3 of 3 instances kept.")

    def says_so() -> bool:
        drawn = ada.driver.home()
        return drawn is not None and drawn.visible_text.count("keeps agr-") == 3

    ada.users.driver.wait_for(says_so, ANSWER_TIMEOUT)
    assert flagged(program) == {"mlg-a"}


def test_a_single_instance_has_no_such_button(program: Program, ada: Person) -> None:
    ada.keep(ada.nudge(), "agr-a")
    ada.wait_for_nudge("keeps agr-a")
    ada.keep(ada.nudge(), "agr-b")
    assert "Keep all" not in ada.wait_for_nudge("keeps agr-b").visible_text
    assert program


def test_a_wrong_day_is_answered_in_its_field_and_nothing_is_done(program: Program, ada: Person) -> None:
    answer = ada.driver.submit_modal(form(ada, ada.nudge()), {"until": "2020-01-01"})
    assert "Choose a day from tomorrow" in answer.payload["errors"]["until"]
    assert live(program) == 0


def test_another_person_and_a_guest_keep_nothing(program: Program, ada: Person) -> None:
    stolen = next(
        element["value"]
        for block in ada.nudge().blocks
        for element in block.get("elements", [])
        if element.get("action_id") == "bailiff_keep_all"
    )
    (answer,) = ada.users.run_command("nadia", "/bailiff report")
    nadia = Recipient(ada.users, "nadia")
    nadia.driver.click(answer, "Full report", forged={"action_id": "bailiff_keep_all", "value": stolen})
    nadia.driver.submit_modal(nadia.modal("Until when"))
    assert "It is not yours" in nadia.modal("0 of 3 instances kept.").visible_text
    ada.users.driver.change_user("ada", guest=True)
    try:
        ada.driver.click(ada.nudge(), "Keep all 3")
        assert ada.modal("Only full members")
    finally:
        ada.users.driver.change_user("ada", guest=False)
    assert live(program) == 0
    assert [reason for _, _, reason in audit(program)] == ["not-yours"] * 3 + ["not-a-member"]
    assert program.shared.store.action_results.since(START) == ()


def test_a_forged_key_is_answered(program: Program, ada: Person) -> None:
    ada.driver.click(ada.nudge(), "Keep all 3", forged={"value": "forged"})
    assert ada.modal("too old")
    assert audit(program)[-1] == ("keep", AuditResult.REFUSED, "unknown-button")


def test_all_are_kept_with_one_modal_and_one_of_them_is_gone(program: Program, ada: Person) -> None:
    shown = form(ada, ada.nudge())
    assert all(name in shown.visible_text for name in NAMES)
    ada.users.sandbox.aws.delete("agr-b")
    sent = ada.driver.submit_modal(shown, {"words": "a demo"})
    said = ada.modal("2 of 3 instances kept.").visible_text
    assert said.count("Ada Granger keeps agr-") == 2
    assert "agr-b (i-" in said
    message = ada.wait_for_nudge("a demo").visible_text
    assert message.count("Ada Granger keeps agr-") == 2
    assert live(program) == 2
    results = [result for action, result, _ in audit(program) if action == "keep"]
    assert sorted(results) == sorted([AuditResult.DONE, AuditResult.DONE, AuditResult.REFUSED])
    _replay_keeps_nothing(program, ada, sent.request)


def _replay_keeps_nothing(program: Program, ada: Person, request: dict[str, object]) -> None:
    before = len(audit(program))
    ada.users.driver.send_payload(request)
    ada.users.driver.wait_for(lambda: len(audit(program)) == before + 3, ANSWER_TIMEOUT)
    ada.modal("This was done before.")
    assert live(program) == 2
    assert program.shared.store.audit.verify()
