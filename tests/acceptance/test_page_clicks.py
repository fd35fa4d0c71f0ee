"""What is clicked, chosen and filled in reaches the app over its socket, and its answer the page."""

from typing import Any

import pytest
from playwright.sync_api import Locator, expect
from slack_bolt import Ack, Respond
from slack_sdk import WebClient

from bailiff_bot.sandbox.slack import SlackSandbox
from tests.acceptance import block_examples
from tests.acceptance.window import Window
from tests.integration.sandbox.recording_app import Payload, RecordingApp, ack_only


@pytest.fixture
def row(web: WebClient, window: Window) -> Locator:
    """A message with everything that can be clicked."""
    answer: Any = web.chat_postMessage(channel="C0COSTS001", text="Choose", blocks=block_examples.ACTIONS)
    return window.page.locator(f"[data-ts='{answer['ts']}']")


def action(recording_app: RecordingApp) -> Payload:
    found: Payload = recording_app.wait()["actions"][0]
    return found


def test_a_button_tells_which_block_it_stands_in(row: Locator, recording_app: RecordingApp) -> None:
    recording_app.on("action", "keep", ack_only)
    row.get_by_role("button", name="Keep the other").click()
    clicked = action(recording_app)
    assert (clicked["block_id"], clicked["value"]) == ("second", "2")


def test_a_dangerous_button_asks_first(row: Locator, recording_app: RecordingApp, window: Window) -> None:
    recording_app.on("action", "stop", lambda ack, respond, _: (ack(), respond("Stopped.", replace_original=False)))
    dialog = window.page.get_by_role("dialog", name="Stop agr-gpu-training?")
    stop = row.get_by_role("button", name="Stop")
    stop.click()
    expect(dialog).to_contain_text("i-0123 in 111122223333, eu-west-1. It can be started again.")
    window.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(stop).to_be_focused()
    stop.click()
    dialog.get_by_role("button", name="Leave it").click()
    assert recording_app.payloads == []
    stop.click()
    dialog.get_by_role("button", name="Stop it").click()
    assert action(recording_app)["action_id"] == "stop"
    expect(window.message("Stopped.")).to_contain_text("Only visible to you")


def test_an_option_of_a_menu(row: Locator, recording_app: RecordingApp) -> None:
    recording_app.on("action", "days", ack_only)
    row.get_by_label("For how long").select_option("Month")
    assert action(recording_app)["selected_option"]["value"] == "month"


def test_an_option_of_the_overflow_menu(row: Locator, recording_app: RecordingApp, window: Window) -> None:
    recording_app.on("action", "more", ack_only)
    row.get_by_role("button", name="More actions").click()
    expect(row.get_by_role("menuitem", name="Snooze")).to_be_focused()
    window.page.keyboard.press("ArrowDown")
    window.page.keyboard.press("Enter")
    assert action(recording_app)["selected_option"]["value"] == "exempt"


def test_a_person_and_a_day(row: Locator, recording_app: RecordingApp) -> None:
    recording_app.on("action", "who", ack_only)
    row.get_by_label("Whose").select_option("Hector Romano")
    assert action(recording_app)["selected_user"] == "U0HRO00003"
    recording_app.on("action", "until", ack_only)
    row.locator("input[type=date]").fill("2026-02-28")
    assert action(recording_app)["selected_date"] == "2026-02-28"


def test_a_link_opens_a_tab_of_its_own_and_is_told_to_the_app(row: Locator, recording_app: RecordingApp) -> None:
    recording_app.on("action", "docs", ack_only)
    shown = row.get_by_role("link", name="Documentation")
    expect(shown).to_have_attribute("href", "https://docs.example/")
    expect(shown).to_have_attribute("rel", "noopener noreferrer")
    shown.evaluate("link => { link.removeAttribute('href'); link.click() }")  # nobody leaves this machine
    assert action(recording_app)["action_id"] == "docs"


def test_a_click_that_nobody_takes_is_marked(row: Locator) -> None:
    row.get_by_role("button", name="Keep", exact=True).click()
    expect(row.get_by_role("alert")).to_contain_text("The app did not take that in time (dispatch_failed).")


@pytest.fixture
def modal(recording_app: RecordingApp, web: WebClient, window: Window) -> Locator:
    """A modal that Ada got for a command."""

    def open_modal(ack: Ack, _respond: Respond, body: Payload) -> None:
        ack()
        web.views_open(trigger_id=body["trigger_id"], view=block_examples.MODAL)

    recording_app.on("command", "/bailiff", open_modal)
    window.types("/bailiff keep")
    opened = window.page.get_by_role("dialog", name="Keep an instance")
    expect(opened).to_be_visible()
    return opened


def test_a_modal_is_filled_in_and_sent(modal: Locator, recording_app: RecordingApp) -> None:
    def judge(ack: Ack, _respond: Respond, body: Payload) -> None:
        reason = body["view"]["state"]["values"]["reason_block"]["reason"]["value"]
        if reason == "because":
            ack(response_action="errors", errors={"reason_block": "Say more than that."})
        else:
            ack()

    recording_app.on("view", "keep_form", judge)
    modal.get_by_label("Reason").fill("because")
    modal.get_by_label("Whose").select_option("Mine")
    modal.get_by_label("Remind").check()
    modal.get_by_role("button", name="Keep it").click()
    expect(modal.get_by_role("alert").filter(has_text="Say more")).to_be_visible()
    expect(modal.get_by_label("Reason")).to_be_focused()
    modal.get_by_label("Reason").fill("the training ends on Friday")
    modal.get_by_role("button", name="Keep it").click()
    expect(modal).to_be_hidden()
    values = recording_app.payloads[-1]["view"]["state"]["values"]
    assert values["whose_block"]["whose"]["selected_option"]["value"] == "mine"
    assert [one["value"] for one in values["flags_block"]["flags"]["selected_options"]] == ["remind"]
    assert values["until_block"]["until"]["selected_date"] is None


def test_what_a_modal_needs_has_to_be_filled_in(modal: Locator, recording_app: RecordingApp) -> None:
    modal.get_by_role("button", name="Keep it").click()
    expect(modal.get_by_label("Reason")).to_be_focused()
    expect(modal).to_be_visible()
    assert len(recording_app.payloads) == 1


def test_escape_closes_a_modal_in_the_workspace_too(modal: Locator, window: Window, slack: SlackSandbox) -> None:
    window.page.keyboard.press("Escape")
    expect(modal).to_be_hidden()
    assert slack.driver.user("ada").modal() is None


def test_an_opened_home_is_told_and_drawn(recording_app: RecordingApp, web: WebClient, window: Window) -> None:
    home = {
        "type": "home",
        "blocks": [{"type": "header", "text": block_examples.plain("Yours alone")}, *block_examples.ACTIONS],
    }

    def publish(_ack: Ack, _respond: Respond, body: Payload) -> None:
        web.views_publish(user_id=body["event"]["user"], view=home)

    recording_app.on("event", "app_home_opened", publish)
    recording_app.on("action", "keep", ack_only)
    window.go("Bailiff Home")
    expect(window.page.get_by_role("heading", name="Yours alone")).to_be_visible()
    recording_app.wait()
    window.page.locator("#home").get_by_role("button", name="Keep the other").click()
    assert action(recording_app)["value"] == "2"
