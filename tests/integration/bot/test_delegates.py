"""Delegates: who becomes one, what they see and do for the owner, and how that ends."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest

from bailiff_bot.domain.audit import AuditEntry, AuditResult, Person
from bailiff_bot.sandbox.aws.instance_fixture import InstanceFixture
from bailiff_bot.sandbox.sandbox import Sandbox
from bailiff_bot.sandbox.slack import RenderedMessage, RenderedView
from bailiff_bot.settings.model import Settings
from tests.integration.bot.conftest import ANSWER_TIMEOUT, ONE_REGION, SandboxUsers, days, serving
from tests.program import Program, open_program

START = datetime(2020, 1, 1, tzinfo=UTC)
DM, TAGGED = "bailiff", "zzz-tagged"
ADA, MALO, HECTOR, GUS, PAUL = "@ada", "@malo", "@hector", "@gus", "@paul"
COPY = "Copy for you as the delegate of Ada Granger"
NAMES = ("agr-one", "agr-two", "agr-six", "agr-last", "agr-list", "agr-late")


@pytest.fixture(scope="module")
def fleet() -> tuple[InstanceFixture, ...]:
    named = (
        InstanceFixture(key=name, name=name, since_start=days(90 - number), expected_table="stopped-when-unused")
        for number, name in enumerate(NAMES)
    )
    owner = (("owner", "agr@octo.example"),)
    tagged = InstanceFixture(key=TAGGED, name=TAGGED, since_start=days(3), tags=owner, expected_table="known-owner")
    tags = (("owner", "mlg@octo.example"),)
    own = InstanceFixture(
        key="own", name="mlg-own", since_start=days(90), tags=tags, expected_table="stopped-when-unused"
    )
    return (*named, tagged, own)


@pytest.fixture(scope="module")
def program(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """Serve the bot. Ada makes Malo her delegate, and then a digest is sent."""
    database = f"sqlite:///{tmp_path_factory.mktemp('delegates') / 'bailiff.sqlite'}"
    environment = sandbox.environment(BAILIFF_DATABASE_URL=database, **ONE_REGION)
    with patch.dict(os.environ, environment, clear=True), open_program(Settings()) as program:
        program.shared.snapshots.scan()
        with serving(program.process):
            sandbox.slack.driver.wait_for(sandbox.slack.driver.connections, ANSWER_TIMEOUT)
            SandboxUsers(sandbox).run_command("ada", f"/bailiff delegate {MALO} 10d")
            program.slack.digests.send_now().result()
            yield program


@pytest.fixture(autouse=True)
def delegation(program: Program, users: SandboxUsers) -> None:
    """Let Malo act for Ada at the beginning of each test, on all of her instances."""
    current = program.shared.store.delegations.of_delegate("U0MLG00005", program.shared.clock())
    if not any(one.owner_id == "U0AGR00001" and not one.identifier for one in current):
        users.run_command("ada", f"/bailiff delegate {MALO} 10d")


def answer(users: SandboxUsers, user: str, command: str) -> str:
    """Type a command, and return the answer."""
    return users.run_command(user, command)[-1].visible_text


def messages(users: SandboxUsers, user: str, text: str) -> list[RenderedMessage]:
    """Return what a user sees in the conversation with Bailiff that has a text."""
    return [one for one in users.driver.user(user).visible_messages(DM) if text in one.visible_text]


def wait_for_message(users: SandboxUsers, user: str, text: str) -> RenderedMessage:
    """Return the last such message, once there is one."""
    return users.driver.wait_for(lambda: messages(users, user, text), ANSWER_TIMEOUT)[-1]


def copy(users: SandboxUsers) -> RenderedMessage:
    """Return Malo's copy of what Ada was told, as it is now."""
    [found] = messages(users, "malo", COPY)
    return found


def modal(users: SandboxUsers, user: str, text: str) -> RenderedView:
    """Return the open modal of a user, once it says a text."""

    def found() -> RenderedView | None:
        shown = users.driver.user(user).modal()
        return shown if shown and text in shown.visible_text else None

    return users.driver.wait_for(found, ANSWER_TIMEOUT)


def click_keep(users: SandboxUsers, user: str, message: RenderedMessage, near: str) -> None:
    assert users.driver.user(user).click(message, "Keep", near=near).acknowledged


def keep(users: SandboxUsers, user: str, message: RenderedMessage, near: str) -> str:
    """Keep an instance, and return what the modal says then."""
    click_keep(users, user, message, near)
    users.driver.user(user).submit_modal(modal(users, user, "Until when"))
    return modal(users, user, "keeps").visible_text


def flagged(program: Program) -> set[str]:
    return {row.instance.name or "" for row in program.shared.reports.current().flagged}


def last_entry(program: Program) -> AuditEntry:
    return program.shared.store.audit.since(START)[-1]


