"""*Why?* in the menu beside an instance: a modal that says how it was judged, to whoever sees it."""

import os
from collections.abc import Iterator
from unittest.mock import patch

import pytest

from bailiff_bot.sandbox.aws.instance_fixture import InstanceFixture
from bailiff_bot.sandbox.sandbox import Sandbox
from bailiff_bot.sandbox.slack import RenderedMessage, RenderedView
from bailiff_bot.settings.model import Settings
from tests.integration.bot.conftest import ANSWER_TIMEOUT, GPU, ONE_REGION, RETIRED, SandboxUsers, serving
from tests.program import Program, open_program


@pytest.fixture(scope="module")
def fleet() -> tuple[InstanceFixture, ...]:
    return GPU, RETIRED


@pytest.fixture(scope="module")
def program(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """Serve the bot, with a digest that was sent."""
    address = f"sqlite:///{tmp_path_factory.mktemp('why')}/bailiff.sqlite"
    environment = sandbox.environment(BAILIFF_DATABASE_URL=address, **ONE_REGION)
    with patch.dict(os.environ, environment, clear=True), open_program(Settings()) as program:
        program.slack.digests.send_now().result()
        with serving(program.process):
            sandbox.slack.driver.wait_for(sandbox.slack.driver.connections, ANSWER_TIMEOUT)
            yield program


@pytest.fixture
def nudge(program: Program, users: SandboxUsers) -> RenderedMessage:
    """Return Ada's direct message."""
    assert program
    return users.driver.user("ada").visible_messages("bailiff")[0]


def modal(users: SandboxUsers, user: str, text: str) -> RenderedView:
    def found() -> RenderedView | None:
        shown = users.driver.user(user).modal()
        return shown if shown and text in shown.visible_text else None

    shown = users.driver.wait_for(found, ANSWER_TIMEOUT)
    assert shown
    return shown


def menu_value(message: RenderedMessage) -> str:
    [menu] = [one for block in message.blocks for one in block.get("elements", []) if one.get("type") == "overflow"]
    return str(menu["options"][0]["value"])


def test_the_menu_opens_a_modal_that_explains_the_instance(users: SandboxUsers, nudge: RenderedMessage) -> None:
    assert users.click("ada", nudge, "Why?").acknowledged
    shown = modal(users, "ada", "Rules:")
    assert shown.title == "Why?"
    assert f"agr-gpu ({GPU.id}): breaks 1 rule" in shown.visible_text
    assert "Next, if nothing changes:" in shown.visible_text
    assert "told on" in shown.visible_text
    assert users.driver.failures() == []


def test_on_the_home_tab_and_in_an_answer_it_is_the_same(users: SandboxUsers, program: Program) -> None:
    assert program
    ada = users.driver.user("ada")
    ada.open_home()
    home = users.driver.wait_for(ada.home, ANSWER_TIMEOUT)
    assert home
    (answer,) = users.run_command("ada", "/bailiff mine")
    for container in (home, answer):
        assert ada.click(container, "Why?").acknowledged
        ada.dismiss_modal(modal(users, "ada", "Rules:"))


def test_anybody_who_sees_it_may_ask_and_gets_no_link_to_the_owners_message(
    users: SandboxUsers, nudge: RenderedMessage
) -> None:
    """Hector sends the key of Ada's menu from his own message."""
    forged = {"selected_option": {"value": menu_value(nudge)}}
    [own] = users.driver.user("hector").visible_messages("bailiff")
    users.driver.user("hector").click(own, "Why?", forged=forged)
    shown = modal(users, "hector", "agr-gpu")
    assert "/archives/" not in str(shown.blocks)


def test_a_button_of_its_own_from_another_version_does_the_same(users: SandboxUsers, nudge: RenderedMessage) -> None:
    key, _, value = menu_value(nudge).partition(" ")
    forged = {"type": "button", "action_id": key, "value": value, "selected_option": None}
    assert users.driver.user("ada").click(nudge, "Why?", forged=forged).acknowledged
    assert modal(users, "ada", "agr-gpu")


@pytest.mark.parametrize("value", ["bailiff_why forged", "bailiff_why", "bailiff_why ' or 1=1"])
def test_a_forged_key_is_answered(users: SandboxUsers, nudge: RenderedMessage, value: str) -> None:
    users.driver.user("ada").click(nudge, "Why?", forged={"selected_option": {"value": value}})
    assert modal(users, "ada", "too old")


@pytest.mark.parametrize("chosen", [None, {}, {"value": "unknown x"}, {"value": ""}, {"value": 7}, "text"])
def test_a_choice_that_bailiff_never_offered_is_answered(
    users: SandboxUsers, nudge: RenderedMessage, chosen: object
) -> None:
    view = users.view("ada")
    assert users.driver.user("ada").click(nudge, "Why?", forged={"selected_option": chosen}).acknowledged
    [answer] = view.wait_for_messages()
    assert answer.is_ephemeral
    assert "too old" in answer.visible_text


def test_a_link_is_not_answered(users: SandboxUsers, nudge: RenderedMessage) -> None:
    view = users.view("ada")
    assert users.click("ada", nudge, "Stop").acknowledged
    users.driver.user("ada").click(nudge, "Why?", forged={"action_id": "of a later version"})
    assert len(view.wait_for_messages()) == 1


def test_a_guest_is_refused(users: SandboxUsers, nudge: RenderedMessage) -> None:
    users.driver.change_user("ada", guest=True)
    try:
        users.click("ada", nudge, "Why?")
        assert "only full members" in modal(users, "ada", "only full members").visible_text
    finally:
        users.driver.change_user("ada", guest=False)


def test_an_instance_that_the_latest_scan_did_not_find_is_named(
    users: SandboxUsers, program: Program, nudge: RenderedMessage
) -> None:
    users.sandbox.aws.delete("gpu")
    program.shared.reports.from_new_scan()
    users.click("ada", nudge, "Why?")
    assert "It was deleted" in modal(users, "ada", f"did not find {GPU.id}").visible_text
