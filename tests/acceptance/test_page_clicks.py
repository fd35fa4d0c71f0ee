"""Clicks, choices and forms on the page reach the app over its socket, and its answers reach the page."""

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
def message_element(web: WebClient, window: Window) -> Locator:
    """Return a message with every kind of interactive element."""
    answer: Any = web.chat_postMessage(channel="C0COSTS001", text="Choose", blocks=block_examples.ACTIONS)
    return window.page.locator(f"[data-ts='{answer['ts']}']")


def latest_action(recording_app: RecordingApp) -> Payload:
    payload: Payload = recording_app.wait()["actions"][0]
    return payload


def test_a_click_on_a_button_names_its_block(message_element: Locator, recording_app: RecordingApp) -> None:
    recording_app.on("action", "keep", ack_only)
    message_element.get_by_role("button", name="Keep the other").click()
    clicked = latest_action(recording_app)
    assert (clicked["block_id"], clicked["value"]) == ("second", "2")


def test_a_button_with_confirm_asks_first(
    message_element: Locator, recording_app: RecordingApp, window: Window
) -> None:
    recording_app.on("action", "stop", lambda ack, respond, _: (ack(), respond("Stopped.", replace_original=False)))
    dialog = window.page.get_by_role("dialog", name="Stop agr-gpu-training?")
    stop = message_element.get_by_role("button", name="Stop")
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
    assert latest_action(recording_app)["action_id"] == "stop"
    expect(window.message("Stopped.")).to_contain_text("Only visible to you")


def test_an_option_of_a_select_menu_can_be_chosen(message_element: Locator, recording_app: RecordingApp) -> None:
    recording_app.on("action", "days", ack_only)
    message_element.get_by_label("For how long").select_option("Month")
    assert latest_action(recording_app)["selected_option"]["value"] == "month"


def test_an_option_of_the_overflow_menu_can_be_chosen(
    message_element: Locator, recording_app: RecordingApp, window: Window
) -> None:
    recording_app.on("action", "more", ack_only)
    message_element.get_by_role("button", name="More actions").click()
    expect(message_element.get_by_role("menuitem", name="Snooze")).to_be_focused()
    window.page.keyboard.press("ArrowDown")
    window.page.keyboard.press("Enter")
    assert latest_action(recording_app)["selected_option"]["value"] == "exempt"


def test_a_user_and_a_date_can_be_chosen(message_element: Locator, recording_app: RecordingApp) -> None:
    recording_app.on("action", "who", ack_only)
    message_element.get_by_label("Whose").select_option("Hector Romano")
    assert latest_action(recording_app)["selected_user"] == "U0HRO00003"
    recording_app.on("action", "until", ack_only)
    message_element.locator("input[type=date]").fill("2026-02-28")
    assert latest_action(recording_app)["selected_date"] == "2026-02-28"


def test_a_link_button_opens_a_new_tab_and_notifies_the_app(
    message_element: Locator, recording_app: RecordingApp
) -> None:
    recording_app.on("action", "docs", ack_only)
    link = message_element.get_by_role("link", name="Documentation")
    expect(link).to_have_attribute("href", "https://docs.example/")
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    # Without href the click opens no other site.
    link.evaluate("link => { link.removeAttribute('href'); link.click() }")
    assert latest_action(recording_app)["action_id"] == "docs"


def test_an_unacknowledged_click_is_marked(message_element: Locator) -> None:
    message_element.get_by_role("button", name="Keep", exact=True).click()
    expect(message_element.get_by_role("alert")).to_contain_text("The app did not take that in time (dispatch_failed).")


@pytest.fixture
def modal(recording_app: RecordingApp, web: WebClient, window: Window) -> Locator:
    """Return a modal that a command of Ada's opened."""

    def open_modal(ack: Ack, _respond: Respond, body: Payload) -> None:
        ack()
        web.views_open(trigger_id=body["trigger_id"], view=block_examples.MODAL)

    recording_app.on("command", "/bailiff", open_modal)
    window.send("/bailiff keep")
    dialog = window.page.get_by_role("dialog", name="Keep an instance")
    expect(dialog).to_be_visible()
    return dialog


def test_a_modal_can_be_filled_in_and_submitted(modal: Locator, recording_app: RecordingApp) -> None:
    def validate(ack: Ack, _respond: Respond, body: Payload) -> None:
        reason = body["view"]["state"]["values"]["reason_block"]["reason"]["value"]
        if reason == "because":
            ack(response_action="errors", errors={"reason_block": "Say more than that."})
        else:
            ack()

    recording_app.on("view", "keep_form", validate)
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
    assert [option["value"] for option in values["flags_block"]["flags"]["selected_options"]] == ["remind"]
    assert values["until_block"]["until"]["selected_date"] is None


def test_the_required_fields_of_a_modal_must_be_filled_in(modal: Locator, recording_app: RecordingApp) -> None:
    modal.get_by_role("button", name="Keep it").click()
    expect(modal.get_by_label("Reason")).to_be_focused()
    expect(modal).to_be_visible()
    assert len(recording_app.payloads) == 1


def test_escape_closes_a_modal_on_the_page_and_in_the_workspace(
    modal: Locator, window: Window, slack: SlackSandbox
) -> None:
    window.page.keyboard.press("Escape")
    expect(modal).to_be_hidden()
    assert slack.driver.user("ada").modal() is None


def test_opening_the_home_tab_notifies_the_app_and_draws_its_view(
    recording_app: RecordingApp, web: WebClient, window: Window
) -> None:
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
    assert latest_action(recording_app)["value"] == "2"