def refusal(program: Program) -> tuple[str, AuditResult, str]:
    record = last_entry(program).record
    return record.action, record.result, record.reason


def test_the_delegate_is_told_and_gets_a_copy_beside_the_own_message(users: SandboxUsers) -> None:
    notice = messages(users, "malo", "made you their delegate")[0]
    assert notice.visible_text.startswith("You act for Ada Granger until")
    assert "Ada Granger made you their delegate, for all of their instances." in notice.visible_text
    assert "/bailiff mine agr@octo.example" in notice.visible_text
    assert "agr-one" in copy(users).visible_text
    assert "mlg-own" not in copy(users).visible_text
    [own] = messages(users, "malo", "1 of your instances needs attention")
    assert "agr-" not in own.visible_text
    assert not messages(users, "ada", COPY)
    assert not messages(users, "hector", "Ada Granger")


def test_the_delegate_keeps_an_instance_in_the_copy_which_says_so_for_good(
    program: Program, users: SandboxUsers
) -> None:
    assert "Malo Legrand for Ada Granger keeps agr-one" in keep(users, "malo", copy(users), "agr-one")
    assert "agr-one" not in flagged(program)
    users.driver.wait_for(lambda: "Malo Legrand for Ada Granger keeps agr-one" in copy(users).visible_text)
    assert copy(users).visible_text.startswith(COPY)
    record = last_entry(program).record
    assert (record.action, record.actor) == ("keep", Person("U0MLG00005", "Malo Legrand", "mlg@octo.example"))
    assert record.after["for"] == Person("U0AGR00001", "Ada Granger", "agr@octo.example")
    assert "1 of your instances needs attention" in messages(users, "malo", "mlg-own")[0].visible_text


def test_the_delegate_undoes_it(program: Program, users: SandboxUsers) -> None:
    keep(users, "malo", copy(users), "agr-two")
    users.driver.wait_for(lambda: "keeps agr-two" in copy(users).visible_text, ANSWER_TIMEOUT)
    users.driver.user("malo").click(copy(users), "Undo", near="agr-two")
    users.driver.wait_for(lambda: "agr-two" in flagged(program), ANSWER_TIMEOUT)
    users.driver.wait_for(lambda: "Malo Legrand for Ada Granger undid it" in copy(users).visible_text, ANSWER_TIMEOUT)


def test_the_owners_list_has_buttons_for_the_delegate_and_is_replaced_by_itself(
    program: Program, users: SandboxUsers
) -> None:
    view = users.view("malo")
    shown = users.run_command("malo", f"/bailiff mine {ADA}")[-1]
    assert "Malo Legrand for Ada Granger keeps agr-list" in keep(users, "malo", shown, "agr-list")
    replaced = view.wait_for_messages(lambda new: [one for one in new if "keeps agr-list" in one.visible_text])[-1]
    assert "agr-six" in replaced.visible_text
    assert "mlg-own" not in replaced.visible_text
    assert "agr-list" not in flagged(program)


def test_nobody_else_gets_buttons_in_the_owners_list(users: SandboxUsers) -> None:
    shown = users.run_command("hector", f"/bailiff mine {ADA}")[-1]
    assert "agr-six" in shown.visible_text
    assert "Keep" not in str(shown.blocks)


def test_a_delegation_that_ended_in_between_does_not_count_at_the_click(program: Program, users: SandboxUsers) -> None:
    assert "does not act for you any more" in answer(users, "ada", f"/bailiff delegate {MALO} off")
    wait_for_message(users, "malo", "You do not act for Ada Granger any more: Ada Granger ended it")
    click_keep(users, "malo", copy(users), "agr-six")
    assert "It is not yours, so nothing was done: ask its owner (AGR)" in modal(users, "malo", "not yours").visible_text
    assert refusal(program) == ("keep", AuditResult.REFUSED, "not-yours")
    assert "agr-six" in flagged(program)


def test_a_delegation_that_ends_while_the_form_is_open_does_not_count(program: Program, users: SandboxUsers) -> None:
    click_keep(users, "malo", copy(users), "agr-six")
    form = modal(users, "malo", "Until when")
    answer(users, "ada", f"/bailiff delegate {MALO} end")
    users.driver.user("malo").submit_modal(form)
    assert modal(users, "malo", "It is not yours")
    assert "agr-six" in flagged(program)


def test_a_delegation_ends_by_time(program: Program, users: SandboxUsers) -> None:
    answer(users, "ada", f"/bailiff delegate {MALO} 1s")
    [own] = program.shared.store.delegations.of_owner("U0AGR00001", program.shared.clock() - timedelta(days=1))[-1:]
    users.driver.wait_for(lambda: program.shared.clock() >= own.until, ANSWER_TIMEOUT)
    click_keep(users, "malo", copy(users), "agr-six")
    assert modal(users, "malo", "It is not yours")
    assert "act for nobody" in answer(users, "malo", "/bailiff delegates")


