"""Modals on the page: they are filled in, submitted, pushed and closed, and show the app's errors at their fields."""

from typing import Any

import pytest
from playwright.sync_api import Locator, expect
from slack_bolt import Ack, Respond
from slack_sdk import WebClient

from bailiff_bot.sandbox.slack import SlackSandbox
from tests.acceptance.block_examples import button, mrkdwn
from tests.acceptance.modal_examples import (
    ALL_BUTTON,
    OTHERS,
    OWN_WORDS,
    PICKERS,
    REASON,
    REMINDERS,
    UNTIL,
    instance_blocks,
    keep_modal,
)
from tests.acceptance.window import Window
from tests.integration.sandbox.recording_app import Payload, RecordingApp, ack_only

CHANNEL, ADA = "C0COSTS001", "U0AGR00001"


def open_from_message(recording_app: RecordingApp, web: WebClient, window: Window, view: Payload) -> Locator:
    """Post a message about two instances, click "Keep" below the second, and return the modal that the app opens."""

    def open_modal(ack: Ack, _respond: Respond, body: Payload) -> None:
        ack()
        web.views_open(trigger_id=body["trigger_id"], view=view)

    recording_app.on("action", "keep", open_modal)
    blocks = [*instance_blocks("agr-web"), *instance_blocks("agr-db")]
    ts = web.chat_postMessage(channel=CHANNEL, text="2 instances need attention", blocks=blocks)["ts"]
    window.page.locator(f"[data-ts='{ts}']").get_by_role("button", name="Keep", exact=True).last.click()
    dialog = window.page.get_by_role("dialog", name=view["title"]["text"])
    expect(dialog).to_be_visible()
    assert recording_app.payloads[-1]["actions"][0]["value"] == "agr-db"
    return dialog


def submitted(recording_app: RecordingApp) -> dict[str, Any]:
    """Return the value fields of the latest submission, by block id."""
    values = recording_app.payloads[-1]["view"]["state"]["values"]
    return {block_id: {k: v for k, v in states[block_id].items() if k != "type"} for block_id, states in values.items()}


def test_a_modal_with_every_kind_of_input_is_filled_in_with_the_keyboard(
    recording_app: RecordingApp, web: WebClient, window: Window
) -> None:
    recording_app.on("view", "keep_form", ack_only)
    modal = open_from_message(recording_app, web, window, keep_modal(UNTIL, REMINDERS, *OTHERS))
    keys = window.page.keyboard
    modal.get_by_label("Until when").fill("2026-03-01")
    modal.get_by_label("Day").focus()
    keys.press("Space")
    modal.get_by_label("At (optional)").fill("17:45")
    modal.get_by_label("Whose").focus()
    keys.type("Hector")
    modal.get_by_label("Notes").fill("the training\nends on Friday")
    modal.get_by_label("Keep", exact=True).focus()
    keys.press("ArrowDown")
    modal.get_by_label("Region").focus()
    keys.type("Dublin")
    modal.get_by_role("button", name="Keep it").focus()
    keys.press("Enter")
    expect(modal).to_be_hidden()
    values = submitted(recording_app)
    assert values["until"] == {"selected_date": "2026-03-01"}
    assert [option["value"] for option in values["remind"]["selected_options"]] == ["day"]
    assert values["at"] == {"selected_time": "17:45"}
    assert values["whose"] == {"selected_user": "U0HRO00003"}
    section = values["notes"]["rich_text_value"]["elements"][0]
    assert section["elements"][0]["text"] == "the training\nends on Friday"
    assert values["how"]["selected_option"]["value"] == "snooze"
    assert values["region"]["selected_option"]["value"] == "dublin"


