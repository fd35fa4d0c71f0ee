"""`/bailiff brake` over the socket: who switches it, what everybody sees of it, and that all replicas obey at once."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from unittest.mock import patch

import pytest

from bailiff_bot.domain.action import Action
from bailiff_bot.domain.action_brakes import Slot
from bailiff_bot.domain.audit import AuditResult, Person
from bailiff_bot.sandbox.aws.instance_fixture import InstanceFixture
from bailiff_bot.sandbox.sandbox import Sandbox
from bailiff_bot.settings.model import Settings
from bailiff_bot.store.action_brakes import action_slots, brake_switches, take_slot
from tests.integration.bot.conftest import ANSWER_TIMEOUT, LEGIT, ONE_REGION, SandboxUsers, serving
from tests.program import Program, open_program

START = datetime(2020, 1, 1, tzinfo=UTC)
BILLIE, NADIA, ADA = "U0BIL00007", "U0NABE0004", "U0AGR00001"
TRIAGE, DIGEST = "cloud-triage", "cloud-costs"
ROLE = "arn:aws:iam::111122223333:role/bailiff-act"
SETTINGS = {
    **ONE_REGION,
    "BAILIFF_ADMINS": f"{BILLIE},{NADIA}",
    "BAILIFF_TRIAGE_CHANNEL": TRIAGE,
    "BAILIFF_ACTIONS": "keep,not-mine,stop",
    "BAILIFF_ACTION_ROLE_ARNS": ROLE,
    "BAILIFF_MAX_ACTIONS_PER_PERSON": "2",
    "BAILIFF_MAX_ACTIONS": "5",
}


@pytest.fixture(scope="module")
def fleet() -> tuple[InstanceFixture, ...]:
    return (LEGIT,)


@pytest.fixture(scope="module")
def environment(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    database = f"sqlite:///{tmp_path_factory.mktemp('brake') / 'bailiff.sqlite'}"
    return dict(sandbox.environment(BAILIFF_DATABASE_URL=database, **SETTINGS))


@pytest.fixture(scope="module")
def program(sandbox: Sandbox, environment: dict[str, str]) -> Iterator[Program]:
    """Serve the bot, with two administrators."""
    with patch.dict(os.environ, environment, clear=True), open_program(Settings()) as program:
        program.shared.snapshots.scan()
        with serving(program.process):
            sandbox.slack.driver.wait_for(sandbox.slack.driver.connections, ANSWER_TIMEOUT)
            yield program


@pytest.fixture(autouse=True)
def _unused(program: Program) -> None:
    """Begin each test with the brake off and no action that counts."""
    with program.shared.store.database.writing() as connection:
        connection.execute(action_slots.delete())
        connection.execute(brake_switches.delete())


def brake(users: SandboxUsers, user: str, words: str = "", channel: str = "bailiff") -> str:
    return users.run_command(user, f"/bailiff brake {words}", channel)[-1].visible_text


def begin(program: Program, user_id: str, count: int = 1) -> None:
    """Begin actions."""
    with program.shared.store.database.writing() as connection:
        for _ in range(count):
            take_slot(connection, Slot(user_id, Action.STOP, program.shared.clock()))


def results(program: Program) -> list[tuple[Person | None, AuditResult, str]]:
    """Return what came of the switches, the last first."""
    records = [entry.record for entry in program.shared.store.audit.since(START)]
    return [(one.actor, one.result, one.reason) for one in reversed(records) if one.action == "brake"]


def test_everybody_sees_its_state_and_nobody_else_sees_the_answer(program: Program, users: SandboxUsers) -> None:
    begin(program, ADA)
    seen_by_others = users.view("hector", DIGEST)
    [answer] = users.run_command("ada", "/bailiff brake", DIGEST)
    assert answer.is_ephemeral
    assert answer.visible_text.startswith("The brake is off")
    assert "You: 1 of 2 actions" in answer.visible_text
    assert seen_by_others.new_messages() == []


def test_an_administrator_switches_it_and_the_triage_channel_is_told_once_each_time(
    program: Program, users: SandboxUsers
) -> None:
    channel, digest = users.view("hector", TRIAGE), users.view("hector", DIGEST)
    assert "#cloud-triage is told." in brake(users, "bill", "on")
    [told] = channel.wait_for_messages()
    assert told.visible_text.startswith("Billie Ledger put the brake on (")
    assert "It is on already." in brake(users, "nadia", "ON")
    assert "Put on by Billie Ledger" in brake(users, "ada")
    assert "What others did before does not count towards the limits any more" in brake(users, "nadia", "off")
    both = channel.wait_for_messages(lambda new: len(new) > 1)
    assert len(both) == 2
    assert "took the brake off" in both[-1].visible_text
    assert digest.new_messages() == []
    assert [(result, reason) for _, result, reason in results(program)[:2]] == [(AuditResult.DONE, "")] * 2


def test_every_replica_obeys_at_once(program: Program, users: SandboxUsers, environment: dict[str, str]) -> None:
    with patch.dict(os.environ, environment, clear=True), open_program(Settings()) as replica:
        brake(users, "bill", "on")
        switch = replica.shared.store.brakes.switch()
    assert switch
    assert (switch.is_on, switch.user_id) == (True, BILLIE)
    assert program.shared.store.brakes.switch() == switch


@pytest.mark.parametrize("words", ["on", "off"])
def test_nobody_else_switches_it(program: Program, users: SandboxUsers, words: str) -> None:
    assert "Only an administrator of Bailiff switches the brake" in brake(users, "ada", words)
    assert program.shared.store.brakes.switch() is None
    actor, result, reason = results(program)[0]
    assert actor
    assert (actor.user_id, result, reason) == (ADA, AuditResult.REFUSED, "not-an-administrator")


def test_who_ran_into_it_cannot_take_it_off_and_another_administrator_can(
    program: Program, users: SandboxUsers
) -> None:
    begin(program, BILLIE, 2)
    assert "another administrator has to take the brake off" in brake(users, "bill", "off")
    assert results(program)[0][1:] == (AuditResult.REFUSED, "ran-into-it")
    assert "All people: 0 of 5 actions" in brake(users, "nadia", "off")
    assert "It is off already" in brake(users, "bill", "off")


def test_a_guest_and_a_member_of_another_company_are_not_answered(program: Program, users: SandboxUsers) -> None:
    users.driver.change_user("bill", guest=True)
    try:
        assert "Bailiff answers only full members of this workspace" in brake(users, "bill", "on")
    finally:
        users.driver.change_user("bill", guest=False)
    assert program.shared.store.brakes.switch() is None


def test_it_is_switched_also_while_the_channel_cannot_be_found(program: Program, users: SandboxUsers) -> None:
    users.driver.inject_fault("refuse", "conversations.list", times=20)
    assert "Nobody else is told, so tell them yourself" in brake(users, "bill", "on")
    switch = program.shared.store.brakes.switch()
    assert switch
    assert switch.is_on


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("brake onn", "not “onn”. Did you mean “on”?"),
        ("brake on now", "not “on now”."),
        ("brake <!channel>", "not “<!channel>”."),
        ("barke on", "Did you mean “brake”?"),
        ("help", "/bailiff brake"),
    ],
)
def test_what_is_mistyped_is_answered_with_what_was_meant(users: SandboxUsers, command: str, sentence: str) -> None:
    assert sentence in users.run_command("bill", f"/bailiff {command}")[-1].visible_text


def test_the_administrators_home_tab_has_its_state(program: Program, users: SandboxUsers) -> None:
    begin(program, ADA, 3)
    brake(users, "bill", "on")
    assert users.driver.user("bill").open_home().acknowledged

    def shown() -> str:
        home = users.driver.user("bill").home()
        return home.visible_text if home and "The brake" in home.visible_text else ""

    text = users.driver.wait_for(shown, ANSWER_TIMEOUT)
    assert "The brake is on (Billie Ledger" in text
    assert "3 of 5 actions in 24 hours" in text
    assert "put the brake on" in text


def test_what_was_done_is_in_an_intact_log(program: Program) -> None:
    assert "number" in str(program.shared.store.audit.verify())