def test_a_delegate_who_is_a_guest_meanwhile_does_nothing(program: Program, users: SandboxUsers) -> None:
    users.driver.change_user("malo", guest=True)
    try:
        click_keep(users, "malo", copy(users), "agr-six")
        assert modal(users, "malo", "Only full members")
    finally:
        users.driver.change_user("malo", guest=False)
    assert refusal(program) == ("keep", AuditResult.REFUSED, "not-a-member")


def test_an_identifier_limits_what_the_delegate_does(program: Program, users: SandboxUsers) -> None:
    replaced = answer(users, "ada", f"/bailiff delegate {MALO} 7d agr")
    assert "on your instances named AGR" in replaced
    assert "This replaces what ended on" in replaced
    click_keep(users, "malo", copy(users), TAGGED)
    assert modal(users, "malo", "It is not yours")
    assert "Malo Legrand for Ada Granger keeps agr-last" in keep(users, "malo", copy(users), "agr-last")
    assert len(program.shared.store.delegations.of_owner("U0AGR00001", program.shared.clock())) == 1


def test_the_delegate_can_decline_and_the_owner_is_told(program: Program, users: SandboxUsers) -> None:
    [own] = program.shared.store.delegations.of_owner("U0AGR00001", program.shared.clock())
    notice = users.driver.wait_for(
        lambda: [one for one in messages(users, "malo", "made you") if own.id in str(one.blocks)], ANSWER_TIMEOUT
    )[-1]
    users.driver.user("malo").click_twice(notice, "End")
    wait_for_message(users, "ada", "Malo Legrand does not act for you any more: Malo Legrand ended it")
    wait_for_message(users, "malo", "You do not act for Ada Granger any more (ended")
    assert program.shared.store.delegations.of_owner("U0AGR00001", program.shared.clock()) == ()
    ended = [one.record for one in program.shared.store.audit.since(START) if one.record.action == "end-delegation"]
    assert ended[-1].actor == Person("U0MLG00005", "Malo Legrand", "mlg@octo.example")


def test_the_list_shows_both_sides_and_ends_what_is_clicked(users: SandboxUsers) -> None:
    assert "Ada Granger until" in answer(users, "malo", "/bailiff delegates")
    view = users.view("ada")
    shown = users.run_command("ada", "/bailiff delegates")[-1]
    assert "Malo Legrand until" in shown.visible_text
    users.driver.user("ada").click(shown, "End", near="Malo Legrand")
    after = view.wait_for_messages(lambda new: [one for one in new if "any more (ended" in one.visible_text])[-1]
    assert "Nobody acts for you" in after.visible_text


def test_a_key_that_somebody_else_has_ends_nothing(program: Program, users: SandboxUsers) -> None:
    [own] = program.shared.store.delegations.of_owner("U0AGR00001", program.shared.clock())
    answer(users, "hector", f"/bailiff delegate {ADA} 7d")
    shown = users.run_command("hector", "/bailiff delegates")[-1]
    for value, sentence in ((own.id, "Only the owner and the delegate can end this"), ("forged", "too old, or not")):
        users.driver.user("hector").click(shown, "End", near="Ada Granger", forged={"value": value})
        wait_for_message(users, "hector", sentence)
    assert program.shared.store.delegations.get(own.id) == own
    answer(users, "hector", f"/bailiff delegate {ADA} off")


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (f"delegate {GUS} 14d", "@gus is a guest in Slack, so they cannot act for you"),
        (f"delegate {PAUL} 14d", "@paul is deactivated in Slack"),
        (f"delegate {HECTOR} 14d", "You act for yourself already"),
        (f"delegate {ADA} 14d AGR", "AGR is not an identifier of yours. Yours: HRO."),
        (f"delegate {ADA} 14d HRU", "Did you mean “HRO”?"),
        (f"delegate {ADA} 400d", "at most 365d"),
        (f"delegate {ADA} 14", "is not a duration"),
        (f"delegate {ADA} off", "@ada does not act for you, so there is nothing to end."),
        ("delegate @nobody 14d", "Slack did not recognize “@nobody”"),
        ("delgate 14d", "Did you mean “delegate”?"),
        ("delegates now", "Did you mean “/bailiff delegate”?"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(users: SandboxUsers, command: str, sentence: str) -> None:
    assert sentence in answer(users, "hector", f"/bailiff {command}")


def test_why_says_who_acts_for_the_owner(users: SandboxUsers) -> None:
    assert ": acts for Ada Granger until" in answer(users, "nadia", "/bailiff why agr-six")


def test_what_was_done_is_in_an_intact_log(program: Program) -> None:
    assert "number" in str(program.shared.store.audit.verify())