def test_untouched_inputs_are_submitted_with_their_initial_or_empty_values(
    recording_app: RecordingApp, web: WebClient, window: Window
) -> None:
    recording_app.on("view", "keep_form", ack_only)
    modal = open_from_message(recording_app, web, window, keep_modal(UNTIL, OWN_WORDS, *OTHERS))
    modal.get_by_role("button", name="Keep it").click()
    expect(modal).to_be_hidden()
    assert submitted(recording_app) == {
        "until": {"selected_date": "2026-02-28"},
        "words": {"value": None},
        "at": {"selected_time": "09:30"},
        "whose": {"selected_user": None},
        "notes": {"rich_text_value": None},
        "how": {"selected_option": None},
        "region": {"selected_option": None},
    }


def test_errors_are_shown_at_their_fields_and_the_first_one_has_the_focus(
    recording_app: RecordingApp, web: WebClient, window: Window
) -> None:
    errors = {"until": "At most 30 days.", "remind": "One is enough."}
    recording_app.on("view", "keep_form", lambda ack, _, __: ack(response_action="errors", errors=errors))
    modal = open_from_message(recording_app, web, window, keep_modal(UNTIL, REMINDERS))
    modal.get_by_label("Day").check()
    modal.get_by_role("button", name="Keep it").click()
    until = modal.get_by_label("Until when")
    expect(until).to_be_focused()
    expect(until).to_have_attribute("aria-invalid", "true")
    expect(until).to_have_accessible_description("At most 30 days.")
    expect(modal.get_by_label("Day")).to_have_accessible_description("One is enough.")
    errors.pop("until")
    modal.get_by_role("button", name="Keep it").click()
    expect(modal.get_by_label("Day")).to_be_focused()
    expect(until).not_to_have_attribute("aria-invalid", "true")


def test_required_checkboxes_must_have_a_check(recording_app: RecordingApp, web: WebClient, window: Window) -> None:
    recording_app.on("view", "keep_form", ack_only)
    modal = open_from_message(recording_app, web, window, keep_modal(REMINDERS))
    modal.get_by_role("button", name="Keep it").click()
    expect(modal.get_by_label("Day")).to_be_focused()
    modal.get_by_label("Week").check()
    modal.get_by_role("button", name="Keep it").click()
    expect(modal).to_be_hidden()


def test_an_invalid_answer_is_shown_as_trouble(recording_app: RecordingApp, web: WebClient, window: Window) -> None:
    recording_app.on("view", "keep_form", lambda ack, _, __: ack(response_action="errors", errors={"nowhere": "No."}))
    modal = open_from_message(recording_app, web, window, keep_modal(UNTIL))
    modal.get_by_role("button", name="Keep it").click()
    expect(modal.get_by_role("alert").filter(has_text="We had some trouble connecting")).to_be_visible()


def test_a_chosen_reason_updates_the_modal_and_keeps_what_was_typed(
    recording_app: RecordingApp, web: WebClient, window: Window
) -> None:
    def ask_for_words(ack: Ack, _respond: Respond, body: Payload) -> None:
        ack()
        view = body["view"]
        web.views_update(view_id=view["id"], hash=view["hash"], view=keep_modal(UNTIL, REASON, OWN_WORDS))

    recording_app.on("action", "reason", ask_for_words)
    recording_app.on("view", "keep_form", ack_only)
    modal = open_from_message(recording_app, web, window, keep_modal(UNTIL, REASON))
    modal.get_by_label("Until when").fill("2026-03-01")
    modal.get_by_label("Why").select_option("Other")
    modal.get_by_label("Own words").fill("we show it on Friday")
    modal.get_by_role("button", name="Keep it").click()
    expect(modal).to_be_hidden()
    values = submitted(recording_app)
    assert values["until"] == {"selected_date": "2026-03-01"}
    assert values["reason"]["selected_option"]["value"] == "other"
    assert values["words"] == {"value": "we show it on Friday"}


def test_a_pushed_view_goes_back_to_the_first_with_its_values(
    recording_app: RecordingApp, web: WebClient, window: Window
) -> None:
    def push(ack: Ack, _respond: Respond, body: Payload) -> None:
        ack()
        explanation = {"type": "section", "text": mrkdwn("Stopped since 2025-11-01.")}
        web.views_push(trigger_id=body["trigger_id"], view=keep_modal(explanation, title="Why?"))

    recording_app.on("action", "why", push)
    row = {"type": "actions", "elements": [button("Why?", "why")]}
    modal = open_from_message(recording_app, web, window, keep_modal(UNTIL, row))
    modal.get_by_label("Until when").fill("2026-03-01")
    modal.get_by_role("button", name="Why?").click()
    pushed = window.page.get_by_role("dialog", name="Why?")
    expect(pushed).to_contain_text("Stopped since 2025-11-01.")
    pushed.get_by_role("button", name="Cancel").click()
    expect(modal.get_by_label("Until when")).to_have_value("2026-03-01")


def test_the_cross_closes_all_views_and_tells_the_app(
    recording_app: RecordingApp, web: WebClient, window: Window, slack: SlackSandbox
) -> None:
    recording_app.on(
        "view", "keep_form", lambda ack, _, __: ack(response_action="push", view=keep_modal(title="Sure?"))
    )
    recording_app.on("view_closed", "keep_form", ack_only)
    modal = open_from_message(recording_app, web, window, keep_modal(UNTIL, notify_on_close=True))
    modal.get_by_role("button", name="Keep it").click()
    pushed = window.page.get_by_role("dialog", name="Sure?")
    pushed.get_by_role("button", name="Close").click()
    expect(window.page.get_by_role("dialog")).to_have_count(0)
    assert slack.driver.user("ada").modal() is None
    assert (recording_app.payloads[-1]["type"], recording_app.payloads[-1]["is_cleared"]) == ("view_closed", True)


@pytest.fixture
def pickers(web: WebClient, recording_app: RecordingApp) -> RecordingApp:
    """Put a row of pickers on a message and on Ada's Home tab."""
    for name in ("flags", "until", "days", "who"):
        recording_app.on("action", name, ack_only)
    recording_app.on("event", "app_home_opened", lambda _ack, _respond, _body: None)
    web.chat_postMessage(channel=CHANNEL, text="Choose", blocks=[PICKERS, ALL_BUTTON])
    web.views_publish(user_id=ADA, view={"type": "home", "blocks": [PICKERS]})
    return recording_app


@pytest.mark.parametrize("place", ["#messages", "#home"])
def test_pickers_work_on_a_message_and_on_home_and_keep_their_values(
    place: str, pickers: RecordingApp, window: Window
) -> None:
    if place == "#home":
        window.go("Bailiff Home")
        pickers.wait()
    row = window.page.locator(place)

    def chosen() -> Payload:
        action: Payload = pickers.wait()["actions"][0]
        return action

    row.get_by_label("Ours").focus()
    window.page.keyboard.press("Space")
    assert [option["value"] for option in chosen()["selected_options"]] == ["ours"]
    row.locator("input[type=date]").fill("2026-02-28")
    assert chosen()["selected_date"] == "2026-02-28"
    row.get_by_label("For how long").select_option("Month")
    assert chosen()["selected_option"]["value"] == "month"
    row.get_by_label("Whose").select_option("Hector Romano")
    assert chosen()["selected_user"] == "U0HRO00003"
    row.get_by_label("Ours").uncheck()
    assert chosen()["selected_options"] == []
    window.page.reload()
    row = window.page.locator(place)
    expect(row.get_by_label("Ours")).not_to_be_checked()
    expect(row.locator("input[type=date]")).to_have_value("2026-02-28")
    expect(row.get_by_label("For how long")).to_have_value("month")
    expect(row.get_by_label("Whose")).to_have_value("U0HRO00003")


def test_a_link_to_the_home_tab_opens_it_and_tells_the_app(pickers: RecordingApp, window: Window) -> None:
    pickers.on("action", "all", ack_only)
    window.page.locator("#messages").get_by_role("link", name="Show all").click()
    expect(window.page.locator("#home").get_by_label("Ours")).to_be_visible()
    for _ in range(2):
        pickers.wait()
    assert {payload["type"] for payload in pickers.payloads} == {"block_actions", "event_callback"}
